"""The gate: may this arm be used, given how much harm is allowed?"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from transfergap.errors import ConfigurationError
from transfergap.gap import Verdict
from transfergap.result import ArmOutcome, AuditResult

Ruling = Literal["passes", "harm", "unsettled"]


@dataclass(frozen=True)
class ArmRuling:
    """What the gate says of one arm."""

    arm: str
    ruling: Ruling
    says: str
    low: float | None


@dataclass(frozen=True)
class GateOutcome:
    """What the gate says of all arms asked about.

    ``ruling`` is the worst of them: harm before unsettled before passes.
    """

    ruling: Ruling
    complete: bool
    max_harm: float
    rulings: tuple[ArmRuling, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"schema": "transfergap/check/1", **asdict(self)}


def gate(
    result: AuditResult, *, arms: Sequence[str] | None = None, max_harm: float | None = None
) -> GateOutcome:
    """Judge arms against the harm that is allowed.

    An arm passes if its interval excludes more harm than allowed: low >= -max_harm. It is harm if
    the verdict is "hurts", or the whole interval lies beyond what is allowed, and it does not pass.
    Otherwise the evidence is not enough.

    Parameters
    ----------
    result : AuditResult
    arms : sequence of str, optional
        Default: every judged arm.
    max_harm : float, optional
        In units of the metric, >= 0; default the margin of the run.

    Raises
    ------
    ConfigurationError
        For an unknown arm or a negative ``max_harm``.
    """
    allowed = result.margin if max_harm is None else max_harm
    if not allowed >= 0:
        raise ConfigurationError(
            f"The harm you allow is {allowed:g}, but it must be 0 or more.", hint="give e.g. 0.01"
        )
    by_name = {outcome.arm: outcome for outcome in result.arms if outcome.verdict is not None
               or outcome.judged}  # fmt: skip
    wanted = list(by_name) if not arms else list(arms)
    for name in wanted:
        if name not in by_name:
            near = difflib.get_close_matches(name, by_name, n=1)
            raise ConfigurationError(
                f"The run has no judged arm called {name!r}.",
                hint=f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(by_name)}",
            )
    if not wanted:
        raise ConfigurationError(
            "The run has no judged arm, so there is nothing to check.",
            hint="run it with an arm that trains on the target and a source",
        )
    rulings = tuple(_ruling(by_name[name], allowed, result) for name in wanted)
    worst: Ruling = "passes"
    for ruling in rulings:
        if ruling.ruling == "harm" or (ruling.ruling == "unsettled" and worst == "passes"):
            worst = ruling.ruling
    complete = all(o.n_completed + o.n_failed >= o.n_planned for o in result.arms)
    return GateOutcome(worst, complete, allowed, rulings)


def _ruling(outcome: ArmOutcome, allowed: float, result: AuditResult) -> ArmRuling:
    gap, unit, name = outcome.gap, result.metric_title, outcome.arm
    if gap is None:
        says = f"{name}: too few completed trials to say anything."
        return ArmRuling(name, "unsettled", says, None)
    if any(f.code == "TG304" and f.subject == name for f in result.findings):
        says = f"{name}: its closed form does not agree with refits, so nothing is claimed (TG304)."
        return ArmRuling(name, "unsettled", says, gap.low)
    if gap.low >= -allowed:
        says = f"{name}: harm of more than {allowed:g} {unit} is excluded; the gap is {gap}."
        return ArmRuling(name, "passes", says, gap.low)
    if outcome.verdict is Verdict.HURTS or gap.high < -allowed:
        says = (
            f"{name} hurts by {-gap.estimate:.3f} {unit} [{-gap.high:.3f}, {-gap.low:.3f}];"
            f" you allow {allowed:g}."
        )
        return ArmRuling(name, "harm", says, gap.low)
    n_rows = result.target.n_rows
    few = f"{gap.n_pairs} pairs" if n_rows is None else f"{n_rows} target rows"
    says = (
        f"{name}: harm of up to {-gap.low:.3f} {unit} cannot be excluded; you allow {allowed:g}."
        f" {few} are too few to tell."
    )
    return ArmRuling(name, "unsettled", says, gap.low)
