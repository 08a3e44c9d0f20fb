"""Target rows that a pretrained model was trained on."""

from __future__ import annotations

from dataclasses import dataclass

from transfergap.data.problem import Problem
from transfergap.data.sources.models_and_tasks import ModelSource

# As for repeated rows of the target (decision 0011): below it, equal rows may be coincidences.
FEW = 0.01  # of the rows of a file
_MOST_POSITIONS = 5


@dataclass(frozen=True)
class TrainingOverlap:
    """Target rows among those that a model was trained on.

    Parameters
    ----------
    source : str
    rows : tuple of int
        Their positions in the target.
    n_rows : int
        Rows of the target.
    """

    source: str
    rows: tuple[int, ...]
    n_rows: int

    @property
    def are_few(self) -> bool:
        """True for so few rows that they may be coincidences."""
        return len(self.rows) < FEW * self.n_rows

    @property
    def sentence(self) -> str:
        """Return the evidence in a sentence."""
        positions = ", ".join(map(str, self.rows[:_MOST_POSITIONS]))
        more = len(self.rows) - _MOST_POSITIONS
        listing = f"{positions} and {more:,} more" if more > 0 else positions
        return (
            f"{len(self.rows):,} of {self.n_rows:,} target rows are among the rows that"
            f" {self.source} was trained on (positions {listing})."
        )

    @property
    def likeness(self) -> str:
        """Return what looks like that."""
        return "What a model remembers of them is no help on new rows"

    @property
    def numbers(self) -> dict[str, float]:
        """Return the evidence by name."""
        return {"n_shared": len(self.rows), "n_rows": self.n_rows}


def training_overlap(problem: Problem, name: str) -> TrainingOverlap | None:
    """Return the target rows that a pretrained model saw.

    ``None`` for other sources, for a model of which nobody says what it was trained on, and where
    no target row is among that.

    Parameters
    ----------
    problem : Problem
    name : str
        Of the source.
    """
    model = problem.others.get(name)
    if not isinstance(model, ModelSource) or model.copies is None or not len(model.copies.rows):
        return None
    return TrainingOverlap(name, tuple(model.copies.rows.tolist()), len(problem.target))
