"""One task: a few labelled target rows, sources, and held-out target rows, as float arrays."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from benchmarks.safe_transfer.bundled_sets import bundled_sets
from benchmarks.safe_transfer.corruption import corrupt
from benchmarks.safe_transfer.domains import DataSet, Domain, Kind
from benchmarks.safe_transfer.encoder import Encoder
from benchmarks.safe_transfer.later_sets import MOST_TARGETS, apart_sets, choosing_sets
from benchmarks.safe_transfer.shared_sets import shared_sets

SIZES = (20, 50, 100, 300)
HARD_SIZES = (20, 50)
MIN_TEST, MAX_TEST = 100, 3000
MIN_SOURCE, MAX_SOURCE = 20, 1000
MIN_CLASS = 2


@dataclass(frozen=True, order=True)
class TaskId:
    """What names a task; ``draw`` is the seed of its rows."""

    dataset: str
    target: str
    n_target: int
    draw: int
    condition: str

    def __str__(self) -> str:
        return f"{self.dataset}/{self.target}/{self.n_target}/{self.draw}/{self.condition}"

    @classmethod
    def parse(cls, text: str) -> TaskId:
        dataset, target, n_target, draw, condition = text.split("/")
        return cls(dataset, target, int(n_target), int(draw), condition)

    def rng(self, stream: int) -> np.random.Generator:
        """Give conditions of one draw the same rows: only the corruption has its own stream."""
        place = zlib.crc32(f"{self.dataset}/{self.target}".encode())
        return np.random.default_rng([place, self.n_target, self.draw, stream])


@dataclass(frozen=True, eq=False)
class Task:
    """Arrays of a task; ``spoilt`` holds the places of corrupted sources."""

    id: TaskId
    family: str
    kind: Kind
    X: np.ndarray
    y: np.ndarray
    sources: dict[str, tuple[np.ndarray, np.ndarray]]
    X_test: np.ndarray
    y_test: np.ndarray
    spoilt: frozenset[int]

    @property
    def cluster(self) -> str:
        """Tasks of one target domain hold the same rows, so they stand or fall together."""
        target = self.id.target
        return f"{self.family}/{target}"


Sets = Literal["first", "apart", "apart classes", "choosing", "choosing classes"]


def dataset_names(sets: Sets = "first") -> list[str]:
    """Return the names of all sets of a kind that are there."""
    if sets == "first":
        return [*shared_sets(), *bundled_sets()]
    later = apart_sets() if sets.startswith("apart") else choosing_sets()
    wanted = sets.endswith("classes")
    return [name for name in later if (load_dataset(name).kind == "classes") is wanted]


@cache
def load_dataset(name: str) -> DataSet:
    """Load a set; kept for the life of a worker, which sees many tasks of a set."""
    every = {**shared_sets(), **bundled_sets(), **choosing_sets(), **apart_sets()}
    return every[name]()


def task_ids(
    data: DataSet, condition: str, draws: range, *, sizes: tuple[int, ...] = SIZES
) -> Iterator[TaskId]:
    """List the tasks of a set: every domain in turn is the target, if enough test rows remain.

    Of the sets that came later, six domains drawn by chance are.
    """
    for target in _targets(data):
        domain = data.domains[target]
        for n_target in (n for n in sizes if n >= _fewest(data)):
            if len(domain.y) - n_target >= MIN_TEST and usable_sources(data, target):
                yield from (TaskId(data.name, target, n_target, d, condition) for d in draws)


def _fewest(data: DataSet) -> int:
    """Return the fewest target rows: twice what it takes to have two of each class."""
    if data.kind != "classes":
        return 0
    labels = np.concatenate([domain.y for domain in data.domains.values()])
    return 2 * MIN_CLASS * len(np.unique(labels))


def _targets(data: DataSet) -> list[str]:
    if data.name not in {**choosing_sets(), **apart_sets()}:
        return list(data.domains)
    large = [t for t, domain in data.domains.items() if len(domain.y) >= MIN_TEST + min(SIZES)]
    chosen = np.random.default_rng(0).permutation(len(large))[:MOST_TARGETS]
    return [large[i] for i in sorted(chosen)]


def usable_sources(data: DataSet, target: str) -> dict[str, Domain]:
    """Return the other domains without the target's persons or images."""
    known = data.domains[target].units
    found = {}
    for name, domain in data.domains.items():
        strangers = np.arange(len(domain.y))
        if known is not None and domain.units is not None:
            strangers = np.flatnonzero(~np.isin(domain.units, known))
        if name != target and len(strangers) >= MIN_SOURCE:
            found[name] = domain.rows(strangers)
    return found


def draw_task(task_id: TaskId, *, max_source: int = MAX_SOURCE, max_test: int = MAX_TEST) -> Task:
    """Draw target rows, test rows and source rows, spoil sources, and encode without labels."""
    data, rng = load_dataset(task_id.dataset), task_id.rng(0)
    domain = data.domains[task_id.target]
    train = drawn_rows(domain.y, task_id.n_target, kind=data.kind, rng=rng)
    rest = rng.permutation(np.setdiff1d(np.arange(len(domain.y)), train))[:max_test]
    parts = {
        name: source.rows(rng.permutation(len(source.y))[:max_source])
        for name, source in usable_sources(data, task_id.target).items()
    }
    labels, spoilt = corrupt(
        [part.y for part in parts.values()], task_id.condition, kind=data.kind, rng=task_id.rng(1)
    )
    encoder = Encoder.fit(np.vstack([domain.X[train], *(part.X for part in parts.values())]))
    sources = {name: (encoder.encode(part.X), y) for (name, part), y in zip(parts.items(), labels)}
    return Task(
        task_id,
        data.family,
        data.kind,
        encoder.encode(domain.X[train]),
        domain.y[train],
        sources,
        encoder.encode(domain.X[rest]),
        domain.y[rest],
        spoilt,
    )


def drawn_rows(y: np.ndarray, n_rows: int, *, kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Draw rows; of classes in the domain's proportion, with at least two of each."""
    order = rng.permutation(len(y))
    if kind == "regression":
        return order[:n_rows]
    if kind == "classes":
        return rng.permutation(_rows_of_classes(y, n_rows, order))
    positive = order[y[order] == 1.0]
    negative = order[y[order] == 0.0]
    n_positive = int(np.clip(round(n_rows * y.mean()), MIN_CLASS, n_rows - MIN_CLASS))
    chosen = np.concatenate([positive[:n_positive], negative[: n_rows - n_positive]])
    return rng.permutation(chosen)


def _rows_of_classes(y: np.ndarray, n_rows: int, order: np.ndarray) -> np.ndarray:
    """Return the first rows of each class, by largest remainders."""
    classes, counts = np.unique(y, return_counts=True)
    share = n_rows * counts / len(y)
    wanted = np.maximum(MIN_CLASS, np.floor(share).astype(int))
    while wanted.sum() != n_rows:
        step = 1 if wanted.sum() < n_rows else -1
        free = np.where(wanted + step >= MIN_CLASS, step * (share - wanted), -np.inf)
        wanted[free.argmax()] += step
    return np.concatenate([order[y[order] == c][:n] for c, n in zip(classes, wanted, strict=True)])
