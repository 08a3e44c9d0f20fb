"""A result as annotations of a GitHub workflow."""

from __future__ import annotations

from typing import Literal

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.choice import unjudgeable, with_verdict
from transfergap.report.names import named, one_line
from transfergap.report.numbers import counted
from transfergap.report.sentences import arm_sentence
from transfergap.stats.gap import Verdict

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
