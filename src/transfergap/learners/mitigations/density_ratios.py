"""Source rows weighted by density ratios."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.features import fit_view, in_span
from transfergap.data.problem import Sample, stack_samples
from transfergap.learners.mitigations.cross_fitting import N_FOLDS
from transfergap.learners.mitigations.mitigation import (
    Facts,
    Mitigation,
    SourceChange,
    put_together,
    sources_of,
)
from transfergap.learners.mitigations.skada_adapter import adapted_weights
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]


def reweighted(
    train: AnyTrainingSet, ratios: Callable[[Floats, Floats], Floats], *, seed: int
) -> AnyTrainingSet:
    """Return the training set with source rows weighted by ratios of densities.

    Parameters
    ----------
    train : TargetSet or TrainingSet
        Without source rows or target rows it is returned as it is.
    ratios : callable
        From source rows and target rows, as numbers in the target's scale, to a weight for each
        source row; the sources are taken as one.
    seed : int
        For the view of texts and sparse rows as numbers.

    Notes
    -----
    A row's own weight is multiplied by its ratio, and the total weight of the sources stays as it
    was, so that only its distribution over rows changes.
    """
    target, sources = train.target, sources_of(train)
    if not sources or not len(target):
        return train
    view = fit_view(target.X, [source.X for source in sources], seed=seed)
    density_ratio = ratios(view.of(stack_samples(sources).X), view.of(target.X))
    source_weights = np.concatenate([source.weights_or_ones for source in sources])
    total = float((source_weights * density_ratio).sum())
    weights = (
        source_weights * density_ratio * (float(source_weights.sum()) / total)
        if total > 0
        else source_weights
    )
    return put_together(target, _shared_out(sources, weights))


def _shared_out(sources: tuple[Sample, ...], weights: Floats) -> list[Sample]:
    ends = np.cumsum([len(source) for source in sources])[:-1]
    return [s.weighted(part) for s, part in zip(sources, np.split(weights, ends), strict=True)]


@dataclass(frozen=True)
class KernelMeanMatching(Mitigation):
    """Weigh source rows by kernel mean matching (skada).

    The package skada comes with the extra ``da``.

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.
    gamma : float, optional
        Of the Gaussian kernel ``exp(-gamma |a - b|^2)`` on columns in the target's scale; default:
        1 / number of columns.
    bound : float
        Largest weight.
    max_rows : int
        More source rows are matched in random parts of at most this size, since the work grows with
        the square of the rows.

    Notes
    -----
    Assumes covariate shift: labels depend on the columns in source and target alike, and the
    source covers the target. Costs one fit, and a quadratic program of the source's rows. Hurts
    where labels mean something else in the source, where few rows get all the weight, and with
    many columns, in which a kernel sees every row equally far from all others. Tables, texts and
    sparse rows are compared as :func:`transfergap.data.encoding.features.fit_view` sees them;
    labels are not used.

    References
    ----------
    Huang, Smola, Gretton, Borgwardt and Schölkopf (2006), Correcting Sample Selection Bias by
    Unlabeled Data, section 3; parts as in Miao, Farahat and Kamel (2015), Ensemble Kernel Mean
    Matching.

    Examples
    --------
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> target = Sample(np.array([[0.0], [0.1], [-0.1]]), np.zeros(3))
    >>> source = Sample(np.array([[0.0], [9.0]]), np.zeros(2))
    >>> learner = KernelMeanMatching(FunctionLearner(lambda target, sources: sources[0].weights))
    >>> near, far = learner.train(TrainingSet(target, (source,)), seed=0)
    >>> bool(near > 5 * far), round(float(near + far), 6)
    (True, 2.0)
    """

    gamma: float | None = None
    # The bound B of Huang et al. (2006), whose experiments use 1000.
    bound: float = 1000.0
    # A quadratic program grows like n^3, so rows are matched in parts; size chosen by hand.
    max_rows: int = 1000
    facts: ClassVar[Facts] = Facts(
        assumes="labels depend on the columns alike; the source covers the target",
        cost="1 fit, and a quadratic program of the source's rows; needs the extra da",
        source="Huang et al. (2006), Correcting Sample Selection Bias, section 3",
        weighs=True,
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the reweighted rows."""

        def ratios(source: Floats, target: Floats) -> Floats:
            n_parts = -(-len(source) // self.max_rows)
            order = np.random.default_rng(seed).permutation(len(source))
            weights = np.empty(len(source))
            for part in np.array_split(order, n_parts):
                weights[part] = self._matched(source[part], target)
            return weights

        return self.learner.train(reweighted(training_set, ratios, seed=seed), seed=seed)

    def _matched(self, source: Floats, target: Floats) -> Floats:
        return adapted_weights("KMMReweightAdapter", source, target, gamma=self.gamma, B=self.bound)


@dataclass(frozen=True)
class KLIEP(Mitigation):
    """Weigh source rows by the Kullback-Leibler importance estimation procedure (skada).

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.
    widths : tuple of float
        Candidates for the ``gamma`` of the Gaussian kernel, times 1 / number of columns; the
        likelihood of target rows left out decides.
    n_centers : int
        Target rows at which the kernels stand, at most.

    Notes
    -----
    Assumes covariate shift, as :class:`KernelMeanMatching` does. Costs one fit, and about
    ``5 len(widths)`` fits of the ratio; needs the extra ``da``. Hurts where labels mean something
    else in the source; with few target rows the ratio follows single rows. Labels are not used.

    References
    ----------
    Sugiyama, Nakajima, Kashima, von Bünau and Kawanabe (2007), Direct Importance Estimation with
    Model Selection, sections 2 and 3.

    Examples
    --------
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> target = Sample(np.array([[0.0], [0.1], [-0.1]]), np.zeros(3))
    >>> source = Sample(np.array([[0.0], [9.0]]), np.zeros(2))
    >>> learner = KLIEP(FunctionLearner(lambda target, sources: sources[0].weights))
    >>> learner.train(TrainingSet(target, (source,)), seed=0).round(1).tolist()
    [2.0, 0.0]
    """

    # Around scikit-learn's convention of one over the number of columns.
    widths: tuple[float, ...] = (0.1, 1.0, 10.0)
    n_centers: int = 100
    facts: ClassVar[Facts] = Facts(
        assumes="labels depend on the columns alike; the source covers the target",
        cost="1 fit, and 16 fits of the ratio; needs the extra da",
        source="Sugiyama et al. (2007), Direct Importance Estimation, sections 2 and 3",
        weighs=True,
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the reweighted rows."""

        def ratios(source: Floats, target: Floats) -> Floats:
            gammas = [width / max(source.shape[1], 1) for width in self.widths]
            return adapted_weights(
                "KLIEPReweightAdapter",
                source,
                target,
                gamma=gammas if len(target) > 1 else gammas[0],
                cv=min(N_FOLDS, len(target)),
                n_centers=self.n_centers,
                random_state=seed,
            )

        return self.learner.train(reweighted(training_set, ratios, seed=seed), seed=seed)


FEWEST_ROWS = 5  # chosen by hand: fewer rows make no classifier


@dataclass(frozen=True)
class ImportanceWeighted(SourceChange):
    """Weight source rows by the target-to-source density ratio of a classifier.

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.
    largest : float
        Largest weight, as a multiple of the mean weight; clipping trades variance for bias.

    Notes
    -----
    A logistic regression on the columns and the squares of number columns tells the domains apart,
    one for each source; the weights are its odds, clipped, and scaled so that a source weighs as
    much as its effective number of rows (sum of weights squared over sum of squared weights).
    Assumes that the label depends on the columns alike in both domains, and that the source covers
    the target. Costs one small classifier a source and a fit. Hurts where domains hardly overlap: a
    few rows then carry all the weight.

    References
    ----------
    Shimodaira (2000), Improving Predictive Inference under Covariate Shift, section 2; Bickel,
    Brueckner and Scheffer (2009), Discriminative Learning under Covariate Shift, section 4.

    Examples
    --------
    >>> from transfergap.data.problem import TrainingSet
    >>> from transfergap.learners import FunctionLearner
    >>> rng = np.random.default_rng(0)
    >>> target = Sample(rng.normal(1.0, 1.0, (50, 1)), np.zeros(50))
    >>> source = Sample(np.array([[-2.0]] * 10 + [[1.0]] * 10), np.zeros(20))
    >>> learner = ImportanceWeighted(FunctionLearner(lambda target, sources: sources[0].weights))
    >>> weights = learner.train(TrainingSet(target, (source,)), seed=0)
    >>> bool(weights[0] < weights[-1])
    True
    """

    largest: float = 10.0
    facts: ClassVar[Facts] = Facts(
        assumes="labels depend on the columns alike in both, and the source covers the target",
        cost="1 fit and a small classifier a source",
        source="Shimodaira (2000), Improving Predictive Inference under Covariate Shift, section 2",
        weighs=True,
    )

    def changed_source(self, source: Sample, target: Sample, seed: int) -> Sample:
        """Return the source, its rows weighted by density."""
        if min(len(source), len(target)) < FEWEST_ROWS:
            return source
        ratio = density_ratio(target.X, source.X, seed=seed)
        source_weights = source.weights_or_ones
        ratio = np.minimum(ratio, self.largest * float(np.average(ratio, weights=source_weights)))
        weights = source_weights * ratio
        # Kish's effective number of rows: a source weighs as many rows as its weights are worth.
        effective = float(weights.sum()) ** 2 / float(weights @ weights)
        return source.weighted(
            weights * (min(effective, source_weights.sum()) / float(weights.sum()))
        )


def density_ratio(target_rows: Any, source_rows: Any, *, seed: int) -> Floats:
    """Return the target-to-source density ratio at source rows; mean 1.

    Notes
    -----
    Held-out odds: each source row is scored by a classifier of the other half, so that the ratio
    does not single out rows that the classifier has memorised.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    view = fit_view(target_rows, [source_rows], seed=seed)
    parts = [view.of(target_rows), view.of(source_rows)]
    n_target = len(parts[0])
    rows = np.clip(np.vstack(parts), -8.0, 8.0)
    rows = np.column_stack([rows, rows**2])
    rows = rows - rows.mean(axis=0)
    scale = rows.std(axis=0)
    varies = scale > 1e-9
    (rows,) = in_span(rows[:, varies] / scale[varies])
    is_target = np.arange(len(rows)) < n_target
    if rows.shape[1] == 0:
        return np.ones(len(rows) - n_target)
    log_odds = np.zeros(len(rows))
    for train, test in StratifiedKFold(2, shuffle=True, random_state=seed).split(rows, is_target):
        model = LogisticRegression(C=0.1, class_weight="balanced", solver="newton-cholesky")
        log_odds[test] = model.fit(rows[train], is_target[train]).decision_function(rows[test])
    ratio: Floats = np.exp(np.clip(log_odds[n_target:], -20.0, 20.0))
    return ratio / float(ratio.mean())
