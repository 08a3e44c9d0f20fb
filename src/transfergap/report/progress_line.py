"""Progress of an audit in one line on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from transfergap.analysis.first_look import FirstLook
from transfergap.experiment.trial import FailedTrial, Trial
from transfergap.report.first_look import look_lines

_EVERY_S = 0.2  # faster than anybody reads


@dataclass
class ProgressLine:
    """Counter of trials that rewrites one line.

    Parameters
    ----------
    n_planned : int
    on_trial : callable, optional
        Called with each trial too.
    stream : text file
        Standard error if not given.

    Examples
    --------
    >>> from transfergap.experiment.cell import Cell, Split
    >>> from transfergap.experiment.trial import completed
    >>> line = ProgressLine(2, stream=sys.stdout)
    >>> line(completed(Cell("control", Split("fold"), 0), [0.0]))
    \rtransfergap: 1 of 2 trials
    """

    n_planned: int
    on_trial: Callable[[Trial], None] | None = None
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    n_done: int = 0
    n_failed: int = 0
    _written_at: float = 0.0
    _stage: tuple[str, ...] = ()

    def __call__(self, trial: Trial) -> None:
        """Count a trial."""
        self.n_done += 1
        self.n_failed += isinstance(trial, FailedTrial)
        now = time.monotonic()
        if now - self._written_at >= _EVERY_S or self.n_done >= self.n_planned:
            self._written_at = now
            self._write()
        if self.on_trial is not None:
            self.on_trial(trial)

    def expect(self, n_more: int) -> None:
        """Count trials that turned out to be needed."""
        self.n_planned += n_more

    def look(self, look: FirstLook) -> None:
        """Write the first look at a stage, and the last."""
        if look.stage == self._stage and not look.is_complete:
            return
        self._stage = look.stage
        # A line of its own: what is there already is the counter, which goes on below.
        before = "\n" if self.n_done else ""
        self.stream.write(before + "\n".join(look_lines(look)) + "\n")
        self.stream.flush()

    def end(self) -> None:
        """End the line."""
        self._write()
        self.stream.write("\n")

    def _write(self) -> None:
        # Trials of a run that goes on are not made again, and some are only planned on the way.
        planned = max(self.n_planned, self.n_done)
        failed = f", {self.n_failed} failed" if self.n_failed else ""
        self.stream.write(f"\rtransfergap: {self.n_done:,} of {planned:,} trials{failed}")
        self.stream.flush()
