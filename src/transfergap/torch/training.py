"""Streams of batches, and the loop that trains on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from transfergap.errors import LearnerError
from transfergap.torch.nets import Nets

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


Outputs = Callable[[Tensor, Tensor], Tensor]  # (outputs, head inputs) -> outputs of a task


Added = tuple[Callable[[Tensor, Tensor, Tensor], Tensor], list[Tensor]]


class Penalty(Protocol):
    """Something added to the loss of a fine-tuned network."""

    def begin(self, nets: Nets, first: Stream) -> Added:
        """Return the function to add, and the parameters that it trains itself.

        The function takes inputs, labels and head inputs, each (M, n_rows, ...), and returns the
        sum over the networks.
        """
        ...


class Combination(Protocol):
    """The combination of several streams' losses during training."""

    parameters: list[Tensor]

    def backward(self, losses: list[Tensor], step: int, probe: Callable[[], Tensor] | None) -> None:
        """Fill the gradients from losses of shape (M,), target first."""
        ...


@dataclass(frozen=True)
class Stage:
    """A part of a training.

    Parameters
    ----------
    steps : int
    rate : callable
        Learning rate of a parameter by its name; 0 freezes it.
    optimizer : {"adamw", "sgd"}
    weight_decay : float
    penalty : Penalty, optional
    """

    steps: int
    rate: Callable[[str], float]
    optimizer: str = "adamw"
    weight_decay: float = 0.0
    penalty: Penalty | None = None


@dataclass(frozen=True)
class StepInfo:
    """The argument of callbacks: step from 1, network, loss."""

    step: int
    network: torch.nn.Module
    loss: float


def losses_of(outputs: Tensor, y: Tensor, weights: Tensor, loss: str) -> Tensor:
    """Return the weighted mean loss of each network, shape (M,).

    Cross-entropy for classes, squared error for numbers.
    """
    if loss == "classes":
        flat = functional.cross_entropy(outputs.flatten(0, 1), y.flatten(), reduction="none")
        rows = flat.view(y.shape)
    else:
        values = outputs.reshape(y.shape)
        rows = ((values - y) ** 2).reshape(*y.shape[:2], -1).mean(-1)
    return (rows * weights).mean(1)


def train(
    nets: Nets,
    streams: Sequence[Stream],
    stage: Stage,
    *,
    heads: Sequence[Outputs | None] = (None,),
    combination: Combination | None = None,
    extra: Sequence[Tensor] = (),
    probe: Stream | None = None,
    callbacks: Sequence[Callable[[StepInfo], Any]] = (),
) -> None:
    """Train a group of networks in place.

    Parameters
    ----------
    nets : Nets
    streams : sequence of Stream
        The target's first; several need a ``combination``.
    stage : Stage
    heads : sequence
        For each stream what turns outputs and head inputs into its outputs; ``None`` for the
        network's own.
    combination : Combination, optional
    extra : sequence of Tensor
        Parameters of other heads.
    probe : Stream, optional
        Other batches of the target, for combinations that look at them.
    callbacks : sequence of callables
        Called with a :class:`StepInfo`; only for single networks.

    Raises
    ------
    LearnerError
        If a loss is no longer finite.
    """
    nets.tapped.train()  # modules from from_pretrained() come in the mode of evaluation
    penalty, penalty_params = (
        (None, []) if stage.penalty is None else stage.penalty.begin(nets, streams[0])
    )
    more = [*extra, *penalty_params]
    more += [] if combination is None else combination.parameters
    optimizer = _optimizer(nets, stage, more)
    losses: list[Tensor] = []
    for step in range(stage.steps):
        optimizer.zero_grad(set_to_none=True)
        losses, added = [], None
        for stream, head in zip(streams, heads, strict=True):
            X, y, weights = stream.batch(step)
            outputs, features = nets(X)
            if penalty is not None and not losses:
                added = penalty(X, y, features)
            outputs = outputs if head is None else head(outputs, features)
            losses.append(losses_of(outputs, y, weights, stream.loss))
        if combination is None:
            total = losses[0].sum() if added is None else losses[0].sum() + added
            total.backward()  # type: ignore[no-untyped-call]
        else:
            combination.backward(losses, step, _probe(nets, probe, step))
        optimizer.step()
        if callbacks:
            info = StepInfo(step + 1, nets.tapped.module, float(losses[0].sum().detach()))
            for callback in callbacks:
                callback(info)
    # Looked at once, at the end: a test at each step would wait for the device.
    if stage.steps and not all(bool(torch.isfinite(loss).all()) for loss in losses):
        raise LearnerError(
            f"The loss of the network is not finite after {stage.steps} steps.",
            hint="lower the learning rate, or scale the inputs",
        )


def _probe(nets: Nets, held_out: Stream | None, step: int) -> Callable[[], Tensor] | None:
    if held_out is None:
        return None

    def loss() -> Tensor:
        X, y, weights = held_out.batch(step)
        outputs, _ = nets(X)
        if held_out.loss == "classes":
            # A target learned by heart is sure of itself, and its gradient is of nothing else;
            # outputs of a plain size ask for the right classes.
            size = outputs.detach().pow(2).mean((1, 2), keepdim=True).sqrt()
            outputs = outputs / size.clamp(min=1.0)
        return losses_of(outputs, y, weights, held_out.loss)

    return loss


def _optimizer(nets: Nets, stage: Stage, more: Sequence[Tensor]) -> torch.optim.Optimizer:
    groups: dict[float, list[Tensor]] = {}
    for name, value in nets.params.items():
        rate = stage.rate(name)
        value.requires_grad_(rate > 0)
        if rate > 0:
            groups.setdefault(rate, []).append(value)
    # Heads and other extra parameters learn at the rate of the fastest layer.
    highest = max(groups, default=1e-3)
    param_groups: list[dict[str, Any]] = [
        {"params": group, "lr": rate} for rate, group in groups.items()
    ]
    if more:
        param_groups.append({"params": list(more), "lr": highest, "weight_decay": 0.0})
    if stage.optimizer == "sgd":
        # Momentum .9 by convention.
        return torch.optim.SGD(
            param_groups, lr=highest, momentum=0.9, weight_decay=stage.weight_decay
        )
    return torch.optim.AdamW(param_groups, lr=highest, weight_decay=stage.weight_decay)
