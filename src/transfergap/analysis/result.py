"""Outcome of an audit as one frozen value, read by reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.curves.gap_curve import LearningCurve
from transfergap.analysis.ranking import SourceRanking
from transfergap.analysis.repairs import Explanation
from transfergap.analysis.subgroups.gaps import Subgroups
from transfergap.analysis.training_curves.learned import TrainingCurves
from transfergap.data.divergences.column_profiles import DataProfile
from transfergap.data.one_line import one_line
from transfergap.errors import OldAttribute, accepts_old_arguments
from transfergap.stats.gap import Gap, Verdict
from transfergap.stats.outlook import Outlook

SCHEMA = "transfergap/result/1"
FOLDS_MISLEAD = "TG131"
# Findings that cast doubt on every verdict alike, and why.
WITHHOLDING = {
    FOLDS_MISLEAD: "neighbouring rows go together",
    "TG311": "few rows carry the weights",
}
# Kish's rows below which weights withhold verdicts, as fewer rows than folds are refused. Labels of
# noise were said to help or to hurt in 15 of 55 audits below it, 14 of 80 from 10 to 30 and 13 of
# 74 with even weights or nearly so (seeds 0 to 240, a logistic regression, 100 target rows).
FEWEST_WEIGHTED_ROWS = 10.0


@dataclass(frozen=True)
class TargetInfo:
    """The target as it was audited.

    ``class_counts`` is empty for regression; ``n_rows`` is ``None`` for imported scores.
    ``positive`` is the positive class of two, where the score looks at the two differently;
    ``weighted`` says whether rows count by weights.
    """

    name: str
    n_rows: int | None
    n_features: int | None
    task: str
    class_counts: tuple[tuple[str, int], ...]
    n_groups: int | None
    positive: str | None = None
    weighted: bool = False


@dataclass(frozen=True)
class SourceInfo:
    """Rows of a source: given, and taken out before training.

    ``untried`` says that it got no arm, since others looked better or worse before;
    ``n_used`` how many of its rows were drawn for fits, ``None`` for all.
    """

    name: str
    n_rows: int
    n_given: int
    n_duplicates_removed: int
    n_foreign_label_rows: int
    untried: bool = False
    n_used: int | None = None


@dataclass(frozen=True)
class ArmOutcome:
    """Row of the table of arms.

    Parameters
    ----------
    arm : str
    sources : tuple of str
        Empty for the control.
    judged : bool
        False for the control and for arms shown for information.
    score : float or None
        In the units of the metric; of an arm that a race stopped early the control's, moved by the
        gap. ``None`` if no trial was completed.
    gap : Gap or None
        To the control; for the safe model, to the same model without sources where that was tried.
        ``None`` for the control and where too few pairs are complete.
    verdict : Verdict or None
        ``None`` for arms that are not judged.
    held_back : bool
        True where the arm's own interval excludes zero, but not after paying for the number of
        arms.
    rows_to_settle : int or None
        About how many target rows would settle the arm, or seeds where agents are audited; only for
        "not enough evidence".
    n_planned, n_completed, n_failed : int
        Trials.
    total : Gap or None
        Gap to the control, where ``gap`` is to something else.
    outlook : Outlook or None
        What to expect against the control; ``None`` where nothing is to be made of the gap.
    doubted : bool
        True where nothing good of the gap is believed: a suspected leak, folds that mislead, too
        many failed trials, or a closed form that refits contradict.
    """

    arm: str
    sources: tuple[str, ...]
    judged: bool
    score: float | None
    gap: Gap | None
    verdict: Verdict | None
    held_back: bool
    rows_to_settle: int | None
    n_planned: int
    n_completed: int
    n_failed: int
    total: Gap | None = None
    outlook: Outlook | None = None
    doubted: bool = False

    @property
    def over_control(self) -> Gap | None:
        """The gap to the control."""
        return self.gap if self.total is None else self.total


@dataclass(frozen=True)
class Failure:
    """Failed trials of one arm that raised the same error."""

    arm: str
    error: str
    n_trials: int
    first_split: str


@dataclass(frozen=True)
class SilentCheck:
    """A check without a finding, or one not applicable.

    ``reason`` is empty, or says why the check does not apply.
    """

    code: str
    title: str
    reason: str = ""


@accepts_old_arguments
@dataclass(frozen=True)
class AuditResult:
    """Everything that a report shows.

    Free of clock times: the same trials give the same bytes.

    Parameters
    ----------
    schema, version : str
        Of this value, and of transfergap.
    metric, metric_title, metric_unit : str
    margin : float
    level : float
        Of the intervals.
    effort : str
    seed : int
    learner : str
        The model under audit with its parameters.
    target : TargetInfo
    sources : tuple of SourceInfo
    arms : tuple of ArmOutcome
        The control first.
    findings : tuple of Finding
        Strong ones first.
    silent_checks : tuple of SilentCheck
    failures : tuple of Failure
    smallest_visible_gap : float or None
        The gap that this design would call in four runs of five; median over the judged arms.
    method_notes : tuple of str
        Sentences on how gaps were computed and corrected.
    fingerprint : str
        Digest of data and design.
    versions : mapping of str to str
    explanations : tuple of Explanation
        Of the arms that were looked at again.
    subgroups : Subgroups or None
        Gaps of subgroups; ``None`` where none were compared.
    learning_curve : LearningCurve or None
        Gaps against target rows; ``None`` where no curve was requested.
    budget_curve : LearningCurve or None
        Gaps against the model's own training budget; ``None`` where it states none.
    ranking : SourceRanking or None
        The sources by the harm that they do; ``None`` for fewer than two, and where they could not
        be ranked (``method_notes`` say why).
    training_curves : TrainingCurves or None
        How agents learned; ``None`` for anything but agents.
    data : DataProfile or None
        Target against sources, column by column; ``None`` where rows have no columns.
    """

    schema: str
    version: str
    metric: str
    metric_title: str
    metric_unit: str
    margin: float
    level: float
    effort: str
    seed: int
    learner: str
    target: TargetInfo
    sources: tuple[SourceInfo, ...]
    arms: tuple[ArmOutcome, ...]
    findings: tuple[Finding, ...]
    silent_checks: tuple[SilentCheck, ...]
    failures: tuple[Failure, ...]
    smallest_visible_gap: float | None
    method_notes: tuple[str, ...]
    fingerprint: str
    versions: Mapping[str, str]
    explanations: tuple[Explanation, ...] = ()
    subgroups: Subgroups | None = None
    learning_curve: LearningCurve | None = None
    ranking: SourceRanking | None = None
    budget_curve: LearningCurve | None = None
    training_curves: TrainingCurves | None = None
    data: DataProfile | None = None

    precision = OldAttribute()
    curve = OldAttribute()
    budgets = OldAttribute()
    training = OldAttribute()

    def __repr__(self) -> str:
        n_arms, n_findings = len(self.arms), len(self.findings)
        return (
            f"<AuditResult of {one_line(self.target.name)}: {n_arms} arms, {n_findings} findings;"
            " transfergap.report.render() shows it>"
        )

    @cached_property
    def withheld_by(self) -> str:
        """Return the code for which no verdict is given; empty for none."""
        return withholding_code(self.findings)


def withholding_code(findings: Iterable[Finding]) -> str:
    """Return the code of a finding that withholds every verdict."""
    strong = (f for f in findings if f.strength is Strength.STRONG and f.code in WITHHOLDING)
    return next(
        (f.code for f in strong if f.evidence.get("n_effective", 0.0) < FEWEST_WEIGHTED_ROWS), ""
    )
