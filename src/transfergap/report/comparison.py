"""Two runs side by side, as text, Markdown or JSON."""

from __future__ import annotations

import json
import textwrap

from transfergap.analysis.comparison import ArmChange, RunComparison
from transfergap.errors import ConfigurationError
from transfergap.report.choice import MARKS
from transfergap.report.markdown import escaped
from transfergap.report.record import to_record
from transfergap.report.wording.names import columns, named, one_line, shortened
from transfergap.report.wording.numbers import EMPTY_CELL, Numbers, counted
from transfergap.stats.gap import Gap, Verdict

COMPARISON_FORMATS = ("text", "json", "markdown")
_LONGEST_NAME, _WIDTH = 28, 88  # of a terminal, by convention
_ABSENT = "not in this run"


def render_comparison(comparison: RunComparison, numbers: Numbers, format: str = "text") -> str:
    """Return a comparison in a format, without a newline at the end.

    Raises
    ------
    ConfigurationError
        For another format than text, json or markdown.
    """
    if format == "text":
        return comparison_text(comparison, numbers)
    if format == "json":
        return comparison_json(comparison)
    if format == "markdown":
        return comparison_markdown(comparison, numbers)
    raise ConfigurationError(
        f"There is no format called {format!r}.", hint=f"known: {', '.join(COMPARISON_FORMATS)}"
    )


def comparison_json(comparison: RunComparison) -> str:
    """Return everything as JSON, with the number of verdicts that changed."""
    record = to_record(comparison)
    for entry, change in zip(record["arms"], comparison.arms, strict=True):
        entry["verdict_changed"] = change.verdict_changed
    record["n_verdicts_changed"] = sum(change.verdict_changed for change in comparison.arms)
    return json.dumps(record, indent=2, allow_nan=False)


def comparison_text(comparison: RunComparison, numbers: Numbers) -> str:
    """Return a comparison in 88 columns, for a terminal."""
    lines = [headline_of(comparison), ""]
    lines += [line for text in _design(comparison) for line in _wrapped(text)]
    names = [shortened(named(change.arm), _LONGEST_NAME) for change in comparison.arms]
    wide = max((columns(name) for name in names), default=0)
    sides = [_sides(change, numbers) for change in comparison.arms]
    middle = max((columns(before) for before, _ in sides), default=0)
    middle = max(middle, len("before"))
    lines += ["", f"   {'arm':<{wide}}  {'before':<{middle}}  now"]
    for change, name, (before, after) in zip(comparison.arms, names, sides, strict=True):
        mark = "*" if change.verdict_changed else " "
        pads = " " * (wide - columns(name)), " " * (middle - columns(before))
        lines.append(f" {mark} {name}{pads[0]}  {before}{pads[1]}  {after}")
    legend = "   ".join(f"{mark} {verdict}" for verdict, mark in MARKS.items())
    lines += [f"   {legend}   * changed", ""]
    for head, texts in _finding_lists(comparison):
        lines += [line for text in texts for line in _wrapped(f"{head}: {one_line(text)}")]
    lines += ["", "What may be compared"]
    lines += [line for note in comparison.notes for line in _wrapped(f"- {one_line(note)}")]
    return "\n".join(line.rstrip() for line in lines)


def headline_of(comparison: RunComparison) -> str:
    """Return what changed, in one sentence."""
    changed = [change for change in comparison.arms if change.verdict_changed]
    common = [change for change in comparison.arms if change.in_before and change.in_after]
    names = f"{one_line(comparison.before)} and {one_line(comparison.after)}"
    if not common:
        return f"{names} have no judged arm in common."
    if not changed:
        return f"No verdict differs between {names} ({counted(len(common), 'common arm')})."
    listed = "; ".join(
        f"{named(c.arm)}: {c.verdict_before}, now {c.verdict_after}" for c in changed[:3]
    )
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    verb = "differs" if len(changed) == 1 else "differ"
    head = counted(len(changed), "verdict")
    return f"{head} of {len(common)} {verb} between {names}: {listed}{more}."


def comparison_markdown(comparison: RunComparison, numbers: Numbers) -> str:
    """Return a comparison for a pull request."""
    lines = [f"## {escaped(headline_of(comparison))}", ""]
    lines += [f"- {escaped(text)}" for text in _design(comparison)]
    lines += ["", "| arm | before | now |", "| --- | :--- | :--- |"]
    for change in comparison.arms:
        name, cells = escaped(named(change.arm)), _sides(change, numbers)
        head = f"**{name}**" if change.verdict_changed else name
        before, after = (cell.replace("[", "\\[") for cell in cells)
        lines.append(f"| {head} | {before} | {after} |")
    lines.append("")
    for head, texts in _finding_lists(comparison):
        lines += [f"- {head}: {escaped(text)}" for text in texts]
    lines += ["", "### What may be compared", ""]
    lines += [f"- {escaped(note)}" for note in comparison.notes]
    return "\n".join(lines)


def _design(comparison: RunComparison) -> list[str]:
    if not comparison.design:
        return ["Design: the same"]
    return [f"Design: {one_line(text)}" for text in comparison.design]


def _finding_lists(comparison: RunComparison) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        ("new finding", comparison.new_findings),
        ("no longer found", comparison.gone_findings),
    )


def _sides(change: ArmChange, numbers: Numbers) -> tuple[str, str]:
    return (
        _side(change.before, change.verdict_before, numbers, exists=change.in_before),
        _side(change.after, change.verdict_after, numbers, exists=change.in_after),
    )


def _side(gap: Gap | None, verdict: Verdict | None, numbers: Numbers, *, exists: bool) -> str:
    if not exists:
        return _ABSENT
    mark = " " if verdict is None else MARKS[verdict]
    return f"{mark} {EMPTY_CELL if gap is None else numbers.gap(gap)}"


def _wrapped(text: str) -> list[str]:
    indent = "  " if text.startswith("- ") else "    "
    return textwrap.wrap(text, _WIDTH, subsequent_indent=indent, break_long_words=False) or [""]
