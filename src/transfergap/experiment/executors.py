"""Executors of trials; results come back as they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from transfergap.errors import ConfigurationError

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class WorkerDied(Generic[Item]):
    """Result of an item whose process was killed or crashed."""

    item: Item


class Executor(Protocol):
    """Runs independent pieces of work.

    An implementation may yield results in any order, must yield each as soon as it is there (the
    caller stores it at once), and must turn the death of a worker into :class:`WorkerDied` for the
    item that killed it, not for its neighbours.
    """

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result | WorkerDied[Item]]:
        """Yield ``function(item)`` for every item."""
        ...


class SerialExecutor:
    """Executor in this process, with one thread for linear algebra.

    The workers have one thread, too. The limit makes results the same, byte for byte, for any
    number of jobs.

    Examples
    --------
    >>> list(SerialExecutor().map(abs, [-1, 2]))
    [1, 2]
    """

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result | WorkerDied[Item]]:
        """Yield ``function(item)`` in order."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(limits=1):
            for item in items:
                yield function(item)


@dataclass(frozen=True)
class JoblibExecutor:
    """Run on ``n_jobs`` worker processes, each with one thread for linear algebra.

    Parameters
    ----------
    n_jobs : int
        At least 1, or negative as in joblib: -1 is every core.

    Notes
    -----
    loky drops everything in flight when a worker is killed, and cannot say whose fault it was. So
    those items are run again, each in a separate process; the one that dies there is reported, and
    the rest goes on in parallel.

    Examples
    --------
    >>> sorted(JoblibExecutor(2).map(abs, [-1, 2]))
    [1, 2]
    """

    n_jobs: int

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result | WorkerDied[Item]]:
        """Yield results in the order in which they finish."""
        from joblib import Parallel, delayed, parallel_config
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        waiting = dict(enumerate(items))
        tagged = delayed(_Tagged(function))
        while waiting:
            sent: list[int] = []
            with parallel_config(backend="loky", n_jobs=self.n_jobs, inner_max_num_threads=1):
                stream = Parallel(return_as="generator_unordered", batch_size=1)(
                    tagged(number, item) for number, item in _noting(waiting, sent)
                )
                try:
                    for number, result in stream:
                        del waiting[number]
                        yield result
                except TerminatedWorkerError:
                    pass
            for number in [number for number in sent if number in waiting]:
                yield _alone(function, waiting.pop(number))


@dataclass(frozen=True)
class _Tagged:
    """The function, returning the item's number with the result."""

    function: Callable[..., object]

    def __call__(self, number: int, item: object) -> tuple[int, object]:
        _may_grow()
        return number, self.function(item)


def _may_grow() -> None:
    """Let this worker grow.

    Where psutil is installed, loky takes growth by 300 MB since the first item for a leak, and ends
    the worker. Importing torch is such a growth, and the end of a worker while items were waiting
    has hung the whole call.
    """
    from joblib.externals.loky import process_executor

    process_executor._MAX_MEMORY_LEAK_SIZE = float("inf")


def _noting(waiting: dict[int, Item], sent: list[int]) -> Iterator[tuple[int, Item]]:
    for number, item in list(waiting.items()):
        sent.append(number)
        yield number, item


def _alone(function: Callable[[Item], Result], item: Item) -> Result | WorkerDied[Item]:
    """Run one item in a separate process."""
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with ProcessPoolExecutor(max_workers=1, env=threads) as pool:
        try:
            result: Result = pool.submit(function, item).result()
        except TerminatedWorkerError:
            return WorkerDied(item)
        return result


def executor_for(n_jobs: int) -> Executor:
    """Return an executor with that many worker processes.

    1 stays in this process.

    Raises
    ------
    ConfigurationError
        For 0.
    """
    if not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0:
        raise ConfigurationError(
            f"The number of jobs is {n_jobs!r}.", hint="use 1 for this process, -1 for every core"
        )
    return SerialExecutor() if n_jobs == 1 else JoblibExecutor(n_jobs)
