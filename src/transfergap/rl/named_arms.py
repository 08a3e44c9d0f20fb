"""Arms by name, and the default arms."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence

from transfergap.errors import ConfigurationError
from transfergap.experiment.design import CONTROL
from transfergap.rl.arms import (
    ExplorationRestarted,
    FineTuned,
    Joint,
    PolicyReuse,
    Pretrained,
    Race,
)
from transfergap.rl.contract import AgentArm

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
    if requested is None:
        # Pretrained, restarted and race, for every source by convention.
        default = [f"{source} {kind}" for source in sources for kind in _DEFAULT]
        requested = [*default, *([f"{ALL} race"] if len(every) > 1 else [])]
    arms = tuple(_named(arm, every) if isinstance(arm, str) else arm for arm in requested)
    if not arms:
        raise ConfigurationError("There is no arm to compare.", hint="leave arms= out, or name one")
    names = [arm.name for arm in arms]
    for name in names:
        if names.count(name) > 1 or name == CONTROL:
            raise ConfigurationError(
                f"Two arms are called {name!r}.", hint="leave one out, or rename it"
            )
    for arm in arms:
        for source in arm.sources:
            if source not in every:
                raise _unknown_name_error(f"The arm {arm.name!r} uses the source", source, every)
    return arms


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
