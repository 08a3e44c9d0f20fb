"""Lines of a forest plot, arms or groups of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.choice import MANY_ARMS, MARKS, gap_of, shown_arms
from transfergap.report.wording.numbers import count
from transfergap.stats.gap import Verdict

# Arms of a group with names; as MANY_ARMS of the table.
LONG_GROUP = 12
_MOST_THIN = 40  # thin lines of a group: evenly drawn, they show its spread as well as all
_KEPT_AT_EACH_END = 3  # of a long group; the middle is drawn thin and without names
_ORDER = (
    Verdict.HURTS,
    Verdict.HELPS,
    Verdict.NO_MATERIAL_EFFECT,
    Verdict.NOT_ENOUGH_EVIDENCE,
)
# Pixels: height of a heading, distance of thin lines, room above named lines.
_HEADING, _THIN, _SPACE = 30.0, 5.0, 22.0


@dataclass(frozen=True)
class ForestLine:
    """Line of an arm, or the thin lines of several.

    Parameters
    ----------
    arms : tuple of ArmOutcome
        None for a heading, one for an arm with its name, several for thin lines.
    label : str
        A heading, or the words beside thin lines.
    verdict : Verdict or None
        Of the group.
    top, height : float
        In pixels of the drawing.
    """

    arms: tuple[ArmOutcome, ...]
    label: str
    verdict: Verdict | None
    top: float
    height: float

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return self.top + self.height / 2

    def middles(self, above: float) -> list[float]:
        """Return the heights of thin lines.

        They lie below ``above`` pixels that are kept for words.
        """
        return [self.top + above + _THIN * (i + 0.5) for i in range(len(self.arms))]


def drawn_arms(result: AuditResult) -> tuple[ArmOutcome, ...]:
    """Return the arms that have a line in the plot.

    Those of a source stand together.
    Arms for information are left out where others are judged.
    """
    arms = [arm for arm in shown_arms(result) if arm.gap is not None]
    judged = [arm for arm in arms if arm.judged]
    order = {source.name: i for i, source in enumerate(result.sources)}

    def place(arm: ArmOutcome) -> int:
        return order.get(arm.sources[0], 0) if len(arm.sources) == 1 else len(order)

    return tuple(sorted(judged or arms, key=place))


def is_grouped(result: AuditResult) -> bool:
    """Return whether arms are so many that groups are drawn."""
    return len(drawn_arms(result)) > MANY_ARMS


def forest_lines(
    result: AuditResult, *, top: float, row: float, above: bool
) -> tuple[ForestLine, ...]:
    """Return the lines of a plot.

    Parameters
    ----------
    result : AuditResult
    top, row : float
        Where the first line starts, and the height of an arm.
    above : bool
        Whether names stand above their lines.
    """
    lines, y = [], top
    for arms, label, verdict in _parts(result):
        height = row
        if not arms:
            height = _HEADING
        elif len(arms) > 1:
            height = _THIN * len(arms) + (_SPACE if above else 8.0)
        lines.append(ForestLine(arms, label, verdict, y, height))
        y += height
    return tuple(lines)


def _parts(
    result: AuditResult,
) -> Iterator[tuple[tuple[ArmOutcome, ...], str, Verdict | None]]:
    if not is_grouped(result):
        yield from (((arm,), "", arm.verdict) for arm in drawn_arms(result))
        return
    for verdict in _ORDER:
        arms = _of_verdict(result, verdict)
        if not arms:
            continue
        yield (), f"{MARKS[verdict]} {verdict} ({count(len(arms))})", verdict
        ends = _KEPT_AT_EACH_END if len(arms) > LONG_GROUP else len(arms)
        yield from (((arm,), "", verdict) for arm in arms[:ends])
        middle = arms[ends:-ends]
        if middle:
            drawn = middle[:: -(-len(middle) // _MOST_THIN)]
            thinned = f", {count(len(drawn))} drawn" if len(drawn) < len(middle) else ""
            yield drawn, f"{count(len(middle))} more{thinned}", verdict
            yield from (((arm,), "", verdict) for arm in arms[-ends:])


def _of_verdict(result: AuditResult, verdict: Verdict) -> tuple[ArmOutcome, ...]:
    """Return the arms of a verdict by gap.

    The worst come first where they hurt, else the best.
    """
    arms = [arm for arm in drawn_arms(result) if arm.verdict is verdict]
    sign = 1 if verdict is Verdict.HURTS else -1
    return tuple(sorted(arms, key=lambda arm: sign * gap_of(arm).estimate))
