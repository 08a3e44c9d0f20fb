"""Verdict table of a terminal, with a small forest plot."""

from __future__ import annotations

from dataclasses import dataclass, replace

from transfergap.analysis.light import Light
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.brief import ArmLine
from transfergap.report.choice import REFERENCE, control_of, shown_arms, verdict_words
from transfergap.report.figures.drawing import Cells, cells_for, span_of
from transfergap.report.wording.names import (
    ELLIPSIS,
    columns,
    distinct_labels,
    in_ascii,
    named,
    one_line,
)
from transfergap.report.wording.numbers import EMPTY_CELL, control_suffix, level, numbers_for
from transfergap.report.wording.sentences import arm_label
from transfergap.stats.gap import Gap, Verdict

_WORSE, _BETTER = "worse", "better"
_FEWEST_CELLS = len(_WORSE) + 1 + len(_BETTER)
# Cells of the small forest plot: more add no precision that a reader sees.
_MOST_CELLS = 33
# Columns of a name: at most, and at least where the table is squeezed.
_LONGEST_NAME, _SHORTEST_NAME = 40, 12
# Columns of a verdict that is folded in two lines, with its mark.
_NARROW_VERDICT = 13
STYLES = {
    Verdict.HELPS: "bold cyan",
    Verdict.HURTS: "bold yellow",
    Verdict.NO_MATERIAL_EFFECT: "",
    Verdict.NOT_ENOUGH_EVIDENCE: "dim",
}
LIGHT_STYLES = {
    Light.HELPS: "bold cyan",
    Light.SAFE: "cyan",
    Light.NO_EFFECT: "",
    Light.OPEN: "dim",
    Light.MAY_HURT: "yellow",
    Light.HURTS: "bold yellow",
}


@dataclass(frozen=True)
class Widths:
    """Widths of columns in cells of the terminal.

    No forest plot where ``forest`` is 0.
    """

    name: int
    score: int
    gap: int
    forest: int
    verdict: int

    @property
    def total(self) -> int:
        """Return the width of a line, with spaces between columns."""
        used = [w for w in (self.name, self.score, self.gap, self.forest, self.verdict) if w]
        return 1 + sum(used) + len(used) - 1


@dataclass(frozen=True)
class Row:
    """The texts of one arm; a style for its verdict."""

    name: str
    score: str
    gap: str
    verdict: str
    style: str
    outcome: ArmOutcome


@dataclass(frozen=True)
class TableLine:
    """Line of the table, in pieces with their styles."""

    pieces: tuple[tuple[str, str], ...]


def table_lines(result: AuditResult, width: int, *, ascii: bool) -> tuple[TableLine, ...]:
    """Return the table of all arms in at most ``width`` columns.

    Long names lose their middle, or fold. With ``ascii``, names are in ASCII already and all
    else has as many letters in ASCII.
    """
    return _laid_out(result, _rows(result), ("arm", _gap_title(result)), width, ascii=ascii)


def brief_lines(
    result: AuditResult, lines: tuple[ArmLine, ...], width: int, *, ascii: bool
) -> tuple[TableLine, ...]:
    """Return the table of a brief."""
    texts = _aligned([line.arm for line in lines], result)
    rows = tuple(
        Row(
            line.label,
            "",
            text,
            f"{line.mark or ' '} {line.words}".rstrip(),
            "dim" if line.light is None else LIGHT_STYLES[line.light],
            line.arm,
        )
        for line, text in zip(lines, texts, strict=True)
    )
    adds = f"adds [{level(result)} interval]"
    return _laid_out(result, rows, ("", adds), width, ascii=ascii)


