"""The front door for agents: check, train, assess."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from transfergap.analysis.training_curves.runs import read_long_table
from transfergap.errors import accepts_old_arguments
from transfergap.experiment.design import CONTROL
from transfergap.experiment.executor_choice import executor_for
from transfergap.experiment.executors import Executor
from transfergap.experiment.run_directory import RESULT, open_run, write_atomically
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import Trial
from transfergap.learners.progress import Verbosity, progress_of
from transfergap.learners.random_states import seed_from
from transfergap.report import result_to_json
from transfergap.report.audit_report import AuditReport
from transfergap.report.console.trial_progress import TrialProgress, guarded
from transfergap.rl.assessing import agent_runs, assess_agents, assess_runs
from transfergap.rl.contract import AgentArm
from transfergap.rl.curve_table import COLUMNS, runs_of, table_text
from transfergap.rl.design import attempt_agent
from transfergap.rl.posing import judged_by_name, pose_agents

if TYPE_CHECKING:
    import pandas as pd

CURVES = "curves.csv"  # as audit_curves reads it


@accepts_old_arguments
def audit_agents(
    train: Callable[..., Any],
    evaluate: Callable[..., Any] | None = None,
    *,
    target: Any,
    sources: Mapping[str, Any],
    budget: int,
    margin: float,
    eval_every: int | None = None,
    seeds: int | Sequence[int] = 10,
    random_state: int | np.random.RandomState | None = 0,
    pretraining: int | None = None,
    charge_pretraining: bool = False,
    arms: Sequence[str | AgentArm] | None = None,
    judged_by: str = "area",
    threshold: float | None = None,
    lowest: float = 0.0,
    score: str = "return",
    name: str = "target",
    run_dir: str | Path | None = None,
    n_jobs: int = 1,
    executor: Executor | None = None,
    on_trial: Callable[[Trial], None] | None = None,
    verbose: Verbosity = "auto",
    retry_failed: bool = False,
) -> AuditReport:
    """Audit whether training elsewhere first helps or hurts an agent.

    Parameters
    ----------
    train : callable
        ``train(target, sources, *, seed, budget, init=None, callbacks=()) -> agent``:
        :func:`from_sb3`, :class:`Tabular`, or your own (:class:`transfergap.rl.Train`).
    evaluate : callable, optional
        ``evaluate(agent, target) -> score``, more being better; default: :class:`Episodes`, the
        mean return of 20 episodes. :class:`ExactReturn` for tabular agents.
    target : str or callable
        Id of an environment, :class:`Environment`, or a function that makes one.
    sources : mapping of str to environment, Path or Policy
        Environments to train on first, agents that were saved, or agents in memory.
    budget : int
        Steps of training on the target, for every arm.
    margin : float
        Smallest difference in score that matters to you, > 0.
    eval_every : int, optional
        Steps from one score to the next, a divisor of ``budget``; default: about 20 scores.
    seeds : int or sequence of int
        How many, or which. Five are the least for a verdict.
    random_state : int, RandomState or None
        From which the seeds are drawn; ``None`` is as good as 0.
    pretraining : int, optional
        Steps of training on a source; default: the budget.
    charge_pretraining : bool
        Whether these steps count: then curves start that late.
    arms : sequence of str or arm, optional
        Such as ``"b pretrained"``, ``"b restarted"``, ``"b race"`` (these three are the default for
        every source), ``"b fine-tuned"``, ``"b reused"``, or ``Race(("b", "c"), share=0.3)``.
    judged_by : {"area", "final"}
        Quantity of the verdicts: the mean score over the budget, or the score at its end.
    threshold : float, optional
        Score that counts as learned, for the steps to reach it.
    lowest : float
        Lowest possible score, for the transfer ratio.
    score, name : str
        Names of the score and of the target.
    run_dir : str or Path, optional
        Keep trials there and go on where an earlier call was interrupted. ``curves.csv`` there has
        the curves of all arms and seeds, as :func:`audit_curves` reads them.
    n_jobs : int
        Worker processes.
    executor : Executor, optional
        Instead of ``n_jobs``.
    on_trial : callable, optional
        Called with each trial once it is stored; an error in it is a warning, as in
        :func:`transfergap.audit`.
    verbose : {0, 1, "auto"}
        Whether to show how many trainings are done, as in :func:`transfergap.audit`.
    retry_failed : bool
        Try failed trials of an earlier call again.

    Returns
    -------
    AuditReport
        Shows itself; ``training_curves`` holds curves and metrics, with ``metrics_frame()``.

    Raises
    ------
    ConfigurationError, LearnerError, DataError, RunDirectoryError, StorageError
        Each with a hint.

    Notes
    -----
    A verdict is on the expected gap over seeds, in this target with these sources and budgets. Each
    arm that uses an environment as a source trains there anew, with its own seed; the control of
    the first seed is trained twice, to see whether seeds decide training.

    References
    ----------
    Taylor and Stone (2009), Transfer Learning for Reinforcement Learning Domains: A Survey.

    Examples
    --------
    >>> from transfergap.rl import Environment, ExactReturn, Tabular
    >>> lake = Environment("FrozenLake-v1", {"is_slippery": False})
    >>> result = audit_agents(Tabular(), ExactReturn(), target=lake, sources={"same": lake},
    ...                       budget=600, margin=0.05, seeds=5, arms=["same pretrained"])
    >>> result.to_frame().verdict.tolist()
    ['reference', 'helps']
    """
    design = pose_agents(
        train,
        evaluate,
        target=target,
        sources=sources,
        budget=budget,
        margin=margin,
        eval_every=eval_every,
        seeds=seeds,
        seed=seed_from(random_state),
        pretraining=pretraining,
        charge_pretraining=charge_pretraining,
        arms=arms,
        judged_by=judged_by,
        threshold=threshold,
        lowest=lowest,
        score=score,
        name=name,
    )
    store = TrialStore() if run_dir is None else open_run(run_dir, design.record(), extend=None)
    try:
        if retry_failed:
            # Failed trials count as done otherwise, so that a resumed run does not loop.
            store.forget_failed()
        cells, stored = [cell.id for cell in design.cells()], store.ids()
        n_done = sum(cell in stored for cell in cells)
        call = None if on_trial is None else guarded(on_trial)
        with progress_of(len(cells), n_done, noun="trainings", verbose=verbose) as progress:
            count = TrialProgress(progress, call)
            run_trials(design, store, executor or executor_for(n_jobs), count, attempt_agent)
        result = assess_agents(design, store.trials())
        curves = table_text(agent_runs(design, store.trials()))
    finally:
        store.close()
    if run_dir is not None:
        write_atomically(Path(run_dir) / CURVES, curves)
        write_atomically(Path(run_dir) / RESULT, result_to_json(result))
    return AuditReport(result, None if run_dir is None else Path(run_dir))


@accepts_old_arguments
def audit_curves(
    curves: str | Path | pd.DataFrame,
    *,
    margin: float,
    control: str = CONTROL,
    score: str = "return",
    name: str | None = None,
    greater_is_better: bool = True,
    steps: Sequence[float] | None = None,
    from_start: bool = False,
    judged_by: str = "area",
    threshold: float | None = None,
    lowest: float = 0.0,
) -> AuditReport:
    """Audit learning curves that were made elsewhere.

    Parameters
    ----------
    curves : path or DataFrame
        Columns ``arm``, ``seed``, ``step`` and ``return``, one row an evaluation. Runs with the
        same seed are a pair.
    margin : float
        In units of the return, > 0.
    control : str
        Name of the arm that trained on the target alone.
    greater_is_better : bool
        False for costs; their sign is turned in all that is shown.
    steps : sequence of float, optional
        Steps to compare runs at that were scored at different ones; each run has its last score.
    from_start : bool
        Whether steps count from each run's own first one, as of an agent that was resumed: its
        steps go on from its pretraining, which the gap then leaves out.
    score, name, judged_by, threshold, lowest
        As in :func:`audit_agents`.

    Returns
    -------
    AuditReport

    Raises
    ------
    DataError, ConfigurationError

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(arm, seed, step, step / 20 * height + seed / 99)
    ...         for arm, height in (("control", 1.0), ("b", 2.0))
    ...         for seed in range(6) for step in (0, 10, 20)]
    >>> table = pd.DataFrame(rows, columns=["arm", "seed", "step", "return"])
    >>> audit_curves(table, margin=0.05).to_frame().verdict.tolist()
    ['reference', 'helps']
    """
    is_path = isinstance(curves, (str, Path))
    table = read_long_table(curves, COLUMNS) if isinstance(curves, (str, Path)) else curves
    runs = runs_of(
        table,
        control=control,
        greater_is_better=greater_is_better,
        steps=steps,
        from_start=from_start,
    )
    result = assess_runs(
        runs,
        margin=margin,
        # Costs are turned, so that a positive gap helps everywhere.
        score=score if greater_is_better else f"minus {score}",
        name=name or (Path(str(curves)).stem if is_path else "imported curves"),
        judged_by=judged_by_name(judged_by),
        threshold=threshold,
        lowest=lowest,
    )
    return AuditReport(result)
