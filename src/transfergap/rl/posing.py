"""From what a user hands in to a checked design: one clear error before anything is trained."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from transfergap.analysis.training_curves import CurveMetric
from transfergap.errors import ConfigurationError, LearnerError
from transfergap.rl.arms import AgentArm
from transfergap.rl.design import AgentDesign
from transfergap.rl.environment import Environment
from transfergap.rl.episodes import Episodes
from transfergap.rl.named_arms import chosen_arms
from transfergap.rl.setting import Policy
from transfergap.stats.gap import check_margin

_DEFAULT_LOOKS = 20
_JUDGED_BY = {"area": CurveMetric.AREA, "final": CurveMetric.FINAL}


def pose_agents(
    train: Callable[..., Any],
    evaluate: Callable[..., Any] | None,
    *,
    target: Any,
    sources: Mapping[str, Any],
    budget: int,
    margin: float,
    eval_every: int | None,
    seeds: int | Sequence[int],
    seed: int,
    pretraining: int | None,
    charge_pretraining: bool,
    arms: Sequence[str | AgentArm] | None,
    judged_by: str,
    threshold: float | None,
    lowest: float,
    score: str,
    name: str,
) -> AgentDesign:
    """Return the design that :func:`transfergap.rl.audit_agents` runs; parameters as there.

    Raises
    ------
    ConfigurationError, LearnerError
    """
    check_margin(margin)
    for what, number in (("threshold", threshold), ("lowest", lowest)):
        if number is not None and not np.isfinite(number):
            raise ConfigurationError(f"{what} is {number!r}.", hint="give a score, or leave it out")
    _check_train(train)
    make_target = _factory(target, "target")
    if not sources:
        raise ConfigurationError("There is no source.", hint="give sources={name: environment}")
    given = {str(key): _source(str(key), value) for key, value in sources.items()}
    steps = _whole(budget, "budget", least=2)
    every = _every(eval_every, steps)
    before = steps if pretraining is None else _whole(pretraining, "pretraining", least=1)
    chosen = chosen_arms(arms, list(given))
    design = AgentDesign(
        train=train,
        evaluate=Episodes() if evaluate is None else evaluate,
        target=make_target,
        sources=given,
        arms=chosen,
        seeds=_seeds(seeds, seed),
        budget=steps,
        every=every,
        pretraining=before,
        charged=charge_pretraining,
        margin=float(margin),
        judged_by=judged_by_name(judged_by),
        threshold=threshold,
        lowest=float(lowest),
        name=name,
        score=score,
    )
    _check_races(design)
    return design


def judged_by_name(name: str) -> CurveMetric:
    """Return the metric of a name.

    Raises
    ------
    ConfigurationError

    Examples
    --------
    >>> str(judged_by_name("final"))
    'final score'
    """
    if name not in _JUDGED_BY:
        raise ConfigurationError(
            f"Arms cannot be judged by {name!r}.", hint=f"known: {', '.join(_JUDGED_BY)}"
        )
    return _JUDGED_BY[name]


def _check_train(train: Any) -> None:
    if not callable(train):
        raise LearnerError(
            f"{type(train).__name__} is not a function that trains agents.",
            hint='use from_sb3("PPO"), Tabular(), or a function of your own',
        )
    try:
        signature = inspect.signature(train)
    except (TypeError, ValueError):  # of builtins, which Python cannot look into
        return
    try:
        signature.bind((), object(), seed=0, budget=1, init=None, callbacks=())
    except TypeError as error:
        raise LearnerError(
            f"The training function cannot be called as the audit does: {error}.",
            hint="train(sources, target, *, seed, budget, init=None, callbacks=())",
        ) from error


def _factory(given: Any, what: str) -> Any:
    """Return a factory of environments, once it has made one."""
    make = Environment(given) if isinstance(given, str) else given
    if not callable(make):
        raise ConfigurationError(
            f"The {what} is a {type(given).__name__}, and no factory of environments.",
            hint="give an id such as 'CartPole-v1', Environment(...), or a function without"
            " arguments that makes one",
        )
    made = make()
    close = getattr(made, "close", None)
    if callable(close):
        close()
    return make


def _source(name: str, given: Any) -> Any:
    if isinstance(given, Path):
        if not given.is_file():
            raise ConfigurationError(
                f"The source {name!r} is the file {given}, which is not there.",
                hint="give the path of a saved agent",
            )
        return given
    if isinstance(given, (Policy, str)) or callable(given):
        return given if isinstance(given, Policy) else _factory(given, f"source {name!r}")
    raise ConfigurationError(
        f"The source {name!r} is a {type(given).__name__}.",
        hint="give an environment, the Path of a saved agent, or Policy(agent, 'its name')",
    )


def _whole(value: Any, what: str, *, least: int) -> int:
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < least:
        raise ConfigurationError(
            f"{what} is {value!r}.", hint=f"use a whole number of steps from {least} up"
        )
    return int(value)


def _every(asked: int | None, budget: int) -> int:
    if asked is None:
        looks = next(n for n in range(min(_DEFAULT_LOOKS, budget), 0, -1) if budget % n == 0)
        return budget // looks
    every = _whole(asked, "eval_every", least=1)
    if budget % every:
        raise ConfigurationError(
            f"The budget of {budget} steps is no multiple of eval_every, {every}.",
            hint="the last score must be one of the finished agent",
        )
    return every


def _seeds(asked: int | Sequence[int], seed: int) -> tuple[int, ...]:
    if isinstance(asked, (int, np.integer)) and not isinstance(asked, bool):
        if asked < 2:
            raise ConfigurationError(
                f"The number of seeds is {asked}.",
                hint="two pairs are the least, five for a verdict; ten are a good start",
            )
        start = _whole(seed, "seed", least=0)
        drawn = np.random.SeedSequence(start).generate_state(int(asked)) >> 1
        return tuple(int(one) for one in drawn)
    given = tuple(asked) if isinstance(asked, Sequence) and not isinstance(asked, str) else ()
    if len(set(given)) < 2 or len(set(given)) < len(given):
        raise ConfigurationError(
            f"The seeds are {asked!r}.", hint="give how many, or at least two different numbers"
        )
    return tuple(_whole(one, "a seed", least=0) for one in given)


def _check_races(design: AgentDesign) -> None:
    """Raise for a race that is too short, before anything is trained."""
    steps = np.arange(0, design.budget + 1, design.every, dtype=float)
    flat = np.zeros(len(steps))
    for arm in design.derived:
        others = {needed.name: flat for needed in arm.needs}
        arm.derived(flat, others, steps, margin=design.margin)
