"""Source rows later than the test: left out of training.

Rows of unknown time cannot be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, check
from transfergap.data.problem import Problem


@dataclass(frozen=True)
class LaterRows:
    """Number of rows of a source not earlier than the test.

    Parameters
    ----------
    source : str
    n_rows : int
    n_later, fewest : int or None
        Rows kept out of training while the first block is tested, and the last; ``None`` where the
        source has no times.
    """

    source: str
    n_rows: int
    n_later: int | None = None
    fewest: int | None = None

    @property
    def sentence(self) -> str:
        """Return the treatment of the source in a sentence, for the report."""
        if self.n_later is None:
            return f"The source {self.source} has no times: all of its rows were trained on."
        if self.n_later == 0:
            return f"All rows of the source {self.source} are earlier than what is tested."
        return (
            f"Of {self.n_rows:,} rows of the source {self.source}, {self.n_later:,} were kept out"
            f" of training for the first block and {self.fewest:,} for the last, since they are not"
            " earlier than what is tested."
        )


def later_rows(problem: Problem) -> tuple[LaterRows, ...]:
    """Return the counts of every source with rows.

    Empty where folds are not in order of time.
    """
    splitting = problem.splitting
    if splitting is None or splitting.kind != "forward":
        return ()
    counted = []
    for name, source in problem.sources.items():
        times, n = source.sample.times, len(source.sample)
        if times is None:
            counted.append(LaterRows(name, n))
            continue
        out = [int(np.count_nonzero(times >= fold.cutoff)) for fold in splitting.folds]
        counted.append(LaterRows(name, n, max(out), min(out)))
    return tuple(counted)


@check("TG132", "source rows from later")
def source_from_the_future(evidence: Evidence) -> Iterator[Finding]:
    """Find sources with rows from later, or of unknown time."""
    splitting = evidence.problem.splitting
    if splitting is None or splitting.kind != "forward":
        raise NotApplicable("the target was not tested forward")
    problem = evidence.problem
    for later in later_rows(problem):
        if later.n_later == 0:
            continue
        yield (
            _finding_without_times(later)
            if later.n_later is None
            else _finding_of_later_rows(later)
        )


def _finding_of_later_rows(later: LaterRows) -> Finding:
    return Finding.note(
        later.source,
        later.sentence,
        "Nothing, if the model is to be used as it was tested: with what is known by then.",
        {"n_rows": later.n_rows, "n_later": later.n_later or 0},
    )


def _finding_without_times(later: LaterRows) -> Finding:
    return Finding.moderate(
        later.source,
        f"{later.sentence} If some are from after the tested rows, a forecast could not have"
        " had them, and the gap is too good.",
        "Give the source's times too: a column of the same name, or Sample(X, y, times=...).",
        {"n_rows": later.n_rows},
    )
