"""Training on the target and other data at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import torch
from torch import nn

from transfergap.errors import OldAttribute
from transfergap.learners import Learner
from transfergap.learners.mitigations.facts import Facts, spelled
from transfergap.learners.protocol import AnyTrainingSet
from transfergap.torch.combining import Sum
from transfergap.torch.fine_tuned import network_in
from transfergap.torch.jobs import Job
from transfergap.torch.nets import Nets, seeded
from transfergap.torch.network import PROBE, TARGET, TASKS, Network
from transfergap.torch.streams import Stream
from transfergap.torch.training import Combination, Outputs, train

Tensor = torch.Tensor
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


@dataclass(frozen=True)
class CoTrained:
    """Train on target and sources at once, a batch of each at every step.

    Parameters
    ----------
    learner : Network
    combining : Combining
        How the losses become one step: :class:`Sum`, :class:`Uncertainty`, :class:`Surgery` or
        :class:`EMAGate` of :mod:`transfergap.torch.combining`.

    Notes
    -----
    Sources with rows share the target's head; another task gets a new head on the same
    features. Unlike pooling, the target has half of every step however few its rows are.

    References
    ----------
    Caruana (1997), Multitask Learning, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap import TaskSource
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> from transfergap.torch import Network
    >>> X = np.random.default_rng(0).normal(size=(80, 2))
    >>> y = (X[:, 0] > 0).astype(int)
    >>> net = Network(lambda n: nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, n)), 600)
    >>> train = TrainingSet(Sample(X, y), (), (TaskSource(X, X[:, 1]),))
    >>> bool((CoTrained(net).train(train, seed=0).predict(X) == y).mean() > 0.9)
    True
    """

    learner: Learner
    combining: Combining = field(default_factory=Sum)
    facts: ClassVar[Facts] = Facts(
        assumes="what both tasks need is the same, so that one can learn it for the other",
        cost="1 training with a batch of each task at every step",
        source="Caruana (1997), Multitask Learning, section 2",
    )

    def __post_init__(self) -> None:
        network_in(self.learner, type(self).__name__)

    @property
    def most_at_once(self) -> int:
        """Number of networks trained as one program."""
        return 1 if self.combining.alone else network_in(self.learner, "This").most_at_once

    fit = OldAttribute("Learner")

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the trained model."""
        return self.fit_many([training_set], seeds=[seed])[0]

    def fit_many(self, trains: Sequence[AnyTrainingSet], *, seeds: Sequence[int]) -> list[Any]:
        """Return the trained models."""
        network = network_in(self.learner, "This")
        return network.fitted(trains, seeds, self._training)

    def _training(self, network: Network, nets: Nets, jobs: Sequence[Job]) -> None:
        train_beside(network, nets, jobs, self.combining, pooled=False)

    def describe(self) -> str:
        """Return the way of training with the network and every parameter."""
        return spelled(self)


def train_beside(
    network: Network, nets: Nets, jobs: Sequence[Job], combining: Combining, *, pooled: bool
) -> None:
    """Train on the target's stream together with sources and tasks.

    Parameters
    ----------
    network : Network
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
    network: Network,
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
