"""Plot of gaps with matplotlib, for notebooks and papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.choice import gap_of, judged_arms
from transfergap.report.figures.drawing import whole_span
from transfergap.report.wording.names import named, shortened
from transfergap.report.wording.numbers import level, numbers_for
from transfergap.report.wording.sentences import arm_label
from transfergap.stats.gap import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_NAME = 32  # letters: longer ones would leave no room for the intervals
_INCHES_A_LINE, _WIDTH = 0.42, 7.0
# Colours that are told apart without red and green, and shapes for those who see none.
_COLOURS = {
    Verdict.HELPS: "#0b5fae",
    Verdict.HURTS: "#a84300",
    Verdict.NO_MATERIAL_EFFECT: "#4d6a5f",
}
_SHAPES = {Verdict.HELPS: "o", Verdict.HURTS: "D", Verdict.NO_MATERIAL_EFFECT: "s"}
_OPEN_COLOUR, _OPEN_SHAPE = "#7a828b", "o"


def plot_gaps(result: AuditResult, *, ax: Axes | None = None, arms: Any = None) -> Axes:
    """Draw each arm's gap with its interval, and the margin.

    Parameters
    ----------
    result : AuditResult
    ax : matplotlib Axes, optional
        New ones, in a new figure, if not given.
    arms : sequence of ArmOutcome, optional
        Default: the judged ones.

    Returns
    -------
    matplotlib.axes.Axes
    """
    outcomes = [arm for arm in (judged_arms(result) if arms is None else arms) if arm.gap]
    if ax is None:
        from matplotlib import pyplot

        height = 1.0 + _INCHES_A_LINE * max(len(outcomes), 1)
        ax = pyplot.subplots(figsize=(_WIDTH, height), layout="constrained")[1]
    ax.axvspan(-result.margin, result.margin, color="0.5", alpha=0.15, lw=0)
    ax.axvline(0, color="0.5", lw=1)
    for line, arm in enumerate(outcomes):
        _draw(ax, arm, len(outcomes) - 1 - line)
    _label(ax, result, outcomes)
    return ax


def _draw(ax: Axes, arm: ArmOutcome, height: int) -> None:
    gap, verdict = gap_of(arm), arm.verdict
    is_open = verdict is None or verdict is Verdict.NOT_ENOUGH_EVIDENCE
    colour = _OPEN_COLOUR if is_open or verdict is None else _COLOURS[verdict]
    shape = _OPEN_SHAPE if is_open or verdict is None else _SHAPES[verdict]
    ax.plot([gap.low, gap.high], [height, height], color=colour, lw=2, solid_capstyle="butt")
    ax.plot(
        gap.estimate,
        height,
        shape,
        color=colour,
        ms=7,
        mfc=ax.get_facecolor() if is_open else colour,
        label=named(arm.arm),
    )


def _label(ax: Axes, result: AuditResult, arms: list[ArmOutcome]) -> None:
    span = whole_span(result, tuple(arms))
    room = 0.05 * (span.high - span.low)
    ax.set_xlim(span.low - room, span.high + room)
    ax.set_ylim(-0.6, max(len(arms), 1) - 0.4)
    names = [shortened(arm_label(arm), _LONGEST_NAME) for arm in arms]
    ax.set_yticks(range(len(arms)), [plain(name) for name in reversed(names)])
    ax.tick_params(axis="y", length=0)
    numbers = numbers_for(result)
    ax.set_xlabel(
        plain(
            f"gap to the control in {result.metric_title}, {level(result)} interval;"
            f" band: margin of {numbers.plain(result.margin)}"
        )
    )
    ax.set_title(plain(named(result.target.name)), loc="left")
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)


def plain(text: str) -> str:
    """Return text that matplotlib takes for no formula.

    Examples
    --------
    >>> print(plain("cost in $"))
    cost in \\$
    """
    return text.replace("$", r"\$")
