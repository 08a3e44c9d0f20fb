"""Small networks of several seeds trained at once: parameters are stacked, runs stay independent.

The sum of the runs' losses has each run's own gradient in each run's own slice, and Adam works
element by element, so that a stack does what its runs would do alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

N_HIDDEN = 64
DROPOUT = 0.1
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 0.01
BATCH = 32

Kind = Literal["classes", "numbers"]


class StackedLinear(nn.Module):
    """``n_runs`` linear layers, initialised as torch.nn.Linear, each with its own seed."""

    def __init__(self, n_in: int, n_out: int, seeds: list[int]) -> None:
        super().__init__()
        bound = n_in**-0.5
        drawn = [torch.Generator().manual_seed(seed) for seed in seeds]
        weights = [torch.rand(n_in, n_out, generator=g) * 2 * bound - bound for g in drawn]
        biases = [torch.rand(1, n_out, generator=g) * 2 * bound - bound for g in drawn]
        self.weight = nn.Parameter(torch.stack(weights))
        self.bias = nn.Parameter(torch.stack(biases))

    def forward(self, X: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, X, self.weight)


class StackedNetwork(nn.Module):
    """Two hidden layers with dropout, and one last layer a task."""

    def __init__(self, n_in: int, outputs: dict[str, int], seeds: list[int]) -> None:
        super().__init__()
        self.seeds = seeds
        self.trunk = nn.Sequential(
            StackedLinear(n_in, N_HIDDEN, [3 * s for s in seeds]),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            StackedLinear(N_HIDDEN, N_HIDDEN, [3 * s + 1 for s in seeds]),
            nn.ReLU(),
        )
        self.heads = nn.ModuleDict(
            {name: StackedLinear(N_HIDDEN, k, [3 * s + 2 for s in seeds])
             for name, k in outputs.items()}
        )  # fmt: skip

    def forward(self, X: Tensor, task: str) -> Tensor:
        """Return (n_runs, n_rows, n_outputs) for inputs of shape (n_runs, n_rows, d)."""
        return self.heads[task](self.trunk(X))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Task:
    """Stacked rows of one task: ``X`` (n_runs, n, d), ``y`` (n_runs, n) or (n_runs, n, k)."""

    head: str
    X: Tensor
    y: Tensor
    kind: Kind = "classes"

    def batch(self, rows: Tensor) -> Task:
        run = torch.arange(len(rows))[:, None]
        return Task(self.head, self.X[run, rows], self.y[run, rows], self.kind)


def row_losses(network: StackedNetwork, task: Task) -> Tensor:
    """Return the loss of every row, (n_runs, n)."""
    outputs = network(task.X, task.head)
    if task.kind == "numbers":
        return ((outputs - task.y) ** 2).mean(dim=2)
    return functional.cross_entropy(outputs.transpose(1, 2), task.y, reduction="none")


def batch_order(n_rows: int, n_steps: int, seeds: list[int], salt: int) -> Tensor:
    """Return the rows of every batch, (n_steps, n_runs, BATCH): epochs in a new order each."""
    needed, size = n_steps * BATCH, []
    for seed in seeds:
        rng = np.random.default_rng([seed, salt])
        epochs = -(-needed // n_rows)
        size.append(np.concatenate([rng.permutation(n_rows) for _ in range(epochs)])[:needed])
    return torch.as_tensor(np.stack(size)).reshape(len(seeds), n_steps, BATCH).transpose(0, 1)


def train(
    network: StackedNetwork,
    tasks: list[Task],
    n_steps: int,
    at_step: Callable[[int, StackedNetwork], None] = lambda step, network: None,
) -> StackedNetwork:
    """Train in place on the sum of the tasks' losses; ``at_step`` sees steps 0 to ``n_steps``."""
    orders = [batch_order(task.X.shape[1], n_steps, network.seeds, k)
              for k, task in enumerate(tasks)]  # fmt: skip
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True
    )
    torch.manual_seed(network.seeds[0])
    at_step(0, network)
    for step in range(n_steps):
        network.train()
        losses = [row_losses(network, task.batch(order[step])).mean(dim=1).sum()
                  for task, order in zip(tasks, orders)]  # fmt: skip
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()
        optimizer.step()
        at_step(step + 1, network)
    return network


def with_new_head(network: StackedNetwork, task: str, n_outputs: int) -> StackedNetwork:
    """Return a copy with a fresh last layer for ``task``."""
    changed = copy.deepcopy(network)
    seeds = [3 * s + 2 for s in network.seeds]
    changed.heads[task] = StackedLinear(N_HIDDEN, n_outputs, seeds)
    return changed
