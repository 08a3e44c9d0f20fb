"""Is an arm too good to be true? Then look for a leak before anything is believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transfergap.diagnosis.check import Evidence
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength


@dataclass(frozen=True)
class TooGoodToBeTrue:
    """An arm jumps to the ceiling while its sources alone do not deserve it."""

    code: str = "TG108"
    title: str = "too good to be true: look for a leak"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each such arm; its "helps" was withheld."""
        if evidence.problem.metric.kind == "scorer":
            return NotApplicable(f"nobody knows how good {evidence.problem.metric.title} can get")
        return self._arms(evidence)

    def _arms(self, evidence: Evidence) -> Iterator[Finding]:
        for name, suspect in evidence.too_good.items():
            yield Finding(
                self.code,
                self.title,
                name,
                Strength.STRONG,
                f"{name} makes {suspect.share:.0%} of a constant's error, the control"
                f" {suspect.control:.0%}, and its best source reaches only {suspect.sources:.0%} on"
                " held-out rows of its own. Such a jump is what a source that holds answers of the"
                " test looks like, so 'helps' is withheld.",
                "Look for the target's rows, or for their labels, in the source: renumbered,"
                " rewritten, or joined from a later table.",
                {"share": suspect.share, "control": suspect.control, "sources": suspect.sources},
            )
