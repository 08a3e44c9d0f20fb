"""Runner: fit the missing cells of a design, store each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from transfergap.errors import old_names
from transfergap.experiment.design import Cell, Design
from transfergap.experiment.executors import Executor, SerialExecutor, WorkerDied
from transfergap.experiment.stages import stages
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import FailedTrial, Trial, attempt
from transfergap.learners import most_at_once

__getattr__ = old_names(__name__)

Batch = tuple[Cell, ...]


class Planned(Protocol):
    """A design: it knows its cells."""

    def cells(self) -> Iterable[Cell]:
        """Return the cells in the order in which to run them."""
        ...


def run_trials(
    design: Planned,
    store: TrialStore,
    executor: Executor | None = None,
    on_trial: Callable[[Trial], None] | None = None,
    attempting: Callable[[Any, Sequence[Cell]], list[Trial]] | None = None,
) -> None:
    """Run every cell of ``design`` that ``store`` has no trial of.

    Parameters
    ----------
    design : Design
    store : TrialStore
        Each trial is committed before the next result is looked at, so that whatever stops this
        call costs at most what is in flight: a trial a worker, or a batch of trials where a learner
        fits many at once.
    executor : Executor, optional
        Serial if not given.
    on_trial : callable, optional
        Called with each trial after it is stored.
    attempting : callable, optional
        ``attempting(design, cells)`` makes the trials of one batch, and never raises what training
        raises; for designs of another kind than :class:`transfergap.Design`.

    Notes
    -----
    Batches follow from the design alone, never from the content of the store: a batch that
    was stored in part is fitted whole again, and gives the same numbers.
    """
    executor = SerialExecutor() if executor is None else executor
    stored_ids = store.ids()
    # A batch stored in part runs whole again: batches decide numbers of stacked fits.
    waiting = (b for b in batches(design) if any(cell.id not in stored_ids for cell in b))
    making: Callable[[Any, Sequence[Cell]], list[Trial]] = attempting or attempt
    for result in executor.map(partial(making, design), waiting):
        trials: list[Trial]
        if isinstance(result, WorkerDied):
            message = "WorkerDied: the process that ran this trial was killed or crashed"
            trials = [FailedTrial(cell, message, message) for cell in result.item]
        else:
            trials = result
        for trial in trials:
            if trial.cell.id not in stored_ids:
                store.add(trial)
                if on_trial is not None:
                    on_trial(trial)


def batches(design: Planned) -> Iterator[Batch]:
    """Yield the cells of a design in batches of one arm.

    Single ones where nothing is gained, or one beside those that are read off its model. Stage by
    stage, so that the first verdicts come first; within one, arms take turns, so that an
    interrupted run holds pairs.
    """
    if not isinstance(design, Design):
        yield from ((cell,) for cell in design.cells())
        return
    sizes = {name: most_at_once(design.arm(name).learner) for name in design.arm_names()}
    for stage in stages(design):
        waiting: dict[tuple[str, str], list[Cell]] = {}
        for cells in _fitted_cells(design, frozenset(stage)):
            cell = cells[0]
            if sizes[cell.arm] <= 1 or len(cells) > 1:
                yield cells
                continue
            batch = waiting.setdefault((cell.arm, cell.split.kind), [])
            batch.append(cell)
            if len(batch) >= sizes[cell.arm]:
                yield tuple(waiting.pop((cell.arm, cell.split.kind)))
        yield from (tuple(batch) for batch in waiting.values())


def _fitted_cells(design: Design, arms: frozenset[str]) -> Iterator[Batch]:
    """Yield each fitted cell, with those read off its model."""
    chosen = (cell for cell in design.cells() if cell.arm in arms)
    for _, group in groupby(chosen, key=lambda cell: cell.split):
        by_arm = {cell.arm: cell for cell in group}
        guests: dict[str, list[Cell]] = {}
        for guest, host in design.read_off.items():
            if guest in by_arm and host in by_arm:
                guests.setdefault(host, []).append(by_arm.pop(guest))
        for name, cell in by_arm.items():
            yield (cell, *guests.get(name, ()))
