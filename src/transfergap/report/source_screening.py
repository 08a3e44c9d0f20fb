"""A screening of sources as text, JSON and a table."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from transfergap._version import __version__
from transfergap.analysis.ranking.source_screening import ScreenedSource, SourceScreening
from transfergap.report.wording.names import one_line
from transfergap.report.wording.numbers import EMPTY_CELL, Numbers, count, counted, decimals_for

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "transfergap/source-screening/1"
_WIDTH = 88  # columns, as for results
_MOST_NAME = 28
# Lines of a terminal; of more sources the best and the worst are shown.
_MOST_BEST, _MOST_WORST = 12, 4
_MOST_NOTES = 4
_HEAD = ("source", "helps", "hurts", "matters", "one in", "siblings", "folds")


def screening_to_text(screening: SourceScreening) -> str:
    """Return a screening as plain text, ending with a newline."""
    parts = [
        _wrapped(_title(screening)),
        _table(screening),
        "\n".join(_wrapped(line) for line in sentences(screening)),
        _wrapped(_method(screening)),
    ]
    return "\n\n".join(parts) + "\n"


def _title(screening: SourceScreening) -> str:
    spent = "no fits" if screening.n_fits == 0 else counted(screening.n_fits, "fit")
    return (
        f"Which sources are worth a fit? {counted(len(screening.sources), 'source')} for"
        f" {one_line(screening.target)} ({counted(screening.n_target, 'labelled row')}),"
        f" {screening.metric}, margin {screening.margin:g}, {spent}"
    )


def _table(screening: SourceScreening) -> str:
    numbers = Numbers(decimals_for(screening.margin))
    sources = screening.sources
    cut = len(sources) > _MOST_BEST + _MOST_WORST + 1
    rows_of = [*sources[:_MOST_BEST], *sources[-_MOST_WORST:]] if cut else list(sources)
    rows = [list(_HEAD), *(_cells(source, numbers) for source in rows_of)]
    filled = [j for j in range(len(_HEAD)) if any(row[j] != EMPTY_CELL for row in rows[1:])]
    widths = [max(len(row[j]) for row in rows) for j in filled]
    lines = [
        "  ".join(
            row[j].ljust(width) if j == 0 else row[j].rjust(width)
            for j, width in zip(filled, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    if cut:
        lines.insert(1 + _MOST_BEST, f"... {count(len(sources) - len(rows_of))} more")
    return "\n".join(lines)


def _cells(source: ScreenedSource, numbers: Numbers) -> list[str]:
    evidence = source.evidence
    siblings, pooled = evidence.siblings, evidence.pooled
    name = one_line(source.name)
    return [
        name if len(name) <= _MOST_NAME else name[: _MOST_NAME - 1] + "…",
        *(_percent(p) for p in (source.helps, source.hurts, source.matters)),
        numbers.signed(evidence.one_in.estimate),
        EMPTY_CELL if siblings is None else numbers.signed(siblings.estimate),
        EMPTY_CELL if pooled is None else numbers.gap(pooled),
    ]


def _percent(probability: float | None) -> str:
    if probability is None:
        return EMPTY_CELL
    if probability < 0.005:
        return "<1 %"
    return ">99 %" if probability > 0.995 else f"{probability:.0%}".replace("%", " %")


def sentences(screening: SourceScreening) -> Iterator[str]:
    """Yield the answer, its record, what fits would buy, and what failed."""
    best, answer = screening.sources[0], screening.answer
    if not screening.has_probabilities:
        yield (
            f"No probabilities: they were measured for ROC AUC of two classes, and not for"
            f" {screening.metric} of these labels. The order is that of what the linear engine"
            " gains with each source beside the target."
        )
    elif answer is None:
        yield (
            "Answer: none of them. No source is more likely than not to help by more than the"
            f" margin; the nearest is {one_line(best.name)}, with {_percent(best.helps)}."
        )
    else:
        yield (
            f"Answer: {one_line(answer)} first; it helps with a probability of"
            f" {_percent(best.helps)} and hurts with {_percent(best.hurts)}."
        )
    record = screening.record
    if record is not None:
        yield (
            f"On {record.n_families} families of real tables, each judged by constants of the"
            f" others, sources with a probability of {record.low:.0%} to {record.high:.0%} helped"
            f" in {record.share:.0%} of {count(record.n_cases)} cases.".replace("%", " %")
        )
    further = screening.next_fits
    if further is not None:
        yield (
            f"{counted(further.n_fits, 'more fit')} would test {one_line(further.source)} in"
            f" folds: its gap is known to about ±{further.spread:.3f} now, and to"
            f" ±{further.spread_after:.3f} then."
        )
    yield from screening.notes[:_MOST_NOTES]
    more = len(screening.notes) - _MOST_NOTES
    if more > 0:
        yield f"And {counted(more, 'more note')} like these: see `transfergap run`."
    if screening.n_failed:
        yield f"Fits of {counted(screening.n_failed, 'source')} failed, or gave no bounded gap."


def _method(screening: SourceScreening) -> str:
    unit = "area" if screening.has_probabilities else "the variance of labels"
    return (
        "one in: what ridge regression gains in R2 with the source beside the target, each target"
        f" row left out. siblings: what it gains, in {unit}, for samples of the other sources."
        " Neither is your model, and this is no verdict: `transfergap run` gives one."
    )


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))


def screening_record(screening: SourceScreening) -> dict[str, Any]:
    """Return a screening as plain values."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "answer": screening.answer,
        **_finite(asdict(screening)),
        "sentences": list(sentences(screening)),
    }


def _finite(value: Any) -> Any:
    """Return plain values with ``None`` for infinite numbers, which JSON lacks."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def screening_to_json(screening: SourceScreening) -> str:
    """Return a screening as JSON, ending with a newline."""
    return json.dumps(screening_record(screening), indent=1) + "\n"


def screening_to_frame(screening: SourceScreening) -> pd.DataFrame:
    """Return one row a source, the best chance first.

    Columns are the probabilities, centre and spread of the gap, and the evidence with its errors.
    """
    import pandas as pd

    rows = []
    for source in screening.sources:
        evidence, law = source.evidence, source.law
        row: dict[str, Any] = {
            "source": source.name,
            "helps": source.helps,
            "hurts": source.hurts,
            "matters": source.matters,
            "gap": None if law is None else law.centre,
            "spread": None if law is None else law.spread,
            "n_rows": evidence.n_rows,
        }
        for name in ("one_in", "alone", "siblings", "pooled"):
            estimate = getattr(evidence, name)
            row[name] = None if estimate is None else estimate.estimate
            row[f"{name}_error"] = None if estimate is None else estimate.error
        rows.append(row)
    frame = pd.DataFrame(rows).set_index("source")
    return frame.astype(dict.fromkeys(frame.columns.drop("n_rows"), "float64"))
