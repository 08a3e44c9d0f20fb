"""Run a design, round by round where it is a race."""

from __future__ import annotations

from collections.abc import Callable

from transfergap.analysis.estimation import first_round, next_round
from transfergap.experiment.design import Design
from transfergap.experiment.executors import Executor
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import Trial


def run_rounds(
    design: Design,
    store: TrialStore,
    executor: Executor | None = None,
    on_trial: Callable[[Trial], None] | None = None,
    on_more: Callable[[int], None] | None = None,
) -> Design:
    """Run the cells that the store lacks.

    Parameters
    ----------
    design : Design
        All of its cells are run, unless it is a race.
    store, executor, on_trial
        As in :func:`transfergap.run_trials`.
    on_more : callable, optional
        Called with the number of trials of each further round.

    Returns
    -------
    Design
        The design with the rounds that were run.
    """
    design = first_round(design)
    run_trials(design, store, executor, on_trial)
    while (further := next_round(design, store.trials())) is not design:
        design = further
        if on_more is not None:
            on_more(sum(1 for _ in design.pending(store)))
        run_trials(design, store, executor, on_trial)
    return design
