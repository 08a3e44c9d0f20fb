"""Run what a design still lacks, and store each trial as it arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

from transfergap.design import Cell, HasIds
from transfergap.executors import Executor, SerialExecutor, WorkerDied
from transfergap.store import TrialStore
from transfergap.trial import FailedTrial, Trial, attempt


class Pending(Protocol):
    """A design: it knows which of its cells a store lacks."""

    def pending(self, store: HasIds) -> Iterable[Cell]:
        """Return the cells without a trial, in the order in which to run them."""
        ...


def run(
    design: Pending,
    store: TrialStore,
    executor: Executor | None = None,
    on_trial: Callable[[Trial], None] | None = None,
    attempting: Callable[[Any, Cell], Trial] | None = None,
) -> None:
    """Run every cell of ``design`` that ``store`` has no trial of.

    Parameters
    ----------
    design : Design
    store : TrialStore
        Each trial is committed before the next result is looked at, so that whatever stops this
        call costs at most the trials in flight.
    executor : Executor, optional
        Serial if not given.
    on_trial : callable, optional
        Called with each trial after it is stored.
    attempting : callable, optional
        ``attempting(design, cell)`` makes a trial, and never raises what the learner raises;
        :func:`transfergap.trial.attempt` if not given.
    """
    executor = SerialExecutor() if executor is None else executor
    chosen: Callable[[Any, Cell], Trial] = attempting or attempt
    for result in executor.map(partial(chosen, design), design.pending(store)):
        trial: Trial
        if isinstance(result, WorkerDied):
            said = "WorkerDied: the process that ran this trial was killed or crashed"
            trial = FailedTrial(result.item, said, said)
        else:
            trial = result
        store.add(trial)
        if on_trial is not None:
            on_trial(trial)
