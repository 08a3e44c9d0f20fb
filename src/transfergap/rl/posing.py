"""From what a user gives to checked arms and settings of agents."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from transfergap.analysis.training_curves import CurveMetric
from transfergap.errors import (
    ConfigurationError,
    LearnerError,
    TransferGapError,
    first_line,
)
from transfergap.experiment.design import CONTROL
from transfergap.learners import target_first
from transfergap.rl.arms import (
    ExplorationRestarted,
    FineTuned,
    Joint,
    PolicyReuse,
    Pretrained,
    Race,
)
from transfergap.rl.contract import AgentArm, Policy
from transfergap.rl.design import AgentDesign, is_derived
from transfergap.rl.environment import Environment
from transfergap.rl.episodes import Episodes
from transfergap.stats.gap import check_margin, check_score

ALL = "all"
KINDS: Mapping[str, Callable[[str], AgentArm]] = {
    "pretrained": Pretrained,
    "restarted": ExplorationRestarted,
    "race": lambda source: Race((source,)),
    "fine-tuned": FineTuned,
    "reused": PolicyReuse,
    "joint": Joint,
}
_DEFAULT = ("pretrained", "restarted", "race")


def chosen_arms(
    requested: Sequence[str | AgentArm] | None, sources: Sequence[str]
) -> tuple[AgentArm, ...]:
    """Return the arms that were asked for.

    Parameters
    ----------
    requested : sequence of str or AgentArm, or None
        ``None``: for each source "pretrained", "restarted" and "race", and with several sources a
        race of all.
    sources : sequence of str

    Raises
    ------
    ConfigurationError
        For an unknown kind or source, no arm, or two arms of one name.

    Examples
    --------
    >>> [arm.name for arm in chosen_arms(None, ["b"])]
    ['b pretrained', 'b restarted', 'b race']
    """
    every = tuple(sources)
    if isinstance(requested, str) or not isinstance(requested, (Sequence, type(None))):
        raise ConfigurationError(
            f"The arms are {requested!r}.", hint='give a list: arms=["b pretrained"]'
        )
    if requested is None:
        # Pretrained, restarted and race, for every source by convention.
        default = [f"{source} {kind}" for source in sources for kind in _DEFAULT]
        requested = [*default, *([f"{ALL} race"] if len(every) > 1 else [])]
    arms = tuple(_named(arm, every) if isinstance(arm, str) else arm for arm in requested)
    if not arms:
        raise ConfigurationError("There is no arm to compare.", hint="leave arms= out, or name one")
    names = [_name_of(arm) for arm in arms]
    for name in names:
        if names.count(name) > 1 or name == CONTROL:
            raise ConfigurationError(
                f"Two arms are called {name!r}.", hint="leave one out, or rename it"
            )
    _check_needed_arms(arms)
    for arm in arms:
        for source in arm.sources:
            if source not in every:
                raise _unknown_name_error(f"The arm {arm.name!r} uses the source", source, every)
    return arms


def _name_of(arm: Any) -> str:
    name = getattr(arm, "name", None)
    if not isinstance(name, str) or not name.strip():
        raise ConfigurationError(
            f"{arm!r} is no arm of agents.",
            hint=f'give a name ("b pretrained"), an arm such as Race(("b",)), or an object with'
            f" name, sources and train; kinds are {', '.join(KINDS)}",
        )
    return name


def _check_needed_arms(arms: Sequence[AgentArm]) -> None:
    """Raise where an arm has the name of a racer."""
    by_name = {arm.name: arm for arm in arms}
    for race in filter(is_derived, arms):
        for needed in race.needs:
            if by_name.get(needed.name, needed) != needed:
                raise ConfigurationError(
                    f"The arm {needed.name!r} has the name of one that {race.name!r} needs.",
                    hint="call it otherwise",
                )


def _named(name: str, sources: tuple[str, ...]) -> AgentArm:
    separator = "+" if name.rpartition("+")[2] in KINDS else " "  # "b+race", or "b race" as reports
    source, _, kind = name.rpartition(separator)
    if kind not in KINDS:
        raise _unknown_name_error(f"The arm {name!r} is of the kind", kind, tuple(KINDS))
    if source == ALL and kind == "race" and ALL not in sources:
        return Race(sources, called=f"{ALL} {kind}")
    if source not in sources:
        raise _unknown_name_error(f"The arm {name!r} uses the source", source, sources)
    return KINDS[kind](source)


def _unknown_name_error(start: str, name: str, names: tuple[str, ...]) -> ConfigurationError:
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
    return ConfigurationError(f"{start} {name!r}, which is not known.", hint=hint)


# Seeds and steps are stored as 64 bits.
_LARGEST = 2**63
_DEFAULT_LOOKS = 20  # scores on a curve: by convention, enough to draw it
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
    for option, number in (("threshold", threshold), ("lowest", lowest)):
        if option == "lowest" or number is not None:
            check_score(number, option, hint="give a score, or leave it out")
    _check_train(train)
    make_target = _factory(target, "target")
    checked_sources = _sources(sources)
    steps = _whole(budget, "budget", minimum=2)
    every = _every(eval_every, steps)
    before = steps if pretraining is None else _whole(pretraining, "pretraining", minimum=1)
    chosen = chosen_arms(arms, list(checked_sources))
    design = AgentDesign(
        train=target_first(train),
        evaluate=Episodes() if evaluate is None else evaluate,
        target=make_target,
        sources=checked_sources,
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
    if not isinstance(name, str) or name not in _JUDGED_BY:
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
        # Bound and not called: a wrong signature is found before hours of training.
        signature.bind(object(), (), seed=0, budget=1, init=None, callbacks=())
    except TypeError as error:
        raise LearnerError(
            f"The training function cannot be called as the audit does: {error}.",
            hint="train(target, sources, *, seed, budget, init=None, callbacks=())",
        ) from error


def _factory(spec: Any, role: str) -> Any:
    """Return a factory of environments, once it has made one."""
    make = Environment(spec) if isinstance(spec, str) else spec
    if not callable(make):
        raise ConfigurationError(
            f"The {role} is a {type(spec).__name__}, and no factory of environments.",
            hint="give an id such as 'CartPole-v1', Environment(...), or a function without"
            " arguments that makes one",
        )
    try:
        environment = make()
    except TransferGapError:
        raise
    except Exception as error:  # of the user's code, whatever it is
        raise ConfigurationError(
            f"The environment of the {role} cannot be made: {type(error).__name__}:"
            f" {first_line(error)}.",
            hint="call the function yourself, without arguments; it has to return an environment",
        ) from error
    if environment is None:
        raise ConfigurationError(
            f"The function of the {role} returned no environment.", hint="return what it makes"
        )
    # Made once to fail early; windows and files that it opened must not stay.
    close = getattr(environment, "close", None)
    if callable(close):
        close()
    return make


def _sources(sources: Any) -> dict[str, Any]:
    if not sources:
        raise ConfigurationError("There is no source.", hint="give sources={name: environment}")
    if not isinstance(sources, Mapping):
        raise ConfigurationError(
            f"The sources are a {type(sources).__name__}.", hint="give sources={name: environment}"
        )
    names = [str(name) for name in sources]
    for name in names:
        if names.count(name) > 1 or not name.strip():
            raise ConfigurationError(
                f"Two sources are called {name!r}."
                if name.strip()
                else f"A source is called {name!r}.",
                hint="give each a name of its own",
            )
    return {str(name): _source(str(name), value) for name, value in sources.items()}


def _source(name: str, spec: Any) -> Any:
    if isinstance(spec, Path):
        if not spec.is_file():
            raise ConfigurationError(
                f"The source {name!r} is the file {spec}, which is not there.",
                hint="give the path of a saved agent",
            )
        return spec
    if isinstance(spec, (Policy, str)) or callable(spec):
        return spec if isinstance(spec, Policy) else _factory(spec, f"source {name!r}")
    raise ConfigurationError(
        f"The source {name!r} is a {type(spec).__name__}.",
        hint="give an environment, the Path of a saved agent, or Policy(agent, 'its name')",
    )


def _whole(value: Any, option: str, *, minimum: int, unit: str = " of steps") -> int:
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or not minimum <= value < _LARGEST:
        raise ConfigurationError(
            f"{option} is {value!r}.",
            hint=f"use a whole number{unit} from {minimum} up, below 2^63",
        )
    return int(value)


def _every(requested: int | None, budget: int) -> int:
    if requested is None:
        # The largest divisor, so that the last score is that of the finished agent.
        looks = next(n for n in range(min(_DEFAULT_LOOKS, budget), 0, -1) if budget % n == 0)
        return budget // looks
    every = _whole(requested, "eval_every", minimum=1)
    if budget % every:
        raise ConfigurationError(
            f"The budget of {budget} steps is no multiple of eval_every, {every}.",
            hint="the last score must be one of the finished agent",
        )
    return every


def _seeds(requested: int | Sequence[int], seed: int) -> tuple[int, ...]:
    if isinstance(requested, (int, np.integer)) and not isinstance(requested, bool):
        if requested < 2:
            raise ConfigurationError(
                f"The number of seeds is {requested}.",
                hint="two pairs are the least, five for a verdict; ten are a good start",
            )
        start = _whole(seed, "seed", minimum=0, unit="")
        # Halved: libraries take seeds below 2^31 only. Neighbouring numbers would be poor seeds.
        drawn = np.random.SeedSequence(start).generate_state(int(requested)) >> 1
        return tuple(int(one) for one in drawn)
    numbers: tuple[int, ...] = ()
    if isinstance(requested, (Sequence, np.ndarray)) and not isinstance(requested, str):
        numbers = tuple(_whole(one, "a seed", minimum=0, unit="") for one in requested)
    if len(set(numbers)) < 2 or len(set(numbers)) < len(numbers):
        raise ConfigurationError(
            f"The seeds are {requested!r}.", hint="give how many, or at least two different numbers"
        )
    return numbers


def _check_races(design: AgentDesign) -> None:
    """Raise for a race that is too short, before anything is trained."""
    steps = np.arange(0, design.budget + 1, design.every, dtype=float)
    flat = np.zeros(len(steps))
    for arm in design.derived:
        # Flat curves have the right length, which is all that a race's checks look at.
        flat_curves = {needed.name: flat for needed in arm.needs}
        arm.derived(flat, flat_curves, steps, margin=design.margin)
