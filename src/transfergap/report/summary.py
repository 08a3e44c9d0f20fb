"""A result in a few plain lines."""

from __future__ import annotations

from transfergap.analysis.result import AuditResult
from transfergap.report.choice import MARKS, judged_arms, verdict_words
from transfergap.report.names import columns, named, shortened
from transfergap.report.numbers import EMPTY_CELL, level, numbers_for
from transfergap.report.sentences import arm_label, counts_sentence, headline, setting

_LONGEST_NAME = 32  # as in the table of a terminal


def summary(result: AuditResult) -> str:
    """Return the headline, and one line a judged arm.

    Parameters
    ----------
    result : AuditResult
    """
    arms, numbers = judged_arms(result), numbers_for(result)
    context = " · ".join((named(result.target.name), *setting(result)))
    lines = [title_of(result), f"{context} · gaps with {level(result)} intervals"]
    names = [shortened(arm_label(arm), _LONGEST_NAME) for arm in arms]
    width = max(map(columns, names), default=0)
    for arm, name in zip(arms, names, strict=True):
        gap = EMPTY_CELL if arm.gap is None else numbers.gap(arm.gap)
        mark = " " if arm.verdict is None else MARKS[arm.verdict]
        pad = " " * (width - columns(name))
        lines.append(f"{mark} {name}{pad}  {gap}  {verdict_words(result, arm)[1]}")
    return "\n".join(lines)


def title_of(result: AuditResult) -> str:
    """Return the answer in one sentence: several arms are counted."""
    if len(judged_arms(result)) > 1 and not result.folds_mislead:
        return counts_sentence(result).text
    return headline(result)[0].text
