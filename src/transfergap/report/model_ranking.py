"""A ranking of pretrained models as text, Markdown, JSON and a table."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from transfergap._version import __version__
from transfergap.analysis.checks import Finding
from transfergap.analysis.scores import ModelRanking, RankedModel
from transfergap.report.markdown import escaped
from transfergap.report.wording.names import one_line
from transfergap.report.wording.numbers import EMPTY_CELL, MINUS, Numbers, count, decimals_for
from transfergap.report.wording.ranking_sentences import (
    findings_text,
    method_sentence,
    sentences,
    title,
)
from transfergap.stats.gap import LEVEL

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "transfergap/model-ranking/1"
_WIDTH = 88  # columns, as for results
_MOST_NAME = 28
_CAPTION = (
    "More is better; closed is the ridge probe in closed form. The others see no held-out row, and"
    " on a hub none orders models as well as a static ranking does:"
)


@dataclass(frozen=True)
class _Column:
    head: str
    text: Callable[[RankedModel, Numbers], str]

    def cells(self, ranking: ModelRanking, numbers: Numbers) -> list[str]:
        return [self.text(model, numbers) for model in ranking.models]


def _probe(name: str) -> Callable[[RankedModel, Numbers], str]:
    def text(model: RankedModel, numbers: Numbers) -> str:
        probe = getattr(model.scores, name)
        return EMPTY_CELL if probe is None else numbers.plain(probe.value)

    return text


def _score(name: str) -> Callable[[RankedModel, Numbers], str]:
    def text(model: RankedModel, numbers: Numbers) -> str:
        value = getattr(model.scores, name)
        if value is None:
            return EMPTY_CELL
        # Three digits that count: scores run from 1e-3 to thousands.
        return f"{value:#,.3g}".rstrip(".").replace("-", MINUS)

    return text


def _interval(model: RankedModel, numbers: Numbers) -> str:
    return f"[{numbers.plain(model.probe.low)}, {numbers.plain(model.probe.high)}]"


def _prior(model: RankedModel, numbers: Numbers) -> str:
    if model.prior is None:
        return EMPTY_CELL
    # Places are small; parameters are millions.
    return f"{model.prior / 1e6:,.4g}M" if model.prior >= 1e5 else f"{model.prior:,.15g}"


_PROBES = (
    _Column("place", lambda model, numbers: str(model.place)),
    _Column("ridge", lambda model, numbers: numbers.plain(model.probe.value)),
    _Column(f"{LEVEL:.0%} interval".replace("%", " %"), _interval),
    _Column("LDA", _probe("lda")),
    _Column("NCC", _probe("centroid")),
    _Column("kNN", _probe("neighbours")),
    _Column("prior", _prior),
)
_SCORES = (
    _Column("columns", lambda model, numbers: count(model.scores.n_columns)),
    _Column("closed", _probe("ridge_closed_form")),
    _Column("LogME", _score("logme")),
    _Column("H", _score("h_score")),
    _Column("TransRate", _score("transrate")),
    _Column("GBC", _score("gbc")),
    _Column("SFDA", _score("sfda")),
    _Column("LEEP", _score("leep")),
    _Column("NCE", _score("nce")),
)


def _tables(ranking: ModelRanking) -> Iterator[list[list[str]]]:
    """Yield tables as rows of cells, the head first, without empty columns."""
    numbers = Numbers(decimals_for(ranking.margin))
    for columns in (_PROBES, _SCORES):
        cells = [(column.head, column.cells(ranking, numbers)) for column in columns]
        filled = [(head, body) for head, body in cells if set(body) != {EMPTY_CELL}]
        names = [name_of(model, ranking) for model in ranking.models]
        rows = [["model", *(head for head, _ in filled)]]
        rows += [
            [name, *parts] for name, *parts in zip(names, *(b for _, b in filled), strict=True)
        ]
        static = ranking.static_pick
        if static is not None and columns is _PROBES:
            place = next(i for i, m in enumerate(ranking.models) if m.name == static)
            rows.append([f"static baseline: {one_line(static)}", *rows[place + 1][1:]])
        yield rows


def name_of(model: RankedModel, ranking: ModelRanking) -> str:
    """Return a model's name, with what raw inputs are."""
    if model.is_raw:
        return f"{one_line(model.name)} ({ranking.raw_text})"
    return one_line(model.name)


def ranking_to_text(ranking: ModelRanking, findings: Sequence[Finding]) -> str:
    """Return a ranking as plain text, ending with a newline."""
    probes, scores = _tables(ranking)
    parts = [
        _wrapped(title(ranking)),
        _aligned(probes),
        "\n".join(_wrapped(line) for line in sentences(ranking)),
        *(_wrapped(findings_text(finding)) for finding in findings),
        f"{_wrapped(_CAPTION)}\n{_aligned(scores)}",
        _wrapped(method_sentence(ranking)),
    ]
    return "\n\n".join(parts) + "\n"


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    short = [[_shortened(row[0]), *row[1:]] for row in rows]
    widths = [max(len(row[j]) for row in short) for j in range(len(short[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if j == 0 else cell.rjust(width)
            for j, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in short
    )


def _shortened(name: str) -> str:
    return name if len(name) <= _MOST_NAME else name[: _MOST_NAME - 1] + "…"


def ranking_to_markdown(ranking: ModelRanking, findings: Sequence[Finding]) -> str:
    """Return a ranking as Markdown, ending with a newline."""
    probes, scores = _tables(ranking)
    parts = [
        f"### {escaped(title(ranking))}",
        _markdown_table(probes),
        "\n".join(f"- {escaped(line)}" for line in sentences(ranking)),
        *(escaped(findings_text(finding)) for finding in findings),
        _CAPTION,
        _markdown_table(scores),
        escaped(method_sentence(ranking)),
    ]
    return "\n\n".join(parts) + "\n"


def _markdown_table(rows: Sequence[Sequence[str]]) -> str:
    # Numbers as they are: escaped, each would begin with a character that cannot be seen.
    lines = [f"| {' | '.join([escaped(name), *cells])} |" for name, *cells in rows]
    marks = "|".join(["---", *["---:"] * (len(rows[0]) - 1)])
    return "\n".join([lines[0], f"|{marks}|", *lines[1:]])


def ranking_record(ranking: ModelRanking, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return a ranking as plain values, with sentences and findings."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        **asdict(ranking),
        "sentences": list(sentences(ranking)),
        "findings": [asdict(finding) for finding in findings],
    }


def ranking_to_json(ranking: ModelRanking, findings: Sequence[Finding]) -> str:
    """Return a ranking as JSON, ending with a newline."""
    return json.dumps(ranking_record(ranking, findings), indent=1) + "\n"


def ranking_to_frame(ranking: ModelRanking) -> pd.DataFrame:
    """Return one row a model, best first.

    Columns are place, the probe with its interval, and every score; undefined ones are missing.
    """
    import pandas as pd

    rows = []
    for model in ranking.models:
        row: dict[str, Any] = {"model": model.name, "place": model.place, "is_raw": model.is_raw}
        row |= {"ridge": model.probe.value, "low": model.probe.low, "high": model.probe.high}
        for name, value in asdict(model.scores).items():
            if name != "ridge":
                row[name] = value["value"] if isinstance(value, dict) else value
        rows.append(row | {"prior": model.prior})
    return pd.DataFrame(rows).set_index("model")
