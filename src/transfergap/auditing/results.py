"""Finished audit: shows, saves, and fits the safe model."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfergap.analysis.curves import LearningCurve, arms_for_curve, draw_budgets, draw_curve
from transfergap.analysis.decision import Decision, decide
from transfergap.analysis.ranking import SourceRanking
from transfergap.analysis.repairs import Explanation
from transfergap.analysis.result import ArmOutcome, AuditResult, TargetInfo
from transfergap.analysis.subgroups import Subgroups
from transfergap.analysis.training_curves import TrainingCurves
from transfergap.errors import (
    ConfigurationError,
    IncompleteRunError,
    RunDirectoryError,
    UnknownArmError,
    old_names,
)
from transfergap.experiment.arm import label_among
from transfergap.experiment.arms import fitted_safe
from transfergap.experiment.design import Arm, Design
from transfergap.experiment.executor_choice import executor_for
from transfergap.experiment.executors import Executor
from transfergap.experiment.run_directory import RESULT, design_record, open_run, read_design
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import Trial
from transfergap.learners.progress import Verbosity
from transfergap.report import notebook_html, result_from_json, save, to_frame
from transfergap.report.card import Findings
from transfergap.report.gap_plot import plot_gaps
from transfergap.report.numbers import counted
from transfergap.report.trackers import Tracker, log_result
from transfergap.stats.gap import Verdict

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from transfergap.analysis.checks import Finding

__getattr__ = old_names(__name__)


@dataclass(frozen=True)
class Audit:
    """An audit's result, able to show itself.

    Parameters
    ----------
    result : AuditResult
    run_dir : Path or None
        Where the trials are, if they were kept.
    design : Design or None
        Design of the run, with its data; ``None`` for audits that were loaded.
    """

    result: AuditResult
    run_dir: Path | None = None
    design: Design | None = field(default=None, repr=False, compare=False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Coded findings, strong ones first; a table in a notebook."""
        return Findings(self.result.findings)

    @property
    def arms(self) -> tuple[ArmOutcome, ...]:
        """Outcome of each arm, the control first."""
        return self.result.arms

    @property
    def target(self) -> TargetInfo:
        """The target as it was audited."""
        return self.result.target

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """Explanations of the arms that hurt, by repairs."""
        return self.result.explanations

    @property
    def subgroups(self) -> Subgroups | None:
        """Gaps of subgroups; ``None`` where none were looked at."""
        return self.result.subgroups

    @property
    def training_curves(self) -> TrainingCurves | None:
        """Learning curves of agents; ``None`` for anything else."""
        return self.result.training_curves

    def decide(self, policy: str = "expected") -> Decision:
        """Return the action that a policy advises, also where nothing is settled.

        Parameters
        ----------
        policy : {"expected", "cautious", "proven"}
            The arm with the largest expected gain whose chance of costing more than the margin is
            at most 15 % (``"cautious"``: 5 %), or only what was shown to help.

        Raises
        ------
        ConfigurationError
            For any other policy.

        Examples
        --------
        >>> from sklearn.linear_model import Ridge
        >>> from transfergap import audit
        >>> from transfergap.datasets import make_shift
        >>> shift = make_shift(n_target=60, shift=0.2, random_state=0)
        >>> result = audit(Ridge(), shift.X, shift.y, sources=shift.sources, metric="r2")
        >>> result.decide().use
        'safe'
        """
        return decide(self.result, policy)

    def __getitem__(self, arm: str | Arm) -> ArmOutcome:
        """Return the outcome of an arm: its score, gap and verdict.

        Parameters
        ----------
        arm : str or Arm
            ``"b pooled"``, or ``"b+pooled"``.

        Raises
        ------
        UnknownArmError
            A ``KeyError`` that names the nearest arm.

        Examples
        --------
        >>> from sklearn.linear_model import Ridge
        >>> from transfergap import audit
        >>> from transfergap.datasets import make_shift
        >>> shift = make_shift(n_target=40, shift=3.0, random_state=1)
        >>> audited = audit(Ridge(), shift.X, shift.y, sources=shift.sources, metric="r2")
        >>> audited["source pooled"].verdict.value
        'hurts'
        """
        by_name = {outcome.arm: outcome for outcome in self.arms}
        name = label_among(arm, by_name)
        if name not in by_name:
            near = difflib.get_close_matches(str(name), by_name, n=1)
            raise UnknownArmError(
                f"The audit has no arm called {name!r}.",
                hint=f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(by_name)}",
            )
        return by_name[name]

    def __contains__(self, arm: object) -> bool:
        by_name = [outcome.arm for outcome in self.arms]
        return isinstance(arm, str | Arm) and label_among(arm, by_name) in by_name

    def __iter__(self) -> Iterator[str]:
        return (outcome.arm for outcome in self.arms)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def summary(self) -> str:
        """Return the result on one screen, as a terminal shows it."""
        from transfergap.report.terminal import render_terminal

        return render_terminal(self.result, color=False).rstrip("\n")

    def plot(self, *, ax: Axes | None = None, arms: Sequence[str | Arm] | None = None) -> Axes:
        """Draw the gaps with their intervals; the band is the margin.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            New ones, in a new figure, if not given.
        arms : sequence of str or Arm, optional
            Default: the judged ones.

        Returns
        -------
        matplotlib.axes.Axes
            To change titles and limits; ``ax.figure.savefig("gaps.pdf")`` writes a file.
        """
        chosen = None if arms is None else [self[arm] for arm in arms]
        return plot_gaps(self.result, ax=ax, arms=chosen)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an arm: score, estimate, low, high, verdict and more."""
        return to_frame(self.result)

    def save(self, path: str | Path) -> Path:
        """Write a report; the suffix decides: .html, .md, .json or .txt.

        Returns
        -------
        Path
            Where it is.
        """
        save(self.result, path)
        return Path(path)

    def log(self, to: str | Tracker) -> None:
        """Log settings, numbers and page with an experiment tracker.

        Parameters
        ----------
        to : {"mlflow", "wandb"} or object with ``log_metrics(dict)``
            The run that is active, or one made for this audit. An object may also have
            ``log_params(dict)`` and ``log_artifact(path)``, which copies the file at once.

        Raises
        ------
        MissingExtraError
            If the library is not installed; ``transfergap[mlflow]`` and ``[wandb]`` bring it.
        ConfigurationError
            For another name, or an object without ``log_metrics``.
        """
        log_result(self.result, to)

    def fit_safe(self, *, caution: str | float = "low", verbose: Verbosity = "auto") -> Any:
        """Return the model of the arm ``safe``.

        It is fitted on all rows of target and sources.

        Parameters
        ----------
        caution : {"low", "medium", "high"} or float
        verbose : {0, 1, "auto"}
            Whether to show how many fits are done, as in :func:`audit`.

        Returns
        -------
        SafeTransferClassifier or SafeTransferRegressor

        Raises
        ------
        ConfigurationError
            For an audit that was loaded: it has no rows.
        """
        self._check_is_of_tables("safe model")
        if self.design is None:
            run = "RUN" if self.run_dir is None else self.run_dir
            raise ConfigurationError(
                "This audit was loaded, so it holds no rows to fit on.",
                hint=f"`transfergap fit {run} -o model.skops` reads the files of a run again; in"
                " Python, call audit() again with the same data and run_dir",
            )
        return fitted_safe(self.design, caution=caution, verbose=verbose)

    def learning_curve(
        self, arms: Sequence[str | Arm] | None = None, *, n_jobs: int = 1
    ) -> LearningCurve:
        """Return the gap against labelled target rows.

        It shows how many of them make the sources needless. Trials that the run directory
        holds are not repeated.

        Parameters
        ----------
        arms : sequence of str or Arm, optional
            Default: those of the curve that the audit has, or at most four arms that help or hurt,
            with a single source, and the safe one.
        n_jobs : int
            Worker processes.

        Raises
        ------
        ConfigurationError
            For an audit that was loaded, or an arm that it lacks.
        """
        if arms is None and self.result.learning_curve is not None:
            return self.result.learning_curve
        design = self._design("fit")
        store = self._store(design)
        try:
            chosen = arms_for_curve(design, verdicts_by_clearness(self.result), arms)
            return draw_curve(design, chosen, store, executor_for(n_jobs))
        finally:
            store.close()

    def budget_curve(
        self,
        parameter: str | None = None,
        *,
        values: Sequence[Any] = (),
        arms: Sequence[str | Arm] | None = None,
        n_jobs: int = 1,
    ) -> LearningCurve:
        """Return the gap against a training budget.

        It also tells whether the control still improves.

        Parameters
        ----------
        parameter : str, optional
            A numeric parameter of the estimator, such as ``"max_iter"``; steps of a pipeline are
            searched for it. ``"budget"`` for a :class:`transfergap.learners.FunctionLearner`.
            Default: the curve that the audit has of a model that states its budget.
        values : sequence of numbers
            At least two budgets.
        arms : sequence of str or Arm, optional
            Default: at most four judged arms that train this very model.
        n_jobs : int
            Worker processes.

        Raises
        ------
        ConfigurationError
            For an audit that was loaded, a parameter or arm that it lacks, or a model that states
            no budget.
        """
        if parameter is None:
            if self.result.budget_curve is None:
                raise ConfigurationError(
                    "The model states no budget, so the audit has no curve of it.",
                    hint='name a parameter: budget_curve("max_iter", values=[10, 100])',
                )
            return self.result.budget_curve
        design = self._design("train")
        store = self._store(design)
        try:
            return draw_budgets(design, parameter, values, arms, store, executor_for(n_jobs))
        finally:
            store.close()

    def _design(self, action: str) -> Design:
        self._check_is_of_tables("learning curve over rows")
        if self.design is None:
            raise ConfigurationError(
                f"This audit was loaded, so it holds no rows to {action} on.",
                hint="call audit() again with the same data and run_dir; stored trials are not"
                " repeated",
            )
        return self.design

    def _check_is_of_tables(self, curve_name: str) -> None:
        """Raise ``ConfigurationError`` for an audit of agents, which have no rows."""
        # Agents have curves of training, and no table of rows.
        if self.result.training_curves is not None:
            raise ConfigurationError(
                f"This is an audit of agents, and a {curve_name} is fitted on rows.",
                hint="the curves of agents are in result.training_curves",
            )

    def _store(self, design: Design) -> TrialStore:
        if self.run_dir is None:
            return TrialStore()
        return open_run(self.run_dir, design_record(design))

    def rank_sources(self) -> SourceRanking:
        """Return the sources by harm, the most harmful first.

        Returns
        -------
        SourceRanking
            Prints itself; ``to_frame()`` has every score with its interval. See
            docs/which_sources.md.

        Raises
        ------
        ConfigurationError
            If there are fewer than two sources, or they could not be ranked.
        """
        if self.result.ranking is not None:
            return self.result.ranking
        n_sources = len(self.result.sources)
        if n_sources < 2:
            raise ConfigurationError(
                f"The audit has {counted(n_sources, 'source')}, and a ranking needs two.",
                hint="add sources; whether one helps or hurts is in the verdicts",
            )
        notes = [note for note in self.result.method_notes if "not ranked" in note]
        raise ConfigurationError(
            notes[0] if notes else "The audit was made before sources were ranked by harm.",
            hint="run the same audit again; stored trials are not repeated",
        )

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return notebook_html(self.result)


def verdicts_by_clearness(result: AuditResult) -> dict[str, Verdict | None]:
    """Return the verdicts of the judged arms, the most certain first."""
    judged = [arm for arm in result.arms if arm.judged and arm.gap is not None]
    judged.sort(key=lambda arm: min(arm.gap.p_helps, arm.gap.p_hurts) if arm.gap else 1.0)
    return {arm.arm: arm.verdict for arm in judged}


def with_curve(
    result: AuditResult,
    design: Design,
    learning_curve: bool | Sequence[str | Arm],
    store: TrialStore,
    executor: Executor,
    on_trial: Callable[[Trial], None] | None = None,
) -> AuditResult:
    """Return the result with a curve, running missing trials."""
    if learning_curve is False:
        return result
    arm_names = None if learning_curve is True else learning_curve
    # The clearest verdicts first: a curve of an unsettled arm shows noise.
    arms = arms_for_curve(design, verdicts_by_clearness(result), arm_names)
    drawn = draw_curve(design, arms, store, executor, on_trial)
    return replace(result, learning_curve=drawn)


def load_audit(run_dir: str | Path) -> Audit:
    """Return the audit of a finished run.

    Raises
    ------
    IncompleteRunError
        If the run was interrupted and not resumed.
    RunDirectoryError
        If the directory is no run.
    """
    path = Path(run_dir) / RESULT
    if not path.exists():
        read_design(run_dir)  # says so if this is no run at all
        raise IncompleteRunError(
            f"{run_dir} is a run that was not finished, so it has no result yet.",
            hint="run the same `transfergap run` again; it goes on where it was stopped",
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunDirectoryError(
            f"{path} cannot be read ({error}).", hint="run the same `transfergap run` again"
        ) from error
    return Audit(result_from_json(text), Path(run_dir))
