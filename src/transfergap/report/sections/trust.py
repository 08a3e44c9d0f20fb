"""Section of trust, and blocks of findings."""

from __future__ import annotations

from collections.abc import Sequence

from transfergap.analysis.checks.causes import fix_of_any
from transfergap.analysis.checks.check import Finding
from transfergap.analysis.result import AuditResult
from transfergap.report.blocks import (
    Block,
    Bullets,
    Facts,
    FindingGroup,
    Heading,
    Paragraph,
    Section,
)
from transfergap.report.choice import (
    gap_of,
    is_leak_code,
    is_soundness_code,
    is_subgroup_code,
    judged_arms,
    leak_findings,
    silent,
    soundness_findings,
    trial_counts,
)
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import (
    Numbers,
    count,
    counted,
    of_agents,
    of_people,
    repair_words,
)
from transfergap.report.wording.sentences import visible_gap_sentence

# Decimals of gains, where no result is there to take the margin from.
_REPAIR = Numbers(3)
# Different remedies listed; of more, the general one stands for all.
_FEW = 2


def finding_blocks(
    findings: Sequence[Finding], numbers: Numbers = _REPAIR
) -> tuple[FindingGroup, ...]:
    """Return findings grouped by code, title and strength, in order."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.code, one_line(finding.title), str(finding.strength))
        groups.setdefault(key, []).append(finding)
    return tuple(
        FindingGroup(
            code,
            title,
            strength,
            tuple((named(f.subject), one_line(f.says), repair_words(f, numbers)) for f in members),
            _fixes(members),
        )
        for (code, title, strength), members in groups.items()
    )


def _fixes(members: Sequence[Finding]) -> tuple[str, ...]:
    """Return the remedies.

    One line for several subjects where it is the same for all.
    """
    fixes = tuple(dict.fromkeys(one_line(f.fix) for f in members if f.fix))
    of_any = fix_of_any(members[0].code)
    return fixes if len(fixes) <= _FEW or of_any is None else (of_any,)


_GROUPS = "Groups of rows within the target: an arm that helps on average may hurt some of them."
_NEVER_LOOKED = (
    "Whether the labels of the target are right.",
    "Whether future cases will look like the rows of the target.",
    "The one model that you will fit in the end: a verdict speaks of what to expect from samples"
    " of this size.",
)
_NEVER_LOOKED_AT_AGENTS = (
    "Whether the score is what you want of the agent.",
    "Other environments than the target, and other budgets than this one.",
    "Failures that are rarer than one run in the number of seeds: none may have come up.",
)


_NEVER_LOOKED_AT_PEOPLE = (
    "How people came into their groups: only chance makes groups alike before they learn.",
    "Who left the study before its end, and why.",
    "What is kept later: a gap is one at these trials, and may fade.",
    "Other tasks, and other people than those who were tested.",
)


_ORDER = (
    "The order of the conditions: who has done a task before is better at the next, so that half of"
    " the people should begin with each."
)


def trust(result: AuditResult) -> Section:
    """Return the section."""
    blocks: list[Block] = [Facts(_facts(result))]
    findings = (*leak_findings(result), *soundness_findings(result))
    if findings:
        blocks += [Heading("What speaks against it"), *finding_blocks(findings)]
    clean_checks = [c for c in silent(result, ran=True) if _is_about_trust(c.code)]
    if clean_checks:
        titles = ", ".join(f"{one_line(c.title)} ({c.code})" for c in clean_checks)
        blocks.append(Paragraph(f"Looked for and not found: {titles}."))
    blocks += [Heading("What was not looked at"), Bullets(_not_looked(result))]
    return Section("Can this be trusted?", tuple(blocks))


def _is_about_trust(code: str) -> bool:
    return is_leak_code(code) or is_soundness_code(code)


def _facts(result: AuditResult) -> tuple[tuple[str, str], ...]:
    if of_people(result):
        return _people_facts(result)
    facts = []
    pairs = sorted({gap_of(arm).n_pairs for arm in judged_arms(result) if arm.gap is not None})
    if pairs:
        many = count(pairs[0]) if len(pairs) == 1 else f"{count(pairs[0])} to {count(pairs[-1])}"
        facts.append(
            (
                "Pairs",
                f"{many} {'pair' if pairs == [1] else 'pairs'} of trials behind each gap: the same"
                + _shared(result),
            )
        )
    else:
        facts.append(("Pairs", "None: no arm can be compared with the control."))
    facts.append(("Trials", _trials(result)))
    visible = visible_gap_sentence(result)
    if visible is not None:
        facts.append(("Smallest visible gap", visible))
    return tuple(facts)


def _people_facts(result: AuditResult) -> tuple[tuple[str, str], ...]:
    training = result.training_curves
    assert training is not None
    sizes = ", ".join(f"{count(curve.n_seeds)} in {named(curve.arm)}" for curve in training.curves)
    who = "each in one group" if training.learners == "people" else "the same people in every group"
    if training.n_clusters is not None:
        who += f", in {counted(training.n_clusters, 'cluster')} that count once each"
    facts = [("Participants", f"{count(training.n_seeds)}, {who}: {sizes}.")]
    visible = visible_gap_sentence(result)
    return tuple(facts if visible is None else [*facts, ("Smallest visible gap", visible)])


def _shared(result: AuditResult) -> str:
    if of_agents(result):
        return " seed and budget, with training elsewhere first and without."
    return " rows and the same seed, with the other data and without."


def _trials(result: AuditResult) -> str:
    trials = trial_counts(result)
    text = f"{count(trials.completed)} of {count(trials.planned)} completed, "
    text += f"{count(trials.failed)} failed." if trials.failed else "none failed."
    if trials.failed:
        text += " Pairs with a failed trial are left out on both sides."
    if trials.missing:
        text += f" {counted(trials.missing, 'trial')} not run yet: the run is not finished."
    return text


def _not_looked(result: AuditResult) -> tuple[str, ...]:
    could_not = tuple(
        f"{one_line(check.title).capitalize()} ({check.code}): {one_line(check.reason)}."
        for check in silent(result, ran=False)
        if not (is_subgroup_code(check.code) and result.subgroups is None)  # said below
    )
    if of_people(result):
        training = result.training_curves
        same = training is not None and training.learners == "the same people"
        return (*_NEVER_LOOKED_AT_PEOPLE, *(_ORDER,) * same)
    if of_agents(result):
        return (*could_not, *_NEVER_LOOKED_AT_AGENTS)
    if not result.findings and not result.silent_checks:
        could_not = ("Data and models: only scores were given, and nothing else was checked.",)
    below = (_GROUPS,) if result.subgroups is None else ()
    return (*could_not, *below, *_NEVER_LOOKED)
