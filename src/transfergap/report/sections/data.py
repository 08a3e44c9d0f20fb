"""Section of the data: target against sources, column by column."""

from __future__ import annotations

from html import escape

from transfergap.analysis.result import AuditResult
from transfergap.data.divergences.column_profiles import ColumnCounts, ColumnProfile
from transfergap.report.blocks import Block, Cell, Paragraph, Section, Table
from transfergap.report.choice import NAMES_OF_ROWS
from transfergap.report.wording.names import listed, named, shortened
from transfergap.report.wording.numbers import count, counted

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
    n_rows = [
        f"{named(name)}, {counted(n, 'row')}"
        for name, n in zip(profile.files, profile.n_rows, strict=True)
    ]
    faults = _faults(result)
    labels = [] if profile.label is None else [profile.label]
    blocks: list[Block] = [
        Paragraph(
            "Bars are shares of rows; the grey outline in a source is the target. After the label,"
            " columns that differ most stand first; the percentage says how much of the rows would"
            " have to move for the two to be alike. A difference is no harm by itself.",
            "quiet",
        ),
        Table(
            _left_out(result),
            ("column", *n_rows),
            tuple(_row(column, profile.files, faults) for column in (*labels, *profile.columns)),
        ),
    ]
    apart = _names_of_rows(result)
    if apart:
        blocks.insert(1, Paragraph(apart))
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


def _faults(result: AuditResult) -> dict[tuple[str, str], list[str]]:
    """Return the faults of columns, by file and column."""
    assert result.data is not None
    target = result.data.files[0]
    faults: dict[tuple[str, str], list[str]] = {}
    for finding in result.findings:
        file = target if finding.subject == "target" else finding.subject
        for column in finding.columns:
            faults.setdefault((file, column), []).append(f"{finding.title} ({finding.code})")
    return faults


def _names_of_rows(result: AuditResult) -> str:
    """Return which columns are in no model, since they name rows."""
    findings = [f for f in result.findings if f.code == NAMES_OF_ROWS]
    columns = tuple(column for finding in findings for column in finding.columns)
    if not columns:
        return ""
    verb = "names rows and is" if len(columns) == 1 else "name rows and are"
    return f"{listed(columns)} {verb} in no model ({NAMES_OF_ROWS})."


def _row(
    column: ColumnProfile, files: tuple[str, ...], faults: dict[tuple[str, str], list[str]]
) -> tuple[Cell, ...]:
    target = column.files[0]
    cells = [Cell(named(column.name))]
    for name, values in zip(files, column.files, strict=True):
        words = faults.get((name, column.name), [])
        cells.append(_cell(column, values, None if values is target else target, words))
    return tuple(cells)


def _cell(
    column: ColumnProfile, values: ColumnCounts, target: ColumnCounts | None, faults: list[str]
) -> Cell:
    words = [] if target is None else [f"{100 * values.distance:.0f} %"]
    if values.missing >= 1:
        words = ["all missing"]
    elif values.missing >= _SOME_MISSING:
        words.append(f"{100 * values.missing:.0f} % missing")
    if target is None:
        words.append(_range(column))
    words += faults
    tone = "hurts" if faults or values.distance >= _UNLIKE else "quiet"
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
