"""Small linear tasks with known truth, in the engine's own coordinates."""

from __future__ import annotations

import numpy as np

from transfergap.safe.source_terms import source_terms
from transfergap.safe.task import LinearTask


def rows(n, slopes, *, rng, noise=1.0, level=0.0):
    """Rows with an intercept column, and responses of about unit scale."""
    X = np.column_stack([rng.normal(size=(n, len(slopes))), np.ones(n)])
    return X, X[:, :-1] @ slopes + level + noise * rng.normal(size=n)


def statistics(X, y, weights=None):
    """Gram, moment and power of rows."""
    W = np.ones(len(y)) if weights is None else weights
    return (X * W[:, None]).T @ X, X.T @ (W * y), float((W * y) @ y)


def task_of(target, sources=(), weights=None, groups=None, copies=None):
    """A LinearTask of one response from pairs (X, y)."""
    X, y = target
    q = X.shape[1]
    parts = [statistics(*source) for source in sources]
    return LinearTask(
        X,
        y[:, None],
        (np.ones(len(y)) if weights is None else weights)[:, None],
        np.array([part[0] for part in parts]).reshape(-1, 1, q, q),
        np.array([part[1] for part in parts]).reshape(-1, 1, q),
        np.array([part[2] for part in parts]).reshape(-1, 1),
        groups,
        copies,
    )


def terms_of(task, noise):
    """Each source's terms, of a task with one block."""
    return [term for (term,) in source_terms(task, noise)]


def slope_precision(term, t):
    """Precision of the coefficients at a distance, turned back into the task's columns."""
    return term.basis @ np.diag(term.turned_precision[t]) @ term.basis.T
