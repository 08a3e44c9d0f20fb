"""Two finished audits side by side: design, verdicts, gaps and findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.experiment.run_directory import design_differences
from transfergap.stats.gap import Gap, Verdict

SCHEMA = "transfergap/comparison/1"


@dataclass(frozen=True)
class FinishedRun:
    """Finished audit under its name, with its design.

    ``design`` is what ``design.json`` holds; ``None`` for imported scores and agents.
    """

    name: str
    result: AuditResult
    design: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ArmChange:
    """An arm in both runs; ``None`` where a run lacks it.

    ``same_trials`` says that both runs hold the same trials of it and of the control, so that only
    what is made of them can differ.
    """

    arm: str
    before: Gap | None
    after: Gap | None
    verdict_before: Verdict | None
    verdict_after: Verdict | None
    in_before: bool
    in_after: bool
    same_trials: bool = False

    @property
    def verdict_changed(self) -> bool:
        """Return whether both runs judge the arm, and not alike."""
        verdicts = (self.verdict_before, self.verdict_after)
        return None not in verdicts and self.verdict_before is not self.verdict_after


@dataclass(frozen=True)
class RunComparison:
    """Differences between two audits.

    Parameters
    ----------
    schema : str
    before, after : str
        Names of the runs.
    design : tuple of str
        What changed in the design, a clause each.
    arms : tuple of ArmChange
        The judged ones of either run.
    new_findings, gone_findings : tuple of str
        Code, title and subject of strong and moderate ones.
    same_metric, same_rows : bool
        Whether gaps have one unit, and are of the same target rows and folds.
    notes : tuple of str
        What may be compared, and what not.
    """

    schema: str
    before: str
    after: str
    design: tuple[str, ...]
    arms: tuple[ArmChange, ...]
    new_findings: tuple[str, ...]
    gone_findings: tuple[str, ...]
    same_metric: bool
    same_rows: bool
    notes: tuple[str, ...]


def compare_runs(before: FinishedRun, after: FinishedRun) -> RunComparison:
    """Compare two finished audits without testing a difference between them.

    Notes
    -----
    A gap is paired within its run. The difference of two gaps is not estimated here: intervals of
    runs on the same rows are dependent, and of other rows they say nothing about a change.

    Examples
    --------
    >>> import pandas as pd
    >>> from transfergap.analysis.imported_scores import assess_scores
    >>> rows = [(arm, k, 0, k * (1 + (arm == "b"))) for arm in ("control", "b") for k in (1, 2)]
    >>> scores = pd.DataFrame(rows, columns=["arm", "split", "seed", "score"])
    >>> runs = [FinishedRun("x", assess_scores(scores, margin=margin)) for margin in (0.1, 0.2)]
    >>> compare_runs(*runs).design
    ('margin was 0.1 and is now 0.2',)
    """
    old, new = before.result, after.result
    same_metric = (old.metric, old.metric_unit) == (new.metric, new.metric_unit)
    same_rows = _have_same_rows(before, after)
    changes = _arm_changes(before, after, same_rows=same_rows)
    old_findings, new_findings = _weighty(old), _weighty(new)
    return RunComparison(
        SCHEMA,
        before.name,
        after.name,
        _design_changes(before, after),
        changes,
        tuple(text for text in new_findings if text not in old_findings),
        tuple(text for text in old_findings if text not in new_findings),
        same_metric,
        same_rows,
        _notes(old, new, changes, same_metric=same_metric, same_rows=same_rows),
    )


def _design_changes(before: FinishedRun, after: FinishedRun) -> tuple[str, ...]:
    if before.design is not None and after.design is not None:
        clauses = [d.text for d in design_differences(dict(before.design), dict(after.design))]
    else:
        fields = ("metric", "margin", "effort", "seed", "learner")
        values = [(f, getattr(before.result, f), getattr(after.result, f)) for f in fields]
        clauses = [f"{f} was {old} and is now {new}" for f, old, new in values if old != new]
    old_rows, new_rows = before.result.target.n_rows, after.result.target.n_rows
    if old_rows != new_rows:
        clauses.append(f"the target had {old_rows} rows and has {new_rows}")
    return tuple(clauses)


def _have_same_rows(before: FinishedRun, after: FinishedRun) -> bool:
    """Return whether the same target rows were tested in the same folds."""
    old, new = before.design, after.design
    if old is None or new is None:
        return False
    keys = ("seed", "folds")
    return bool(old["target"]["rows"] == new["target"]["rows"]) and all(
        old.get(key) == new.get(key) for key in keys
    )


def _arm_changes(
    before: FinishedRun, after: FinishedRun, *, same_rows: bool
) -> tuple[ArmChange, ...]:
    old = {arm.arm: arm for arm in before.result.arms}
    new = {arm.arm: arm for arm in after.result.arms}
    judged = [name for name in (old | new) if _is_judged(old.get(name), new.get(name))]
    shared = _arms_of_same_trials(before, after) if same_rows else frozenset()
    return tuple(
        ArmChange(
            name,
            _gap(old.get(name)),
            _gap(new.get(name)),
            _verdict(old.get(name)),
            _verdict(new.get(name)),
            name in old,
            name in new,
            name in shared,
        )
        for name in judged
    )


def _is_judged(*outcomes: ArmOutcome | None) -> bool:
    return any(outcome is not None and outcome.judged for outcome in outcomes)


def _gap(outcome: ArmOutcome | None) -> Gap | None:
    return None if outcome is None else outcome.gap


def _verdict(outcome: ArmOutcome | None) -> Verdict | None:
    return None if outcome is None else outcome.verdict


def _arms_of_same_trials(before: FinishedRun, after: FinishedRun) -> frozenset[str]:
    """Return the arms that have the same trials, and control, in both."""
    old, new = before.design, after.design
    assert old is not None and new is not None
    # What decides the numbers of a trial, beside its arm and its sources' rows.
    keys = ("control", "metric", "scorer", "precision", "max_source_rows", "versions")
    if any(old.get(key) != new.get(key) for key in keys):
        return frozenset()
    arms = {arm["name"]: arm for arm in old["arms"]}
    return frozenset(
        arm["name"]
        for arm in new["arms"]
        if arms.get(arm["name"]) == arm
        and all(old["sources"].get(s) == new["sources"].get(s) for s in arm["sources"])
    )


def _weighty(result: AuditResult) -> dict[str, Finding]:
    return {
        f"{finding.code} {finding.title} ({finding.subject})": finding
        for finding in result.findings
        if finding.strength is not Strength.NOTE
    }


def _notes(
    old: AuditResult,
    new: AuditResult,
    changes: tuple[ArmChange, ...],
    *,
    same_metric: bool,
    same_rows: bool,
) -> tuple[str, ...]:
    notes = []
    if not same_metric:
        notes.append(
            f"The metrics are {old.metric_title} and {new.metric_title}: gaps have other units,"
            " and only verdicts can be laid side by side."
        )
    if same_rows:
        notes.append(
            "Both runs test the same target rows in the same folds, so their intervals depend on"
            " each other: whether they overlap does not tell whether a gap changed. Nor is a"
            " difference between the runs estimated: to compare two ways of training, make them"
            " arms of one run."
        )
    else:
        notes.append(
            "The target rows or folds are not the same, or it is not known whether they are: each"
            " gap is of its own rows, and two intervals side by side are no test of a change."
        )
    n_shared = sum(change.same_trials for change in changes)
    if n_shared:
        notes.append(
            f"Arms with the same trials in both runs: {n_shared}. Where their verdict differs, the"
            " margin or the number of arms does, not what was measured."
        )
    if old.margin != new.margin:
        notes.append(
            f"The margin was {old.margin:g} and is {new.margin:g}: verdicts may differ for that"
            " alone."
        )
    n_before, n_after = (sum(arm.judged for arm in result.arms) for result in (old, new))
    if n_before != n_after:
        notes.append(
            f"Judged arms: {n_before} before, {n_after} now; verdicts are corrected for their"
            " number."
        )
    return tuple(notes)
