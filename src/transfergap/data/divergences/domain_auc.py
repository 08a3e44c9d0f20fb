"""Classifier two-sample test of source rows against target rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import Sample, take_rows
from transfergap.stats import auc_rows, cluster_variance

MOST_ROWS = 1000  # of each domain: an AUC near .5 then has a standard error of .013
N_PERMUTATIONS = 999  # p-values down to .001


@dataclass(frozen=True)
class DomainAUC:
    """Held-out AUC of a domain classifier, with its 90 % interval.

    0.5 means that the domains are indistinguishable.

    ``p_value`` is one-sided, from permuting the domains of held-out rows within folds.
    """

    auc: float
    low: float
    high: float
    p_value: float


def domain_auc(target: Sample, source: Sample, *, seed: int) -> DomainAUC:
    """Classify source rows against target rows with a regularised linear model.

    Parameters
    ----------
    target, source : Sample
        Any rows, as :func:`transfergap.data.encoding.features.fit_view` makes numbers of them;
        labels are not used. At most 1,000 rows of each are used.
    seed : int
        Decides the rows and the folds.

    Returns
    -------
    DomainAUC
        From 5-fold cross-validation, rows compared within folds; interval by DeLong components.

    Notes
    -----
    Sees only covariates, so it is blind to a changed meaning of the labels, and sees only linear
    differences. Cost: 5 fits.

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
    view = fit_view(parts[0], parts[1:], seed=seed)  # looks at no domain, so it is made once
    numbers = [view.of(part) for part in parts]
    is_source = np.repeat([0, 1], [len(part) for part in numbers])
    features = np.vstack(numbers)
    scores, fold = np.empty(len(is_source)), np.empty(len(is_source), np.intp)
    splitter = StratifiedKFold(5, shuffle=True, random_state=seed)
    for number, (train, test) in enumerate(splitter.split(is_source, is_source)):
        model = Ridge().fit(features[train], is_source[train])
        scores[test] = model.predict(features[test])
        fold[test] = number
    components = auc_rows(scores, is_source == 1, fold)
    auc = float(components.mean())
    half = float(stats.norm.ppf(0.95)) * float(np.sqrt(cluster_variance(components, None)))
    p_value = _permuted(scores, is_source == 1, fold, rng)
    return DomainAUC(auc, max(auc - half, 0.0), min(auc + half, 1.0), p_value)


def _permuted(
    scores: NDArray[np.float64],
    is_source: NDArray[np.bool_],
    fold: NDArray[np.intp],
    rng: np.random.Generator,
) -> float:
    """Return the share of permutations that rank as well as the truth.

    Rows of one fold are scored by one model that has seen none of them, so without a difference
    their domains are exchangeable.
    """
    truth, permuted = 0.0, np.zeros(N_PERMUTATIONS)
    for number in np.unique(fold):
        rows = fold == number
        ranks = stats.rankdata(scores[rows])
        n_sources = int(is_source[rows].sum())
        truth += float(ranks[is_source[rows]].sum())
        shuffled = rng.permuted(np.tile(ranks, (N_PERMUTATIONS, 1)), axis=1)
        permuted += shuffled[:, :n_sources].sum(axis=1)
    return (1 + int((permuted >= truth).sum())) / (1 + N_PERMUTATIONS)
