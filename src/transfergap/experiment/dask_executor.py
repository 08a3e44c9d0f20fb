"""Executor on a cluster of dask, near or far."""

from __future__ import annotations

import copyreg
import io
import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from transfergap.data.problem import Problem
from transfergap.errors import ConfigurationError, require
from transfergap.experiment.design import Design
from transfergap.experiment.executors import AloneInProcess, Item, Result, WorkerDied

# A batch takes about this long, so that the scheduler's millisecond a task is nothing beside it.
_BATCH_S = 0.25
_PATIENCE_S = 10  # for a scheduler to answer
_MOST_ITEMS = 64  # of a batch: what a lost worker costs at most, besides time
_BATCHES_A_THREAD = 2  # in flight: one at work, one waiting
_MOST_LOSSES = 20  # of results in a row, before the cluster is called unusable


@dataclass(frozen=True)
class DaskExecutor:
    """Run on the workers of a dask cluster.

    Parameters
    ----------
    cluster : str or distributed.Client, optional
        A scheduler's address such as ``"tcp://host:8786"``, or a client of one; ``None`` starts a
        cluster on this machine, and ends it.
    n_workers : int
        Processes of a cluster that is started here; -1 is every core.

    Raises
    ------
    MissingExtraError
        Without the package ``distributed``.
    ConfigurationError
        If the cluster cannot be reached, has no workers, or other versions than this process.

    Notes
    -----
    The function and the data in it are sent once, and to each worker once; the rows of a
    :class:`transfergap.SourceFile` are read by each worker instead. Items go in batches of
    about a quarter of a second, by the time that earlier ones took; two batches a thread are in
    flight. dask runs the batches of a lost worker on others. What loses worker after worker is run
    alone, and reported if it dies again.
    """

    cluster: Any = None
    n_workers: int = 2

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result | WorkerDied[Item]]:
        """Yield results in the order in which they finish."""
        with self._connected() as client:
            _check_versions(client)
            yield from _Session(client, AloneInProcess(_Batch(function))).results(items)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        distributed = require("distributed", extra="dask")
        if self.cluster is None:
            from joblib import effective_n_jobs

            with (
                distributed.LocalCluster(
                    n_workers=effective_n_jobs(self.n_workers),
                    threads_per_worker=1,
                    dashboard_address=None,
                    silence_logs="ERROR",
                ) as cluster,
                distributed.Client(cluster) as client,
            ):
                yield client
        elif isinstance(self.cluster, str):
            try:
                client = distributed.Client(self.cluster, timeout=_PATIENCE_S)
            except (OSError, ValueError) as error:
                raise ConfigurationError(
                    f"There is no dask scheduler at {self.cluster} ({error}).",
                    hint="start one with `dask scheduler`, and workers with `dask worker ADDRESS`",
                ) from error
            with client:
                yield client
        else:
            yield self.cluster


@dataclass(frozen=True)
class _Batch:
    """The function over items, with the seconds that they took."""

    function: Callable[[Any], Any]

    def __call__(self, items: Sequence[Any]) -> tuple[list[Any], float]:
        started = time.perf_counter()
        return [self.function(item) for item in items], time.perf_counter() - started


