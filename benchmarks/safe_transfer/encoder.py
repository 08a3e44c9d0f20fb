"""Fill gaps, standardise and clip, fitted on rows without labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CLIP = 8.0
SMALLEST_SPREAD = 1e-9


@dataclass(frozen=True, eq=False)
class Encoder:
    """Medians for gaps, then mean 0 and spread 1; columns that never vary are left out."""

    kept: np.ndarray
    fill: np.ndarray
    centre: np.ndarray
    spread: np.ndarray

    @classmethod
    def fit(cls, X: np.ndarray) -> Encoder:
        gaps = np.isnan(X)
        fill = np.zeros(X.shape[1])
        for column in np.flatnonzero(gaps.any(axis=0) & ~gaps.all(axis=0)):
            fill[column] = np.median(X[~gaps[:, column], column])
        filled = np.where(gaps, fill, X)
        centre, spread = filled.mean(axis=0), filled.std(axis=0)
        kept = np.flatnonzero(spread > SMALLEST_SPREAD)
        return cls(kept, fill[kept], centre[kept], spread[kept])

    def encode(self, X: np.ndarray) -> np.ndarray:
        part = X[:, self.kept]
        filled = np.where(np.isnan(part), self.fill, part)
        return np.clip((filled - self.centre) / self.spread, -CLIP, CLIP)
