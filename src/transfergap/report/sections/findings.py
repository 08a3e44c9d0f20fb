"""Findings as blocks: those of one code and strength together."""

from __future__ import annotations

from collections.abc import Sequence

from transfergap.analysis.checks.causes import fix_of_any
from transfergap.analysis.checks.check import Finding
from transfergap.report.blocks import FindingGroup
from transfergap.report.names import named, one_line
from transfergap.report.numbers import Numbers, repair_words

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
