"""Harm of subgroups that an average hides."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.data.spelling import listing
from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.finding import Finding, NotApplicable, Strength
from transfergap.analysis.subgroups.gaps import SubgroupGap
from transfergap.stats.gap import Verdict

# The worst ones; the section on subgroups lists all.
_MOST_SUBGROUPS = 3


@check("TG401", "hurts a subgroup")
def hurts_subgroup(evidence: Evidence) -> Iterator[Finding]:
    """Find arms that hurt some rows, though not on average."""
    subgroups = evidence.subgroups
    if subgroups is None:
        raise NotApplicable(
            "no subgroups were named, and too few rows or no columns were there to search in"
        )
    if not subgroups.gaps:
        reason = (
            subgroups.notes[0].rstrip(".") if subgroups.notes else "no subgroup could be judged"
        )
        raise NotApplicable(reason)
    for arm, verdict in evidence.verdicts.items():
        hurt = [g for g in subgroups.gaps if g.arm == arm and g.verdict is Verdict.HURTS]
        if not hurt or verdict is Verdict.HURTS:
            continue
        yield _finding(evidence, arm, verdict, hurt, len(subgroups.gaps))


def _finding(
    evidence: Evidence, arm: str, verdict: Verdict, hurt: list[SubgroupGap], n_looks: int
) -> Finding:
    unit = evidence.problem.metric.title
    average = evidence.estimates[arm].gap
    assert average is not None
    costs = [
        f"{g.subgroup} ({g.n_rows} rows) by {-g.gap.estimate:.3f} {unit}"
        f" [{-g.gap.high:.3f}, {-g.gap.low:.3f}]"
        for g in hurt
    ]
    listed = listing(costs, _MOST_SUBGROUPS, mark="; ", more=", and ")
    helps = verdict is Verdict.HELPS
    on_average = "It helps on average" if helps else f"On average: {verdict}"
    return Finding.of(
        Strength.STRONG if helps else Strength.MODERATE,
        arm,
        f"{arm} hurts {listed}. {on_average},"
        f" {average.estimate:+.3f} [{average.low:+.3f}, {average.high:+.3f}]. Corrected for"
        f" {n_looks} looks, p = {hurt[0].p_hurts:.3f}.",
        "Use the control for these rows, or collect source rows like them; then audit again"
        " with the same subgroups.",
        {
            "gap": hurt[0].gap.estimate,
            "low": hurt[0].gap.low,
            "high": hurt[0].gap.high,
            "n_rows": float(hurt[0].n_rows),
            "average": average.estimate,
        },
    )
