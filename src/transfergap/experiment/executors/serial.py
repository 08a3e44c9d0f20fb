"""Serial execution in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from transfergap.experiment.executors.protocol import Item, Result, WorkerDied


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
