"""Run the tasks of a part, in one process or several, and go on where a killed run stopped."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

import transfergap
from benchmarks.safe_transfer import boosting, classes, linear
from benchmarks.safe_transfer.cache import Cache, Record, content_version
from benchmarks.safe_transfer.tasks import TaskId
from transfergap.data import encoding

PARTS = {
    "linear": linear,
    "apart": linear,
    "classes": classes,
    "boosting": boosting,
    "choosing": linear,
    "choosing classes": classes,
}
CHUNK = 10
HERE = Path(__file__).parent
# What only plans, runs or reports: changing it leaves records as they are.
REPORTING = frozenset(
    f"{name}.py"
    for name in (
        "__main__",
        "constants",
        "criteria",
        "groups",
        "plan",
        "run",
        "show",
        "speed",
        "summary",
    )
)
ENGINE = [Path(transfergap.__file__).with_name("safe"), Path(encoding.__file__).parent]


@dataclass(frozen=True)
class How:
    """How to run: what to fit, under which version records are kept, in how many processes.

    ``ours`` is False where the target-only model of the rivals stands for the control. ``rivals``
    is False where only stored rivals are used, and tasks without them are left out. With
    ``control_alone``, linear tasks have the oracle and plain ridge beside SafeTransfer and no
    other rival.
    """

    version: str
    ours: bool = True
    rivals: bool = True
    n_jobs: int = 1
    control_alone: bool = False

    @property
    def label(self) -> str:
        """Name what the comparisons depend on: the engine, the rivals and the tasks."""
        return f"{self.version if self.ours else 'none'}-{rivals_version()}"


def rivals_version() -> str:
    """Return a digest of what decides the rivals' records."""
    return content_version(_deciding() - {HERE / "ours.py"})


def engine_version() -> str:
    """Return a digest of SafeTransfer and of how it is asked."""
    engine = (path for folder in ENGINE for path in folder.rglob("*.py"))
    return content_version({*engine, HERE / "ours.py"})


def _deciding() -> set[Path]:
    return {path for path in HERE.glob("*.py") if path.name not in REPORTING}


def run_part(part: str, ids: Sequence[TaskId], how: How) -> list[tuple[Record, Record]]:
    """Return, for each task, what rivals did and how all compare with the control."""
    few = "-few" if how.control_alone else ""
    rivals = Cache(f"{part}-rivals{few}", rivals_version())
    ours = Cache(f"{part}-ours{few}", how.label)
    if not how.rivals:
        ids = [i for i in ids if str(i) in rivals.records]
    waiting = [i for i in ids if str(i) not in ours.records or str(i) not in rivals.records]
    jobs = (
        delayed(run_chunk)(part, [(i, rivals.records.get(str(i))) for i in chunk], how)
        for chunk in (waiting[i : i + CHUNK] for i in range(0, len(waiting), CHUNK))
    )
    started, n_done = time.monotonic(), 0
    for new_rivals, new_ours in in_turn(jobs, how.n_jobs):
        rivals.add(new_rivals)
        ours.add(new_ours)
        n_done += len(new_ours)
        if n_done % (10 * CHUNK) < CHUNK:
            spent_s = time.monotonic() - started
            print(f"{part}: {n_done} of {len(waiting)} tasks, {spent_s:.0f} s", file=sys.stderr)
    return [(rivals.records[str(i)], ours.records[str(i)]) for i in ids]


def in_turn(jobs: Iterator, n_jobs: int) -> Iterator[tuple[list[Record], list[Record]]]:
    if n_jobs == 1:
        return (function(*args) for function, args, _ in jobs)
    return iter(Parallel(n_jobs=n_jobs, return_as="generator_unordered")(jobs))


def run_chunk(
    part: str, tasks: Sequence[tuple[TaskId, Record | None]], how: How
) -> tuple[list[Record], list[Record]]:
    """Return new records of rivals and of the comparison; on one thread, for CPU times' sake."""
    module: ModuleType = PARTS[part]
    fewer = {"control_alone": True} if how.control_alone and module is not boosting else {}
    new_rivals, new_ours = [], []
    with threadpool_limits(1):
        for task_id, known in tasks:
            task = module.draw(task_id)
            rivals = known or module.rivals_record(task, **fewer)
            if known is None:
                new_rivals.append(rivals)
            compare = module.ours_record if how.ours else module.control_record
            new_ours.append(compare(task, rivals))
    return new_rivals, new_ours
