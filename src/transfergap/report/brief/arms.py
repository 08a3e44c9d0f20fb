"""Arms in a brief: lights, labels, and how several are named."""

from __future__ import annotations

from collections.abc import Sequence

from transfergap.analysis.light import Light
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.choice import is_all_of_source, is_safe, judged_arms
from transfergap.report.wording.names import listed, named, shortened
from transfergap.report.wording.sentences import arm_label

MARKS = {
    Light.HELPS: "✓",
    Light.SAFE: "○",
    Light.NO_EFFECT: "≈",
    Light.OPEN: "?",
    Light.MAY_HURT: "!",
    Light.HURTS: "✗",
}
TONES = {
    Light.HELPS: "helps",
    Light.SAFE: "safe",
    Light.NO_EFFECT: "same",
    Light.OPEN: "open",
    Light.MAY_HURT: "doubt",
    Light.HURTS: "hurts",
}
# Names in one sentence; the number of the others follows.
MOST_NAMES = 3
# Columns of a name, so that a sentence of three fits two lines.
_LONGEST_NAME = 32


def short_label(result: AuditResult, arm: ArmOutcome) -> str:
    """Return the source's name where it has one judged arm.

    Otherwise the arm's. A source `b` with the judged arm `b pooled` alone is called ``b``; long
    names lose their middle.
    """
    rivals = [rival for rival in judged_arms(result) if rival.sources == arm.sources]
    alone = len(arm.sources) == 1 and len(rivals) == 1 and not is_safe(result, arm)
    label = named(arm.sources[0]) if alone else arm_label(arm)
    return shortened(label, _LONGEST_NAME)


def verb_be(result: AuditResult, arms: Sequence[ArmOutcome]) -> str:
    return "is" if len(labels_of(result, arms)) == 1 else "are"


def names_of(result: AuditResult, arms: Sequence[ArmOutcome]) -> str:
    return listed(labels_of(result, arms), limit=MOST_NAMES, quote=False)


def labels_of(result: AuditResult, arms: Sequence[ArmOutcome]) -> tuple[str, ...]:
    """Return labels of arms, a source's for all of its arms."""
    labels: dict[str, None] = {}
    for arm in arms:
        if is_all_of_source(result, arm, arms):
            labels[shortened(named(arm.sources[0]), _LONGEST_NAME)] = None
        else:
            labels[short_label(result, arm)] = None
    return tuple(labels)