def _laid_out(
    result: AuditResult,
    rows: tuple[Row, ...],
    titles: tuple[str, str],
    width: int,
    *,
    ascii: bool,
) -> tuple[TableLine, ...]:
    if ascii:
        rows = tuple(replace(row, name=in_ascii(row.name)) for row in rows)
    widths = _fitted(rows, titles[1], width)
    # The suffix goes first; then names lose their middle where they stay distinct.
    suffix = control_suffix(result)
    rows = tuple(
        _without_suffix(row, suffix) if columns(row.name) > widths.name else row for row in rows
    )
    ellipsis = in_ascii(ELLIPSIS) if ascii else ELLIPSIS
    labels = distinct_labels(tuple(row.name for row in rows), widths.name, ellipsis=ellipsis)
    if labels is not None:
        rows = tuple(replace(row, name=label) for row, label in zip(rows, labels, strict=True))
    arms = tuple(row.outcome for row in rows)
    cells = None
    if widths.forest:
        span = span_of(result, arms)
        cells = cells_for(span, widths.forest, left=len(_WORSE), right=len(_BETTER))
    lines = [_header(result, titles, widths, cells)]
    if widths.score:
        lines.append(TableLine(((" " + "─" * (width - 2), "dim"),)))
    for row in rows:
        lines += _lines(row, widths, cells, result.margin)
    return tuple(lines)


def _aligned(arms: list[ArmOutcome], result: AuditResult) -> list[str]:
    """Return gaps with intervals as texts whose numbers stand below each other."""
    numbers = numbers_for(result)
    texts = [
        None
        if arm.gap is None
        else tuple(map(numbers.signed, (arm.gap.estimate, arm.gap.low, arm.gap.high)))
        for arm in arms
    ]
    wide = [max((len(text[i]) for text in texts if text), default=0) for i in range(3)]
    return [
        EMPTY_CELL
        if text is None
        else f"{text[0]:>{wide[0]}} [{text[1]:>{wide[1]}}, {text[2]:>{wide[2]}}]"
        for text in texts
    ]


def _rows(result: AuditResult) -> tuple[Row, ...]:
    numbers, arms = numbers_for(result), shown_arms(result)
    rows = []
    for arm, text in zip(arms, _aligned(list(arms), result), strict=True):
        mark, words = verdict_words(result, arm)
        is_control = arm is control_of(result)
        rows.append(
            Row(
                f"{named(arm.arm)}{control_suffix(result)}" if is_control else arm_label(arm),
                numbers.plain(arm.score),
                "" if is_control and arm.gap is None else text,
                f"{mark or ' '} {words}",
                "dim" if arm.verdict is None else STYLES[arm.verdict],
                arm,
            )
        )
    return tuple(rows)


def _without_suffix(row: Row, suffix: str) -> Row:
    """Return a control's row with its bare name.

    Others are as they were.
    """
    if row.verdict.strip() != REFERENCE:
        return row
    return replace(row, name=row.name.removesuffix(suffix))


def _fitted(rows: tuple[Row, ...], gap_title: str, width: int) -> Widths:
    """Return widths that fit.

    Giving up in turn: long names, verdicts on one line, the plot.
    """
    name = min(max((columns(row.name) for row in rows), default=4), _LONGEST_NAME)
    scored = any(row.score for row in rows)
    # 5 is the width of "score".
    score = max([columns(row.score) for row in rows] + [5]) if scored else 0
    gap = max([columns(row.gap) for row in rows] + [len(gap_title)])
    # 11 is the width of "verdict" with a mark.
    verdict = max([columns(row.verdict) for row in rows] + [11])
    full = Widths(name, score, gap, _FEWEST_CELLS, verdict)
    # Names shrink to 20 columns before verdicts fold, and to 12 after that.
    for fewest in (20, _SHORTEST_NAME):
        for cap in (verdict, min(verdict, _NARROW_VERDICT)):
            tried = replace(full, verdict=cap)
            over = max(tried.total - width, 0)
            tried = replace(tried, name=max(name - over, min(name, fewest)))
            if tried.total <= width:
                spare = min(width - tried.total, _MOST_CELLS - _FEWEST_CELLS)
                return replace(tried, forest=_FEWEST_CELLS + spare)
    bare = replace(full, forest=0, verdict=min(verdict, _NARROW_VERDICT))
    over = max(bare.total - width, 0)
    bare = replace(bare, name=max(name - over, min(name, _SHORTEST_NAME)))
    over = max(bare.total - width, 0)
    bare = replace(bare, gap=max(bare.gap - over, 11))
    over = max(bare.total - width, 0)
    return replace(bare, score=max(bare.score - over, 5) if scored else 0)


