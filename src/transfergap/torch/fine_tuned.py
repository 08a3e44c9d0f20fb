"""Training on sources first, then on the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch

from transfergap.errors import ConfigurationError, LearnerError, OldAttribute, renames
from transfergap.learners import Learner
from transfergap.learners.mitigations.mitigation import Facts, spelled
from transfergap.learners.protocol import AnyTrainingSet
from transfergap.torch.jobs import Job, built, together
from transfergap.torch.joint import PRETRAIN, TARGET
from transfergap.torch.layers import add_low_rank, merge_low_rank, with_stoch_norm
from transfergap.torch.nets import Nets, Single, grouped, new_heads, snapshot
from transfergap.torch.network import Network
from transfergap.torch.training import Penalty, train

Layers = Literal["all", "head", "head then all"]
_NEW_HEAD = 1_000_003  # added to the seed, so that a new head is not the first one again


def network_in(learner: Learner, who: str) -> Network:
    """Return the network that a way of training is put around.

    Raises
    ------
    LearnerError
        If it is no network.
    """
    if not isinstance(learner, Network):
        raise LearnerError(
            f"{who} trains networks, and was put around {type(learner).__name__}.",
            hint="use transfergap.torch.Network as the model, and put this innermost",
        )
    return learner


@dataclass(frozen=True)
class FineTuned:
    """Train on the sources, then go on with the target, every layer.

    Parameters
    ----------
    learner : Network
    layers : {"all", "head", "head then all"}
        Layers that the target trains: every layer, the head alone, or the head for half of the
        steps and then every layer.
    new_head : bool
        Whether the target starts with a new random head; with the source's own otherwise.
    source_steps : int, optional
        Steps on the sources, beside the target's; default: as many. A pretrained model costs none.
    decay : float
        Learning rate of a layer as a share of that of the layer above it, in (0, 1].
    penalty : Penalty, optional
        Of :mod:`transfergap.torch.penalties`.
    stoch_norm : float
        Probability with which batch normalisation uses the statistics of pretraining; 0 for never.
    low_rank : int
        Rank of the changes that are trained instead of whole linear layers; 0 for whole layers.
    kept : float
        Share of the starting weights in the final ones, in [0, 1): interpolation.

    Notes
    -----
    Without sources, or a pretrained model, it is the network itself. The target gets the same steps
    as in the control; training on the sources comes on top and is not charged.

    References
    ----------
    Yosinski et al. (2014), How transferable are features in deep neural networks?, section 2.
    Other ways name theirs.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> from transfergap.torch import Network
    >>> X = np.random.default_rng(0).normal(size=(80, 2))
    >>> y = (X[:, 0] > 0).astype(int)
    >>> net = Network(lambda n: torch.nn.Linear(2, n), steps=30, learning_rate=0.01)
    >>> train = TrainingSet(Sample(X[:9], y[:9]), (Sample(X[9:], y[9:]),))
    >>> bool((FineTuned(net, source_steps=300).train(train, seed=0).predict(X) == y).mean() > 0.9)
    True
    """

    learner: Learner
    layers: Layers = "all"
    new_head: bool = False
    source_steps: int | None = None
    decay: float = 1.0
    penalty: Penalty | None = None
    stoch_norm: float = 0.0
    low_rank: int = 0
    kept: float = 0.0
    facts: ClassVar[Facts] = Facts(
        assumes="what the source teaches is a good start; the target's steps can undo the rest",
        cost="1 training on the source and 1 on the target",
        source="Yosinski et al. (2014), How transferable are features?, section 2",
    )

    def __post_init__(self) -> None:
        network_in(self.learner, type(self).__name__)
        if not 0 < self.decay <= 1 or not 0 <= self.kept < 1 or not 0 <= self.stoch_norm <= 1:
            raise ConfigurationError(
                f"decay is {self.decay}, kept is {self.kept}, stoch_norm is {self.stoch_norm}.",
                hint="decay lies in (0, 1], kept in [0, 1), stoch_norm in [0, 1]",
            )
        if self.layers not in ("all", "head", "head then all"):
            raise ConfigurationError(
                f"There are no layers {self.layers!r}.", hint="known: all, head, head then all"
            )

    @property
    def most_at_once(self) -> int:
        """Number of networks trained as one program."""
        alone = self.low_rank > 0 or self.stoch_norm > 0
        return 1 if alone else network_in(self.learner, "This").most_at_once

    fit = OldAttribute("Learner")

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the trained model."""
        return self.fit_many([training_set], seeds=[seed])[0]

    def fit_many(self, trains: Sequence[AnyTrainingSet], *, seeds: Sequence[int]) -> list[Any]:
        """Return the trained models."""
        network = network_in(self.learner, "This")
        return network.fitted(trains, seeds, self._training)

    def _training(self, network: Network, nets: Nets, jobs: Sequence[Job]) -> None:
        if jobs[0].tasks:
            raise LearnerError(
                "Fine-tuning starts from rows of the target's kind or a pretrained model, and this"
                " source is another task.",
                hint="use co-trained, or pretrain on the task yourself and give a ModelSource",
            )
        if jobs[0].sources:
            self._pretrain(network, nets, jobs)
        elif jobs[0].start is None:
            self._tune(network, nets, jobs, whole=True)
            return
        if len(jobs[0].target):
            self._tune(network, nets, jobs, whole=False)

    def _pretrain(self, network: Network, nets: Nets, jobs: Sequence[Job]) -> None:
        """Train on the sources, once for jobs with equal seed and sources."""
        places: dict[tuple[int, ...], int] = {}
        index = [places.setdefault((job.seed, *map(id, job.sources)), len(places)) for job in jobs]
        if len(places) == len(jobs):
            self._on_sources(network, nets, jobs)
            return
        # Folds share a source, so one training a seed serves all of them.
        first = [jobs[index.index(k)] for k in range(len(places))]
        fewer = grouped([built(network, job, network.on) for job in first])
        self._on_sources(network, fewer, first)
        with torch.no_grad():
            for name, value in nets.params.items():
                trained = fewer.params[name]
                value.copy_(trained[index] if fewer.n > 1 else trained.expand_as(value))

    def _on_sources(self, network: Network, nets: Nets, jobs: Sequence[Job]) -> None:
        steps = self.source_steps or network.steps
        shared = [job.sources for job in jobs]
        are_shared = all(
            one is second for a in shared for one, second in zip(a, shared[0], strict=True)
        )
        first = together(shared[0])
        rows = [first if are_shared else together(parts) for parts in shared]
        stream = network.stream(rows, jobs, name=PRETRAIN, labels=jobs[0].labels, steps=steps)
        train(nets, [stream], network.stage(steps))

    def _tune(self, network: Network, nets: Nets, jobs: Sequence[Job], *, whole: bool) -> None:
        """Train on the target; ``whole`` without anything that only transfer needs."""
        rows = [job.target for job in jobs]
        stream = network.stream(rows, jobs, name=TARGET, labels=jobs[0].labels)
        if whole:
            train(nets, [stream], network.stage(network.steps), callbacks=network.callbacks)
            return
        if self.low_rank and isinstance(nets, Single):
            add_low_rank(nets.tapped, self.low_rank)
            nets.params = dict(nets.tapped.named_parameters())
        if self.stoch_norm and isinstance(nets, Single):
            with_stoch_norm(nets.tapped.module, self.stoch_norm)
            nets.params = dict(nets.tapped.named_parameters())
        start = snapshot(nets)
        penalty = self.penalty
        if penalty is not None and self.new_head:  # a penalty looks at the network as it was
            penalty = _Begun(penalty.begin(nets, stream))
        if self.new_head:
            new_heads(nets, [job.seed + _NEW_HEAD for job in jobs])
        steps = network.steps
        # Chosen by hand: half of the steps for the head, half for every layer.
        only_head = {"all": 0, "head": steps, "head then all": steps // 2}[self.layers]
        head = stream if only_head == steps else _part(stream, 0, only_head)
        if only_head:
            rate = network.learning_rate
            stage = network.stage(
                only_head, rate=lambda name: rate if nets.tapped.in_head(name) else 0.0
            )
            train(nets, [head], stage, callbacks=network.callbacks)
        if only_head < steps:
            remainder = stream if not only_head else _part(stream, only_head, steps)
            stage = network.stage(steps - only_head, rate=self._rates(network, nets))
            if penalty is not None:
                stage = network.stage(
                    steps - only_head,
                    rate=self._rates(network, nets),
                    penalty=penalty,
                    # A penalty towards the start replaces the decay towards zero (Li et al. 2018,
                    # section 3).
                    weight_decay=0.0,
                )
            train(nets, [remainder], stage, callbacks=network.callbacks)
        if self.kept:
            with torch.no_grad():
                for name, value in nets.params.items():
                    # Interpolation of weights (Wortsman et al. 2022, Robust Fine-Tuning of
                    # Zero-Shot Models).
                    value.lerp_(start[name], self.kept)
        if self.low_rank:
            merge_low_rank(nets.tapped)

    def _rates(self, network: Network, nets: Nets) -> Any:
        """Return the learning rate of each parameter."""
        if self.low_rank:
            return lambda name: (
                network.learning_rate if "lora_" in name or nets.tapped.in_head(name) else 0.0
            )
        layers = list(dict.fromkeys(name.rpartition(".")[0] for name in nets.params))
        # Layers in the order of registration, which is the order of use in common modules.
        depth = {layer: len(layers) - 1 - i for i, layer in enumerate(layers)}
        return lambda name: network.learning_rate * self.decay ** depth[name.rpartition(".")[0]]

    def describe(self) -> str:
        """Return the way of training with the network and every parameter."""
        # As 0.1.0 called the class: a run that it stored is refused under another description.
        stored = {now: before for before, now in renames("name", f"{__package__}.ways").items()}
        name = type(self).__name__
        return stored.get(name, name) + spelled(self).removeprefix(name)


@dataclass(frozen=True)
class _Begun:
    """A penalty that has looked at the network already."""

    added: Any

    def begin(self, nets: Nets, first: Any) -> Any:
        del nets, first
        return self.added


def _part(stream: Any, start: int, stop: int) -> Any:
    from dataclasses import replace

    return replace(stream, order=stream.order[:, start:stop])
