"""Protocol of executors: map a function over items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

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
