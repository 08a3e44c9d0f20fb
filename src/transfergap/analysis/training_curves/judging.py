"""Verdicts of learning curves, corrected for all arms and metrics."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from scipy import stats

from transfergap.analysis.training_curves.gaps import (
    improvement_gap,
    mean_gap,
    ratio_gap,
    trimmed_gap,
)
from transfergap.analysis.training_curves.learned import (
    AGENT_METRICS,
    ArmCurve,
    CurveMetric,
    TrainingCurves,
)
from transfergap.analysis.training_curves.per_seed import (
    areas,
    finals,
    jumpstarts,
    middle_threshold,
    times_to,
)
from transfergap.analysis.training_curves.runs import Floats, Pairs, TrainingRuns
from transfergap.analysis.training_curves.verdicts import Family, Measured, judged
from transfergap.errors import ConfigurationError, DataError
from transfergap.stats.gap import LEVEL, Gap, check_margin, check_score

FEWEST_SEEDS = 5  # for a verdict: fewer pairs cannot reach 5 % by their signs
# The trimmed mean drops a quarter at each end; five seeds would leave three.
FEWEST_FOR_MIDDLE = 10
MANY_LOST = 0.1  # of an arm's runs, as of trials (TG302)
# Steps have no margin of the user's: a twentieth of the budget is taken as immaterial.
STEP_MARGIN = 0.05  # of the budget
_NO_MARGIN = 1e-9  # of a probability: any interval off one half is a claim
PRIMARY = (CurveMetric.AREA, CurveMetric.FINAL)


def judge_curves(
    runs: TrainingRuns,
    *,
    margin: float,
    score: str = "return",
    judged_by: CurveMetric = CurveMetric.AREA,
    threshold: float | None = None,
    lowest: float = 0.0,
    unjudged: Collection[str] = (),
    notes: tuple[str, ...] = (),
    failed: Mapping[str, int] | None = None,
) -> TrainingCurves:
    """Return mean curves with bands, and every metric's gap and verdict.

    Parameters
    ----------
    runs : TrainingRuns
    margin : float
        In units of the score, > 0. For steps it is 5 % of the budget.
    score : str
        Name of the score.
    judged_by : CurveMetric
        The metric of the main table: ``AREA`` or ``FINAL``. Its verdicts pay for the number of arms
        alone; those of all other metrics pay for all arms and metrics together.
    threshold : float, optional
        Score that counts as learned; default: halfway between the mean start and the mean end of
        all runs.
    lowest : float
        The lowest score that is possible: the transfer ratio counts areas from there.
    unjudged : collection of str
        Arms shown for information.
    notes : tuple of str
        Handed through.
    failed : mapping of str to int, optional
        Runs of each arm that have no curve because they failed. Where more than a tenth of an arm's
        runs, or of the control's, failed or are broken, nothing is claimed of it: those that are
        left are no random part.

    Raises
    ------
    ConfigurationError
        For a margin, threshold or lowest score that is no number, or a metric that cannot be the
        main one.
    DataError
        If an arm shares fewer than two seeds with the control.

    Examples
    --------
    >>> from transfergap.analysis.training_curves.runs import Run, gather
    >>> steps, rng = np.array([0.0, 10.0, 20.0]), np.random.default_rng(0)
    >>> made = [Run(arm, seed, steps, height + rng.normal(size=3) / 9)
    ...         for arm, height in (("control", 0.0), ("b", 1.0)) for seed in range(6)]
    >>> told = judge_curves(gather(made, control="control"), margin=0.1)
    >>> str(told.of("b", CurveMetric.AREA).verdict)
    'helps'
    """
    _check(runs, margin, judged_by, threshold, lowest)
    limit = middle_threshold(runs) if threshold is None else float(threshold)
    measured: dict[tuple[str, CurveMetric], Measured] = {}
    for arm in runs.treatments:
        pairs = runs.pairs(arm)
        if len(pairs.seeds) < 2:
            measured |= {(arm, m): (None, "fewer than two seeds are paired") for m in AGENT_METRICS}
            continue
        measured |= {
            (arm, m): measurement
            for m, measurement in _measured(pairs, runs, limit, lowest).items()
        }
    return TrainingCurves(
        steps=tuple(float(step) for step in runs.steps),
        score=score,
        curves=tuple(mean_curve(arm, runs.of(arm)) for arm in runs.curves if len(runs.curves[arm])),
        gaps=judged(measured, _family(runs, margin, judged_by, failed or {}), unjudged),
        judged_by=judged_by,
        threshold=limit,
        n_seeds=len(runs.curves[runs.control]),
        notes=(*notes, *_dropped(runs)),
    )


def _check(
    runs: TrainingRuns,
    margin: float,
    judged_by: CurveMetric,
    threshold: float | None,
    lowest: float,
) -> None:
    check_margin(margin)
    if judged_by not in PRIMARY:
        raise ConfigurationError(
            f"Arms cannot be judged by {judged_by!r}.",
            hint="choose " + " or ".join(repr(str(metric)) for metric in PRIMARY),
        )
    if threshold is not None:
        check_score(threshold, "threshold", hint="give a score that counts as learned")
    check_score(lowest, "lowest score", hint="give the lowest score that is possible")
    if not runs.treatments:
        raise DataError("There is only the control.", hint="add the curves of another arm")


def _measured(
    pairs: Pairs, runs: TrainingRuns, threshold: float | None, lowest: float
) -> dict[CurveMetric, Measured]:
    """Return the gap of each metric, or why there is none."""
    steps = runs.steps
    scores = np.stack([pairs.control, pairs.treated])
    largest = float(scores.max() - scores.min())
    area = (areas(pairs.control, steps), areas(pairs.treated, steps))
    final = (finals(pairs.control, steps), finals(pairs.treated, steps))
    area_gap = mean_gap(*area, largest=largest)
    late = "" if steps[0] == 0 else f"scores are known from step {steps[0]:g} on only"
    gaps: dict[CurveMetric, Measured] = {
        CurveMetric.AREA: (area_gap, ""),
        CurveMetric.FINAL: (mean_gap(*final, largest=largest), ""),
        CurveMetric.JUMPSTART: (
            mean_gap(jumpstarts(pairs.control), jumpstarts(pairs.treated), largest=largest),
            late,
        ),
        CurveMetric.TIME: _time_gap(pairs, steps, threshold),
        CurveMetric.MIDDLE: (trimmed_gap(*final), ""),
        CurveMetric.IMPROVEMENT: (improvement_gap(*final), "of final scores, less one half"),
    }
    ratio = None
    if scores.min() >= lowest:
        ratio = ratio_gap(area[0] - lowest, area[1] - lowest, area_gap)
        why = "the control's area cannot be told from zero" if ratio is None else ""
    else:
        why = f"scores below {lowest:g}: say which is the lowest possible (lowest=)"
    gaps[CurveMetric.RATIO] = (ratio, why)
    return {metric: gaps[metric] for metric in AGENT_METRICS}


def _time_gap(pairs: Pairs, steps: Floats, threshold: float | None) -> Measured:
    if threshold is None:
        return None, "scores do not rise, so there is no threshold to reach"
    before, reached_before = times_to(threshold, pairs.control, steps)
    after, reached_after = times_to(threshold, pairs.treated, steps)
    n = len(before)
    missed = int(np.sum(~reached_before)), int(np.sum(~reached_after))
    note = ""
    if any(missed):
        note = (
            f"never reached by {missed[0]} of {n} runs of the control and {missed[1]} of {n} of"
            " this arm, which count as the whole budget"
        )
    return mean_gap(-before, -after, largest=float(steps[-1] - steps[0])), note


def _too_few(metric: CurveMetric, gap: Gap) -> str:
    fewest = FEWEST_FOR_MIDDLE if metric is CurveMetric.MIDDLE else FEWEST_SEEDS
    return f"{gap.n_pairs} paired seeds; a verdict needs {fewest}" if gap.n_pairs < fewest else ""


def _withheld(runs: TrainingRuns, failed: Mapping[str, int]) -> dict[str, str]:
    """Return why nothing is claimed of arms that lost many runs."""
    reasons = {}
    for arm in runs.treatments:
        for name in (arm, runs.control):
            n_lost = len(runs.broken(name)) + failed.get(name, 0)
            n_runs = n_lost + len(runs.curves[name])
            if n_lost > MANY_LOST * n_runs:
                reasons[arm] = (
                    f"{n_lost} of {n_runs} runs of {name} are missing: those that are left are no"
                    " random part"
                )
                break
    return reasons


def _family(
    runs: TrainingRuns, margin: float, judged_by: CurveMetric, failed: Mapping[str, int]
) -> Family:
    margins = dict.fromkeys(AGENT_METRICS, margin)
    margins[CurveMetric.TIME] = STEP_MARGIN * float(runs.steps[-1] - runs.steps[0])
    # A probability less one half never exceeds it: no material effect is never concluded.
    margins[CurveMetric.IMPROVEMENT] = 0.5
    return Family(
        judged_by,
        margins,
        # A probability has no margin of its own: whatever is off one half may be claimed.
        claim_margins={CurveMetric.IMPROVEMENT: _NO_MARGIN},
        # The ratio is the area in other units: the same claim, made once.
        shared={CurveMetric.RATIO: CurveMetric.AREA},
        too_few=_too_few,
        equal="equal in every seed",
        withheld=_withheld(runs, failed),
    )


def mean_curve(arm: str, scores: Floats) -> ArmCurve:
    """Return the mean of curves with its interval at single steps."""
    n = len(scores)
    mean = scores.mean(axis=0)
    half = np.zeros(len(mean))
    if n > 1:
        half = stats.t.ppf(0.5 + LEVEL / 2, n - 1) * scores.std(axis=0, ddof=1) / np.sqrt(n)
    mid, low, high = (
        tuple(float(value) for value in line) for line in (mean, mean - half, mean + half)
    )
    return ArmCurve(arm, mid, low, high, n)


def _dropped(runs: TrainingRuns) -> tuple[str, ...]:
    return tuple(
        f"Left out: {run.arm}, seed {run.seed} ({run.reason})." for run in runs.dropped[:5]
    ) + ((f"And {len(runs.dropped) - 5} further runs.",) if len(runs.dropped) > 5 else ())
