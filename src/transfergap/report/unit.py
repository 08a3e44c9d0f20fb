"""Unit of the evidence: labelled rows, seeds, or pairs."""

from __future__ import annotations

from dataclasses import dataclass

from transfergap.analysis.result import AuditResult


@dataclass(frozen=True)
class Unit:
    """The unit of evidence.

    Parameters
    ----------
    noun, short : str
        In full, and where the context says the rest.
    n : int or None
        Number of units; ``None`` where it is unknown.
    more : str
        How to get more of them.
    """

    noun: str
    short: str
    n: int | None
    more: str


def unit_of(result: AuditResult) -> Unit:
    """Return the unit of a result."""
    if result.training_curves is not None:
        return Unit("seed", "seed", result.training_curves.n_seeds, "train with more seeds")
    return Unit(
        "labelled target row", "labelled row", result.target.n_rows, "label more target rows"
    )


def of_agents(result: AuditResult) -> bool:
    """Return whether agents were audited, and no tables."""
    return result.training_curves is not None
