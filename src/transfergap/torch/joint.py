"""Training of networks on several streams at once.

The streams are the target's, the sources' and other tasks'.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import nn

from transfergap.torch.jobs import Job, NetworkLike
from transfergap.torch.nets import Nets, seeded
from transfergap.torch.training import Combination, Outputs, Stream, train

Tensor = torch.Tensor
# Numbers of streams: each has its own order of rows.
PRETRAIN, TARGET, PROBE, TASKS = 0, 1, 2, 3
_HEAD = 2_000_003  # added to the seed: a head of a task is no head of the target


class Combining(Protocol):
    """A rule that makes one step of several losses.

    ``alone`` asks for one network at a time, ``probes`` for further batches of the target.
    """

    @property
    def alone(self) -> bool:
        """True if networks must be trained one at a time."""
        ...

    @property
    def probes(self) -> bool:
        """True if extra target batches are used, besides the step's."""
        ...

    def begin(self, nets: Nets, n_streams: int, heads: Sequence[Tensor]) -> Combination:
        """Return the rule for one training."""
        ...


def train_beside(
    network: NetworkLike, nets: Nets, jobs: Sequence[Job], combining: Combining, *, pooled: bool
) -> None:
    """Train on the target's stream together with sources and tasks.

    Parameters
    ----------
    network : NetworkLike
    nets : Nets
    jobs : sequence of Job
    combining : Combining
    pooled : bool
        Whether rows of sources go into the target's stream.
    """
    first = jobs[0]
    n_sources = 0 if pooled else len(first.sources)
    if not len(first.target) and not pooled:  # the sources alone
        pooled, n_sources = True, 0
    rows = [job.pooled if pooled else job.target for job in jobs]
    probe = None
    if combining.probes and n_sources + len(first.tasks):
        probe = network.stream(rows, jobs, name=PROBE, labels=first.labels)
    streams = [network.stream(rows, jobs, name=TARGET, labels=first.labels)]
    heads: list[Outputs | None] = [None]
    for k in range(n_sources):
        parts = [job.sources[k] for job in jobs]
        streams.append(network.stream(parts, jobs, name=TASKS + k, labels=first.labels))
        heads.append(None)
    extra: list[Tensor] = []
    for k, task in enumerate(first.tasks):
        parts = [job.tasks[k].rows for job in jobs]
        streams.append(network.stream(parts, jobs, name=TASKS + n_sources + k, labels=task.loss))
        head = _head(nets, jobs, k, task.n_outputs)
        extra += head
        heads.append(_reading(*head))
    _train(network, nets, streams, heads, extra, combining, probe)


def _train(
    network: NetworkLike,
    nets: Nets,
    streams: list[Stream],
    heads: list[Outputs | None],
    extra: list[Tensor],
    combining: Combining,
    probe: Stream | None,
) -> None:
    stage = network.stage(network.steps)
    if len(streams) == 1:
        train(nets, streams, stage, callbacks=network.callbacks)
        return
    combination = combining.begin(nets, len(streams), extra)
    train(
        nets,
        streams,
        stage,
        heads=heads,
        combination=combination,
        extra=extra,
        probe=probe,
        callbacks=network.callbacks,
    )


def _head(nets: Nets, jobs: Sequence[Job], k: int, n_outputs: int) -> list[Tensor]:
    """Return new heads of a task: weight and bias.

    Shapes (M, n_outputs, n_units) and (M, n_outputs).
    """
    layers = []
    for job in jobs:
        # Heads of tasks are drawn apart from the body, so that a further task changes no weight.
        with seeded(job.seed + _HEAD + k):
            layers.append(nn.Linear(nets.tapped.head.in_features, n_outputs))
    like = next(iter(nets.params.values()))
    weight = torch.stack([layer.weight.detach() for layer in layers]).to(like.device)
    bias = torch.stack([layer.bias.detach() for layer in layers]).to(like.device)
    return [weight.requires_grad_(True), bias.requires_grad_(True)]


def _reading(weight: Tensor, bias: Tensor) -> Outputs:
    def outputs(out: Tensor, features: Tensor) -> Tensor:
        del out
        return torch.einsum("mbd,mcd->mbc", features, weight) + bias[:, None]

    return outputs
