"""Model card: origin, judgement, and who is worse off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transfergap._version import __version__
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.brief import faults_of
from transfergap.report.choice import is_safe
from transfergap.report.markdown import escaped
from transfergap.report.sections.who_is_hurt import subgroup_sentence
from transfergap.report.wording.names import named
from transfergap.report.wording.numbers import Numbers, count, counted, level, numbers_for
from transfergap.report.wording.sentences import metric_of_class
from transfergap.stats.gap import Verdict

TITLE = "# Model card:"
_UNJUDGED = (
    "This model was fitted from files, without an audit: nobody measured whether it is better than"
    " one trained on the target alone. Run `transfergap run` on the same files, and then"
    " `transfergap fit RUN`."
)
_LIMITS = (
    "A verdict is about models trained on samples like the target's, not about this one fit of it;"
    " only rows that were never used can judge that.",
    "It says nothing of rows that are unlike the target's, and nothing of a target that changes.",
    "Whether the labels of the target are right was not looked at.",
)


def model_card(fitted: Mapping[str, Any], result: AuditResult | None) -> str:
    """Return a model card in Markdown.

    Parameters
    ----------
    fitted : mapping
        As `transfergap fit --format json` prints it: ``model``, ``target``, ``task``, ``n_rows``,
        ``caution``, ``credibility``, ``expected_gain``, ``sources``, ``notes``.
    result : AuditResult or None
        Of the run that the model comes from; ``None`` where it was not audited.

    Notes
    -----
    The headings are those of Mitchell et al. (2019), Model Cards for Model Reporting, as far as an
    audit has something to say under them.
    """
    lines = [f"{TITLE} {escaped(str(fitted['model']))}", "", "## Model", ""]
    lines += [f"- {text}" for text in _model(fitted)]
    lines += ["", "## Training data", "", *_sources(fitted)]
    lines += ["", "## How it was judged", ""]
    lines += [f"- {text}" for text in _judged(result)] if result else [_UNJUDGED]
    lines += ["", "## For whom it is worse", "", *_subgroups(result)]
    lines += ["", "## What to know before it is used", ""]
    lines += [f"- {text}" for text in (*_faults(result), *_LIMITS)]
    return "\n".join(lines) + "\n"


def _model(fitted: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"A SafeTransfer model ({escaped(str(fitted['task']))} labels) made by transfergap"
        f" {__version__}: it uses each source as far as the target's rows back it.",
        f"Caution {escaped(str(fitted['caution']))}; the target's own rows carry"
        f" {100 * float(fitted['credibility']):.0f} % of what the data say in it.",
    )


def _sources(fitted: Mapping[str, Any]) -> list[str]:
    rows = fitted["n_rows"]
    lines = [
        "| data | rows | part in the model | as many target rows |",
        "| --- | ---: | ---: | ---: |",
        f"| {escaped(named(str(fitted['target'])))} (target) | {count(int(rows))} | | |",
    ]
    for source in fitted["sources"]:
        part = f"{100 * float(source['influence']):.0f} %: {escaped(str(source['use']))}"
        worth = source["target_rows"]
        worth = "" if worth is None else f"{float(worth):,.0f}"
        n_rows = count(int(source["n_rows"]))
        lines.append(f"| {escaped(named(str(source['name'])))} | {n_rows} | {part} | {worth} |")
    return [*lines, *[f"\n{escaped(str(note))}" for note in fitted["notes"]]]


def _safe_arm(result: AuditResult) -> ArmOutcome | None:
    return next((arm for arm in result.arms if is_safe(result, arm)), None)


def _judged(result: AuditResult) -> tuple[str, ...]:
    numbers, arm = numbers_for(result), _safe_arm(result)
    unit = escaped(metric_of_class(result))
    scope = (
        f"Audit of {counted(result.target.n_rows or 0, 'target row')}: the same folds and seeds"
        f" with other data and without; metric {unit}; margin {numbers.plain(result.margin)};"
        f" effort {escaped(result.effort)}; fingerprint {escaped(result.fingerprint)}."
    )
    if arm is None or arm.over_control is None:
        return (scope, "The safe model was not among the arms that were judged.")
    gap = f"{numbers.gap(arm.over_control)} {unit}"
    lines = [scope, f"Beside the model trained on the target alone: {gap} ({level(result)})."]
    if arm.total is not None and arm.gap is not None:
        part = _interval(numbers, arm)
        lines.append(f"Of it other data give {part}; the rest is from being another model.")
    if arm.verdict is not None:
        lines.append(f"Verdict on other data in it: **{arm.verdict}**.")
    return tuple(lines)


def _interval(numbers: Numbers, arm: ArmOutcome) -> str:
    assert arm.gap is not None
    return numbers.gap(arm.gap)


def _subgroups(result: AuditResult | None) -> list[str]:
    if result is None or result.subgroups is None:
        return ["Nobody looked at groups of rows: it may be worse for some of them."]
    arm = _safe_arm(result)
    hurt = [
        gap
        for gap in result.subgroups.gaps
        if arm is not None and gap.arm == arm.arm and gap.verdict is Verdict.HURTS
    ]
    numbers = numbers_for(result)
    lines = [escaped(subgroup_sentence(result.subgroups))]
    for gap in hurt:
        rows = counted(gap.n_rows, "row")
        lines.append(f"- **{escaped(named(gap.subgroup))}** ({rows}): {numbers.gap(gap.gap)}")
    if result.subgroups.too_small:
        small = ", ".join(escaped(named(group.subgroup)) for group in result.subgroups.too_small)
        lines.append(f"- Too few rows to tell: {small}.")
    return lines


def _faults(result: AuditResult | None) -> tuple[str, ...]:
    if result is None:
        return ()
    return tuple(
        f"{escaped(fault.fault)} {escaped(fault.fix)} ({fault.code})" for fault in faults_of(result)
    )
