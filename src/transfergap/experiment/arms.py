"""Arms of an audit: defaults, and those of the user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from transfergap.data.problem import OpaqueSource, Problem, Sample
from transfergap.errors import ConfigurationError, LearnerError
from transfergap.experiment.arm import ALL, arm_of_object, arm_of_text
from transfergap.experiment.design import SAFE, Arm
from transfergap.learners import (
    EstimatorLearner,
    Learner,
    as_learner,
    brief,
    default_estimator,
    is_learner,
)
from transfergap.learners.estimator import check_estimator_like
from transfergap.learners.mitigations import Balanced, SourceOnly, TargetOnly
from transfergap.learners.mitigations.mitigation import Mitigation
from transfergap.learners.protocol import HoldsControl

SAFE_ALONE = f"{SAFE}, target only"
_WAYS = {"model": "fine-tuned", "task": "co-trained"}


def default_arms(
    sources: Sequence[str],
    learner: Learner,
    safe: Learner | None = None,
    non_tabular: Mapping[str, OpaqueSource] | None = None,
) -> tuple[Arm, ...]:
    """Return the arms of an audit without a choice.

    ``b pooled`` for each source b; with several sources ``all pooled``; ``all balanced``, of a
    single source ``b balanced``; ``safe``, if a safe learner is given; ``m fine-tuned`` for a
    pretrained model m and ``t co-trained`` for another task t; and, for information, ``b only`` and
    ``safe, target only``.

    Examples
    --------
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.safe.learner import SafeLearner
    >>> [arm.name for arm in default_arms(["b"], FunctionLearner(print), SafeLearner("binary"))]
    ['b pooled', 'b balanced', 'safe', 'b only', 'safe, target only']
    """
    names, non_tabular = tuple(sources), non_tabular or {}
    # Names that arms are built from would be ambiguous as names of sources.
    for name, role in (("all", "arms that use all sources"), (SAFE, "arm of the safe model")):
        if name in names or name in non_tabular:
            raise ConfigurationError(
                f"A source is called {name!r}, which names the {role}.",
                hint="give it another name",
            )
    arms = [Arm(f"{name} pooled", (name,), learner) for name in names]
    if len(names) > 1:
        arms.append(Arm("all pooled", names, learner))
    if names:
        subject = names[0] if len(names) == 1 else ALL
        arms.append(Arm(f"{subject} balanced", names, Balanced(learner)))
    if names and safe is not None:
        arms.append(Arm(SAFE, names, safe))
    if non_tabular and isinstance(learner, EstimatorLearner):
        raise ConfigurationError(
            f"{brief(learner)} cannot use {next(iter(non_tabular))!r}: estimators only take rows.",
            hint="give a FunctionLearner or a learner of transfergap.torch as the model",
        )
    arms += [
        Arm(f"{name} {_WAYS[source.kind]}", (name,), learner)
        for name, source in non_tabular.items()
    ]
    arms += [Arm(f"{name} only", (name,), SourceOnly(learner), judged=False) for name in names]
    if names and safe is not None:
        arms.append(Arm(SAFE_ALONE, names, TargetOnly(safe), judged=False))
    return tuple(arms)


def chosen_arms(
    choices: Sequence[str | Arm] | None,
    sources: Sequence[str],
    learner: Learner,
    safe: Learner | None = None,
    *,
    task: str | None = None,
    non_tabular: Mapping[str, OpaqueSource] | None = None,
) -> tuple[Arm, ...]:
    """Return the default arms, or those chosen, by name or as objects.

    Parameters
    ----------
    choices : sequence of str or Arm, optional
        ``"b+coral"`` and ``"all+gated+coral"`` (or ``"b coral"``, as reports have it) are arms with
        mitigations around the learner, the first one outermost; see
        :mod:`transfergap.experiment.arm`.
    sources : sequence of str
        Names of the sources.
    learner : Learner
        The model under audit.
    safe : Learner, optional
    task : {"binary", "multiclass", "regression"}, optional
        Kind of labels: mitigations that are not made for them are refused.
    non_tabular : mapping of str to OpaqueSource, optional
        Pretrained models and other tasks.

    Raises
    ------
    ConfigurationError
        For a name that is no arm, an empty choice, or a user-defined arm called ``safe``.
    """
    defaults = {arm.name: arm for arm in default_arms(sources, learner, safe, non_tabular)}
    sources = (*sources, *(non_tabular or {}))
    if choices is None:
        return tuple(defaults.values())
    if len(choices) == 0:
        raise ConfigurationError("There are no arms to try.", hint=f"known: {', '.join(defaults)}")
    arms = []
    for arm in choices:
        if isinstance(arm, str):
            arms.append(arm_of_text(arm, defaults, sources, learner, task))
            continue
        if arm.name == SAFE and arm.sources and not isinstance(arm.learner, type(safe)):
            raise ConfigurationError(
                "An arm of your own is called 'safe', which names the arm of the safe model.",
                hint="give it another name",
            )
        if arm.learner is not None:
            arm = replace(arm, learner=_learner_of(arm.learner))
        arms.append(arm_of_object(arm, defaults, sources, learner, task))
    return tuple(arms)


def _learner_of(arm_learner: object) -> Learner:
    """Return an arm's learner, wrapped if an estimator."""
    if hasattr(arm_learner, "get_params"):
        check_estimator_like(arm_learner)
        return EstimatorLearner(arm_learner)
    arm_learner = as_learner(arm_learner)
    if not is_learner(arm_learner):
        raise LearnerError(
            f"The learner {type(arm_learner).__name__} of an arm has no"
            " `train(training_set, *, seed)`.",
            hint="use an estimator, or a learner of transfergap.learners",
        )
    return cast(Learner, arm_learner)


