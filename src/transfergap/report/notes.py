"""Notes that stand below the table in a terminal and in Markdown."""

from __future__ import annotations

from transfergap.analysis.result import AuditResult
from transfergap.report.choice import trial_counts
from transfergap.report.sections.who_is_hurt import subgroup_sentence
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import count, counted
from transfergap.report.wording.sentences import (
    credit_sentence,
    held_back_notes,
    visible_gap_sentence,
)


def notes(result: AuditResult) -> tuple[str, ...]:
    """Return caveats on the verdicts: corrected claims, failures, power."""
    trials = trial_counts(result)
    lines = [*held_back_notes(result)]
    if trials.failed:
        lines.append(
            f"{count(trials.failed)} of {counted(trials.planned, 'trial')} failed; their pairs are"
            " left out of the gaps."
        )
    if trials.missing:
        lines.append(
            f"The run is not finished: {count(trials.missing)} of"
            f" {counted(trials.planned, 'trial')} have not been run."
        )
    n_untried = sum(source.untried for source in result.sources)
    if n_untried:
        lines.append(
            f"{count(n_untried)} of {counted(len(result.sources), 'source')} were not tried by"
            " themselves (TG127): they have estimates of a linear model, and no verdict."
        )
    credit = credit_sentence(result)
    if credit is not None:
        lines.append(credit)
    if result.subgroups is not None:
        lines.append(f"Subgroups: {subgroup_sentence(result.subgroups)}")
    if result.learning_curve is not None:
        totals = {arm.arm for arm in result.arms if arm.total is not None}
        lines += [
            f"{named(c.arm)}{' over the control' if c.arm in totals else ''}: {one_line(c.says)}"
            for c in result.learning_curve.curves
        ]
        lines += [one_line(note) for note in result.learning_curve.notes]
    if result.budget_curve is not None:
        lines += [f"{named(c.arm)}: {one_line(c.says)}" for c in result.budget_curve.curves]
        lines += [one_line(note) for note in result.budget_curve.notes]
    visible = visible_gap_sentence(result)
    if visible is not None:
        lines.append(visible)
    return tuple(lines)
