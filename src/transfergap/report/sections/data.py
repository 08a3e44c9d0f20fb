"""Section of the data: target against sources, column by column."""

from __future__ import annotations

from html import escape

from transfergap.analysis.result import AuditResult
from transfergap.data.divergences.column_profiles import ColumnCounts, ColumnProfile
from transfergap.report.blocks import Block, Cell, Paragraph, Section, Table
from transfergap.report.names import named, shortened
from transfergap.report.numbers import count, counted

# Pixels of a histogram.
_WIDTH, _HEIGHT = 96, 30
# Of the rows: a smaller share of missing values is not mentioned.
_SOME_MISSING = 0.005
# Total variation from which a column is worth a look; by hand, a mark without a test.
_UNLIKE = 0.3
_LONGEST_LEVEL = 14


def data(result: AuditResult) -> Section | None:
    """Return the section; ``None`` where rows have no columns."""
    profile = result.data
    if profile is None or not profile.columns:
        return None
    n_rows = [f"{named(name)}, {counted(n, 'row')}" for name, n in
              zip(profile.files, profile.n_rows, strict=True)]  # fmt: skip
    blocks: list[Block] = [
        Paragraph(
            "Bars are shares of rows; the grey outline in a source is the target. Columns that"
            " differ most stand first; the percentage says how much of the rows would have to move"
            " for the two to be alike. A difference is no harm by itself.",
            "quiet",
        ),
        Table(
            _left_out(result),
            ("column", *n_rows),
            tuple(_row(column) for column in profile.columns),
        ),
    ]
    return Section("The data, column by column", tuple(blocks))


def _left_out(result: AuditResult) -> str:
    assert result.data is not None
    profile = result.data
    parts = []
    if len(profile.columns) < profile.n_columns:
        n_more = profile.n_columns - len(profile.columns)
        parts.append(f"{counted(n_more, 'more column')} differ less than these.")
    n_files = len(profile.files) - 1
    if n_files < profile.n_sources:
        parts.append(f"Of {count(profile.n_sources)} sources the first {n_files} are shown.")
    return " ".join(parts) or "All columns and sources are shown."


def _row(column: ColumnProfile) -> tuple[Cell, ...]:
    target = column.files[0]
    return (
        Cell(named(column.name)),
        *(_cell(column, values, None if values is target else target) for values in column.files),
    )


def _cell(column: ColumnProfile, values: ColumnCounts, target: ColumnCounts | None) -> Cell:
    words = [] if target is None else [f"{100 * values.distance:.0f} %"]
    if values.missing >= 1:
        words = ["all missing"]
    elif values.missing >= _SOME_MISSING:
        words.append(f"{100 * values.missing:.0f} % missing")
    if target is None:
        words.append(_range(column))
    tone = "hurts" if values.distance >= _UNLIKE else "quiet"
    drawing = histogram(column, values, target) if sum(values.counts) else ""
    return Cell(" · ".join(filter(None, words)), "", tone, drawing=drawing)


def _range(column: ColumnProfile) -> str:
    """Return the levels or the range of the target."""
    full = [i for i, n in enumerate(column.files[0].counts) if n]
    if not full:
        return ""
    if column.kind == "numbers":
        return f"{column.bins[full[0]]} to {column.bins[full[-1] + 1]}"
    levels = [shortened(named(column.bins[i]), _LONGEST_LEVEL) for i in full]
    return ", ".join(levels[:4]) + (", …" if len(levels) > 4 else "")


def histogram(column: ColumnProfile, values: ColumnCounts, target: ColumnCounts | None) -> str:
    """Return bars as SVG, over the outline of the target.

    Parameters
    ----------
    column : ColumnProfile
    values : ColumnCounts
    target : ColumnCounts or None
        ``None`` draws no outline.
    """
    heights = _heights(values)
    outline = [] if target is None else _heights(target)
    top = max([*heights, *outline, 1e-9])
    step = _WIDTH / len(heights)
    bars = "".join(
        f"M{i * step + 0.5:.1f} {_HEIGHT}v{-_HEIGHT * h / top:.1f}h{step - 1:.1f}V{_HEIGHT}z"
        for i, h in enumerate(heights)
        if h
    )
    line = "".join(f"V{_HEIGHT * (1 - h / top):.1f}h{step:.1f}" for h in outline)
    words = escape(_description(column, values), quote=True)
    return (
        f'<svg class="bars" viewBox="0 -1 {_WIDTH} {_HEIGHT + 2}" role="img" aria-label="{words}">'
        + (f'<path class="bar" d="{bars}"/>' if bars else "")
        + (f'<path class="edge" d="M0 {_HEIGHT}{line}V{_HEIGHT}"/>' if line else "")
        + "</svg>"
    )


def _heights(values: ColumnCounts) -> list[float]:
    total = max(sum(values.counts), 1)
    return [n / total for n in values.counts]


def _description(column: ColumnProfile, values: ColumnCounts) -> str:
    shares = [f"{100 * share:.0f}" for share in _heights(values)]
    if column.kind == "numbers":
        places = f"{column.bins[0]} to {column.bins[-1]}"
    else:
        places = ", ".join(named(level) for level in column.bins)
    return f"{named(column.name)}, {places}: {', '.join(shares)} % of the values"
