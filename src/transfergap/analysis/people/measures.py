"""Measures of transfer between groups of people, with verdicts.

Gagne, Foster and Crowley (1948), The Measurement of Transfer of Training, compare the formulas of
percent transfer; Murdock (1957), Transfer Designs and Formulas, adds the symmetric one. Savings are
those of Ebbinghaus (1885), the transfer effectiveness ratio that of Povenmire and Roscoe (1971).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from transfergap.analysis.people.measurement import Measurement
from transfergap.analysis.people.table import Floats, Trainees
from transfergap.analysis.training_curves import (
    CurveMetric,
    Family,
    Measured,
    TrainingCurves,
    finals,
    judged,
    jumpstarts,
    mean_curve,
)
from transfergap.errors import DataError
from transfergap.stats.gap import Gap
from transfergap.stats.randomization import Comparison, difference_gap, ratio_limits

PEOPLE_METRICS = (
    CurveMetric.MEAN_TRIALS,
    CurveMetric.FIRST_TRIAL,
    CurveMetric.LAST_TRIALS,
    CurveMetric.TRIALS_SAVED,
    CurveMetric.PERCENT,
    CurveMetric.POSSIBLE,
    CurveMetric.SYMMETRIC,
    CurveMetric.SAVINGS,
    CurveMetric.EFFECTIVENESS,
)
# For a verdict: 252 ways to split ten people, 32 signs of five differences.
FEWEST_PARTICIPANTS = 5
# As for agents: a twentieth of the trials, or of the range of scores, is taken as immaterial where
# the margin is in the other unit.
OTHER_MARGIN = 0.05
_LINEAR = (CurveMetric.FIRST_TRIAL, CurveMetric.MEAN_TRIALS, CurveMetric.LAST_TRIALS)


def judge_people(trainees: Trainees, how: Measurement) -> TrainingCurves:
    """Return mean curves of groups, and every measure's gap and verdict.

    Parameters
    ----------
    trainees : Trainees
    how : Measurement

    Raises
    ------
    DataError
        If the best score is no bound, or a group of ``prior`` is not there.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> curves = {g: {f"{g}{k}": np.array([0.2, 0.5, 0.6]) + up + rng.normal(size=3) / 20
    ...               for k in range(8)} for g, up in (("control", 0.0), ("piano", 0.2))}
    >>> people = Trainees("control", np.array([1.0, 2.0, 3.0]), curves, "between")
    >>> gaps = judge_people(people, Measurement(margin=0.05, best=1.0))
    >>> str(gaps.of("piano", CurveMetric.MEAN_TRIALS).verdict)
    'helps'
    """
    _check(trainees, how)
    criterion = _criterion(trainees, how)
    measured: dict[tuple[str, CurveMetric], Measured] = {}
    for group in trainees.treatments:
        gaps = _measured(trainees, group, how, criterion)
        measured |= {(group, metric): gaps[metric] for metric in PEOPLE_METRICS if metric in gaps}
    return TrainingCurves(
        steps=tuple(float(trial) for trial in trainees.trials),
        score=how.score,
        curves=tuple(mean_curve(group, trainees.unit_curves(group)) for group in trainees.curves),
        gaps=judged(measured, _family(trainees, how)),
        judged_by=how.main,
        threshold=criterion,
        n_seeds=trainees.n_participants,
        notes=trainees.notes,
        learners="people" if trainees.design == "between" else "the same people",
        n_clusters=trainees.n_clusters,
    )


def _check(trainees: Trainees, how: Measurement) -> None:
    missing = [group for group in how.prior or {} if group not in trainees.treatments]
    if missing:
        raise DataError(
            f"There is no group {missing[0]!r} that learned something before.",
            hint=f"the groups are {', '.join(trainees.treatments)}",
        )
    if how.best is not None:
        every = np.concatenate([trainees.of(group) for group in trainees.curves])
        beyond = every.max() > how.best if how.greater_is_better else every.min() < how.best
        if beyond:
            raise DataError(
                f"A score lies beyond the best one, {how.best:g}.",
                hint="best= (--best) is a bound that no score passes",
            )


def _criterion(trainees: Trainees, how: Measurement) -> float | None:
    """Return the score that counts as learned; ``None`` where no one learns.

    All groups count alike, so that no side is favoured.
    """
    if how.criterion is not None:
        return how.criterion
    start = np.mean([trainees.of(g)[:, 0].mean() for g in trainees.curves])
    end = np.mean([finals(trainees.of(g), trainees.trials).mean() for g in trainees.curves])
    return float((start + end) / 2) if how.sign * (end - start) > 0 else None


def trials_to(criterion: float, scores: Floats, trials: Floats, *, sign: float) -> Floats:
    """Return each participant's first trial at the criterion.

    Who never gets there counts as one trial more than there were.

    Examples
    --------
    >>> trials_to(2.0, np.array([[1.0, 2.0], [1.0, 1.0]]), np.array([1.0, 2.0]), sign=1.0).tolist()
    [2.0, 3.0]
    """
    reached = sign * scores >= sign * criterion
    never = trials[-1] + (trials[-1] - trials[-2])
    first = trials[np.argmax(reached, axis=1)]
    return np.asarray(np.where(reached.any(axis=1), first, never), float)


def score_measures(scores: Floats, trials: Floats) -> dict[CurveMetric, Floats]:
    """Return each participant's first, mean and last score.

    Examples
    --------
    >>> measures = score_measures(np.array([[1.0, 2.0, 6.0]]), np.array([1.0, 2.0, 3.0]))
    >>> [values.tolist() for values in measures.values()]
    [[1.0], [3.0], [6.0]]
    """
    return {
        CurveMetric.FIRST_TRIAL: jumpstarts(scores),
        CurveMetric.MEAN_TRIALS: np.asarray(scores.mean(axis=1), float),
        CurveMetric.LAST_TRIALS: finals(scores, trials),
    }


def _measured(
    trainees: Trainees, group: str, how: Measurement, criterion: float | None
) -> dict[CurveMetric, Measured]:
    """Return the gap of each measure, or why there is none."""
    pair, trials = _Pair(trainees, group), trainees.trials
    curves = pair.curves
    if pair.n_units < 2:
        unit = "participants" if trainees.n_clusters is None else "clusters"
        why = f"fewer than two {unit} are in both groups"
        return dict.fromkeys(PEOPLE_METRICS, (None, why))
    control, treated = (score_measures(c, trials) for c in curves)
    largest = float(max(c.max() for c in curves) - min(c.min() for c in curves))
    gaps: dict[CurveMetric, Measured] = {}
    for metric in control:
        turned = pair.comparison(how.sign * control[metric], how.sign * treated[metric])
        gaps[metric] = difference_gap(turned, largest=largest), ""
    if criterion is None:
        why = "scores do not improve, so there is no criterion to reach"
        gaps |= dict.fromkeys((CurveMetric.TRIALS_SAVED, CurveMetric.SAVINGS), (None, why))
    else:
        needed = [trials_to(criterion, c, trials, sign=how.sign) for c in curves]
        gaps |= _savings(pair, (needed[0], needed[1]), how, trials)
    main = CurveMetric.MEAN_TRIALS if how.main is CurveMetric.TRIALS_SAVED else how.main
    of_main = gaps[main][0]
    assert of_main is not None
    scores = pair.comparison(control[main], treated[main])
    return gaps | _percentages(scores, of_main, how)


@dataclass(frozen=True)
class _Pair:
    """Control and group as they are compared."""

    trainees: Trainees
    group: str

    @cached_property
    def names(self) -> tuple[list[str], list[str]]:
        return self.trainees.compared(self.group)

    @cached_property
    def curves(self) -> tuple[Floats, Floats]:
        control, treated = self.names
        return self.trainees.of(self.trainees.control, control), self.trainees.of(
            self.group, treated
        )

    @property
    def n_units(self) -> int:
        return self.comparison(*(c[:, 0] for c in self.curves)).n if len(self.names[0]) else 0

    def comparison(self, control: Floats, treated: Floats) -> Comparison:
        """Return values of units, in one order where paired."""
        trainees, paired = self.trainees, self.trainees.paired
        before = trainees.unit_means(trainees.control, self.names[0], control)
        after = trainees.unit_means(self.group, self.names[1], treated)
        order = [unit for unit in before if unit in after] if paired else None
        return Comparison(
            np.array([before[unit] for unit in order or before]),
            np.array([after[unit] for unit in order or after]),
            paired,
        )


def _savings(
    pair: _Pair, persons: tuple[Floats, Floats], how: Measurement, trials: Floats
) -> dict[CurveMetric, Measured]:
    """Return the trials saved, as a number and as ratios.

    ``persons`` holds the trials that participants of control and group needed.
    """
    needed, group = pair.comparison(*persons), pair.group
    turned = replace(needed, control=-needed.control, treated=-needed.treated)
    saved = difference_gap(turned, largest=float(trials[-1] - trials[0]))
    missed = [int(np.sum(group_needs > trials[-1])) for group_needs in persons]
    note = ""
    if any(missed):
        note = (
            f"never reached by {missed[0]} of {len(persons[0])} of the control and {missed[1]}"
            f" of {len(persons[1])} of this group, who count as one trial more than there were"
        )
    gaps: dict[CurveMetric, Measured] = {CurveMetric.TRIALS_SAVED: (saved, note)}
    limits = ratio_limits(needed)
    gaps[CurveMetric.SAVINGS] = (
        (None, "the control needs no trials")
        if limits is None
        else (_as_gap(saved, 1 - limits[0], 1 - limits[2], 1 - limits[1]), "")
    )
    amount = (how.prior or {}).get(group)
    if amount is not None:
        gaps[CurveMetric.EFFECTIVENESS] = (
            _as_gap(saved, saved.estimate / amount, saved.low / amount, saved.high / amount),
            f"{amount:g} trials before",
        )
    return gaps


def _percentages(scores: Comparison, gap: Gap, how: Measurement) -> dict[CurveMetric, Measured]:
    """Return percent transfer by three formulas, or why it has no meaning.

    Gagne, Foster and Crowley (1948): of the control's score, and of what it lacks to the best.
    """
    low = min(scores.control.min(), scores.treated.min())
    limits = ratio_limits(scores) if low >= 0 else None
    if limits is None:
        why = "scores below zero" if low < 0 else "the control's score cannot be told from zero"
        gaps: dict[CurveMetric, Measured] = dict.fromkeys(
            (CurveMetric.PERCENT, CurveMetric.SYMMETRIC), (None, why)
        )
    else:
        change = [how.sign * (r - 1) for r in limits]
        # (E - C) / (E + C), which keeps the order of E / C.
        halves = [how.sign * (r - 1) / (r + 1) for r in limits]
        gaps = {
            CurveMetric.PERCENT: (_ordered(gap, change), ""),
            CurveMetric.SYMMETRIC: (_ordered(gap, halves), ""),
        }
    if how.best is None:
        return gaps
    lacking = replace(
        scores,
        control=how.sign * (how.best - scores.control),
        treated=how.sign * (how.best - scores.treated),
    )
    lacks = ratio_limits(lacking)
    gaps[CurveMetric.POSSIBLE] = (
        (None, "the control is at the best score, or cannot be told from it")
        if lacks is None
        else (_ordered(gap, [1 - r for r in lacks]), "")
    )
    return gaps


def _ordered(gap: Gap, values: list[float]) -> Gap:
    return _as_gap(gap, values[0], *sorted(values[1:]))


def _as_gap(gap: Gap, estimate: float, low: float, high: float) -> Gap:
    """Return a gap in other units.

    It is the same claim, and has its p-values.
    """
    return replace(
        gap,
        estimate=estimate,
        low=low,
        high=high,
        error=(high - low) / (gap.high - gap.low) * gap.error if gap.high > gap.low else 0.0,
        equivalence_low=low,
        equivalence_high=high,
        smallest_margin=max(abs(low), abs(high)),
        method=f"{gap.method}, Fieller's pivot",
    )


def _family(trainees: Trainees, how: Measurement) -> Family:
    every = np.concatenate([trainees.of(group) for group in trainees.curves])
    of_scores = how.margin
    of_trials = OTHER_MARGIN * float(trainees.trials[-1] - trainees.trials[0])
    if how.main is CurveMetric.TRIALS_SAVED:
        of_trials = how.margin
        of_scores = OTHER_MARGIN * float(every.max() - every.min()) or 1.0
    margins = dict.fromkeys(PEOPLE_METRICS, of_scores)
    margins[CurveMetric.TRIALS_SAVED] = of_trials
    main = how.main if how.main in _LINEAR else CurveMetric.MEAN_TRIALS
    shared = dict.fromkeys((CurveMetric.PERCENT, CurveMetric.POSSIBLE, CurveMetric.SYMMETRIC), main)
    shared |= dict.fromkeys(
        (CurveMetric.SAVINGS, CurveMetric.EFFECTIVENESS), CurveMetric.TRIALS_SAVED
    )
    unit = "participant" if trainees.n_clusters is None else "cluster"

    def too_few(metric: CurveMetric, gap: Gap) -> str:
        if gap.n_pairs >= FEWEST_PARTICIPANTS:
            return ""
        return f"{gap.n_pairs} {unit}s in a group; a verdict needs {FEWEST_PARTICIPANTS}"

    return Family(how.main, margins, shared=shared, too_few=too_few, equal=f"equal in every {unit}")
