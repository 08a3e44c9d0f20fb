"""Which tasks a run holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.safe_transfer.tasks import (
    HARD_SIZES,
    SIZES,
    Sets,
    TaskId,
    dataset_names,
    load_dataset,
    task_ids,
)

CORRUPTED = ("flipped", "shuffled", "noise")
HARD = "majority_flipped"
SEED = 0


@dataclass(frozen=True)
class Plan:
    """Draws of each condition, for every target domain and size; or a random part of these.

    ``sets`` says which sets: those the engine was judged on from the start, or later ones.
    """

    natural: int
    corrupted: int
    hard: int
    sizes: tuple[int, ...] = SIZES
    share: float = 1.0
    sets: Sets = "first"

    def ids(self) -> list[TaskId]:
        wanted = {"natural": self.natural, HARD: self.hard}
        wanted |= dict.fromkeys(CORRUPTED, self.corrupted)
        found = []
        for name in dataset_names(self.sets):
            for condition, n_draws in wanted.items():
                sizes = HARD_SIZES if condition == HARD else self.sizes
                ids = task_ids(load_dataset(name), condition, range(n_draws), sizes=sizes)
                found += [i for i in ids if i.n_target in self.sizes]
        chosen = np.random.default_rng(SEED).permutation(len(found))
        return [found[i] for i in sorted(chosen[: round(self.share * len(found))])]


FULL = {
    "linear": Plan(natural=6, corrupted=2, hard=2),
    "apart": Plan(natural=4, corrupted=2, hard=2, sets="apart"),
    "classes": Plan(natural=4, corrupted=1, hard=1, sets="apart classes"),
    "boosting": Plan(natural=1, corrupted=1, hard=0, share=0.12),
    "choosing": Plan(natural=4, corrupted=2, hard=2, sets="choosing"),
    "choosing classes": Plan(natural=4, corrupted=2, hard=2, sets="choosing classes"),
}
QUICK = {
    "linear": Plan(natural=1, corrupted=1, hard=1, sizes=(50,), share=0.2),
    "apart": Plan(natural=1, corrupted=1, hard=1, sizes=(50,), share=0.2, sets="apart"),
    "classes": Plan(natural=1, corrupted=1, hard=1, sizes=(50,), share=0.2, sets="apart classes"),
    "boosting": Plan(natural=1, corrupted=0, hard=0, sizes=(50,), share=0.1),
}
