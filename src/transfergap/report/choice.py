"""Choice and order of what reports show.

Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.decision import decide
from transfergap.analysis.light import Light, light_of
from transfergap.analysis.result import FOLDS_MISLEAD, ArmOutcome, AuditResult, SilentCheck
from transfergap.experiment.design import SAFE
from transfergap.stats.gap import Gap, Verdict

# So many sentences still read as a headline; more arms are counted instead.
FEW_ARMS = 6
# Rows of a table on one screen; more are grouped by verdict.
MANY_ARMS = 12
FEW_SOURCES = 12  # of a ranking that is shown in full
# Of each end, where a ranking is longer than FEW_SOURCES.
WORST_AND_BEST = 6
RANKED_IN_A_TERMINAL = 4  # sources: with fewer, the verdicts say it all
MARKS = {
    Verdict.HELPS: "✓",
    Verdict.HURTS: "✗",
    Verdict.NO_MATERIAL_EFFECT: "≈",
    Verdict.NOT_ENOUGH_EVIDENCE: "?",
}
REFERENCE, FOR_INFORMATION, TOO_FEW_PAIRS = "reference", "for information", "too few pairs"


@dataclass(frozen=True)
class TrialCounts:
    """Trials over all arms."""

    planned: int
    completed: int
    failed: int

    @property
    def missing(self) -> int:
        """Trials that were never run."""
        return max(self.planned - self.completed - self.failed, 0)


def trial_counts(result: AuditResult) -> TrialCounts:
    """Return how many trials were planned, completed and failed."""
    return TrialCounts(
        sum(arm.n_planned for arm in result.arms),
        sum(arm.n_completed for arm in result.arms),
        sum(arm.n_failed for arm in result.arms),
    )


def control_of(result: AuditResult) -> ArmOutcome | None:
    """Return the control: the first arm, where it is not judged."""
    # The control heads every result; imported scores may have none.
    first = result.arms[0] if result.arms else None
    return first if first is not None and not first.judged and not first.sources else None


def treatments(result: AuditResult) -> tuple[ArmOutcome, ...]:
    """Return all arms but the control."""
    control = control_of(result)
    return tuple(arm for arm in result.arms if arm is not control)


def judged_arms(result: AuditResult) -> tuple[ArmOutcome, ...]:
    """Return the arms that are judged, also those with too few pairs."""
    return tuple(arm for arm in treatments(result) if arm.judged)


def with_verdict(result: AuditResult, verdict: Verdict) -> tuple[ArmOutcome, ...]:
    """Return the arms with that verdict, the clearest first.

    The clearest helping arm has the largest lower bound, the clearest hurting arm the smallest
    upper bound; the others stay in the order of the design.
    """
    arms = [arm for arm in judged_arms(result) if arm.verdict is verdict and arm.gap is not None]
    # By the end of the interval that is nearer to zero: the surest arm, not the largest gap.
    if verdict is Verdict.HELPS:
        arms.sort(key=lambda arm: -gap_of(arm).low)
    elif verdict is Verdict.HURTS:
        arms.sort(key=lambda arm: gap_of(arm).high)
    return tuple(arms)


def lights_of(result: AuditResult) -> dict[str, Light]:
    """Return the lights of judged arms by name."""
    lights = ((arm.arm, light_of(result, arm)) for arm in judged_arms(result))
    return {name: light for name, light in lights if light is not None}


def with_light(result: AuditResult, *lights: Light) -> tuple[ArmOutcome, ...]:
    """Return the arms with these lights, light by light."""
    by_arm, arms = lights_of(result), judged_arms(result)
    return tuple(arm for light in lights for arm in arms if by_arm.get(arm.arm) is light)


def single_sources(arms: Sequence[ArmOutcome]) -> tuple[ArmOutcome, ...]:
    """Return the arms of one source each; all where there is none."""
    return tuple(arm for arm in arms if len(arm.sources) == 1) or tuple(arms)


def is_all_of_source(result: AuditResult, arm: ArmOutcome, arms: Sequence[ArmOutcome]) -> bool:
    """Return whether some arms hold every judged arm of an arm's source.

    The safe model is no arm of a source.
    """
    if len(arm.sources) != 1 or is_safe(result, arm):
        return False
    rivals = [rival for rival in judged_arms(result) if rival.sources == arm.sources]
    return all(rival in arms for rival in rivals if not is_safe(result, rival))


def best_arm(result: AuditResult) -> ArmOutcome | None:
    """Return the arm that the default policy uses."""
    use = decide(result).use
    return next((arm for arm in result.arms if arm.arm == use), None)


def unjudgeable(result: AuditResult) -> tuple[ArmOutcome, ...]:
    """Return arms that were to be judged and have no gap."""
    return tuple(arm for arm in judged_arms(result) if arm.gap is None or arm.verdict is None)


def is_safe(result: AuditResult, arm: ArmOutcome | None) -> bool:
    """Return whether an arm is that of the safe model.

    Among imported scores none is.
    """
    return arm is not None and arm.arm == SAFE and result.target.n_rows is not None


def without_safe(result: AuditResult, arms: tuple[ArmOutcome, ...]) -> tuple[ArmOutcome, ...]:
    """Return the arms of sources, or the safe one alone."""
    sources = tuple(arm for arm in arms if not is_safe(result, arm))
    return sources or arms


def gap_of(arm: ArmOutcome) -> Gap:
    """Return the gap of an arm that is known to have one."""
    assert arm.gap is not None
    return arm.gap


def shown_arms(result: AuditResult) -> tuple[ArmOutcome, ...]:
    """Return the rows of the main table, the control first.

    The best arms follow it if they are many. Arms for information are left to the full table
    where many arms are judged.
    """
    judged = judged_arms(result)
    if len(judged) <= MANY_ARMS:
        return result.arms
    ordered = sorted(judged, key=lambda arm: (arm.gap is None, -arm.gap.estimate if arm.gap else 0))
    control = control_of(result)
    return ((control,) if control else ()) + tuple(ordered)


def hidden_arms(result: AuditResult) -> tuple[ArmOutcome, ...]:
    """Return the arms that the main table leaves out."""
    visible = {arm.arm for arm in shown_arms(result)}
    return tuple(arm for arm in result.arms if arm.arm not in visible)


def verdict_words(result: AuditResult, arm: ArmOutcome) -> tuple[str, str]:
    """Return mark and words of an arm's verdict.

    The mark is empty where nothing was judged.
    """
    if arm is control_of(result):
        return "", REFERENCE
    if arm.verdict is not None:
        return MARKS[arm.verdict], str(arm.verdict)
    if arm.judged:
        return "", TOO_FEW_PAIRS
    return "", FOR_INFORMATION


def leak_findings(result: AuditResult) -> tuple[Finding, ...]:
    """Return the findings of the leak audit."""
    return tuple(f for f in result.findings if is_leak_code(f.code))


def soundness_findings(result: AuditResult) -> tuple[Finding, ...]:
    """Return the faults of the control or the trials."""
    return tuple(f for f in result.findings if is_soundness_code(f.code))


def subgroup_findings(result: AuditResult) -> tuple[Finding, ...]:
    """Return the findings on subgroups that arms hurt."""
    return tuple(f for f in result.findings if is_subgroup_code(f.code))


def explanations(result: AuditResult) -> tuple[Finding, ...]:
    """Return all other findings, tested causes first.

    Those of sources that hurt come before others, and notes after them; last the causes of arms
    that are shown for information.
    """
    predicates = (is_leak_code, is_soundness_code, is_subgroup_code)
    remaining = [f for f in result.findings if not any(of(f.code) for of in predicates)]
    hurting = {source for arm in with_verdict(result, Verdict.HURTS) for source in arm.sources}

    def place(finding: Finding) -> tuple[bool, bool, bool, bool]:
        is_note, is_cause = finding.strength is Strength.NOTE, is_cause_code(finding.code)
        # A cause is a note where it is one of an arm for information.
        for_information = is_cause and is_note
        return is_note, for_information, not is_cause, finding.subject not in hurting

    return tuple(sorted(remaining, key=place))  # stable: otherwise findings keep their order


LABEL_CODES = ("TG124", "TG125")  # labels that mean something else in a source
NAMES_OF_ROWS = "TG115"
ROW_NAMES = (NAMES_OF_ROWS, "TG116")  # columns that were left out, or should be


def is_leak_code(code: str) -> bool:
    """Return whether a code is of the leak audit (TG10x).

    Codes on names of rows and on labels belong to it.
    """
    return code.startswith("TG10") or code in (*ROW_NAMES, *LABEL_CODES)


def is_soundness_code(code: str) -> bool:
    """Return whether a code concerns control, trials, weights or folds.

    These are TG30x, TG31x, TG50x and that on folds.
    """
    return code.startswith(("TG30", "TG31", "TG50")) or code == FOLDS_MISLEAD


# Faults of files that TG11x and TG12x tell of, where something can be typed to mend them.
LACKING_COLUMNS, TOTALS = "TG117", "TG143"
FOREIGN_LABELS, MISSING_LABELS, UNLABELLED, WHOLE_NUMBERS = "TG122", "TG133", "TG134", "TG135"
_FILE_CODES = (
    *("TG110", "TG113", "TG118", "TG119", "TG126", "TG137", "TG138", "TG139", "TG141", "TG142"),
    *(FOREIGN_LABELS, MISSING_LABELS, WHOLE_NUMBERS, TOTALS),
)

_LABEL_FAULTS = (MISSING_LABELS, FOREIGN_LABELS)
UNSEARCHED_MODEL = "TG120"
# Beside faults of files: a poor control, a column that costs it, a metric the wrong way round, and
# a model that may remember the test.
_DOUBTS = ("TG116", "TG301", "TG315", UNSEARCHED_MODEL)


def is_file_code(code: str) -> bool:
    """Return whether a code is of a fault in the files."""
    return code in _FILE_CODES


def is_fault(finding: Finding) -> bool:
    """Return whether a finding asks to be mended before all else."""
    if not finding.fix:
        return False
    if is_leak_code(finding.code) or is_soundness_code(finding.code):
        # Against a control that may be no better than a constant, every claim is in doubt.
        return finding.strength is Strength.STRONG or finding.code in ("TG301", NAMES_OF_ROWS)
    if finding.code == UNSEARCHED_MODEL:
        return finding.strength is not Strength.NOTE
    if finding.code == FOREIGN_LABELS:  # of a few rows it is no fault
        return finding.strength is Strength.STRONG
    return is_file_code(finding.code) and finding.strength is not Strength.NOTE


def is_mendable_code(code: str) -> bool:
    """Return whether a conversion undoes the fault of a code."""
    return is_file_code(code) or code in LABEL_CODES


def urgency(finding: Finding) -> tuple[bool, ...]:
    """Return where a fault stands among faults, the smallest first."""
    # Labels that are none, or of no use, or of another kind, and rows of totals make other
    # findings, and what a model remembers makes any gain; then what turns a source round, then what
    # was measured, then what costs a column.
    strong = finding.strength is Strength.STRONG
    first = (WHOLE_NUMBERS, TOTALS, UNSEARCHED_MODEL)
    return (
        not (finding.code in first or (strong and finding.code in _LABEL_FAULTS)),
        finding.code not in LABEL_CODES,
        finding.repair_gap is None,
        not strong,
        finding.code not in ROW_NAMES,
    )


def doubtful(result: AuditResult, arms: Sequence[ArmOutcome]) -> Finding | None:
    """Return the most urgent fault that claims may come from.

    Rows and columns that were left out, and claims that were withheld, are behind a claim already.
    """
    subjects = {"target", "control", *(source for arm in arms for source in arm.sources)}
    faults = [
        finding
        for finding in result.findings
        if is_fault(finding)
        and finding.subject in subjects
        and (is_mendable_code(finding.code) or finding.code in _DOUBTS)
    ]
    return min(faults, key=urgency, default=None)


def is_cause_code(code: str) -> bool:
    """Return whether a code is of a tested cause, TG60x."""
    return code.startswith("TG60")


def is_subgroup_code(code: str) -> bool:
    """Return whether a code is about subgroups of the target, TG40x."""
    return code.startswith("TG40")


def weighty(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return strong and moderate findings."""
    return tuple(f for f in findings if f.strength is not Strength.NOTE)


def silent(result: AuditResult, *, ran: bool) -> tuple[SilentCheck, ...]:
    """Return checks without findings, or those not applicable."""
    return tuple(check for check in result.silent_checks if (check.reason == "") is ran)
