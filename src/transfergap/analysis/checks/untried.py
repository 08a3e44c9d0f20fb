"""Sources that have no arm, as a finding."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, Finding, check
from transfergap.data.notations.spelling import listing

# A line of names; all are in the evidence, the ranking and the page.
_MOST_NAMED = 3


@check("TG127", "sources that were not tried by themselves")
def untried_sources(evidence: Evidence) -> Iterator[Finding]:
    """Find sources that only the closed form looked at."""
    untried = evidence.design.untried
    if not untried:
        return
    ranking = evidence.ranking
    gains = {} if ranking is None else {s.source: s.one_in for s in ranking.sources}
    measured = sorted((name for name in untried if name in gains), key=lambda n: -gains[n].estimate)
    n_sources = len(evidence.problem.sources)
    spread = ""
    if measured:
        best, worst = gains[measured[0]], gains[measured[-1]]
        spread = (
            " What a linear model gains with one of them runs from"
            f" {worst.estimate:+.3f} [{worst.low:+.3f}, {worst.high:+.3f}] ({measured[-1]}) to"
            f" {best.estimate:+.3f} [{best.low:+.3f}, {best.high:+.3f}] ({measured[0]}) of the"
            " variance of the labels."
        )
    yield Finding.note(
        "target",
        f"{len(untried)} of {n_sources} sources have no arm and no verdict of their own, such as"
        f" {listing(list(untried), _MOST_NAMED)}; that is not 'no effect'. The others were chosen"
        " by a closed form, which looks at the tested rows, so every verdict counts all sources."
        f"{spread}",
        "Try more with --max-sources N (max_sources=N): a run of one source that was chosen by its"
        " estimate (--arm) would leave the choice out of the correction. The arms that use all"
        " sources, and the safe model, use these too.",
        {name: gains[name].estimate for name in measured},
    )
