"""Held-out judgements of a sample's labels by models of its rows.

They are made once a sample.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.digests import sample_digest
from transfergap.data.encoding.features import fit_view, in_span
from transfergap.data.problem import Sample

Floats = NDArray[np.float64]
N_FOLDS = 5  # by convention
FAR = 2.5  # residual spreads: beyond it lies 1 row in 80 of a normal distribution
# decades from nearly none to nearly constant; RidgeCV chooses
_PENALTIES = tuple(10.0**k for k in range(-1, 6))
_SEED = 0  # of folds: nothing but the rows decides, so folds of an audit share what they ask
_MOST_REMEMBERED = 32  # samples of an audit; of many sources few are repaired
_remembered: dict[tuple[str, str], Floats] = {}
_changing = Lock()  # trials may run in threads


def held_out_shares(sample: Sample) -> Floats:
    """Return the probability of each class for each row.

    It comes from a model of the sample's other rows.

    Parameters
    ----------
    sample : Sample
        Of at least two classes, each with at least five rows.

    Returns
    -------
    ndarray, shape (n_rows, n_classes)
        Classes in sorted order.

    Notes
    -----
    Five folds of logistic regression, of columns scaled to the sample itself. Remembered by the
    rows' digest: every fold of an audit and every repair asks the same of a source.
    """
    return _once(sample, "classes", _shares)


def held_out_residuals(sample: Sample) -> Floats:
    """Return distances from a ridge regression of the sample's other rows.

    Parameters
    ----------
    sample : Sample
        Labels are numbers.

    Returns
    -------
    ndarray, shape (n_rows,)

    Notes
    -----
    Wrong labels hardly pull the regression: it is fitted again without rows far from it. Five
    folds, remembered as :func:`held_out_shares` is.
    """
    return _once(sample, "numbers", _residuals)


def small_model() -> Any:
    """Return a logistic regression for columns of a view."""
    from sklearn.linear_model import LogisticRegression

    # Scikit-learn's default penalty, on standardised columns of a view.
    return LogisticRegression(C=1.0, max_iter=1000)


def _once(sample: Sample, kind: str, judge: Callable[[Sample], Floats]) -> Floats:
    key = (sample_digest(sample), kind)
    judged = _remembered.get(key)
    if judged is None:
        judged = judge(sample)
        judged.flags.writeable = False
        with _changing:
            while len(_remembered) >= _MOST_REMEMBERED:
                del _remembered[next(iter(_remembered))]  # the oldest
            _remembered[key] = judged
    return judged


def _shares(sample: Sample) -> Floats:
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    place = np.unique(sample.y, return_inverse=True)[1]
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=_SEED)
    out: Floats = cross_val_predict(
        small_model(), _own_columns(sample), place, cv=folds, method="predict_proba"
    )
    return out


def _residuals(sample: Sample) -> Floats:
    from sklearn.model_selection import KFold

    X, y = _own_columns(sample), np.asarray(sample.y, float)
    out = np.empty(len(y))
    for train, test in KFold(N_FOLDS, shuffle=True, random_state=_SEED).split(X):
        out[test] = np.abs(y[test] - _trimmed_fit(X[train], y[train]).predict(X[test]))
    return out


def _own_columns(sample: Sample) -> Floats:
    return in_span(fit_view(sample.X, seed=_SEED).of(sample.X))[0]


def _trimmed_fit(X: Floats, y: Floats) -> Any:
    """Refit a ridge regression twice without rows far from it."""
    from sklearn.linear_model import RidgeCV

    close = np.ones(len(y), bool)
    model = RidgeCV(_PENALTIES).fit(X, y)
    # Two refits; chosen by hand.
    for _ in range(2):
        residuals = y - model.predict(X)
        residuals = np.abs(residuals - np.median(residuals))
        close = residuals <= FAR * 1.4826 * max(float(np.median(residuals)), 1e-300)
        model = RidgeCV(_PENALTIES).fit(X[close], y[close])
    return model
