"""Arms too good to be true, given their sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.estimation import ArmEstimate
from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import Sample, TargetSet
from transfergap.data.sources.models_and_tasks import TaskSource
from transfergap.experiment.design import Arm, Design
from transfergap.learners import Learner

NEAR_CEILING = 0.05  # of the error of a constant: AUC or accuracy of .975 for two even classes
FAR_BELOW = 0.15  # the control's share of that error, at least, and three times the arm's
# Of the arm's share: the control must be far from the ceiling that the arm reaches.
_TIMES = 3.0
# Of a constant's error: where neighbours and a linear model leave less, a task of another kind
# teaches something, and nobody knows how much. Chosen by hand: labels of noise leave about 1.
_UNLEARNED = 0.8
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
    suspects = {}
    for arm, share, control in arms_at_ceiling(design, estimates, arms):
        deserved = _deserved(design, arm)
        if deserved is not None and deserved > max(_DESERVED * share, NEAR_CEILING):
            suspects[arm.name] = TooGood(arm.name, share, control, deserved)
    return suspects


def arms_at_ceiling(
    design: Design, estimates: Mapping[str, ArmEstimate], arms: Collection[str]
) -> list[tuple[Arm, float, float]]:
    """Return the arms that are nearly perfect where the control is far.

    With the arm's error and the control's, as shares of a constant's.

    Parameters
    ----------
    design : Design
    estimates : mapping of arm name to ArmEstimate
    arms : collection of str
        Names of the arms to look at.
    """
    constant = _constant_error(design, design.problem.target)
    metric = design.problem.metric
    control = metric.distance_from_perfect(estimates[design.control.name].score)
    if constant is None or control is None or not constant > 0:
        return []
    reached = []
    for arm in design.treatments:
        error = metric.distance_from_perfect(estimates[arm.name].score)
        if arm.name not in arms or error is None:
            continue
        share, before = error / constant, control / constant
        if share <= NEAR_CEILING and before >= max(FAR_BELOW, _TIMES * share):
            reached.append((arm, share, before))
    return reached


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
    shares = [s for name in arm.sources if (s := _share_of(design, name)) is not None]
    # The easiest source bounds what an arm may deserve; one unknown source leaves it unbounded.
    return min(shares) if shares and len(shares) == len(arm.sources) else None


def _share_of(design: Design, name: str) -> float | None:
    """Return a source's error on its own rows, or ``None``.

    As a share of a constant's error.
    """
    problem = design.problem
    if name in problem.sources:
        return _own_share(design, problem.sources[name].sample)
    task = problem.others.get(name)
    if not isinstance(task, TaskSource):
        return None
    target = problem.target.y
    # The control may not be able to learn from rows of another shape.
    has_shape = np.shape(task.X)[1:] == np.shape(problem.target.X)[1:]
    if (
        has_shape
        and task.y.ndim == 1
        and task.y.dtype.kind == target.dtype.kind
        and (not task.has_classes or np.isin(task.y, target).all())
    ):
        return _own_share(design, task.sample)
    # A hard task may teach features that make another one easy; labels of noise teach none.
    share = _task_share(design, task)
    return share if share is not None and share >= _UNLEARNED else None


def _task_share(design: Design, task: TaskSource) -> float | None:
    """Return the error share of a task of another kind.

    Neighbours and a linear model predict held-out rows; the better one counts. Of labels in several
    columns the easiest counts.
    """
    from sklearn.linear_model import RidgeClassifierCV, RidgeCV
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    rng = np.random.default_rng([design.seed, 108])
    rows = rng.permutation(len(task.y))[:_MOST_ROWS]
    if len(rows) < _FEWEST_ROWS or isinstance(task.X, list):
        return None
    sample = task.sample.rows(rows)
    is_array = not (hasattr(sample.X, "iloc") or hasattr(sample.X, "tocsr"))
    X = np.reshape(sample.X, (len(rows), -1)) if is_array else sample.X
    numbers = fit_view(X).of(X)
    folds, shares = KFold(_N_FOLDS), []
    for y in sample.y.reshape(len(rows), -1).T:
        models = (
            (KNeighborsClassifier(), RidgeClassifierCV())
            if task.has_classes
            else (KNeighborsRegressor(), RidgeCV())
        )
        constant = np.mean(y != _commonest(y)) if task.has_classes else np.var(y.astype(float))
        if constant == 0:
            continue
        for model in models:
            predicted = cross_val_predict(model, numbers, y, cv=folds)
            wrong = predicted != y if task.has_classes else (predicted - y.astype(float)) ** 2
            shares.append(float(np.mean(wrong) / constant))
    return min(shares, default=None)


def _commonest(labels: NDArray[Any]) -> Any:
    values, counts = np.unique(labels, return_counts=True)
    return values[np.argmax(counts)]


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
