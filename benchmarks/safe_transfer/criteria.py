"""What must be reached, written before the run (see the package's ``__main__``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Criterion:
    """``quantity`` of a method on a group of tasks, at most or at least ``bound``."""

    part: str
    group: str
    method: str
    quantity: str
    bound: float
    at_most: bool

    def judged(self, groups: dict[str, dict[str, list[dict[str, Any]]]]) -> dict[str, Any]:
        rows = groups.get(self.part, {}).get(self.group, [])
        found = next((row[self.quantity] for row in rows if row["method"] == self.method), None)
        return {
            "part": self.part,
            "group": self.group,
            "method": self.method,
            "quantity": self.quantity,
            "at_most" if self.at_most else "at_least": self.bound,
            "found": found,
            "reached": None if found is None else self._holds(found),
        }

    def _holds(self, found: float) -> bool:
        return found <= self.bound if self.at_most else found >= self.bound


BALANCED, SAFE, STRICT = (f"SafeTransfer {name}" for name in ("balanced", "safe", "strict"))
FAST = "SafeTransfer fast"

JUDGED = ("linear", "apart", "classes")

CRITERIA = (
    *(
        criterion
        for part in JUDGED
        for criterion in (
            Criterion(part, "natural", BALANCED, "kept", 0.88, at_most=False),
            Criterion(part, "natural", BALANCED, "confirmed_harm", 0.01, at_most=True),
            Criterion(part, "natural", BALANCED, "worst", -4.0, at_most=False),
            Criterion(part, "corrupted", BALANCED, "kept", 0.78, at_most=False),
            Criterion(part, "corrupted", BALANCED, "confirmed_harm", 0.01, at_most=True),
            Criterion(part, "natural", SAFE, "kept", 0.78, at_most=False),
            Criterion(part, "natural", SAFE, "confirmed_harm", 0.005, at_most=True),
            Criterion(part, "natural", STRICT, "kept", 0.62, at_most=False),
            Criterion(part, "natural", STRICT, "confirmed_harm", 0.0, at_most=True),
        )
    ),
    Criterion("boosting", "natural", FAST, "kept", 0.85, at_most=False),
    Criterion("boosting", "natural", FAST, "confirmed_harm", 0.01, at_most=True),
    Criterion("boosting", "natural", FAST, "most_fits_above_n_sources", 6, at_most=True),
)

CPU_LIMIT_MS = 60.0


def judged(
    groups: dict[str, dict[str, list[dict[str, Any]]]], cpu: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Return every criterion with what was found; ``reached`` is None where nothing was."""
    slowest = max(cpu["classifier_ms"], cpu["regressor_ms"]) if cpu else None
    return [
        *(criterion.judged(groups) for criterion in CRITERIA),
        {
            "part": "linear",
            "group": "10 sources, 45 columns, 500 rows",
            "method": BALANCED,
            "quantity": "cpu_ms",
            "at_most": CPU_LIMIT_MS,
            "found": slowest,
            "reached": None if slowest is None else slowest <= CPU_LIMIT_MS,
        },
    ]