def with_weights_tried(arm: Arm, problem: Problem) -> Arm:
    """Try once what estimators inside of mitigations make of sample weights.

    A mitigation that the user built holds its learner already, and every weighted fit would try it.
    """
    if not isinstance(arm.learner, Mitigation):
        return arm
    return replace(arm, learner=_with_tried(arm.learner, problem.target))


def _with_tried(learner: Learner, sample: Sample) -> Learner:
    if isinstance(learner, Mitigation):
        return replace(learner, learner=_with_tried(learner.learner, sample))
    if isinstance(learner, EstimatorLearner) and learner.weight_use is None:
        return learner.tried_on(sample)
    return learner


def with_controls_inside(arms: Sequence[Arm]) -> tuple[Arm, ...]:
    """Add to ``safe`` what its model is without sources.

    It costs no fits, and without it other data would get credit for the model.
    """
    names = {arm.name for arm in arms}
    more = [
        Arm(SAFE_ALONE, arm.sources, TargetOnly(arm.learner), judged=False)
        for arm in arms
        if arm.name == SAFE and isinstance(arm.learner, HoldsControl) and SAFE_ALONE not in names
    ]
    return (*arms, *more)


def learner_of(model: Any, problem: Problem) -> Learner:
    """Return ``model`` as a learner; ``None`` gives the default for these rows.

    What an estimator makes of sample weights is tried here, once for all trials.
    """
    if model is None:
        learner = EstimatorLearner(default_estimator(problem), is_default=True)
        return learner.tried_on(problem.target)
    model = as_learner(model)
    if is_learner(model) and not hasattr(model, "get_params"):
        return cast(Learner, model)
    check_estimator_like(model)
    return EstimatorLearner(model).tried_on(problem.target)


def checkpoint_fits(problem: Problem, arm: Arm) -> list[tuple[str, Any]]:
    """Return the fit of each pretrained model to its network.

    Where the learner can tell.
    """
    learner: Any = arm.learner
    while not hasattr(learner, "checkpoint_fit") and hasattr(learner, "learner"):
        learner = learner.learner
    models = [name for name in arm.sources if name in problem.others]
    if not hasattr(learner, "checkpoint_fit"):
        return []
    n_outputs = problem.task.n_outputs(len(problem.classes))
    return [
        (name, learner.checkpoint_fit(problem.others[name], n_outputs=n_outputs))
        for name in models
        if problem.others[name].kind == "model"
    ]


def check_checkpoints(problem: Problem, arms: Iterable[Arm]) -> None:
    """Raise ``LearnerError`` for a pretrained model that hardly fits."""
    for arm in arms:
        for _, fit in checkpoint_fits(problem, arm):
            fit.check()


def teaches(problem: Problem, arm: Arm) -> bool:
    """Return whether an arm's rows have two labels, or numbers."""
    if getattr(arm.learner, "uses_target", True) or not problem.task.has_classes:
        return True
    labels = [sample.y for sample in problem.source_samples(arm.sources)]
    return problem.task.can_be_learned(np.concatenate(labels))