class _Session:
    """Run of a function over items, batch by batch."""

    def __init__(self, client: Any, function: Callable[[Any], Any]) -> None:
        self._client = client
        self._shared = _shared(client, function)
        self._again: deque[list[Any]] = deque()
        self._suspects: list[Any] = []
        self._n_losses = 0
        self._seconds_an_item = 0.0

    def results(self, items: Iterable[Any]) -> Iterator[Any]:
        """Yield the result of every item."""
        distributed = require("distributed", extra="dask")
        waiting = iter(items)
        in_flight: dict[Any, list[Any]] = {}
        while True:
            self._fill(in_flight, waiting)
            if not in_flight:
                break
            ready, _ = distributed.wait(list(in_flight), return_when="FIRST_COMPLETED")
            for future in ready:
                yield from self._fetched(future, in_flight.pop(future))
        for item in self._suspects:  # each by itself, so that the guilty one is known
            try:
                yield from self._sent([item]).result()[0]
            except distributed.KilledWorker:
                yield WorkerDied(item)

    def _fill(self, in_flight: dict[Any, list[Any]], waiting: Iterator[Any]) -> None:
        limit = _BATCHES_A_THREAD * max(sum(self._client.nthreads().values()), 1)
        while len(in_flight) < limit:
            batch = self._again.popleft() if self._again else list(islice(waiting, self._size()))
            if not batch:
                return
            in_flight[self._sent(batch)] = batch

    def _size(self) -> int:
        """Return how many items fill a batch, at first one."""
        if self._seconds_an_item == 0.0:
            return 1
        return min(max(int(_BATCH_S / self._seconds_an_item), 1), _MOST_ITEMS)

    def _fetched(self, future: Any, batch: list[Any]) -> Iterator[Any]:
        """Yield results of a batch, or note to send it again."""
        distributed = require("distributed", extra="dask")
        try:
            results, seconds = future.result()
        except distributed.KilledWorker:
            self._suspects += batch
            return
        except CancelledError:  # it was done, but its worker was lost before it was fetched
            self._n_losses += 1
            if self._n_losses > _MOST_LOSSES:
                raise ConfigurationError(
                    "The workers of the dask cluster were lost again and again.",
                    hint="look at their logs: out of memory? Then use fewer threads a worker",
                ) from None
            self._again.append(batch)
            return
        self._n_losses = 0
        latest = seconds / len(batch)
        before = self._seconds_an_item or latest
        self._seconds_an_item = max(0.7 * before + 0.3 * latest, 1e-6)
        yield from results

    def _sent(self, batch: list[Any]) -> Any:
        return self._client.submit(_called, self._shared, batch, pure=False)


def _shared(client: Any, function: Callable[[Any], Any]) -> Any:
    """Send a function to the cluster once, as a task.

    A lost task is made again on another worker.

    What is scattered instead is gone with the last worker that holds it.
    """
    import dask

    # Its warning is of data that are sent with every task; these are not.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 PB"}):
        return client.submit(pickle.loads, by_reference(function), pure=False)


def by_reference(function: Callable[[Any], Any]) -> bytes:
    """Return a function for another machine, without the rows of files."""
    cloudpickle = require("cloudpickle", extra="dask")

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc, name-defined]
        def reducer_override(self, value: Any) -> Any:
            if isinstance(value, Problem) and value.recipe is not None:
                return value.recipe, ()
            if type(value) is Design and value.problem.recipe is not None:
                # Without what it has computed so far: samples among it.
                state = {one.name: getattr(value, one.name) for one in fields(value)}
                return copyreg.__newobj__, (Design,), state  # type: ignore[attr-defined]
            return super().reducer_override(value)

    content = io.BytesIO()
    Pickler(content).dump(function)
    return content.getvalue()


def _called(function: Callable[[Any], Any], batch: list[Any]) -> Any:
    return function(batch)


def _check_versions(client: Any) -> None:
    """Raise ``ConfigurationError`` where workers would compute other numbers."""
    from transfergap.experiment.run_directory import versions

    local = versions()
    try:
        client.wait_for_workers(1, timeout=60)
        remote = client.run(versions)
    except TimeoutError as error:
        raise ConfigurationError(
            "The dask cluster has no workers.", hint="start some with `dask worker ADDRESS`"
        ) from error
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"A worker of the dask cluster lacks {error.name}.",
            hint="install the same packages there as here",
        ) from error
    for worker, its_versions in remote.items():
        different = [name for name in local if its_versions.get(name) != local[name]]
        if different:
            name = different[0]
            raise ConfigurationError(
                f"The worker {worker} has {name} {its_versions.get(name)}, here is {local[name]}:"
                " it would give other numbers.",
                hint="install the same versions there as here",
            )
