"""Verdicts of several metrics of several arms, corrected together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from transfergap.analysis.training_curves.learned import CurveMetric, MetricGap
from transfergap.stats.gap import Gap, Verdict, judge

# A gap, or none, and a note on either.
Measured = tuple[Gap | None, str]


@dataclass(frozen=True)
class Family:
    """Rules by which the metrics of all arms share their corrections.

    Parameters
    ----------
    main : CurveMetric
        Chosen beforehand: its verdicts pay for the number of arms alone, all others pay together.
    margins : mapping of CurveMetric to float
        In units of each metric.
    claim_margins : mapping of CurveMetric to float
        Margins of "helps" and "hurts" alone, where they are others.
    shared : mapping of CurveMetric to CurveMetric
        Metrics that are another one in other units, and have its verdict.
    too_few : callable
        Reason why a gap of a metric has too few pairs for a verdict; empty where it has not.
    equal : str
        Note where no pair differs.
    withheld : mapping of str to str
        Arms of which nothing is claimed, with the reason.
    """

    main: CurveMetric
    margins: Mapping[CurveMetric, float]
    claim_margins: Mapping[CurveMetric, float] = field(default_factory=dict)
    shared: Mapping[CurveMetric, CurveMetric] = field(default_factory=dict)
    too_few: Callable[[CurveMetric, Gap], str] = lambda metric, gap: ""
    equal: str = ""
    withheld: Mapping[str, str] = field(default_factory=dict)


def judged(
    measured: Mapping[tuple[str, CurveMetric], Measured],
    family: Family,
    unjudged: Collection[str] = (),
) -> tuple[MetricGap, ...]:
    """Return all gaps with verdicts, corrected for their number.

    Parameters
    ----------
    measured : mapping of arm and metric to gap and note
    family : Family
    unjudged : collection of str
        Arms shown for information.
    """
    verdicts = _verdicts(measured, family, unjudged)
    metric_gaps = []
    for (arm, metric), (gap, note) in measured.items():
        if gap is None or arm in unjudged:
            metric_gaps.append(MetricGap(arm, metric, gap, None, note=note))
            continue
        source = (arm, family.shared.get(metric, metric))
        verdict = verdicts.get(source)
        if verdict is None:
            metric_gaps.append(_unsettled(arm, metric, gap, note, family))
            continue
        claimed = measured[source][0]
        assert claimed is not None
        uncorrected = _in_margins(claimed, source[1], family).verdict(1.0)
        held = verdict is Verdict.NOT_ENOUGH_EVIDENCE and uncorrected is not verdict
        if gap.estimate == gap.low == gap.high == 0:
            note = "; ".join([*[note] * bool(note), family.equal])
        metric_gaps.append(MetricGap(arm, metric, gap, verdict, held, note))
    return tuple(metric_gaps)


def _verdicts(
    measured: Mapping[tuple[str, CurveMetric], Measured],
    family: Family,
    unjudged: Collection[str],
) -> dict[tuple[str, CurveMetric], Verdict]:
    """Return the verdicts of metrics that have one."""
    claims = {
        key: _in_margins(gap, key[1], family)
        for key, (gap, _) in measured.items()
        if gap is not None
        and key[0] not in unjudged
        and key[0] not in family.withheld
        and key[1] not in family.shared
        and not family.too_few(key[1], gap)
    }
    verdicts: dict[tuple[str, CurveMetric], Verdict] = {}
    for is_main in (True, False):
        of_kind = {key: g for key, g in claims.items() if (key[1] is family.main) is is_main}
        verdicts |= dict(zip(of_kind, judge(list(of_kind.values()), 1.0), strict=True))
    return verdicts


def _unsettled(arm: str, metric: CurveMetric, gap: Gap, note: str, family: Family) -> MetricGap:
    why = family.withheld.get(arm) or family.too_few(family.shared.get(metric, metric), gap)
    reason = f"{note}; {why}" if note else why
    return MetricGap(arm, metric, gap, Verdict.NOT_ENOUGH_EVIDENCE, note=reason)


def _in_margins(gap: Gap, metric: CurveMetric, family: Family) -> Gap:
    """Return a gap's intervals in margins, so that metrics share one table."""
    margin = family.margins[metric]
    claim = family.claim_margins.get(metric, margin)
    return replace(
        gap,
        low=gap.low / claim,
        high=gap.high / claim,
        equivalence_low=gap.equivalence_low / margin,
        equivalence_high=gap.equivalence_high / margin,
    )
