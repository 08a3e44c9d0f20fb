"""Front door: make the problem, design, run and assess.

No other module orders the stages.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from transfergap.analysis.assessment import assess_trials, checked_estimates, judged_gaps
from transfergap.analysis.curves import check_curve, own_budgets
from transfergap.analysis.estimation import first_round, with_refits
from transfergap.analysis.first_look import FirstLook, FirstLooks
from transfergap.analysis.repairs import Explain, SecondLook, explain_named
from transfergap.analysis.subgroups import Grouping, group_rows
from transfergap.auditing.results import Audit, with_curve
from transfergap.auditing.rounds import run_rounds
from transfergap.auditing.safe_model import safe_learner
from transfergap.auditing.screening import screened_out
from transfergap.data.metric import AnyMetric
from transfergap.data.problem import OpaqueSource, Problem, Sample
from transfergap.data.tables.identifiers import columns_named_by
from transfergap.data.tables.normal_form import as_table
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError, accepts_old_arguments, old_names
from transfergap.experiment.arms import (
    check_checkpoints,
    chosen_arms,
    learner_of,
    teaches,
    with_controls_inside,
    with_weights_tried,
)
from transfergap.experiment.design import Arm, ControlArm, Design, Effort
from transfergap.experiment.executor_choice import executor_for
from transfergap.experiment.executors import Executor
from transfergap.experiment.row_cap import row_cap
from transfergap.experiment.run_directory import (
    RESULT,
    design_record,
    fingerprint,
    open_run,
    write_atomically,
)
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import Trial
from transfergap.learners.estimator import labels_for
from transfergap.learners.progress import Verbosity, progress_of
from transfergap.learners.random_states import seed_from
from transfergap.report import result_to_json
from transfergap.report.console.trial_progress import TrialProgress, guarded
from transfergap.stats.gap import Gap, Verdict

__getattr__ = old_names(__name__)


@accepts_old_arguments
def make_design(
    model: Any,
    problem: Problem,
    *,
    arms: Sequence[str | Arm] | None = None,
    effort: str | Effort = Effort.FULL,
    random_state: int | np.random.RandomState | None = 0,
    max_sources: int | None = None,
    max_source_rows: int | None = None,
) -> Design:
    """Return the design that :func:`audit` would run.

    Parameters
    ----------
    model : estimator, Learner or None
    problem : Problem
    arms, effort, random_state, max_sources, max_source_rows
        As in :func:`audit`.
    """
    learner = learner_of(model, problem)
    try:
        chosen = Effort(effort)
    except ValueError:
        valid_names = ", ".join(str(p) for p in Effort)
        raise ConfigurationError(
            f"There is no effort called {effort!r}.", hint=f"known: {valid_names}"
        ) from None
    seed = seed_from(random_state)
    safe = safe_learner(learner, problem) if problem.task.predictions_are_labels else None
    treatments = chosen_arms(
        arms, list(problem.sources), learner, safe, task=problem.task, non_tabular=problem.others
    )
    untried = screened_out(problem, arms=arms, max_sources=max_sources, seed=seed)
    treatments = with_controls_inside(
        [arm for arm in treatments if len(arm.sources) > 1 or arm.sources[0] not in untried]
    )
    # Default arms that cannot learn are dropped; chosen ones are the user's decision.
    if arms is None:  # one label teaches nothing by itself
        treatments = tuple(arm for arm in treatments if arm.judged or teaches(problem, arm))
    treatments = tuple(with_weights_tried(arm, problem) for arm in treatments)
    check_checkpoints(problem, treatments)
    return Design(
        problem,
        ControlArm(learner),
        treatments,
        chosen,
        seed,
        untried=untried,
        max_source_rows=row_cap(problem, max_source_rows),
    )


@accepts_old_arguments
def run_design(
    design: Design,
    *,
    run_dir: str | Path | None = None,
    n_jobs: int = 1,
    executor: str | Executor | None = None,
    on_trial: Callable[[Trial], None] | None = None,
    retry_failed: bool = False,
    extend: bool = False,
    explain: str | Explain = Explain.HARMFUL,
    on_more: Callable[[int], None] | None = None,
    on_look: Callable[[FirstLook], None] | None = None,
    subgroups: Grouping | None = None,
    learning_curve: bool | Sequence[str | Arm] = False,
) -> Audit:
    """Run or resume a design, explain harm, and assess it.

    Parameters
    ----------
    design : Design
    run_dir : str or Path, optional
        Where to keep trials and result; a run that was interrupted there goes on.
    n_jobs : int
        Worker processes; 1 stays in this process.
    executor : str or Executor, optional
        As in :func:`audit`.
    on_trial : callable, optional
        Called with each trial once it is stored.
    retry_failed : bool
        Try failed trials of an earlier run again.
    extend : bool
        Take a ``run_dir`` whose margin, arms or set of sources was another.
    subgroups : Grouping, optional
        What to look at below the average; decides no trial.
    learning_curve : bool or sequence of str or Arm
        Whether to fit on parts of the target too, and for which arms.
    explain : {"harmful", "all", "none"}
        Which arms to explain by repairs.
    on_more : callable, optional
        Called with the number of further trials, once it is known which arms need explaining.
    on_look : callable, optional
        Called with what the trials tell so far, some times while the judged arms are fitted. It
        decides nothing, and is not stored.
    """
    explain_choice = explain_named(explain)
    check_curve(design, learning_curve)  # a name that is wrong is said before anything is run
    executor = executor_for(n_jobs, executor)
    record = design_record(design)
    store = TrialStore() if run_dir is None else open_run(run_dir, record, extend=extend)
    _warn_of_damage(store, run_dir)
    try:
        if retry_failed:
            store.forget_failed()
        looking = _looking(design, store, on_trial, on_look)
        design = run_rounds(design, store, executor, looking, on_more)
        # Refits before repairs and curves: they need the final verdicts.
        design = _settled_by_refits(design, store, executor, on_trial, on_more)
        budgets = own_budgets(design, store, executor, on_trial)
        # Repairs share folds and seeds of the design, so its trials serve as their controls.
        estimates = checked_estimates(design, store.trials())
        judged = judged_gaps(design, estimates)
        look = _second_look(design, judged, explain_choice, store, executor, on_trial, on_more)
        result = assess_trials(
            design,
            store.trials(),
            digest=fingerprint(record),
            explanations=() if look is None else look.explained(store.trials()),
            notes=() if look is None else (*look.notes, *look.failures(store.trials())),
            subgroups=subgroups,
            budgets=budgets,
            estimates=estimates,
        )
        result = with_curve(result, design, learning_curve, store, executor, on_trial)
    # Closed whatever happens: stored trials survive an interruption.
    finally:
        store.close()
    if run_dir is not None:
        write_atomically(Path(run_dir) / RESULT, result_to_json(result))
    return Audit(result, None if run_dir is None else Path(run_dir), design)


def _looking(
    design: Design,
    store: TrialStore,
    on_trial: Callable[[Trial], None] | None,
    on_look: Callable[[FirstLook], None] | None,
) -> Callable[[Trial], None] | None:
    """Return ``on_trial``, calling ``on_look`` too where a look is due."""
    if on_look is None:
        return on_trial
    looks = FirstLooks(design, store.trials())

    def count(trial: Trial) -> None:
        if on_trial is not None:
            on_trial(trial)
        look = looks.add(trial)
        if look is not None:
            on_look(look)

    return count


def _settled_by_refits(
    design: Design,
    store: TrialStore,
    executor: Executor,
    on_trial: Callable[[Trial], None] | None,
    on_more: Callable[[int], None] | None,
) -> Design:
    """Fit arms with wrong closed forms fold by fold.

    Return the design with these fits.
    """
    settled = with_refits(design, store.trials())
    if settled is not design:
        _run_more(settled, store, executor, on_trial, on_more)
    return settled


def _second_look(
    design: Design,
    judged: Mapping[str, tuple[Gap, Verdict | None]],
    explain: Explain,
    store: TrialStore,
    executor: Executor,
    on_trial: Callable[[Trial], None] | None,
    on_more: Callable[[int], None] | None,
) -> SecondLook | None:
    """Try repairs on the arms to explain; ``None`` where none is."""
    if explain is Explain.NONE:
        return None
    look = SecondLook.at(design, judged, explain)
    _run_more(look.singles, store, executor, on_trial, on_more)
    _run_more(look.combined(store.trials()), store, executor, on_trial, on_more)
    return look


def _run_more(
    more: Design | None,
    store: TrialStore,
    executor: Executor,
    on_trial: Callable[[Trial], None] | None,
    on_more: Callable[[int], None] | None,
) -> None:
    if more is None:
        return
    if on_more is not None:
        on_more(sum(1 for _ in more.pending(store)))
    run_trials(more, store, executor, on_trial)


def add_curve(
    audited: Audit,
    *,
    n_jobs: int = 1,
    executor: str | Executor | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> Audit:
    """Return an audit with its learning curve, and store it.

    It runs the trials that the directory lacks.

    Parameters
    ----------
    audited : Audit
        With a design and a run directory.
    n_jobs, executor, on_trial
        As in :func:`run_design`.
    """
    design, run_dir = audited.design, audited.run_dir
    assert design is not None and run_dir is not None
    store = open_run(run_dir, design_record(design))
    try:
        chosen = executor_for(n_jobs, executor)
        result = with_curve(audited.result, design, True, store, chosen, on_trial)
    finally:
        store.close()
    write_atomically(run_dir / RESULT, result_to_json(result))
    return replace(audited, result=result)


@accepts_old_arguments
def audit(
    model: Any,
    X: Any,
    y: Any,
    *,
    sources: Mapping[str, tuple[Any, Any] | Sample | OpaqueSource],
    metric: AnyMetric | None = None,
    margin: float | None = None,
    groups: Any = None,
    sample_weight: Any = None,
    positive: Any = None,
    arms: Sequence[str | Arm] | None = None,
    effort: str | Effort = Effort.FULL,
    random_state: int | np.random.RandomState | None = 0,
    n_jobs: int = 1,
    executor: Any = None,
    run_dir: str | Path | None = None,
    name: str = "target",
    retry_failed: bool = False,
    extend: bool = False,
    explain: str | Explain = Explain.HARMFUL,
    subgroups: str | Sequence[str] | Mapping[str, Any] | None = "auto",
    learning_curve: bool | Sequence[str | Arm] = False,
    time: Any = None,
    gap: Any = 0,
    cv: Any = None,
    keep: Sequence[str] = (),
    columns: Literal["common", "error"] = "common",
    label_map: Mapping[str, Mapping[Any, Any]] | None = None,
    max_sources: int | None = None,
    max_source_rows: int | None = None,
    on_trial: Callable[[Trial], None] | None = None,
    verbose: Verbosity = "auto",
    scoring: AnyMetric | None = None,
) -> Audit:
    """Say whether each source helps or hurts a model on the target.

    Parameters
    ----------
    model : estimator, Learner or None
        Any scikit-learn estimator or pipeline, a learner such as
        :class:`transfergap.learners.FunctionLearner`, or ``None`` for a sensible default.
    X : array, DataFrame, sparse matrix, or texts (list or Series of str)
        Target rows, shape (n_rows, n_features); at least ten rows.
    y : array-like, shape (n_rows,)
        Target labels: two classes, more, or numbers.
    sources : mapping of str to (X, y), Sample, SourceFile, ModelSource or TaskSource
        Rows with the same columns as the target, here or in a Parquet file; for networks also
        pretrained models and tasks.
    metric : str, callable or Metric, optional
        Whatever scikit-learn takes as ``scoring``: a name, a scorer, or a function of (model, X,
        y); also names of ours, functions of (y_true, y_pred), and what
        :func:`transfergap.make_metric` returns. Default: ROC AUC for two classes, accuracy for
        more, R2 for numbers.
    margin : float, optional
        Smallest difference that matters to you, in units of the metric, > 0; default 0.01.
    groups : array-like, shape (n_rows,), optional
        Patients, sites, authors: rows of one group are tested together, and groups are the unit of
        every interval.
    sample_weight : array-like, shape (n_rows,), optional
        Weights of the target rows, above 0: exposure, or how many people a row stands for. Models
        are trained with them, and scores and gaps are weighted means. A source's weights are those
        of its ``Sample``; without, its rows count as much as an average target row.
    positive : label, optional
        The positive class of two, which F1, precision, recall and average precision are of and the
        report names; default: the larger label (the last in the alphabet).
    arms : sequence of str or Arm, optional
        Names of default arms, of mitigations of a source such as ``"b coral"`` or ``"all gated
        tradaboost"``, or arms of your own; default: every source pooled, all together, all
        balanced, the safe model, and each source alone for information.
    effort : {"full", "quick", "thorough", "race"}
        65, 20 or 120 fits an arm where the model has no closed form; ``"race"`` is as right as
        ``"full"`` and stops each arm at 10 or 20 fits where the others could hardly change its
        verdict (docs/planning.md).
    random_state : int, RandomState or None
        The same number gives the same bytes, whatever ``n_jobs`` is; ``None`` is as good as 0.
    n_jobs : int
        Worker processes.
    executor : {"serial", "loky", "joblib", "dask"}, address, Client or Executor, optional
        Where the fits run: in this process, in ``n_jobs`` processes, on what
        ``joblib.parallel_config`` names, on a cluster of dask made here, or on one that is there
        (``"tcp://host:8786"`` or a ``distributed.Client``). The bytes are the same. Default: what
        ``joblib.parallel_config`` names, or else by ``n_jobs``.
    run_dir : str or Path, optional
        Keep trials there and go on where an earlier call was interrupted.
    name : str
        What to call the target.
    retry_failed : bool
        Try failed trials of an earlier call with the same ``run_dir`` again.
    extend : bool
        Take a ``run_dir`` whose margin, arms or set of sources was another: trials of arms that did
        not change are used, and new ones are run.
    explain : {"harmful", "all", "none"}
        Which arms to explain by repairing possible causes, at about 100 fits each: those that hurt
        or may hurt, every arm of one source, or none.
    subgroups : "auto", "find", "none", sequence of str, mapping of str to array, or None
        Subgroups to report: names of columns of ``X``, or names with one value a row;
        ``"find"`` searches for them, and ``"auto"`` from 200 rows on; ``None`` and ``"none"``
        report none. Costs no fits; may be changed on a run that is there.
    learning_curve : bool or sequence of str or Arm
        Whether to fit on parts of the target too: how many labelled target rows until the sources
        no longer matter? True draws at most four arms that help or hurt; names draw these arms. At
        most 80 fits more for the control and each arm.
    time : str or array-like, shape (n_rows,), optional
        Numbers or dates of the target rows, or the column of ``X`` that holds them: blocks in order
        of time are tested then, each by models of earlier rows (docs/time.md). Source rows bring
        theirs in a column of that name, or as ``Sample(X, y, times=...)``.
    gap : str or number
        Kept free between training rows and the tested block: ``"5 rows"``, ``"7 days"``, or a
        number in the unit of the times.
    cv : splitter or iterable of (train, test), optional
        A scikit-learn splitter, instead of shuffled folds.
    keep : sequence of str
        Columns to keep although they look like names of rows (record numbers, accession codes), or
        hold one value in all files: both are left out of models otherwise. Columns that the
        model's own parameters name stay.
    columns : {"common", "error"}
        Whether columns of the target that a source lacks are left out of all tables, with a finding
        on what that costs the control, or are an error.
    label_map : mapping of str to mapping, optional
        What labels of a source are called in the target, where the two code classes differently:
        ``{"b": {1: 0, 2: 1}}``; ``None`` for a class that the target does not have.
    max_sources : int, optional
        Sources that get an arm each, chosen in closed form where there are more; default 16.
        The others have an estimate and no verdict (TG127), and count in the correction of verdicts.
    max_source_rows : int, optional
        Rows of each source that are used in fits, drawn at random, classes in their shares; the
        linear safe model uses all. Default: all, or, where some source has more than 100,000,
        50,000 (20 times the target's rows, if that is more).
    on_trial : callable, optional
        Called with each :class:`transfergap.experiment.trial.Trial` once it is stored. Where it
        raises, a ``RuntimeWarning`` names error and trial, it is not called again, and the audit
        goes on.
    verbose : {0, 1, "auto"}
        Whether to show how many trials are done, how long the others will take, and what they tell
        so far: a bar in a notebook or on a terminal, lines elsewhere. ``"auto"``: a bar only.
    scoring : str, callable or Metric, optional
        Another name of ``metric``, as in :func:`sklearn.model_selection.cross_validate`.

    Returns
    -------
    Audit
        Shows itself in a terminal or notebook; ``to_frame()``, ``findings``, ``save(path)``,
        ``fit_safe()``.

    Raises
    ------
    DataError, MetricError, ConfigurationError, LearnerError, RunDirectoryError, StorageError
        Each with a hint.

    Notes
    -----
    A verdict is on the expected gap over target samples of this size, with the sources fixed; it is
    not a promise about the one model fitted on these very rows. Formulas and measured error rates:
    docs/methods.md.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.datasets import make_shift
    >>> shift = make_shift(n_target=40, shift=3.0, random_state=1)
    >>> result = audit(Ridge(), shift.X, shift.y, sources=shift.sources, metric="mse", margin=0.05)
    >>> result.to_frame().query("arm == 'source pooled'").verdict.item()
    'hurts'
    """
    if metric is not None and scoring is not None:
        raise ConfigurationError(
            "Both metric and scoring are given.", hint="leave one out: they are two names of one"
        )
    X = as_table(X)  # once: a stream of batches has no second reading
    problem = make_problem(
        X,
        y,
        sources=sources,
        metric=scoring if metric is None else metric,
        margin=margin,
        groups=groups,
        sample_weight=sample_weight,
        positive=positive,
        name=name,
        labels=labels_for(model),
        time=time,
        gap=gap,
        cv=cv,
        keep=keep,
        columns=columns,
        label_map=label_map,
        model_columns=columns_named_by(model, _column_names(X)),
    )
    grouping = group_rows(problem, subgroups)
    design = make_design(
        model,
        problem,
        arms=arms,
        effort=effort,
        random_state=random_state,
        max_sources=max_sources,
        max_source_rows=max_source_rows,
    )
    call = None if on_trial is None else guarded(on_trial)
    stored = _stored_ids(design, run_dir, extend=extend)
    ids = [cell.id for cell in first_round(design).cells()]
    with progress_of(len(ids), sum(i in stored for i in ids), verbose=verbose) as shown:
        trial_progress = TrialProgress(shown, call)
        return run_design(
            design,
            run_dir=run_dir,
            n_jobs=n_jobs,
            executor=executor,
            retry_failed=retry_failed,
            extend=extend,
            subgroups=grouping,
            learning_curve=learning_curve,
            explain=explain,
            on_trial=trial_progress,
            on_more=trial_progress.expect,
            on_look=trial_progress.look if shown.is_shown else None,
        )


def _warn_of_damage(store: TrialStore, run_dir: str | Path | None) -> None:
    """Warn where stored trials had been damaged; the store is sound again."""
    if store.n_damaged:
        warnings.warn(
            f"{store.n_damaged} stored trials of {run_dir} had been damaged; they run again.",
            RuntimeWarning,
            stacklevel=3,
        )


def _stored_ids(design: Design, run_dir: str | Path | None, *, extend: bool) -> Collection[str]:
    """Return the trials that a run directory holds already."""
    if run_dir is None:
        return ()
    store = open_run(run_dir, design_record(design), extend=extend)
    _warn_of_damage(store, run_dir)  # the next one to open it finds it sound
    try:
        return store.ids()
    finally:
        store.close()


def _column_names(X: Any) -> tuple[str, ...]:
    return tuple(str(column) for column in getattr(X, "columns", ()))
