"""Word weights made small and dense, without labels."""

from __future__ import annotations

from typing import Any

import numpy as np

N_COMPONENTS = 60


def dense_topics(weights: Any) -> np.ndarray:
    """Return the leading components of a sparse matrix of word weights."""
    from sklearn.decomposition import TruncatedSVD

    return TruncatedSVD(N_COMPONENTS, random_state=0).fit_transform(weights)
