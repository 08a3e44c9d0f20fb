"""Cap on the rows of each source that are used in fits."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Problem, Sample
from transfergap.errors import ConfigurationError

# Rows of a source from which a cap is set where none is asked for: the closed forms and fits of
# smaller ones take seconds.
HUGE = 100_000
# Rows that are used then; or so many times the target's rows, if that is more. The sampling error
# of what a source teaches is then at most a twentieth of the target's, in variance.
USED_OF_HUGE, TIMES_TARGET = 50_000, 20
FEWEST = 10


def row_cap(problem: Problem, max_source_rows: int | None = None) -> int | None:
    """Return the limit of rows of a source; ``None`` for all.

    Parameters
    ----------
    problem : Problem
    max_source_rows : int, optional
        As the user asks. Without, 50,000, or 20 times the target's rows if that is more, where some
        source has more than 100,000 rows.

    Raises
    ------
    ConfigurationError
        For a number below 10.
    """
    sizes = [len(source.sample) for source in problem.sources.values()]
    if max_source_rows is None:
        if max(sizes, default=0) <= HUGE:
            return None
        max_source_rows = max(USED_OF_HUGE, TIMES_TARGET * len(problem.target))
    elif isinstance(max_source_rows, bool) or not isinstance(max_source_rows, int):
        raise _refused(max_source_rows)
    if max_source_rows < FEWEST:
        raise _refused(max_source_rows)
    return max_source_rows if max(sizes, default=0) > max_source_rows else None


def _refused(value: object) -> ConfigurationError:
    return ConfigurationError(
        f"The most rows of a source to use is {value!r}.", hint=f"give a number from {FEWEST}"
    )


def capped(name: str, sample: Sample, limit: int, *, by_class: bool, seed: int) -> Sample:
    """Return at most so many rows of a source, drawn at random.

    Parameters
    ----------
    name : str
        Of the source: its draw depends on no other source.
    sample : Sample
    limit : int
    by_class : bool
        Whether classes keep their shares; each keeps a row at least.
    seed : int

    Examples
    --------
    >>> sample = Sample(np.arange(1000.0)[:, None], np.repeat([0, 1], [900, 100]))
    >>> np.bincount(capped("b", sample, 50, by_class=True, seed=0).y).tolist()
    [45, 5]
    """
    if len(sample) <= limit:
        return sample
    rng = np.random.default_rng([seed, 61, zlib.crc32(name.encode())])
    if not by_class:
        return sample.rows(np.sort(rng.choice(len(sample), limit, replace=False)))
    codes = np.unique(sample.y, return_inverse=True)[1]
    counts = np.bincount(codes)
    drawn = [
        rng.choice(np.flatnonzero(codes == code), n_drawn, replace=False)
        for code, n_drawn in enumerate(_shares(counts, limit))
    ]
    return sample.rows(np.sort(np.concatenate(drawn)))


def _shares(counts: NDArray[np.intp], limit: int) -> list[int]:
    """Return rows of classes in proportion, by largest remainders."""
    exact = counts * (limit / counts.sum())
    whole = np.maximum(np.floor(exact).astype(int), 1)
    by_remainder = np.argsort(-(exact - np.floor(exact)), kind="stable")
    whole[by_remainder[: max(limit - int(whole.sum()), 0)]] += 1
    return [int(n) for n in np.minimum(whole, counts)]
