"""From curves to the one result that reports read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from transfergap._version import __version__
from transfergap.analysis.assessment import examined, failures_of
from transfergap.analysis.checks import CURVE_CHECKS, TRAINING_CHECKS, CurveEvidence
from transfergap.analysis.estimation.completeness import check_control
from transfergap.analysis.result import SCHEMA, ArmOutcome, AuditResult, TargetInfo
from transfergap.analysis.training_curves import (
    CurveMetric,
    MetricGap,
    Run,
    TrainingCurves,
    TrainingRuns,
    areas,
    delayed,
    finals,
    gather,
    judge_curves,
)
from transfergap.analysis.training_curves.runs import Floats
from transfergap.experiment.design import CONTROL
from transfergap.experiment.run_directory import fingerprint
from transfergap.experiment.trial import CompletedTrial, FailedTrial, Trial
from transfergap.learners import describe
from transfergap.rl.design import AgentDesign, is_again, versions_of_agents
from transfergap.stats import rows_to_see, smallest_visible_gap
from transfergap.stats.gap import DISCOVERY_RATE, LEVEL

_TITLES = {CurveMetric.AREA: "mean {} over the budget", CurveMetric.FINAL: "final {}"}


def assess_agents(design: AgentDesign, trials: Iterable[Trial]) -> AuditResult:
    """Judge the agents that were trained so far.

    Parameters
    ----------
    design : AgentDesign
    trials : iterable of Trial
        In any order; trials of other designs are left out.

    Raises
    ------
    LearnerError
        If every trial of the control failed.
    DataError
        If an arm shares fewer than two seeds with the control, or no curve can be used.
    """
    order = {cell.id: i for i, cell in enumerate(design.cells())}
    # By the design's order: trials arrive in the order of the workers.
    usable = tuple(
        sorted((t for t in trials if t.cell.id in order), key=lambda t: order[t.cell.id])
    )
    first = tuple(trial for trial in usable if not is_again(trial.cell))
    check_control(first)
    runs = agent_runs(design, first)
    requested = {arm.name for arm in design.arms}
    hidden = tuple(name for name in design.arm_names() if name not in requested | {CONTROL})
    curves = judge_curves(
        runs,
        margin=design.margin,
        score=design.score,
        judged_by=design.judged_by,
        threshold=design.threshold,
        lowest=design.lowest,
        unjudged=hidden,
        notes=_charges(design),
        failed=_n_failed(design, first),
    )
    again = [t for t in usable if is_again(t.cell) and isinstance(t, CompletedTrial)]
    evidence = CurveEvidence(
        runs,
        design.margin,
        design.score,
        again=(again[0].cell.seed, again[0].outputs) if again else None,
        trials=first,
        arm_names=design.arm_names(),
    )
    findings, silent = examined(evidence, TRAINING_CHECKS)
    result = _result(runs, curves, design.name, design.margin)
    counts = _counts(design, first)
    sources = {arm.name: arm.sources for arm in (*design.arms, *design.trained)}
    return replace(
        result,
        arms=tuple(
            replace(
                arm,
                sources=sources.get(arm.arm, ()),
                n_planned=counts[arm.arm][0],
                n_completed=counts[arm.arm][1],
                n_failed=counts[arm.arm][2],
            )
            for arm in result.arms
        ),
        findings=findings,
        silent_checks=silent,
        failures=failures_of(first),
        learner=describe(design.train),
        method_notes=(*_design_notes(design), *result.method_notes),
        fingerprint=fingerprint(design.record()),
        versions=versions_of_agents(),
    )


def assess_runs(
    runs: TrainingRuns,
    *,
    margin: float,
    score: str = "return",
    name: str = "imported curves",
    judged_by: CurveMetric = CurveMetric.AREA,
    threshold: float | None = None,
    lowest: float = 0.0,
) -> AuditResult:
    """Judge existing curves; parameters as in ``judge_curves``.

    Parameters
    ----------
    runs : TrainingRuns
    name : str
        Name of the target.

    Examples
    --------
    >>> steps = np.array([0.0, 10.0])
    >>> made = [Run(arm, seed, steps, np.array([0.0, height + seed / 50]))
    ...         for arm, height in (("control", 0.5), ("b", 0.9)) for seed in range(6)]
    >>> result = assess_runs(gather(made, control="control"), margin=0.05)
    >>> [str(arm.verdict) for arm in result.arms if arm.judged]
    ['helps']
    """
    curves = judge_curves(
        runs, margin=margin, score=score, judged_by=judged_by, threshold=threshold, lowest=lowest
    )
    findings, silent = examined(CurveEvidence(runs, margin, score), CURVE_CHECKS)
    result = _result(runs, curves, name, margin)
    origin = "Curves were made elsewhere; how agents were trained was not checked."
    return replace(
        result,
        findings=findings,
        silent_checks=silent,
        method_notes=(origin, *result.method_notes),
    )


def _result(runs: TrainingRuns, curves: TrainingCurves, name: str, margin: float) -> AuditResult:
    """Return a result with what follows from the curves alone."""
    arms = tuple(_outcome(runs, curves, arm, margin) for arm in runs.curves)
    visible = [
        smallest_visible_gap(arm.gap.error, arm.gap.df)
        for arm in arms
        if arm.judged and arm.gap is not None and arm.gap.error > 0
    ]
    title = _TITLES[curves.judged_by].format(curves.score)
    return AuditResult(
        schema=SCHEMA,
        version=__version__,
        metric=title,
        metric_title=title,
        metric_unit=curves.score,
        margin=margin,
        level=LEVEL,
        effort=f"{curves.n_seeds} seeds",
        seed=0,
        learner="trained elsewhere",
        target=TargetInfo(name, None, None, "reinforcement learning", (), None),
        sources=(),
        arms=arms,
        findings=(),
        silent_checks=(),
        failures=(),
        smallest_visible_gap=float(np.median(visible)) if visible else None,
        method_notes=_method_notes(curves),
        fingerprint="",
        versions={},
        training_curves=curves,
    )


def _outcome(runs: TrainingRuns, curves: TrainingCurves, arm: str, margin: float) -> ArmOutcome:
    scores = runs.of(arm)
    of = areas if curves.judged_by is CurveMetric.AREA else finals
    score = float(of(scores, runs.steps).mean()) if len(scores) else None
    n = len(scores)
    if arm == runs.control:
        return ArmOutcome(arm, (), False, score, None, None, False, None, n, n, 0)
    comparison = curves.of(arm, curves.judged_by)
    assert comparison is not None
    return ArmOutcome(
        arm,
        (),
        comparison.gap is None or comparison.verdict is not None,
        score,
        comparison.gap,
        comparison.verdict,
        comparison.held_back,
        _seeds_to_settle(comparison, margin),
        n,
        n,
        0,
    )


def _seeds_to_settle(comparison: MetricGap, margin: float) -> int | None:
    gap = comparison.gap
    if gap is None or comparison.held_back or str(comparison.verdict) != "not enough evidence":
        return None
    if gap.error <= 0:
        return None
    # The larger of both: seeds to see a gap below the margin would settle nothing.
    size = max(margin, abs(gap.estimate))
    needed = rows_to_see(size, error=gap.error, df=gap.df, n_rows=gap.n_pairs)
    return needed if needed > gap.n_pairs else None


def agent_runs(design: AgentDesign, trials: Iterable[Trial]) -> TrainingRuns:
    """Return the curves of all arms, trained and derived.

    They are charged for pretraining if the design says so.
    """
    steps = np.arange(0, design.budget + 1, design.every, dtype=float)
    curves: dict[str, dict[int, Floats]] = {name: {} for name in design.arm_names()}
    for trial in trials:
        if isinstance(trial, CompletedTrial) and not is_again(trial.cell):
            curves[trial.cell.arm][trial.cell.seed] = trial.outputs
    if design.charged:
        curves = {name: _charged(design, curves, name, steps) for name in curves}
    for arm in design.derived:
        for seed, control in curves[CONTROL].items():
            curve_of = {a.name: curves[a.name].get(seed) for a in arm.needs}
            available = {name: curve for name, curve in curve_of.items() if curve is not None}
            # A race of which a racer is missing has no curve for this seed.
            if len(available) == len(curve_of):
                curves[arm.name][seed] = arm.derived(
                    control, available, steps, margin=design.margin
                )
    all_runs = [
        Run(arm, seed, steps, c) for arm, of_arm in curves.items() for seed, c in of_arm.items()
    ]
    return gather(all_runs, control=CONTROL, arms=design.arm_names())


def _charged(
    design: AgentDesign, curves: Mapping[str, Mapping[int, Floats]], name: str, steps: Floats
) -> dict[int, Floats]:
    """Return an arm's curve, delayed by its steps on sources."""
    arm = next((arm for arm in design.trained if arm.name == name), None)
    n_trained = 0 if arm is None else sum(callable(design.sources[s]) for s in arm.sources)
    if n_trained == 0:
        return dict(curves[name])
    # Before a charged arm starts on the target it is worth an untrained agent.
    untrained = {seed: float(curve[0]) for seed, curve in curves[CONTROL].items()}
    by = float(design.pretraining * n_trained)
    return {
        seed: delayed(curve, steps, by=by, before=untrained[seed])
        for seed, curve in curves[name].items()
        if seed in untrained
    }


