"""Results in experiment trackers: MLflow, Weights & Biases, or any other."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from transfergap.analysis.checks.check import Strength
from transfergap.analysis.result import AuditResult
from transfergap.errors import ConfigurationError, require
from transfergap.report.choice import control_of, judged_arms
from transfergap.report.wording.names import one_line
from transfergap.stats.gap import Verdict

# What MLflow takes in the name of a metric; other trackers take more.
_NOT_A_NAME = re.compile(r"[^\w\-. :/]")
_LONGEST_NAME, _LONGEST_VALUE = 250, 500  # MLflow's limits


class Tracker(Protocol):
    """An experiment tracker, or a logger of one.

    Where ``log_params`` and ``log_artifact`` are missing, as in a plain logger of metrics, they are
    left out.
    """

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log numbers by name."""
        ...


class MLflowTracker:
    """The active run of MLflow, or one made here.

    Raises
    ------
    MissingExtraError
        If ``mlflow`` is not installed.
    """

    def __init__(self) -> None:
        self._mlflow: Any = require("mlflow", extra="mlflow")
        self._is_made_here = self._mlflow.active_run() is None
        if self._is_made_here:
            self._mlflow.start_run()

    def log_params(self, params: Mapping[str, str]) -> None:
        """Log settings."""
        self._mlflow.log_params(dict(params))

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log numbers."""
        self._mlflow.log_metrics(dict(metrics))

    def log_artifact(self, path: Path) -> None:
        """Log a file."""
        self._mlflow.log_artifact(str(path))

    def finish(self) -> None:
        """End the run, if it was made here."""
        if self._is_made_here:
            self._mlflow.end_run()


class WandbTracker:
    """The active run of Weights & Biases, or one made here.

    Raises
    ------
    MissingExtraError
        If ``wandb`` is not installed.
    """

    def __init__(self) -> None:
        wandb: Any = require("wandb", extra="wandb")
        self._is_made_here = wandb.run is None
        self._run: Any = wandb.init() if self._is_made_here else wandb.run

    def log_params(self, params: Mapping[str, str]) -> None:
        """Log settings as the run's configuration."""
        # A second audit in one run has settings of its own.
        self._run.config.update(dict(params), allow_val_change=True)

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log numbers into the run's summary, which has no steps."""
        self._run.summary.update(dict(metrics))

    def log_artifact(self, path: Path) -> None:
        """Log a file among the run's files."""
        # Uploads go on after the call: the copy stays where the run keeps its own files.
        copy = Path(self._run.dir) / path.name
        shutil.copyfile(path, copy)
        self._run.save(str(copy), base_path=self._run.dir, policy="now")

    def finish(self) -> None:
        """End the run, if it was made here."""
        if self._is_made_here:
            self._run.finish()


TRACKERS: dict[str, type[MLflowTracker] | type[WandbTracker]] = {
    "mlflow": MLflowTracker,
    "wandb": WandbTracker,
}


def check_tracker(name: str) -> None:
    """Raise an error for a tracker that is unknown or not installed.

    Before anything runs, so that an hour of fits is not followed by it.

    Raises
    ------
    ConfigurationError, MissingExtraError
    """
    if name not in TRACKERS:
        raise ConfigurationError(
            f"There is no tracker called {name!r}.", hint=f"known: {', '.join(TRACKERS)}"
        )
    require(name, extra=name)


def log_result(result: AuditResult, to: str | Tracker, *, prefix: str = "transfergap/") -> None:
    """Log settings, numbers and the page of a result.

    Parameters
    ----------
    result : AuditResult
    to : {"mlflow", "wandb"} or object with ``log_metrics(dict)``
        An object may also have ``log_params(dict)`` and ``log_artifact(path)``, which copies the
        file before it returns.
    prefix : str
        In front of every name.

    Raises
    ------
    ConfigurationError
        For another name, or an object without ``log_metrics``.
    MissingExtraError
        If the library is not installed.
    """
    if isinstance(to, str):
        check_tracker(to)
        tracker = TRACKERS[to]()
        try:
            _log(result, tracker, prefix)
        finally:
            tracker.finish()
        return
    if not callable(getattr(to, "log_metrics", None)):
        raise ConfigurationError(
            f"{type(to).__name__} has no method log_metrics.",
            hint=f"give {' or '.join(map(repr, TRACKERS))}, or an object with log_metrics(dict)",
        )
    _log(result, to, prefix)


def _log(result: AuditResult, tracker: Any, prefix: str) -> None:
    if callable(getattr(tracker, "log_params", None)):
        tracker.log_params({prefix + name: text for name, text in params_of(result).items()})
    tracker.log_metrics({prefix + name: value for name, value in metrics_of(result).items()})
    if callable(getattr(tracker, "log_artifact", None)):
        _log_files(result, tracker)


def _log_files(result: AuditResult, tracker: Any) -> None:
    from transfergap.report import save

    with tempfile.TemporaryDirectory(prefix="transfergap-") as folder:
        for name in ("transfergap.html", "transfergap.json"):
            path = Path(folder) / name
            save(result, path)
            tracker.log_artifact(path)


def params_of(result: AuditResult) -> dict[str, str]:
    """Return the settings of an audit."""
    texts = {
        "target": result.target.name,
        "sources": ", ".join(source.name for source in result.sources),
        "metric": result.metric,
        "margin": f"{result.margin:g}",
        "effort": result.effort,
        "seed": str(result.seed),
        "learner": result.learner,
        "fingerprint": result.fingerprint,
        "version": result.version,
    }
    return {name: one_line(text)[:_LONGEST_VALUE] for name, text in texts.items()}


def metrics_of(result: AuditResult) -> dict[str, float]:
    """Return the numbers of an audit by names that every tracker takes.

    ``"b pooled/gap"``, ``"b pooled/low"``, ``"b pooled/high"``, ``"b pooled/score"`` an arm.

    Examples
    --------
    >>> _names(["b (2024)", "b [2024]"])
    ['b _2024_', 'b _2024_ 1']
    """
    metrics: dict[str, float] = {}
    control = control_of(result)
    arms = (*([] if control is None else [control]), *judged_arms(result))
    for arm, name in zip(arms, _names([arm.arm for arm in arms]), strict=True):
        if arm.score is not None:
            metrics[f"{name}/score"] = float(arm.score)
        if arm.gap is not None:
            gap = arm.gap
            metrics |= {
                f"{name}/gap": float(gap.estimate),
                f"{name}/low": float(gap.low),
                f"{name}/high": float(gap.high),
            }
    verdicts = [arm.verdict for arm in judged_arms(result)]
    strong = [f for f in result.findings if f.strength is Strength.STRONG]
    return metrics | {
        "n_arms_that_help": float(verdicts.count(Verdict.HELPS)),
        "n_arms_that_hurt": float(verdicts.count(Verdict.HURTS)),
        "n_strong_findings": float(len(strong)),
    }


def _names(arms: Sequence[str]) -> list[str]:
    """Return names that trackers take, one an arm."""
    names: list[str] = []
    for arm in arms:
        name = _NOT_A_NAME.sub("_", one_line(arm)).replace("/", "_")[:_LONGEST_NAME] or "_"
        # Letters that were replaced may have been all that told two arms apart.
        names.append(f"{name} {len(names)}" if name in names else name)
    return names
