"""Arms too good to be true, given their sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from transfergap.analysis.estimation import ArmEstimate
from transfergap.data.problem import Sample, TargetSet
from transfergap.experiment.design import Arm, Design
from transfergap.learners import Learner

NEAR_CEILING = 0.05  # of the error of a constant: AUC or accuracy of .975 for two even classes
FAR_BELOW = 0.15  # the control's share of that error, at least, and three times the arm's
# Of the arm's share: the control must be far from the ceiling that the arm reaches.
_TIMES = 3.0
_DESERVED = 2.0  # times the arm's error share that a source reaches on rows of its own
# Five fits a source are cheap beside the 65 of an arm.
_N_FOLDS = 5
_MOST_ROWS = 2000  # of a source that are fitted for this
# Four rows a fold; with fewer, a share of error is chance.
_FEWEST_ROWS = 20


@dataclass(frozen=True)
class TooGood:
    """Reached and deserved share of a constant's error.

    Parameters
    ----------
    arm : str
    share, control, sources : float
        Of the arm, of the control, and of the best of its sources by cross-validation on its own
        rows; 0 is perfect, 1 is a constant.
    """

    arm: str
    share: float
    control: float
    sources: float


def too_good_arms(
    design: Design, estimates: Mapping[str, ArmEstimate], arms: Collection[str]
) -> dict[str, TooGood]:
    """Return the arms at the ceiling that no source reaches alone.

    A model that saw answers of the test is nearly perfect. One that learned from a source of easy
    cases may be too: then the source is as predictable on its own held-out rows, and nothing is
    suspected.

    Parameters
    ----------
    design : Design
    estimates : mapping of arm name to ArmEstimate
    arms : collection of str
        Names of the arms to look at: those that may gain.
    """
    constant = _constant_error(design, design.problem.target)
    metric = design.problem.metric
    control = metric.distance_from_perfect(estimates[design.control.name].score)
    if constant is None or control is None or not constant > 0:
        return {}
    suspects = {}
    for arm in design.treatments:
        error = metric.distance_from_perfect(estimates[arm.name].score)
        if arm.name not in arms or error is None:
            continue
        share, before = error / constant, control / constant
        if share > NEAR_CEILING or before < max(FAR_BELOW, _TIMES * share):
            continue
        deserved = _deserved(design, arm)
        if deserved is not None and deserved > max(_DESERVED * share, NEAR_CEILING):
            suspects[arm.name] = TooGood(arm.name, share, before, deserved)
    return suspects


def _constant_error(design: Design, sample: Sample) -> float | None:
    """Return the error of the best constant prediction."""
    problem, metric = design.problem, design.problem.metric
    if metric.ranks_rows:
        return 0.5 if metric.sign > 0 else None
    local = replace(problem, target=sample)
    outputs = metric.constant_outputs(sample.y, problem.classes)
    if outputs is None:
        return None
    return metric.distance_from_perfect(metric.score(local.fold_loss(outputs)))


def _deserved(design: Design, arm: Arm) -> float | None:
    """Return the smallest error of a source alone.

    As a share of a constant's error.
    """
    sources = design.problem.source_samples(arm.sources)
    shares = [share for s in sources if (share := _own_share(design, s)) is not None]
    # The easiest source bounds what an arm may deserve; one unknown source leaves it unbounded.
    return min(shares) if shares and len(shares) == len(arm.sources) else None


def _own_share(design: Design, source: Sample) -> float | None:
    """Return a source's cross-validated error on its own rows, over a constant's."""
    rng = np.random.default_rng([design.seed, 108])
    source = source.rows(rng.permutation(len(source))[:_MOST_ROWS])
    if len(source) < _FEWEST_ROWS:
        return None
    folds = rng.permutation(np.arange(len(source)) % _N_FOLDS)
    errors, constants = [], []
    for fold in range(_N_FOLDS):
        test = source.rows(folds == fold)
        error = _tested_error(design, design.control.learner, source.rows(folds != fold), test)
        constant = _constant_error(design, test)
        if error is None or constant is None:
            continue
        errors.append(error)
        constants.append(constant)
    if not constants or not sum(constants) > 0:
        return None
    return float(np.sum(errors) / np.sum(constants))


def _tested_error(design: Design, learner: Learner, train: Sample, test: Sample) -> float | None:
    problem, metric = design.problem, design.problem.metric
    try:
        model = learner.train(TargetSet(train), seed=design.seed)
        outputs = metric.outputs(model, test.X, test.y, problem.classes)
    except ValueError:
        return None  # a part of the source lacks a class, say: then it deserves nothing we know of
    loss = replace(problem, target=test).fold_loss(outputs)
    return None if np.isnan(loss) else metric.distance_from_perfect(metric.score(loss))
