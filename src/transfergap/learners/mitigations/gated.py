"""The choice between a mitigation and the target alone, by training labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import TargetSet
from transfergap.learners import Learner, fit_all, most_at_once
from transfergap.learners.mitigations.cross_fitting import N_FOLDS, held_out_losses, inner_folds
from transfergap.learners.mitigations.mitigation import Facts, Mitigation, others_of, sources_of
from transfergap.learners.mitigations.models import heart_of
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class Gated(Mitigation):
    """Use the inner learner only if cross-validation prefers it to the target.

    The folds are of target rows.

    Parameters
    ----------
    learner : Learner
        A mitigation, or any learner that uses sources.
    control : Learner, optional
        What gets the target's rows alone; default: the learner at the heart of ``learner``.
    n_folds : int
        At most; fewer where there are fewer rows or groups.
    caution : float
        Standard errors by which the mitigation must lead; 0 asks for a lead of any size.

    Notes
    -----
    Ties, and targets too small to be cut, go to the target alone. Both are judged by log loss where
    they tell probabilities, else by mistakes, and by squared error for numbers. Assumes that the
    training rows stand for the rows to come. Costs 2 ``n_folds`` + 1 fits. Hurts little, but not
    never: the better of two noisy scores is the luckier one too, most of all with few rows. Within
    an audit the choice is made anew in every trial, without the rows that the trial tests on.

    References
    ----------
    Choosing between transfer and none by labels of the target: ours, measured in
    docs/mitigations.md; for combinations of learners see van der Laan, Polley and Hubbard (2007),
    Super Learner, section 2.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.learners import EstimatorLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> opposite = TrainingSet(Sample(X, X[:, 0]), (Sample(X, -X[:, 0]),))
    >>> ridge = EstimatorLearner(Ridge())
    >>> bool(Gated(ridge).train(opposite, seed=0).coef_[0] > 0.8)
    True
    """

    control: Learner | None = None
    n_folds: int = N_FOLDS
    caution: float = 0.0
    facts: ClassVar[Facts] = Facts(
        assumes="the target's training rows are enough to tell which of two models is better",
        cost="11 fits (5 folds of both, and the one that wins)",
        source="ours; cf. van der Laan, Polley & Hubbard (2007), Super Learner, section 2",
    )

    @property
    def most_at_once(self) -> int:
        """Number of trainings worth making together."""
        return min(most_at_once(self.learner), most_at_once(self._alone))

    @property
    def _alone(self) -> Learner:
        return heart_of(self.learner) if self.control is None else self.control

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the winning model, fitted on all rows it may use."""
        return self.fit_many([training_set], seeds=[seed])[0]

    def fit_many(self, trains: Sequence[AnyTrainingSet], *, seeds: Sequence[int]) -> list[Any]:
        """Return the winning models, fitted together where possible."""
        leads = self.leads(trains, seeds=seeds)
        models: list[Any] = [None] * len(trains)
        for learner, wins in ((self.learner, True), (self._alone, False)):
            members = [i for i, lead in enumerate(leads) if (lead > self.caution) == wins]
            rows = [trains[i] if wins else TargetSet(trains[i].target) for i in members]
            fitted = fit_all(learner, rows, seeds=[seeds[i] for i in members])
            for i, model in zip(members, fitted, strict=True):
                models[i] = model
        return models

    def leads(self, trains: Sequence[AnyTrainingSet], *, seeds: Sequence[int]) -> list[float]:
        """Return the mitigation's lead in standard errors, by training set.

        Parameters
        ----------
        trains : sequence of TargetSet or TrainingSet
        seeds : sequence of int
            One for each.

        Returns
        -------
        list of float
            Positive where cross-validation prefers the mitigation, minus infinity where a target is
            too small to be cut, and plus infinity where there is nothing to choose from: no source,
            or no target row.
        """
        leads: list[float] = [float("inf")] * len(trains)
        cuts: list[tuple[int, NDArray[np.intp]]] = []
        for i, (train, seed) in enumerate(zip(trains, seeds, strict=True)):
            if not (sources_of(train) or others_of(train)) or not len(train.target):
                continue
            # The same folds for both models, so that their losses are paired.
            folds = inner_folds(train.target, seed=seed, n_folds=self.n_folds)
            if folds is None:
                # Too few rows to cross-validate: the target alone is used.
                leads[i] = -float("inf")
            else:
                cuts.append((i, folds))
        chosen = [trains[i] for i, _ in cuts]
        folds_of = [folds for _, folds in cuts]
        at = [seeds[i] for i, _ in cuts]
        alone = held_out_losses(
            self._alone, [TargetSet(train.target) for train in chosen], folds_of, seeds=at
        )
        treated = held_out_losses(self.learner, chosen, folds_of, seeds=at)
        for (i, _), before, after in zip(cuts, alone, treated, strict=True):
            leads[i] = _lead(before - after)
        return leads


def _lead(gains: NDArray[np.float64]) -> float:
    """Return the mean in standard errors.

    Its sign times infinity where all gains are equal.
    """
    error = float(gains.std(ddof=1)) / np.sqrt(len(gains))
    mean = float(gains.mean())
    if error > 0:
        return float(mean / error)
    # No spread: any lead is certain, and a tie goes to the target alone.
    return mean * float("inf") if mean else 0.0
