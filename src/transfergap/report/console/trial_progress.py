"""Progress of an audit: trials counted, failures named, first looks shown."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

from transfergap.analysis.first_look import FirstLook
from transfergap.experiment.trial import FailedTrial, Trial
from transfergap.learners.progress import Progress
from transfergap.report.console.first_look import look_lines
from transfergap.report.wording.names import in_ascii

_MOST_MESSAGES = 5  # different errors, each once: thousands of trials may fail alike


class TrialProgress:
    """Callback for every trial, over a display of progress.

    Parameters
    ----------
    progress : Progress
    on_trial : callable, optional
        Called with each trial too.
    every_trial : bool
        Whether to write a line for every trial.

    Examples
    --------
    >>> from transfergap.experiment.cell import Cell, Split
    >>> from transfergap.experiment.trial import completed
    >>> from transfergap.learners.progress import LogProgress
    >>> shown = TrialProgress(LogProgress(1, writer=print))
    >>> shown(completed(Cell("control", Split("fold"), 0), [0.0]))
    100 %  1/1 trials
    """

    def __init__(
        self,
        progress: Progress,
        on_trial: Callable[[Trial], None] | None = None,
        *,
        every_trial: bool = False,
    ) -> None:
        self.progress, self.on_trial, self.every_trial = progress, on_trial, every_trial
        self.n_failed = 0
        self._messages: set[str] = set()

    @property
    def n_done(self) -> int:
        """Return the number of trials that are done."""
        return self.progress.n_done

    @property
    def n_total(self) -> int:
        """Return the number of trials that are planned so far."""
        return self.progress.n_total

    def __call__(self, trial: Trial) -> None:
        """Count a trial."""
        if isinstance(trial, FailedTrial):
            self._name_failure(trial)
        if self.every_trial:
            self.progress.write(f"{trial.cell.arm} {trial.cell.split}")
        self.progress.advance(f"{self.n_failed} failed" if self.n_failed else "")
        if self.on_trial is not None:
            self.on_trial(trial)

    def expect(self, n_more: int) -> None:
        """Count trials that turned out to be needed."""
        self.progress.expect(n_more)
        if n_more and self.progress.is_log:
            self.progress.write(f"looking for causes: {n_more} more trials")

    def look(self, look: FirstLook) -> None:
        """Show the estimates of the trials so far."""
        lines = look_lines(look, all_stages=not self.progress.is_log)
        utf = "utf" in (sys.stderr.encoding or "ascii").lower()
        printed = lines if utf else tuple(map(in_ascii, lines))
        self.progress.news(printed, is_last=look.is_complete)

    def _name_failure(self, trial: FailedTrial) -> None:
        self.n_failed += 1
        if trial.error not in self._messages and len(self._messages) < _MOST_MESSAGES:
            self._messages.add(trial.error)
            line = f"! {trial.cell.arm}, {trial.cell.split} failed: {trial.error}"
            self.progress.write(line)


def guarded(on_trial: Callable[[Trial], None]) -> Callable[[Trial], None]:
    """Return a callback whose error costs no trial.

    The first one is a warning that names the trial, and the callback is not called again: a fault
    in a plot or a logger must not end an hour of fits.

    Examples
    --------
    >>> guarded(print)("a trial")
    a trial
    """
    failures: list[Exception] = []

    def call(trial: Trial) -> None:
        if failures:
            return
        try:
            on_trial(trial)
        except Exception as error:
            failures.append(error)
            warnings.warn(
                f"on_trial raised {type(error).__name__} ({error}) at {trial.cell.arm},"
                f" {trial.cell.split}, seed {trial.cell.seed}; it is not called again, and the"
                " audit goes on.",
                RuntimeWarning,
                stacklevel=2,
            )

    return call
