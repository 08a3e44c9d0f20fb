"""Source rows weighted: balanced, by a ratio, by class shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample
from transfergap.errors import ConfigurationError
from transfergap.learners.mitigations.mitigation import (
    CLASSES,
    Facts,
    SetChange,
    SourceChange,
    with_source_weight,
)
from transfergap.learners.mitigations.models import takes_classes
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class Balanced(SetChange):
    """Give all sources together the weight of all target rows.

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.

    Notes
    -----
    Target rows keep their weights, or weigh 1; a source row weighs their sum over the number of
    source rows, times its own weight if it has one. Assumes that the sources are equally
    trustworthy row by row. Costs nothing extra. Hurts where a large good source is worth more than
    half.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> two, four = Sample(np.zeros((2, 1)), np.zeros(2)), Sample(np.zeros((4, 1)), np.zeros(4))
    >>> learner = Balanced(FunctionLearner(lambda target, sources: sources[0].weights))
    >>> learner.train(TrainingSet(two, (four,)), seed=0)
    array([0.5, 0.5, 0.5, 0.5])
    """

    facts: ClassVar[Facts] = Facts(
        assumes="the sources are worth no more than the target, and are alike row by row",
        cost="1 fit",
        source="ours; cf. Daumé (2007), Frustratingly Easy Domain Adaptation, WEIGHTED",
        weighs=True,
    )

    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set with balanced weights."""
        return with_source_weight(train, 1.0)


@dataclass(frozen=True)
class Weighted(SetChange):
    """Give all sources together a multiple of the target's whole weight.

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.
    ratio : float
        Weight of all source rows over that of all target rows, above 0; 1 is
        :class:`transfergap.learners.mitigations.Balanced`.

    Notes
    -----
    Assumes that the source is worth so much and no more; nothing is learned from the data. Costs
    nothing extra. Hurts where a good source is worth more. Among several ratios an audit chooses by
    trying each as an arm.

    Examples
    --------
    >>> from transfergap.data.problem import TrainingSet
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample
    >>> two, four = Sample(np.zeros((2, 1)), np.zeros(2)), Sample(np.zeros((4, 1)), np.zeros(4))
    >>> learner = Weighted(FunctionLearner(lambda target, sources: sources[0].weights), ratio=0.5)
    >>> learner.train(TrainingSet(two, (four,)), seed=0)
    array([0.25, 0.25, 0.25, 0.25])
    """

    ratio: float = 0.25
    facts: ClassVar[Facts] = Facts(
        assumes="the sources are worth so much and no more",
        cost="1 fit",
        source="ours",
        weighs=True,
    )

    def __post_init__(self) -> None:
        if not 0 < self.ratio < np.inf:
            raise ConfigurationError(
                f"The weight ratio is {self.ratio!r}, but it must be above 0.",
                hint="1 gives the sources together the weight of the target",
            )

    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set with the sources' weights scaled."""
        return with_source_weight(train, self.ratio)


_PRIOR_ROWS = 0.5  # added to every count, as Jeffreys' prior does: no share is quite zero


@dataclass(frozen=True)
class ClassShares(SourceChange):
    """Weight source rows by class to match the target's class shares.

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.

    Notes
    -----
    A row of class c weighs (share of c in the target) / (share of c in its source), both with half
    a row added to every class; a source keeps its total weight. Assumes that rows of one class look
    alike in target and source. Costs nothing extra. Hurts where the shares of a small target are
    mere chance, or where a class is rare in the source and few rows get large weights. For numbers
    as labels there are no shares, and nothing is changed.

    References
    ----------
    Saerens, Latinne and Decaestecker (2002), Adjusting the Outputs of a Classifier to New a Priori
    Probabilities, section 2.

    Examples
    --------
    >>> from transfergap.data.problem import TrainingSet
    >>> from transfergap.learners import FunctionLearner
    >>> target = Sample(np.zeros((4, 1)), np.array(["a", "b", "b", "b"]))
    >>> source = Sample(np.zeros((4, 1)), np.array(["a", "a", "a", "b"]))
    >>> learner = ClassShares(FunctionLearner(lambda target, sources: sources[0].weights))
    >>> learner.train(TrainingSet(target, (source,)), seed=0).round(2)
    array([0.47, 0.47, 0.47, 2.58])
    """

    facts: ClassVar[Facts] = Facts(
        assumes="rows of one class look alike in target and source",
        cost="1 fit",
        source="Saerens et al. (2002), Adjusting the Outputs of a Classifier, section 2",
        tasks=CLASSES,
        weighs=True,
    )

    def changed_source(self, source: Sample, target: Sample, seed: int) -> Sample:
        """Return the source with the target's class shares."""
        del seed  # nothing is drawn
        return reweighted(source, target) if takes_classes(self.learner, target.y) else source


def reweighted(source: Sample, target: Sample) -> Sample:
    """Return a source with weights that give it the target's class shares."""
    if len(source) == 0 or len(target) == 0:
        return source
    source_weights = source.weights_or_ones
    classes = np.unique(np.concatenate([target.y, source.y]))
    place = np.searchsorted(classes, source.y)
    target_place = np.searchsorted(classes, target.y)
    source_shares = _shares(place, source_weights, len(classes))
    target_weights = target.weights_or_ones
    target_shares = _shares(target_place, target_weights, len(classes))
    weights = source_weights * (target_shares / source_shares)[place]
    # Scaled back: the source as a whole weighs as before.
    return source.weighted(weights * (source_weights.sum() / weights.sum()))


def _shares(
    place: NDArray[np.intp], weights: NDArray[np.float64], n_classes: int
) -> NDArray[np.float64]:
    counts = np.bincount(place, weights, n_classes) + _PRIOR_ROWS
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares
