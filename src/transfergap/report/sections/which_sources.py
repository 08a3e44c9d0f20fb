"""Section: which sources? The worst first.

Of many, the worst and the best are open, and all are in a fold.
"""

from __future__ import annotations

from transfergap.analysis.ranking import SourceRank, SourceRanking
from transfergap.analysis.repairs.explanation import Interval
from transfergap.analysis.result import AuditResult
from transfergap.report.blocks import Block, Cell, Fold, Heading, Paragraph, Section, Table
from transfergap.report.choice import FEW_SOURCES, WORST_AND_BEST
from transfergap.report.wording.names import named
from transfergap.report.wording.numbers import (
    EMPTY_CELL,
    Numbers,
    count,
    counted,
    level,
    numbers_for,
)

# Shares of the variance of labels: three decimals show a thousandth.
_SHARES = Numbers(3)
_ALL = {
    "pooled": "model, pooled",
    "only": "model, alone",
    "one_in": "one in",
    "alone": "alone",
    "leave_one_out": "last one in",
    "banzhaf": "among others",
}
_OF_THE_MODEL = ("pooled", "only")


def which_sources(result: AuditResult) -> Section | None:
    """Return the section; ``None`` where there is no ranking."""
    ranking = result.ranking
    if ranking is None:
        return None
    sources, n = ranking.sources, WORST_AND_BEST
    blocks: list[Block] = [Paragraph(_how(result, ranking))]
    if len(sources) <= FEW_SOURCES:
        blocks.append(_short(result, ranking, sources))
    else:
        blocks += [
            Heading(f"The {n} most harmful of {count(len(sources))}"),
            _short(result, ranking, sources[:n]),
            Heading(f"The {n} least harmful"),
            _short(result, ranking, sources[-n:]),
        ]
    blocks.append(Fold(f"All scores of all sources ({len(sources)})", (_long(result, ranking),)))
    return Section("Which sources?", tuple(blocks))


def _how(result: AuditResult, ranking: SourceRanking) -> str:
    n_untried = sum(source.untried for source in result.sources)
    untried = ""
    if n_untried:
        untried = (
            f" {counted(n_untried, 'source')} of {count(len(result.sources))} got no arm of"
            " their own, and have no gap of your model: their numbers are estimates of a linear"
            " model, no verdicts (TG127)."
        )
    return (
        "The most harmful source comes first, by the mean of its ranks over several scores."
        f" Brackets are {level(result)} intervals; positive gains help. A rank holds among these"
        f" sources: leave one out, and look again.{untried}"
    )


def _short(result: AuditResult, ranking: SourceRanking, sources: tuple[SourceRank, ...]) -> Table:
    first = "pooled" if "pooled" in ranking.by_model else "one_in"
    meaning = (
        "Pooled: the gap of your model with this source."
        if first == "pooled"
        else "One in: what a linear model gains with this source."
    )
    return Table(
        f"{meaning} Among others: what adding the source to some of the others gains on average, in"
        " a linear model, as a share of the variance of the labels.",
        ("source", "mean rank", _ALL[first].removeprefix("model, "), _ALL["banzhaf"]),
        tuple(
            (
                Cell(named(source.source)),
                Cell(_rank(source.rank), whole=True),
                _gain(result, source, first),
                _gain(result, source, "banzhaf"),
            )
            for source in sources
        ),
    )


def _long(result: AuditResult, ranking: SourceRanking) -> Table:
    model_columns = [
        name
        for name in _OF_THE_MODEL
        if any(getattr(source, name) is not None for source in ranking.sources)
    ]
    column_names = [*model_columns, *(name for name in _ALL if name not in _OF_THE_MODEL)]
    subsets = "all" if ranking.exact else f"{count(ranking.n_subsets)} sampled"
    n_fits = sum(source.n_fits for source in ranking.sources)
    used = " and ".join(_ALL[name] for name in ranking.by_model)
    caption = (
        "Gains in a linear model, for target rows that it did not see, as shares of the"
        " variance of the labels: with this source beside the target (one in), in its place"
        f" (alone), beside all others (last one in), beside {subsets} subsets of the others"
        " (among others). They tell of your model as far as it is like a linear one. Influence is"
        " the source's share in SafeTransfer's model, negative where its labels are used reversed."
        f" Cost: {counted(n_fits, 'fit')} of your model, made for the verdicts; none for the rest."
    )
    if used:
        caption += f" In the mean rank, {used} stand in for one in and alone of the linear model."
    return Table(
        caption,
        ("source", "mean rank", *(_ALL[name] for name in column_names), "influence"),
        tuple(
            (
                Cell(named(source.source)),
                Cell(_rank(source.rank), whole=True),
                *(_gain(result, source, name) for name in column_names),
                Cell(_SHARES.signed(source.influence), whole=True),
            )
            for source in ranking.sources
        ),
        wide=True,
    )


def _rank(rank: Interval) -> str:
    return f"{rank.estimate:.1f} [{rank.low:.1f}, {rank.high:.1f}]"


def _gain(result: AuditResult, source: SourceRank, name: str) -> Cell:
    gain: Interval | None = getattr(source, name)
    if gain is None:
        return Cell(EMPTY_CELL)
    numbers = numbers_for(result) if name in _OF_THE_MODEL else _SHARES
    text = f"{numbers.signed(gain.estimate)} {numbers.interval(gain.low, gain.high)}"
    return Cell(text, whole=True)
