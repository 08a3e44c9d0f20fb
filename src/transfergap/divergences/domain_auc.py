"""Classifier two-sample test: how well can a model tell source rows from target rows?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from transfergap.problem import Sample, stack_rows, take_rows
from transfergap.stats import auc_rows, cluster_variance

MOST_ROWS = 1000


@dataclass(frozen=True)
class DomainAUC:
    """Held-out AUC of telling domains apart, with its 90 % interval; 0.5 is indistinguishable."""

    auc: float
    low: float
    high: float


def domain_auc(target: Sample, source: Sample, *, seed: int) -> DomainAUC:
    """Tell source rows from target rows with a regularised linear model.

    Parameters
    ----------
    target, source : Sample
        Number columns or texts; ``y`` is not looked at. At most 1,000 rows of each are used.
    seed : int
        Decides the rows and the folds.

    Returns
    -------
    DomainAUC
        From 5-fold cross-validation, rows compared within folds; interval by DeLong components.

    Notes
    -----
    Sees only covariates, so it is blind to a changed meaning of the labels, and sees only what a
    linear model sees. Cost: 5 fits.

    References
    ----------
    Lopez-Paz and Oquab (2017), Revisiting Classifier Two-Sample Tests, section 3; DeLong et al.
    (1988) for the interval.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> here, there = rng.normal(size=(50, 2)), rng.normal(3.0, size=(50, 2))
    >>> zeros = np.zeros(50)
    >>> domain_auc(Sample(here, zeros), Sample(there, zeros), seed=0).auc > 0.9
    True
    """
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import StratifiedKFold

    rng = np.random.default_rng([seed, 2])
    parts = []
    for sample in (target, source):
        n = len(sample)
        rows = rng.permutation(n)[:MOST_ROWS] if n > MOST_ROWS else np.arange(n)
        parts.append(take_rows(sample.X, rows))
    X = stack_rows(parts)
    is_source = np.repeat([0, 1], [len(p) if isinstance(p, list) else p.shape[0] for p in parts])
    features = _features(X)
    scores, fold = np.empty(len(is_source)), np.empty(len(is_source), np.intp)
    splitter = StratifiedKFold(5, shuffle=True, random_state=seed)
    for number, (train, test) in enumerate(splitter.split(is_source, is_source)):
        model = Ridge().fit(take_rows(features, train), is_source[train])
        scores[test] = model.predict(take_rows(features, test))
        fold[test] = number
    components = auc_rows(scores, is_source == 1, fold)
    auc = float(components.mean())
    half = float(stats.norm.ppf(0.95)) * float(np.sqrt(cluster_variance(components, None)))
    return DomainAUC(auc, max(auc - half, 0.0), min(auc + half, 1.0))


def _features(X: Any) -> Any:
    """Return number columns on one scale. This looks at no domain, so it is done once for all."""
    from sklearn.preprocessing import MaxAbsScaler, StandardScaler

    if isinstance(X, list):
        from sklearn.feature_extraction.text import TfidfVectorizer

        return TfidfVectorizer().fit_transform(X)
    if hasattr(X, "tocsr"):
        return MaxAbsScaler().fit_transform(X)
    values = np.asarray(X, dtype=float)
    if np.isnan(values).any():
        from sklearn.impute import SimpleImputer

        imputer = SimpleImputer(add_indicator=True, keep_empty_features=True)
        values = imputer.fit_transform(values)
    return StandardScaler().fit_transform(values)
