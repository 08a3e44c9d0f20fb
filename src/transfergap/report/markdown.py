"""A result for GitHub: Markdown and annotations."""

from __future__ import annotations

import re
from typing import Literal

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.advice import recommendations
from transfergap.report.choice import (
    control_of,
    explanations,
    hidden_arms,
    leak_findings,
    shown_arms,
    soundness_findings,
    subgroup_findings,
    unjudgeable,
    verdict_words,
    weighty,
    with_verdict,
)
from transfergap.report.notes import notes
from transfergap.report.wording.metric_words import (
    SHORT,
    main_metrics,
    mark_of,
    metric_words,
    shown_metrics,
)
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import (
    EMPTY_CELL,
    control_suffix,
    counted,
    level,
    numbers_for,
    repair_words,
)
from transfergap.report.wording.sentences import (
    arm_label,
    arm_sentence,
    headline,
    question,
    setting,
)
from transfergap.stats.gap import Verdict

_SPECIAL = re.compile(r"[\\`*_{}\[\]|~$]|^[-+=]|^\d+(?=[.)])")
_LINKING = re.compile(r"@|#(?=\d)|^#")
_WORD_JOINER = "\u2060"  # invisible; keeps GitHub from notifying people and linking issues


def escaped(text: str) -> str:
    """Return user text escaped for Markdown, on one line.

    It makes no links and no mentions.

    Examples
    --------
    >>> escaped("a|b <i>*c*</i>")
    'a\\\\|b &lt;i&gt;\\\\*c\\\\*&lt;/i&gt;'
    """
    plain = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = _SPECIAL.sub(_with_backslash, plain)
    plain = _LINKING.sub(lambda match: match[0] + _WORD_JOINER, plain).replace("://", "\\://")
    return re.sub(r"\bwww\.", r"www\\.", plain, flags=re.IGNORECASE)


def _with_backslash(match: re.Match[str]) -> str:
    mark = match[0]
    return mark + _WORD_JOINER if mark.isdigit() else "\\" + mark


