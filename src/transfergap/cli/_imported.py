"""Tables of `transfergap import`: scores, curves of agents, curves of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfergap.cli.request.options import Options
from transfergap.errors import ConfigurationError

if TYPE_CHECKING:
    from transfergap.analysis.result import AuditResult

_COLUMNS = ("participant", "group", "trial", "score")
# Beyond the scores of any run; a slip of the keyboard must not fill the memory.
_MOST_STEPS = 1_000_000


@dataclass(frozen=True)
class ScoreOptions:
    """Options that tables of every kind share."""

    margin: float
    metric: str
    lower_is_better: bool
    independent: bool
    name: str | None
    control: str

    @property
    def greater_is_better(self) -> bool:
        """True if more is better, by the option or the metric's name."""
        from transfergap.data.metric import is_loss

        return not self.lower_is_better and not is_loss(self.metric)


@dataclass(frozen=True)
class CurveOptions:
    """Options of learning curves."""

    steps: str | None
    judged_by: str | None
    criterion: float | None
    from_start: bool = False


@dataclass(frozen=True)
class PeopleOptions:
    """Options of learning curves of people."""

    people: bool
    column: tuple[str, ...]
    design: str | None
    ended: str | None
    best: float | None
    prior: tuple[str, ...]
    clusters: str | None = None

    def names(self) -> dict[str, str]:
        """Return the columns that are called otherwise."""
        names = _pairs("--column", self.column)
        unknown = [role for role in names if role not in _COLUMNS]
        if unknown:
            raise ConfigurationError(
                f"--column has {unknown[0]!r}.",
                hint=f"use {', '.join(_COLUMNS)}, as in trial=block",
            )
        return names

    def first_flag(self) -> str | None:
        """Return the first option used that only people have, or ``None``."""
        values = {
            "--people": self.people,
            "--column": self.column,
            "--design": self.design,
            "--ended": self.ended,
            "--best": self.best is not None,
            "--prior": self.prior,
            "--clusters": self.clusters,
        }
        return next((flag for flag, value in values.items() if value), None)


def imported_result(
    path: Path,
    common: ScoreOptions,
    curves: CurveOptions,
    people: PeopleOptions,
    options: Options,
) -> AuditResult:
    """Return the result of a table, by its columns.

    ``options`` say how its file is written.

    Raises
    ------
    ConfigurationError
        If an option is for tables of another kind.
    DataError
        If the table cannot be used.
    """
    from transfergap.analysis.people import Columns
    from transfergap.cli.request.guessing import read_alone
    from transfergap.rl.curve_table import is_curve_table

    table = read_alone(path, options)
    columns = list(table.columns)
    are_people = people.people or bool(people.column) or Columns().are_in(columns)
    if common.independent and (are_people or is_curve_table(columns)):
        raise ConfigurationError(
            "--independent is for tables of scores, and these are learning curves.",
            hint="leave it out: runs and people are independent; --clusters says which people"
            " are not",
        )
    if are_people:
        return _of_people(table, path, common, curves, people)
    if (flag := people.first_flag()) is not None:
        raise ConfigurationError(
            f"{flag} is for learning curves of people, and this is another table.",
            hint=f"people have the columns {', '.join(_COLUMNS)}; name others by --column",
        )
    if is_curve_table(columns):
        return _of_agents(table, path, common, curves)
    flags: dict[str, object] = {
        "--steps": curves.steps,
        "--from-start": curves.from_start,
        "--judged-by": curves.judged_by,
        "--criterion": curves.criterion,
    }
    for flag, value in flags.items():
        if value is not None and value is not False:
            raise ConfigurationError(
                f"{flag} is for learning curves, and this is a table of scores.",
                hint="curves have the columns arm, seed, step, return",
            )
    return _of_scores(table, path, common)


