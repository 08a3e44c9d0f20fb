"""Copies that may remain beside those that were removed."""

from __future__ import annotations

from dataclasses import dataclass

from transfergap.data.problem import DataSource

# As many rows as twins, see transfergap.analysis.twins.twin_rows: fewer may share a day or a place.
FEWEST = 8
LEAST_SHARE = 0.05  # of the target's rows


@dataclass(frozen=True)
class RemainingCopies:
    """Copies that were removed where changed ones cannot be told from look-alikes.

    Parameters
    ----------
    source : str
    n_removed, n_rows : int
        Rows that were removed as copies, of those of the source.
    """

    source: str
    n_removed: int
    n_rows: int

    @property
    def sentence(self) -> str:
        """Return the evidence in a sentence."""
        return (
            f"{self.n_removed} of {self.n_rows} rows of {self.source} are rows of the target and"
            " were removed. Its columns cannot tell a row in which one value was changed from one"
            " that only looks alike."
        )

    @property
    def likeness(self) -> str:
        """Return what looks like that."""
        return "More of them may be left"

    @property
    def numbers(self) -> dict[str, float]:
        """Return the evidence by name."""
        return {"n_removed": self.n_removed}


def remaining_copies(source: DataSource, n_target: int) -> RemainingCopies | None:
    """Return the copies of a source beside which others may be left.

    Whoever changed values of a file did not change them in all rows, and copies that were found
    show that the files overlap.

    Parameters
    ----------
    source : DataSource
    n_target : int
        Rows of the target.
    """
    facts = source.facts
    if facts.tells_changed_copies or facts.n_duplicates_removed < max(
        FEWEST, LEAST_SHARE * n_target
    ):
        return None
    return RemainingCopies(source.name, facts.n_duplicates_removed, facts.n_given)
