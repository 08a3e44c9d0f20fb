"""Sources reweighted to the target's class shares: the repair of label-prior shift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample
from transfergap.learners.mitigations.answers import takes_classes
from transfergap.learners.mitigations.facts import CLASSES, Facts, SourceChange

_PRIOR_ROWS = 0.5  # added to every count, as Jeffreys' prior does: no share is quite zero


@dataclass(frozen=True)
class ClassShares(SourceChange):
    """Weight source rows by class, so that each source has the target's class shares.

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
