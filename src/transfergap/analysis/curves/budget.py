"""Gaps against a training budget: iterations, trees, epochs."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass, replace
from typing import Any

import numpy as np

from transfergap.analysis.curves.estimating import fold_gaps, point_of, splits_of
from transfergap.analysis.curves.gap_curve import CurvePoint, GapCurve, LearningCurve
from transfergap.analysis.estimation.pairs import Outputs, PairedTrials, outputs_of
from transfergap.data.splitting.folds import WHOLE_PART
from transfergap.errors import ConfigurationError
from transfergap.experiment.arm import label_among
from transfergap.experiment.design import Arm, ControlArm, Design
from transfergap.experiment.executors import Executor
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import Trial
from transfergap.learners import EstimatorLearner, Learner, describe

# Each arm costs as many fits as the control, and more lines crowd a plot.
MOST_ARMS = 4
# Doublings: if the last one still helps, the control is under-trained (TG308).
OWN_SHARES = (0.25, 0.5, 1.0)


def draw_budgets(
    design: Design,
    parameter: str,
    values: Sequence[Any],
    arms: Sequence[str | Arm] | None,
    store: TrialStore,
    executor: Executor | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> LearningCurve:
    """Run every budget on an audit's folds; return the curve.

    Control and arms have the same budget.

    Parameters
    ----------
    design : Design
        Of the audit.
    parameter : str
    values : sequence of numbers
        Different budgets, at least two.
    arms : sequence of str or None
    store : TrialStore
    executor, on_trial
        As in :func:`transfergap.run_trials`.

    Raises
    ------
    ConfigurationError
        For fewer than two budgets, a parameter that the model lacks, or an arm that has no such
        budget.
    """
    budgets = _checked_values(values)
    base = design.control.learner
    if with_budget(base, parameter, budgets[0]) is None:
        raise _no_parameter(base, parameter)
    chosen = _arms(design, parameter, budgets[0], arms)
    designs = [_design_at(design, chosen, parameter, value) for value in budgets]
    for at in designs:
        run_trials(at, store, executor, on_trial)
    outputs = outputs_of(store.trials())
    curves = [_curve(designs, outputs, i, budgets, arm.name) for i, arm in enumerate(chosen)]
    gain = _control_gain(designs, outputs, budgets)
    return LearningCurve(
        parameter,
        design.problem.metric.title,
        tuple(curve for curve in curves if curve is not None),
        (_improving(gain, parameter, budgets, design.problem.margin),),
        gain,
    )


def own_budget(learner: Learner | None) -> tuple[str, float] | None:
    """Return a learner's stated budget, name and size, or ``None``.

    Examples
    --------
    >>> from transfergap.learners import FunctionLearner
    >>> own_budget(FunctionLearner(print, budget=300))
    ('budget', 300)
    """
    inner: Any = learner
    while getattr(inner, "budget_name", None) is None:
        inner = getattr(inner, "learner", None)
        if inner is None:
            return None
    value = getattr(inner, inner.budget_name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        return None
    return inner.budget_name, value


def own_budgets(
    design: Design,
    store: TrialStore,
    executor: Executor | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> LearningCurve | None:
    """Return gaps at a quarter, half and all of the budget.

    The budget is the one that the learner states; one partition is fitted. ``None`` where the model
    under audit states no budget, or one too small to be cut. Costs at most 7.5 fits for the control
    and for each of the arms drawn.
    """
    budget = own_budget(design.control.learner)
    values = _parts_of(budget)
    if budget is None or len(values) < 2:
        return None
    one = replace(design, repeats=1)
    return draw_budgets(one, budget[0], values, None, store, executor, on_trial)


def own_budget_designs(design: Design) -> list[Design]:
    """Return what :func:`own_budgets` would run."""
    budget = own_budget(design.control.learner)
    values = _parts_of(budget)
    if budget is None or len(values) < 2:
        return []
    one = replace(design, repeats=1)
    arms = _arms(one, budget[0], values[0], None)
    return [_design_at(one, arms, budget[0], value) for value in values]


def _parts_of(budget: tuple[str, float] | None) -> list[float]:
    if budget is None:
        return []
    kind = type(budget[1])
    # Whole numbers stay whole; a share of a tiny budget may be 0 or a duplicate.
    return sorted({kind(budget[1] * share) for share in OWN_SHARES} - {0})


def with_budget(learner: Learner | None, parameter: str, value: Any) -> Learner | None:
    """Return the learner with another budget.

    ``None`` where it has none of that name.
    """
    if isinstance(learner, EstimatorLearner):
        from sklearn.base import clone

        # A pipeline may hold several parameters of that name: then none is chosen.
        names = _matching(learner.estimator, parameter)
        if len(names) != 1:
            return None
        changed = clone(learner.estimator).set_params(**{names[0]: value})
        return replace(learner, estimator=changed)
    budgeted: Any = learner
    if getattr(learner, "budget_name", None) is not None:
        fits = parameter == budgeted.budget_name
        changed_own: Learner | None = replace(budgeted, **{parameter: value}) if fits else None
        return changed_own
    inner = getattr(learner, "learner", None)  # a learner around a learner
    if not is_dataclass(learner) or isinstance(learner, type) or not isinstance(inner, Learner):
        return None
    changed_inner = with_budget(inner, parameter, value)
    if changed_inner is None:
        return None
    around: Any = learner
    wrapped: Learner = replace(around, learner=changed_inner)
    return wrapped


def _matching(estimator: Any, parameter: str) -> list[str]:
    parameters = estimator.get_params(deep=True)
    if parameter in parameters:
        return [parameter]
    return [name for name in parameters if name.endswith(f"__{parameter}")]


def _no_parameter(learner: Learner, parameter: str) -> ConfigurationError:
    if not isinstance(learner, EstimatorLearner):
        return ConfigurationError(
            f"The model has no budget called {parameter!r}.",
            hint="a FunctionLearner has 'budget', a network 'steps'",
        )
    names = _matching(learner.estimator, parameter)
    if names:
        return ConfigurationError(
            f"The model has several parameters {parameter!r}.", hint=f"name one: {', '.join(names)}"
        )
    parameters = learner.estimator.get_params(deep=True)
    numbers = [n for n, v in parameters.items() if isinstance(v, (int, float)) and v is not True]
    near = difflib.get_close_matches(parameter, numbers, n=1)
    return ConfigurationError(
        f"The model has no parameter {parameter!r}.",
        hint=f"did you mean {near[0]!r}?" if near else f"numbers: {', '.join(numbers)}"[:200],
    )


def _checked_values(values: Sequence[Any]) -> list[Any]:
    numbers = [v for v in values if isinstance(v, (int, float, np.number))]
    budgets = sorted(set(numbers))
    if len(numbers) < len(list(values)) or len(budgets) < 2:
        raise ConfigurationError(
            f"The budgets are {list(values)!r}.", hint="give at least two different numbers"
        )
    return budgets


def _arms(
    design: Design, parameter: str, value: Any, arm_names: Sequence[str | Arm] | None
) -> list[Arm]:
    able = {
        arm.name: arm
        for arm in design.treatments
        if getattr(arm.learner, "uses_target", True)
        and with_budget(arm.learner, parameter, value) is not None
    }
    if arm_names is None:
        return [arm for arm in able.values() if arm.judged][:MOST_ARMS]
    labels = [label_among(arm, able) for arm in arm_names]
    for name in labels:
        if name not in able:
            raise ConfigurationError(
                f"No arm called {name!r} has a budget {parameter!r}.",
                hint=f"these have: {', '.join(able) or 'none'}",
            )
    return [able[name] for name in labels]


def _design_at(design: Design, arms: list[Arm], parameter: str, value: Any) -> Design:
    """Return the design at one budget.

    At the budget of the audit, its trials are those of the audit.
    """
    base = design.control.learner
    learner = with_budget(base, parameter, value)
    assert learner is not None
    # The full budget: equal arm names make the stored trials serve again.
    if describe(learner) == describe(base):
        return replace(design, treatments=tuple(arms), parts=(WHOLE_PART,))
    suffix = f", {parameter}={value!r}"
    treatments = tuple(
        replace(arm, name=f"{arm.name}{suffix}", learner=with_budget(arm.learner, parameter, value))
        for arm in arms
    )
    control = ControlArm(learner, f"{design.control.name}{suffix}")
    return replace(design, control=control, treatments=treatments, parts=(WHOLE_PART,))


def _curve(
    designs: list[Design], outputs: Outputs, index: int, budgets: list[Any], name: str
) -> GapCurve | None:
    points = []
    for at, value in zip(designs, budgets, strict=True):
        trials = PairedTrials(at, outputs, at.treatments[index].name)
        gaps = fold_gaps(trials, (trials.control, trials.name), splits_of(at, WHOLE_PART))
        point = point_of(float(value), gaps)
        if point is not None:
            points.append(point)
    if not points:
        return None
    return GapCurve(name, tuple(points), None, _budget_sentence(points))


def _budget_sentence(points: list[CurvePoint]) -> str:
    first, last = points[0], points[-1]
    signs = {point.estimate > 0 for point in points if point.low > 0 or point.high < 0}
    moved = f"{first.estimate:+.3f} at {first.at:g}, {last.estimate:+.3f} at {last.at:g}."
    if len(signs) == 2:
        return f"the answer turns with the budget: {moved}"
    return moved


def _control_gain(designs: list[Design], outputs: Outputs, budgets: list[Any]) -> CurvePoint | None:
    """Return the control's gain from the last increase of its budget."""
    last = PairedTrials(designs[-1], outputs, designs[-1].control.name)
    names = (designs[-2].control.name, last.name)
    return point_of(float(budgets[-1]), fold_gaps(last, names, splits_of(designs[-1], WHOLE_PART)))


def _improving(gain: CurvePoint | None, parameter: str, budgets: list[Any], margin: float) -> str:
    """Return whether the control gains from the last increase of its budget."""
    step = f"from {parameter} = {budgets[-2]} to {budgets[-1]}"
    if gain is None:
        return f"Whether the control still improves {step} cannot be told: too few folds."
    interval = f"{gain.estimate:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}] {step}"
    if gain.low > 0:
        return (
            f"The control is still improving at the full budget: {interval}. It is under-trained,"
            " so sources may seem to help only because they train it further. Give it more."
        )
    if gain.high < margin:
        # The interval excludes a gain of the margin.
        return f"The control has stopped improving: {interval}."
    return f"Whether the control still improves is not settled: {interval}."
