"""Unit of an audit: an arm, a split, a seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

# Training seeds hang on the order: new kinds go to the end.
SplitKind = Literal["fold", "pair", "loo", "row", "whole", "part", "again", "seed"]


@dataclass(frozen=True)
class Split:
    """Target rows that are held out.

    Parameters
    ----------
    kind : {"fold", "pair", "loo", "row", "whole", "part", "again", "seed"}
        One fold; two folds; every row in turn in closed form; a single row, refitted to check the
        closed form; all rows, for arms that learn nothing from the target; one fold, while only a
        part of the other rows is trained on; or a fold a second time, with the seed of the first.
        Or none, where no rows are held out and pairs share a seed, as agents do.
    repeat : int
        Which partition the folds belong to; of a seed, 0 for the run and 1 for the same run again.
    held_out : tuple of int
        Folds, or the row; for a part, the fold and the eighths of its training rows.
    """

    kind: SplitKind
    repeat: int = 0
    held_out: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}:{self.repeat}:{'+'.join(map(str, self.held_out))}"


@dataclass(frozen=True)
class Cell:
    """Planned trial.

    Its id is the same in every process and every run.
    """

    arm: str
    split: Split
    seed: int

    @cached_property
    def id(self) -> str:
        """Hash of arm, split and seed."""
        text = f"{self.arm}\x1f{self.split}\x1f{self.seed}"
        return hashlib.sha256(text.encode()).hexdigest()[:24]
