"""From groups of people to the one result that reports read."""

from __future__ import annotations

import numpy as np

from transfergap._version import __version__
from transfergap.analysis.assessment import examined
from transfergap.analysis.checks import CURVE_CHECKS, CurveEvidence
from transfergap.analysis.people.measurement import Measurement
from transfergap.analysis.people.measures import judge_people, trials_to
from transfergap.analysis.people.table import Floats, Trainees
from transfergap.analysis.result import SCHEMA, ArmOutcome, AuditResult, TargetInfo
from transfergap.analysis.training_curves import (
    CurveMetric,
    DroppedRun,
    TrainingCurves,
    TrainingRuns,
    finals,
    jumpstarts,
)
from transfergap.stats import rows_to_see, smallest_visible_gap
from transfergap.stats.gap import DISCOVERY_RATE, LEVEL, Verdict

_TITLES = {
    CurveMetric.MEAN_TRIALS: "mean {} over the trials",
    CurveMetric.FIRST_TRIAL: "{} at the first trial",
    CurveMetric.LAST_TRIALS: "{} at the last trials",
    CurveMetric.TRIALS_SAVED: "trials to the criterion",
}


def assess_people(trainees: Trainees, how: Measurement, *, name: str = "the task") -> AuditResult:
    """Judge learning curves of people.

    Parameters
    ----------
    trainees : Trainees
    how : Measurement
    name : str
        Name of the task.
    """
    curves = judge_people(trainees, how)
    findings, silent = examined(_evidence(trainees, how), CURVE_CHECKS)
    arms = tuple(_outcome(trainees, curves, how, group) for group in trainees.curves)
    visible = [
        smallest_visible_gap(arm.gap.error, arm.gap.df)
        for arm in arms
        if arm.judged and arm.gap is not None and arm.gap.error > 0
    ]
    unit = "trials" if how.main is CurveMetric.TRIALS_SAVED else how.score
    title = _TITLES[how.main].format(how.score)
    return AuditResult(
        schema=SCHEMA,
        version=__version__,
        metric=title,
        metric_title=title,
        metric_unit=unit,
        margin=how.margin,
        level=LEVEL,
        effort=f"{trainees.n_participants} participants",
        seed=0,
        learner="people",
        target=TargetInfo(name, None, None, "people", (), None),
        sources=(),
        arms=arms,
        findings=findings,
        silent_checks=silent,
        failures=(),
        smallest_visible_gap=float(np.median(visible)) if visible else None,
        method_notes=_notes(curves, trainees),
        fingerprint="",
        versions={},
        training_curves=curves,
    )


def _evidence(trainees: Trainees, how: Measurement) -> CurveEvidence:
    """Return the curves as checks read them, more being better."""
    curves = {
        group: dict(enumerate(how.sign * trainees.unit_curves(group))) for group in trainees.curves
    }
    dropped = tuple(
        DroppedRun(group, k, "a score is missing", is_broken=True)
        for group, n_people in trainees.left_out.items()
        for k in range(n_people)
    )
    runs = TrainingRuns(trainees.control, trainees.trials, curves, dropped)
    return CurveEvidence(runs, how.margin, how.score, of_people=True)


def _scores(trainees: Trainees, curves: TrainingCurves, how: Measurement, group: str) -> Floats:
    """Return the main measure of each unit of a group."""
    values = _of_persons(trainees, curves, how, group)
    return np.array(list(trainees.unit_means(group, list(trainees.curves[group]), values).values()))


def _of_persons(trainees: Trainees, curves: TrainingCurves, how: Measurement, group: str) -> Floats:
    scores = trainees.of(group)
    if how.main is CurveMetric.FIRST_TRIAL:
        return jumpstarts(scores)
    if how.main is CurveMetric.LAST_TRIALS:
        return finals(scores, trainees.trials)
    if how.main is CurveMetric.TRIALS_SAVED and curves.threshold is not None:
        return trials_to(curves.threshold, scores, trainees.trials, sign=how.sign)
    return np.asarray(scores.mean(axis=1), float)


def _outcome(
    trainees: Trainees, curves: TrainingCurves, how: Measurement, group: str
) -> ArmOutcome:
    values = _scores(trainees, curves, how, group)
    score, n = float(values.mean()), len(values)
    if group == trainees.control:
        return ArmOutcome(group, (), False, score, None, None, False, None, n, n, 0)
    comparison = curves.of(group, curves.judged_by)
    assert comparison is not None
    gap, needed = comparison.gap, None
    open_gap = comparison.verdict is Verdict.NOT_ENOUGH_EVIDENCE and not comparison.held_back
    if gap is not None and open_gap and gap.error > 0:
        size = max(how.margin, abs(gap.estimate))
        present = trainees.n_clusters or trainees.n_participants
        rows = rows_to_see(size, error=gap.error, df=gap.df, n_rows=present)
        needed = rows if rows > present else None
    return ArmOutcome(
        group, (), True, score, gap, comparison.verdict, comparison.held_back, needed, n, n, 0
    )


def _notes(curves: TrainingCurves, trainees: Trainees) -> tuple[str, ...]:
    between = (
        "each person in one group"
        if trainees.design == "between"
        else ("the same people in every group, compared with themselves")
    )
    if trainees.n_clusters is not None:
        between += (
            f"; people of one cluster learned together and count once, by their mean:"
            f" {trainees.n_clusters} clusters"
        )
    sizes = ", ".join(f"{len(members)} in {group}" for group, members in trainees.curves.items())
    return (
        f"Between groups of people: {between}; {sizes}. How people came into their groups was not"
        " checked: without chance deciding it, a gap may be one between people.",
        "Intervals hold what neither a t-test for unequal spreads nor a randomization test of the"
        " same t excludes; those of ratios are Fieller's, judged the same way.",
        f"{len(trainees.treatments)} groups were judged by {curves.judged_by}: a claim needs its"
        " own interval off zero and a place among the discoveries at a false discovery rate of"
        f" {DISCOVERY_RATE:.0%} in its direction over all groups (Benjamini-Hochberg). Claims in"
        " the other measures are corrected together, over all groups and measures.",
    )