def _of_people(
    table: Any, path: Path, common: ScoreOptions, curves: CurveOptions, people: PeopleOptions
) -> AuditResult:
    from transfergap import audit_people

    if curves.steps is not None or curves.from_start:
        flag = "--from-start" if curves.steps is None else "--steps"
        raise ConfigurationError(
            f"{flag} is for agents; people are compared at all trials.", hint=f"leave {flag} out"
        )
    return audit_people(
        table,
        margin=common.margin,
        control=common.control,
        columns=people.names(),
        design=_choice("--design", people.design, ("between", "within")),
        judged_by=curves.judged_by or "mean",
        greater_is_better=common.greater_is_better,
        criterion=curves.criterion,
        best=people.best,
        prior=_amounts(people.prior),
        ended=_choice("--ended", people.ended, ("hold", "drop")),
        clusters=people.clusters,
        score=None if common.metric == "score" else common.metric,
        name=common.name or path.stem,
    ).result


def _of_agents(table: Any, path: Path, common: ScoreOptions, curves: CurveOptions) -> AuditResult:
    from transfergap.rl import audit_curves

    return audit_curves(
        table,
        margin=common.margin,
        control=common.control,
        score="return" if common.metric == "score" else common.metric,
        greater_is_better=common.greater_is_better,
        name=common.name or path.stem,
        steps=None if curves.steps is None else read_steps(curves.steps),
        from_start=curves.from_start,
        judged_by=curves.judged_by or "area",
        threshold=curves.criterion,
    ).result


def _of_scores(table: Any, path: Path, common: ScoreOptions) -> AuditResult:
    from transfergap.analysis.imported_scores import assess_scores
    from transfergap.experiment.design import CONTROL

    if common.control != CONTROL and "arm" in table.columns:
        table = _with_control(table, common.control)
    return assess_scores(
        table,
        margin=common.margin,
        metric=common.metric,
        greater_is_better=common.greater_is_better,
        independent=common.independent,
        name=common.name or path.stem,
    )


def _with_control(table: Any, control: str) -> Any:
    """Return the table with the chosen arm as its control."""
    from transfergap.experiment.design import CONTROL

    arms = table["arm"].astype(str)
    if not (arms == control).any():
        raise ConfigurationError(
            f"--control is {control!r}, and no arm is called that.",
            hint=f"the arms are {', '.join(dict.fromkeys(arms))}",
        )
    if (arms == CONTROL).any():
        raise ConfigurationError(
            f"--control is {control!r}, and another arm is called {CONTROL!r}.",
            hint=f"rename the arm {CONTROL!r} in the file, or leave it out",
        )
    return table.assign(arm=arms.where(arms != control, CONTROL))


def _choice(flag: str, value: str | None, choices: Sequence[str]) -> Any:
    if value is not None and value not in choices:
        raise ConfigurationError(f"{flag} is {value!r}.", hint=f"use {' or '.join(choices)}")
    return value


def _amounts(texts: Sequence[str]) -> Mapping[str, float] | None:
    pairs = _pairs("--prior", texts)
    try:
        return {name: float(value) for name, value in pairs.items()} or None
    except ValueError as error:
        raise ConfigurationError(
            f"--prior has an amount that is no number: {error}.", hint="as in --prior simulator=5"
        ) from error


def _pairs(flag: str, texts: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        # A group may have an equals sign in its name; an amount has none.
        name, equals, value = text.rpartition("=") if flag == "--prior" else text.partition("=")
        if not (name and equals and value):
            raise ConfigurationError(f"{flag} is {text!r}.", hint="write NAME=VALUE")
        pairs[name] = value
    return pairs


def read_steps(text: str) -> list[float]:
    """Return the steps that FIRST:LAST:COUNT or a list with commas names.

    Examples
    --------
    >>> read_steps("0:100:5"), read_steps("10, 20,40")
    ([0.0, 25.0, 50.0, 75.0, 100.0], [10.0, 20.0, 40.0])
    """
    import numpy as np

    parts = text.split(":")
    try:
        if len(parts) == 3:
            first, last, count = float(parts[0]), float(parts[1]), int(parts[2])
            if np.isfinite([first, last]).all() and count <= _MOST_STEPS:
                return [float(step) for step in np.linspace(first, last, count)]
        else:
            return [float(part) for part in text.split(",")]
    except ValueError:
        pass
    raise ConfigurationError(
        f"The steps are {text!r}.", hint="use --steps 50:1000:20, or --steps 50,100,200"
    )
