"""Executors of trials; results come back as they are made."""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, Protocol, TypeVar

from transfergap.stats.one_thread import one_thread

# Of a worker at its parent: an orphan is gone within a second, for a thousandth of its time.
_SECONDS_BETWEEN_LOOKS = 1.0

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
        with one_thread():
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

    The function, with all the data in it, is written to a file once, and each process reads it
    once: with an item goes its name alone.

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
        waiting = dict(enumerate(items))
        with _as_file(function) as from_file:
            yield from self._results(from_file, waiting)

    def _results(
        self, function: Callable[[Item], Result], waiting: dict[int, Item]
    ) -> Iterator[Result | WorkerDied[Item]]:
        from joblib import Parallel, delayed, parallel_config
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        tagged = delayed(_Tagged(function, os.getpid()))
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
    parent: int

    def __call__(self, number: int, item: object) -> tuple[int, object]:
        _prepare_worker(self.parent)
        return number, self.function(item)


@lru_cache(maxsize=1)
def _prepare_worker(parent: int) -> None:
    """Let this worker grow, and end with the process that started it.

    Where psutil is installed, loky takes growth by 300 MB since the first item for a leak, and ends
    the worker. Importing torch is such a growth, and the end of a worker while items were waiting
    has hung the whole call. And a worker whose parent was killed outright waits for its next item
    for five minutes, with all the data in memory.
    """
    from joblib.externals.loky import process_executor

    process_executor._MAX_MEMORY_LEAK_SIZE = float("inf")
    if os.getpid() != parent:  # joblib makes one job in the process that asks for it
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process within a second of its parent's death."""
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)


def _noting(waiting: dict[int, Item], sent: list[int]) -> Iterator[tuple[int, Item]]:
    for number, item in list(waiting.items()):
        sent.append(number)
        yield number, item


def _alone(function: Callable[[Item], Result], item: Item) -> Result | WorkerDied[Item]:
    """Run one item in a separate process."""
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with ProcessPoolExecutor(
        max_workers=1, env=threads, initializer=_prepare_worker, initargs=(os.getpid(),)
    ) as pool:
        try:
            result: Result = pool.submit(function, item).result()
        except TerminatedWorkerError:
            return WorkerDied(item)
        return result


@contextmanager
def _as_file(function: Callable[..., Result]) -> Iterator[Callable[..., Result]]:
    """Yield the function, to be read from a file by each process."""
    with TemporaryDirectory(prefix="transfergap-") as folder:
        path = Path(folder) / "function.pkl"
        path.write_bytes(pickled(function))
        yield _StoredFunction(str(path))


@dataclass(frozen=True)
class _StoredFunction:
    path: str

    def __call__(self, *arguments: Any) -> Any:
        return _read_function(self.path)(*arguments)


@lru_cache(maxsize=1)  # a function holds its data: one at a time
def _read_function(path: str) -> Any:
    # Our own file, in a folder that nobody else can write.
    return pickle.loads(Path(path).read_bytes())  # noqa: S301


def pickled(function: Callable[..., Any]) -> bytes:
    """Return a function for another process, wherever it was defined."""
    # cloudpickle, which joblib brings along in one of two ways.
    from joblib.externals.loky.backend.reduction import dumps

    return bytes(dumps(function))


# Trials seed the process's own random state, so a worker with threads makes one at a time.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class AloneInProcess:
    """Function with one thread for linear algebra, never beside itself."""

    function: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:
        """Call the function."""
        with _ONE_AT_A_TIME, one_thread():
            return self.function(*arguments)


class AmbientExecutor:
    """Executor of whatever ``joblib.parallel_config`` names.

    Notes
    -----
    joblib hands back whole lists for most backends, so results come in rounds of four a worker.

    Examples
    --------
    >>> import joblib
    >>> with joblib.parallel_config(backend="threading", n_jobs=2):
    ...     list(AmbientExecutor().map(abs, [-1, 2]))
    [1, 2]
    """

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result | WorkerDied[Item]]:
        """Yield results in order, round by round."""
        from joblib import Parallel, delayed, effective_n_jobs
        from joblib.parallel import get_active_backend

        n_jobs = effective_n_jobs(get_active_backend()[1])
        one = delayed(AloneInProcess(function))
        waiting = iter(items)
        while batch := list(islice(waiting, 4 * n_jobs)):
            yield from Parallel()(one(item) for item in batch)