def _coded(text: str) -> str:
    """Return a sentence in which names between backticks are code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escaped(text)
    return "".join(f"`{p}`" if i % 2 else _escaped_part(p) for i, p in enumerate(parts))


def _escaped_part(text: str) -> str:
    """Return escaped text that keeps the spaces at its ends."""
    core = text.strip()
    start = len(text) - len(text.lstrip())
    return text[:start] + escaped(core) + text[start + len(core) :] if core else text


def render_markdown(result: AuditResult) -> str:
    """Return headline, table, findings, what to do and notes as Markdown."""
    lines = [f"## {escaped(question(result))}", "", " · ".join(map(escaped, setting(result))), ""]
    for sentence in headline(result):
        before, claim, after = map(_escaped_part, (sentence.before, sentence.claim, sentence.after))
        lines.append(f"- {before}**{claim}**{after}")
    lines += ["", *_table(result), ""]
    for title, findings in (
        ("Can this be trusted?", (*leak_findings(result), *soundness_findings(result))),
        ("Why?", explanations(result)),
        ("Who is hurt?", subgroup_findings(result)),
    ):
        heavy = weighty(findings)
        if heavy:
            lines += [f"### {title}", ""]
            for finding in heavy:
                head = f"**{escaped(finding.code)} {escaped(finding.title)}**"
                about = f"({escaped(named(finding.subject))}, {finding.strength})"
                repair = repair_words(finding, numbers_for(result))
                tail = f" *{escaped(repair)}*" if repair else ""
                lines.append(f"- {head} {about}: {escaped(finding.says)}{tail}")
            lines.append("")
    lines += _curves(result)
    lines += ["### What to do", ""]
    lines += [f"{i}. {_coded(advice)}" for i, advice in enumerate(recommendations(result), 1)]
    note_lines = notes(result)
    if note_lines:
        lines += ["", "### Notes", "", *(f"- {escaped(note)}" for note in note_lines)]
    return "\n".join(lines) + "\n"


def _curves(result: AuditResult) -> list[str]:
    """Return the main metrics of learning curves as a table."""
    gaps_by_arm = shown_metrics(result)
    if not gaps_by_arm:
        return []
    metrics = main_metrics(result)
    lines = ["### How did they learn?", "", f"| arm | {' | '.join(SHORT[m] for m in metrics)} |"]
    lines.append("| --- |" + " --- |" * len(metrics))
    for arm, gaps in gaps_by_arm.items():
        cells = [f"{metric_words(result, gaps[m])} {mark_of(gaps[m])}".strip() for m in metrics]
        lines.append(f"| {escaped(named(arm))} | {' | '.join(map(escaped, cells))} |")
    return [*lines, ""]


def _table(result: AuditResult) -> list[str]:
    unit = escaped(result.metric_unit)
    lines = [f"| arm | {unit} | gap \\[{level(result)} interval\\] | verdict |"]
    lines.append("| --- | ---: | :--- | :--- |")
    lines += [_row(result, arm) for arm in shown_arms(result)]
    hidden = hidden_arms(result)
    if hidden:
        lines += ["", f"{counted(len(hidden), 'arm')} for information left out."]
    return lines


def _row(result: AuditResult, arm: ArmOutcome) -> str:
    numbers = numbers_for(result)
    name = (
        f"{named(arm.arm)}{control_suffix(result)}" if arm is control_of(result) else arm_label(arm)
    )
    gap = EMPTY_CELL if arm.gap is None else numbers.gap(arm.gap).replace("[", "\\[")
    words = " ".join(verdict_words(result, arm)).strip()
    return f"| {escaped(name)} | {numbers.plain(arm.score)} | {gap} | {words} |"


Level = Literal["error", "warning", "notice"]
# Two of the ten are left for the lines that count the others.
_MOST_ANNOTATIONS = 8  # GitHub shows ten annotations of a level and step, and drops the others


def annotation(level: str, title: str, message: str) -> str:
    """Return one workflow command, escaped as GitHub asks for.

    Parameters
    ----------
    level : {"error", "warning", "notice"}
    title, message : str
        May hold anything.

    Examples
    --------
    >>> annotation("notice", "a:b", "100 %")
    '::notice title=a%3Ab::100 %25'
    """
    safe = _data(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={safe}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def render_github(result: AuditResult) -> str:
    """Return annotations, one a line.

    Harm is an error; lacking evidence and strong findings are warnings; help is a notice.
    Of more than eight of a kind, the rest is counted in one line.
    """
    lines: list[str] = []
    lines += _arms(result, with_verdict(result, Verdict.HURTS), "error", "hurts")
    open_arms = with_verdict(result, Verdict.NOT_ENOUGH_EVIDENCE) + unjudgeable(result)
    lines += _arms(result, open_arms, "warning", "not enough evidence")
    strong = [f for f in result.findings if f.strength is Strength.STRONG]
    lines += [_finding(finding) for finding in strong[:_MOST_ANNOTATIONS]]
    if len(strong) > _MOST_ANNOTATIONS:
        lines.append(_remainder("warning", len(strong), "strong finding"))
    lines += _arms(result, with_verdict(result, Verdict.HELPS), "notice", "helps")
    no_effect = with_verdict(result, Verdict.NO_MATERIAL_EFFECT)
    lines += _arms(result, no_effect, "notice", "no material effect")
    return "".join(f"{line}\n" for line in lines)


def _arms(result: AuditResult, arms: tuple[ArmOutcome, ...], level: Level, words: str) -> list[str]:
    lines = [
        annotation(level, f"{named(arm.arm)}: {words}", arm_sentence(result, arm).text)
        for arm in arms[:_MOST_ANNOTATIONS]
    ]
    if len(arms) > _MOST_ANNOTATIONS:
        lines.append(_remainder(level, len(arms), f"arm with the verdict {words!r}"))
    return lines


def _remainder(level: Level, n: int, noun: str) -> str:
    plural = noun.replace("arm with", "arms with") if noun.startswith("arm") else noun + "s"
    return annotation(
        level,
        "transfergap",
        f"{counted(n - _MOST_ANNOTATIONS, noun, plural)} more; see the report.",
    )


def _finding(finding: Finding) -> str:
    title = f"{finding.code} {one_line(finding.title)} ({named(finding.subject)})"
    return annotation("warning", title, f"{one_line(finding.says)} {one_line(finding.fix)}")
