"""Boosted trees of the sources, with more trees for the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from transfergap.data.problem import Sample, TrainingSet, stack_samples
from transfergap.errors import LearnerError
from transfergap.learners import EstimatorLearner, brief
from transfergap.learners.mitigations.mitigation import Facts, Mitigation, sources_of
from transfergap.learners.mitigations.models import AdaptedModel, cut, last_step
from transfergap.learners.protocol import AnyTrainingSet

_ROUNDS = {
    "HistGradientBoostingClassifier": "max_iter",
    "HistGradientBoostingRegressor": "max_iter",
    "GradientBoostingClassifier": "n_estimators",
    "GradientBoostingRegressor": "n_estimators",
}


@dataclass(frozen=True)
class WarmBoosting(Mitigation):
    """Boost on the sources, then go on boosting on the target's rows.

    Parameters
    ----------
    learner : EstimatorLearner
        Around one of scikit-learn's gradient boosting estimators, alone or in a pipeline.
    target_rounds : int, optional
        Rounds on the target; default: as many as the estimator makes on the sources.

    Notes
    -----
    Steps before the trees are fitted on all rows. Source rows of a class that the target lacks are
    left out; if the sources then lack a class, the target's rows are boosted in both stages.
    Assumes that few corrections turn the sources' trees into the target's. Costs two boosting runs.
    Hurts with very few target rows, which later trees memorise, and where the early trees are
    so confident that their errors are hard to undo.

    References
    ----------
    Ours, after Friedman (2001), Greedy Function Approximation: A Gradient Boosting Machine, section
    2, started at the sources' model.

    Examples
    --------
    >>> from sklearn.ensemble import GradientBoostingRegressor
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> train = TrainingSet(Sample(X[::4], X[::4, 0] + 5), (Sample(X, X[:, 0]),))
    >>> learner = WarmBoosting(EstimatorLearner(GradientBoostingRegressor()))
    >>> learner.train(train, seed=0).predict(np.array([[1.0]])).round().tolist()
    [6.0]
    """

    target_rounds: int | None = None
    facts: ClassVar[Facts] = Facts(
        assumes="few corrections turn the trees of the sources into those of the target",
        cost="2 boosting runs; for scikit-learn's gradient boosting only",
        source="ours; cf. Friedman (2001), Greedy Function Approximation, section 2",
    )

    def __post_init__(self) -> None:
        if type(last_step(self.learner)).__name__ not in _ROUNDS:
            raise LearnerError(
                f"Trees can only go on where the model is scikit-learn's gradient boosting, and it"
                f" is {brief(self.learner)}.",
                hint="use --model, or residual-correction, which takes any model",
            )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the model of both stages."""
        sources, target = sources_of(training_set), training_set.target
        if not sources or not len(target):
            return self.learner.train(training_set, seed=seed)
        assert isinstance(self.learner, EstimatorLearner)
        first = _first_stage(sources, target, type(last_step(self.learner)).__name__)
        if first is None:
            return self.learner.train(training_set, seed=seed)
        prepare = cut(self.learner, TrainingSet(target, sources).stacked(), seed=seed)
        model, rounds = prepare.last, _ROUNDS[type(prepare.last).__name__]
        n_first = getattr(model, rounds)
        # Scikit-learn then keeps the trees and adds to them.
        model.set_params(warm_start=True)
        model.fit(prepare(first.X), first.y, sample_weight=first.weights_or_ones)
        more = n_first if self.target_rounds is None else self.target_rounds
        model.set_params(**{rounds: n_first + more})
        model.fit(prepare(target.X), target.y, sample_weight=target.weights_or_ones)
        return AdaptedModel(model, prepare)


def _first_stage(sources: tuple[Sample, ...], target: Sample, kind: str) -> Sample | None:
    """Return the rows of the first stage, with exactly the target's classes."""
    pooled = stack_samples(sources)
    if kind.endswith("Regressor"):
        return pooled
    classes = np.unique(target.y)
    if len(classes) < 2:
        return None
    # Warm starts need the same classes in both fits.
    pooled = pooled.rows(np.isin(pooled.y, classes))
    if len(np.unique(pooled.y)) < len(classes):
        return stack_samples([target, pooled])
    return pooled
