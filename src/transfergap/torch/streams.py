"""Streams of batches: the rows of every network at each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

Tensor = torch.Tensor


@dataclass(frozen=True)
class Rows:
    """Inputs, labels and weights of one network on one task.

    The weights have mean one.
    """

    X: Tensor
    y: Tensor
    weights: Tensor

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Stream:
    """Batches for M networks, each from separate rows.

    Parameters
    ----------
    X, y, weights : Tensor
        The rows of all networks, one after the other.
    order : Tensor
        Positions of the rows, shape (M, n_steps, batch_size).
    loss : {"classes", "numbers"}
    """

    X: Tensor
    y: Tensor
    weights: Tensor
    order: Tensor
    loss: str

    def batch(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return inputs, labels and weights, each (M, batch_size, ...)."""
        rows = self.order[:, step]
        return self.X[rows], self.y[rows], self.weights[rows]


def stream(
    groups: Sequence[Rows],
    *,
    steps: int,
    batch_size: int,
    seeds: Sequence[int],
    name: int,
    loss: str,
) -> Stream:
    """Return the stream of a task.

    Parameters
    ----------
    groups : sequence of Rows
        For every network; the same object for networks that share their rows.
    steps, batch_size : int
        Batches run through the rows in a new order each time. Where there are fewer rows than a
        batch holds, rows are in it more than once.
    seeds : sequence of int
        One a network; decide the order only.
    name : int
        Number of the stream: streams of one network have separate orders.
    loss : {"classes", "numbers"}
    """
    distinct: list[Rows] = []
    offsets: list[int] = []
    offset_of: dict[int, int] = {}
    for rows in groups:
        # Folds often share rows: each set is on the device once, and orders point into it.
        if id(rows) not in offset_of:
            offset_of[id(rows)] = sum(len(part) for part in distinct)
            distinct.append(rows)
        offsets.append(offset_of[id(rows)])
    order = np.stack(
        [
            # The order hangs on the seed and the stream's number, never on other streams.
            _order(len(rows), steps, batch_size, seed=seed, name=name) + offset
            for rows, seed, offset in zip(groups, seeds, offsets, strict=True)
        ]
    )
    device = distinct[0].X.device
    return Stream(
        torch.cat([rows.X for rows in distinct]),
        torch.cat([rows.y for rows in distinct]),
        torch.cat([rows.weights for rows in distinct]),
        torch.as_tensor(order, device=device),
        loss,
    )


def _order(n: int, steps: int, batch_size: int, *, seed: int, name: int) -> NDArray[np.int64]:
    rng = np.random.default_rng([seed, 41, name])
    needed = steps * batch_size
    rounds = [rng.permutation(n) for _ in range(-(-needed // n))]
    return np.concatenate(rounds)[:needed].reshape(steps, batch_size).astype(np.int64)
