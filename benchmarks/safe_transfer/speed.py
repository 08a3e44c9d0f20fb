"""CPU of one linear fit of SafeTransfer at the size that the criterion names."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

N_SOURCES, N_FEATURES, N_TARGET, N_SOURCE = 10, 45, 500, 1000
N_REPEATS = 7
SEED = 0


def cpu_per_fit() -> dict[str, Any]:
    """Return the median milliseconds of CPU, one thread, of a classifier and of a regressor."""
    from transfergap import SafeTransferClassifier, SafeTransferRegressor

    X, numbers, sources = rows()
    labels = (numbers > 0).astype(int)
    signs = {name: (Xs, (ys > 0).astype(int)) for name, (Xs, ys) in sources.items()}
    found = {}
    with threadpool_limits(1):
        for name, estimator, y, given in (
            ("classifier", SafeTransferClassifier, labels, signs),
            ("regressor", SafeTransferRegressor, numbers, sources),
        ):
            estimator(random_state=SEED).fit(X, y, sources=given)  # the first fit imports
            times = []
            for _ in range(N_REPEATS):
                started = time.process_time()
                estimator(random_state=SEED).fit(X, y, sources=given)
                times.append(1e3 * (time.process_time() - started))
            found[f"{name}_ms"] = round(median(times), 1)
    sizes = {"n_sources": N_SOURCES, "n_features": N_FEATURES, "n_target": N_TARGET}
    return {**found, **sizes, "n_source": N_SOURCE, "n_repeats": N_REPEATS}


def rows() -> tuple[np.ndarray, np.ndarray, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Draw a target and sources whose slopes are off by more and more."""
    rng = np.random.default_rng(SEED)
    slopes = rng.normal(size=N_FEATURES) / np.sqrt(N_FEATURES)

    def draw(n: int, off: float) -> tuple[np.ndarray, np.ndarray]:
        X = rng.normal(size=(n, N_FEATURES))
        own = slopes + off * rng.normal(size=N_FEATURES) / np.sqrt(N_FEATURES)
        return X, X @ own + rng.normal(size=n)

    X, y = draw(N_TARGET, 0.0)
    return X, y, {f"s{k}": draw(N_SOURCE, 0.2 * k) for k in range(N_SOURCES)}
