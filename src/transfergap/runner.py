"""Run what a design still lacks, and store each trial as it arrives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from transfergap.design import Design
from transfergap.executors import Executor, SerialExecutor, WorkerDied
from transfergap.store import TrialStore
from transfergap.trial import FailedTrial, Trial, attempt


def run(
    design: Design,
    store: TrialStore,
    executor: Executor | None = None,
    on_trial: Callable[[Trial], None] | None = None,
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
    """
    executor = SerialExecutor() if executor is None else executor
    for result in executor.map(partial(attempt, design), design.pending(store)):
        trial: Trial
        if isinstance(result, WorkerDied):
            said = "WorkerDied: the process that ran this trial was killed or crashed"
            trial = FailedTrial(result.item, said, said)
        else:
            trial = result
        store.add(trial)
        if on_trial is not None:
            on_trial(trial)