def _counts(design: AgentDesign, trials: tuple[Trial, ...]) -> dict[str, tuple[int, int, int]]:
    """Count trials planned, completed and failed, by arm.

    Derived arms have none.
    """
    counts = dict.fromkeys(design.arm_names(), (0, 0, 0))
    for arm in design.trained:
        of_arm = [trial for trial in trials if trial.cell.arm == arm.name]
        n_failed = sum(isinstance(trial, FailedTrial) for trial in of_arm)
        counts[arm.name] = (len(design.seeds), len(of_arm) - n_failed, n_failed)
    return counts


def _n_failed(design: AgentDesign, trials: tuple[Trial, ...]) -> dict[str, int]:
    """Count runs that failed, by arm.

    A race fails with each of its racers.
    """
    seeds: dict[str, set[int]] = {arm.name: set() for arm in design.trained}
    for trial in trials:
        if isinstance(trial, FailedTrial):
            seeds[trial.cell.arm].add(trial.cell.seed)
    for race in design.derived:
        seeds[race.name] = set().union(*(seeds[arm.name] for arm in race.needs)) - seeds[CONTROL]
    return {arm: len(of_arm) for arm, of_arm in seeds.items()}


def _charges(design: AgentDesign) -> tuple[str, ...]:
    trained = [name for name, source in design.sources.items() if callable(source)]
    if not trained:
        return ("The sources are agents that were there already: their training is not charged.",)
    spent = f"{design.pretraining:,} steps of training on a source"
    if design.charged:
        return (f"{spent} are charged: curves of arms that use one start that late.",)
    return (f"{spent} are not charged to the arms that use one.",)


