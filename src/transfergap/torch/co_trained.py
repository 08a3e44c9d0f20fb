"""Training on the target and other data at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from transfergap.errors import OldAttribute
from transfergap.learners.mitigations.mitigation import Facts, Mitigation
from transfergap.learners.protocol import AnyTrainingSet
from transfergap.torch.combining import Sum
from transfergap.torch.fine_tuned import network_in
from transfergap.torch.jobs import Job
from transfergap.torch.joint import Combining, train_beside
from transfergap.torch.nets import Nets
from transfergap.torch.network import Network


@dataclass(frozen=True)
class CoTrained(Mitigation):
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
    >>> from torch import nn
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
