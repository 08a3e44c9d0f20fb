"""Finished audit of rows: fits the safe model, draws curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from transfergap.analysis.curves import LearningCurve, arms_for_curve, draw_budgets, draw_curve
from transfergap.analysis.result import AuditResult
from transfergap.auditing.safe_model import fitted_safe
from transfergap.errors import (
    ConfigurationError,
    IncompleteRunError,
    RunDirectoryError,
    old_names,
)
from transfergap.experiment.design import Arm, Design
from transfergap.experiment.executor_choice import executor_for
from transfergap.experiment.executors import Executor
from transfergap.experiment.run_directory import RESULT, design_record, open_run, read_design
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import Trial
from transfergap.learners.progress import Verbosity
from transfergap.report import result_from_json
from transfergap.report.audit_report import AuditReport
from transfergap.stats.gap import Verdict

__getattr__ = old_names(__name__)


@dataclass(frozen=True, repr=False)
class Audit(AuditReport):
    """An audit of rows: shows itself, fits the safe model, draws curves.

    Parameters
    ----------
    result : AuditResult
    run_dir : Path or None
        Where the trials are, if they were kept.
    design : Design or None
        Design of the run, with its data; ``None`` for audits that were loaded.
    """

    design: Design | None = field(default=None, compare=False)

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