def _design_notes(design: AgentDesign) -> tuple[str, ...]:
    n = len(design.seeds)
    notes = [
        f"Each arm was trained with the same {n} seeds for {design.budget:,} steps on the target,"
        f" and scored every {design.every:,} steps by {describe(design.evaluate)}; scoring is not"
        " charged."
    ]
    if design.derived:
        notes.append(
            "Races are made from the curves of their racers with the same seeds; what the losers"
            " used is charged, ties go to the control, and a challenger must be better by more than"
            " the margin."
        )
    return tuple(notes)


def _method_notes(curves: TrainingCurves) -> tuple[str, ...]:
    methods = dict.fromkeys(
        g.gap.method for g in curves.gaps if g.gap is not None and g.metric is curves.judged_by
    )
    judged = {g.arm for g in curves.gaps if g.verdict is not None}
    notes = [f"Intervals: {'; '.join(methods)}."] if methods else []
    notes.append(
        f"{len(judged)} arms were judged by {curves.judged_by}: a claim needs its own interval off"
        f" zero and a place among the discoveries at a false discovery rate of {DISCOVERY_RATE:.0%}"
        " in its direction over all arms (Benjamini-Hochberg). Claims in the other metrics are"
        " corrected together, over all arms and metrics."
    )
    return tuple(notes)