def _gap_title(result: AuditResult) -> str:
    return f"gap [{level(result)} interval]"


def _header(
    result: AuditResult, titles: tuple[str, str], widths: Widths, cells: Cells | None
) -> TableLine:
    unit = one_line(result.metric_unit)
    unit = unit if unit.isascii() and columns(unit) <= widths.score else "score"
    title = titles[1] if widths.gap >= len(titles[1]) else titles[1].split(" ")[0]
    forest = ""
    if cells is not None:
        space = (
            1 if cells.zero > len(_WORSE) and cells.n_cells - cells.zero - 1 > len(_BETTER) else 0
        )
        left, right = _WORSE + " " * space, " " * space + _BETTER
        forest = left.rjust(cells.zero) + "│" + right.ljust(cells.n_cells - cells.zero - 1)
    return TableLine(((_joined((titles[0], unit, title, forest, ""), widths), "dim"),))


def _lines(row: Row, widths: Widths, cells: Cells | None, margin: float) -> list[TableLine]:
    """Return the lines of one arm, several where cells fold."""
    folded = [
        _folded(row.name, widths.name),
        _folded(row.score, widths.score),
        _folded(row.gap, widths.gap),
        _folded(row.verdict, widths.verdict, indent=2),
    ]
    lines = []
    for i in range(max(len(cell) for cell in folded)):
        name, score, gap, verdict = (cell[i] if i < len(cell) else "" for cell in folded)
        drawn = ""
        if cells is not None and i == 0:
            drawn = forest_line(cells, row.outcome.gap, margin)
        elif cells is not None:
            drawn = forest_line(cells, None, margin)
        head = _joined((name, score, gap, None, ""), widths)
        pieces = [(head.rstrip(" ") if not drawn and not verdict else head, "")]
        if widths.forest:
            pieces.append((" " + drawn, row.style))
        pieces.append((" " + verdict, row.style))
        lines.append(TableLine(tuple(pieces)))
    return lines


def _joined(texts: tuple[str | None, ...], widths: Widths) -> str:
    sizes = (widths.name, widths.score, widths.gap, widths.forest, widths.verdict)
    parts = []
    for i, (text, size) in enumerate(zip(texts, sizes, strict=True)):
        if text is None:
            break
        if size:
            space = " " * max(size - columns(text), 0)
            parts.append(space + text if i == 1 else text + space)
    return " " + " ".join(parts)


def _folded(text: str, width: int, *, indent: int = 0) -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns.

    Broken at spaces where it has any.
    """
    lines: list[str] = []
    line = ""
    for word in text.split(" ") if columns(text) > width else [text]:
        joined = f"{line} {word}" if line else word
        if line and columns(joined) > width:
            lines.append(line)
            joined = " " * indent + word
        # A word wider than the column is cut.
        while columns(joined) > width:
            cut = next(i for i in range(len(joined), 0, -1) if columns(joined[:i]) <= width)
            lines.append(joined[:cut])
            joined = " " * indent + joined[cut:]
        line = joined
    return [*lines, line]


def forest_line(cells: Cells, gap: Gap | None, margin: float) -> str:
    """Return an interval among the marks of zero and margin.

    Examples
    --------
    >>> forest_line(Cells(9, 4, 0.1), None, 0.2)
    '  ┊ │ ┊  '
    """
    line = [" "] * cells.n_cells
    if gap is not None:
        low, high = cells.position(gap.low), cells.position(gap.high)
        for i in range(max(low, 0), min(high, cells.n_cells - 1) + 1):
            line[i] = "─"
    for side in (-1, 1):
        # One cell off zero at least, or a small margin would vanish behind the axis.
        at = cells.zero + side * max(abs(cells.position(margin) - cells.zero), 1)
        if 0 <= at < cells.n_cells:
            line[at] = "┊"
    line[cells.zero] = "│"
    if gap is not None:
        if low < 0:
            line[0] = "‹"
        if high >= cells.n_cells:
            line[-1] = "›"
        middle = cells.position(gap.estimate)
        if 0 <= middle < cells.n_cells:
            line[middle] = "●"
    return "".join(line)
