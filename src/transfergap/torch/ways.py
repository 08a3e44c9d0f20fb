"""Training on target and other data at once, and named ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from transfergap.errors import OldAttribute, old_names
from transfergap.learners.mitigations.mitigation import CLASSES, Facts, Mitigation
from transfergap.learners.protocol import AnyTrainingSet
from transfergap.torch import penalties
from transfergap.torch.combining import EMAGate, Sum, Surgery, Uncertainty
from transfergap.torch.fine_tuned import FineTuned, Layers, network_in
from transfergap.torch.jobs import Job
from transfergap.torch.joint import Combining, train_beside
from transfergap.torch.nets import Nets
from transfergap.torch.network import Network
from transfergap.torch.training import Penalty


@dataclass(frozen=True)
class CoTrained(Mitigation):
    """Train on target and sources at once.

    Each step takes a batch of each.

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


__getattr__ = old_names(__name__)

_TWO = "1 training on the source and 1 on the target"
_JOINT_COST = "1 training with a batch of each task at every step"


@dataclass(frozen=True)
class NewHead(FineTuned):
    """Train on the source, then on the target with a new head.

    Every layer learns.
    """

    new_head: bool = True
    facts: ClassVar[Facts] = Facts(
        "the source's features serve, whatever its labels mean",
        _TWO,
        "Yosinski et al. (2014), How transferable are features?, section 2",
    )


@dataclass(frozen=True)
class FrozenProbe(FineTuned):
    """Train on the source, then only a new head on the target."""

    layers: Layers = "head"
    new_head: bool = True
    facts: ClassVar[Facts] = Facts(
        "the source's features are all that the target needs",
        _TWO,
        "Alain & Bengio (2016), Understanding intermediate layers, section 3",
    )


@dataclass(frozen=True)
class LPFT(FineTuned):
    """Train a new head on source features, then every layer (LP-FT)."""

    layers: Layers = "head then all"
    new_head: bool = True
    facts: ClassVar[Facts] = Facts(
        "a random head would spoil good features before it is trained",
        _TWO,
        "Kumar et al. (2022), Fine-Tuning can Distort Pretrained Features, section 3.4",
    )


@dataclass(frozen=True)
class LayerwiseRates(FineTuned):
    """Fine-tune each layer at 0.7 times the rate above it.

    Lower layers learn more slowly.
    """

    decay: float = 0.7
    facts: ClassVar[Facts] = Facts(
        "lower layers carry over, upper ones do not",
        _TWO,
        "Howard & Ruder (2018), Universal Language Model Fine-tuning, section 3.2",
    )


@dataclass(frozen=True)
class L2SP(FineTuned):
    """Fine-tune with weights held near their start (L2-SP)."""

    penalty: Penalty | None = field(default_factory=penalties.L2SP)
    facts: ClassVar[Facts] = Facts(
        "good weights for the target lie near the source's",
        _TWO,
        "Li, Grandvalet & Davoine (2018), Explicit Inductive Bias, section 3.2",
    )


@dataclass(frozen=True)
class DELTA(FineTuned):
    """Fine-tune with features held near their start (DELTA)."""

    penalty: Penalty | None = field(default_factory=penalties.DELTA)
    facts: ClassVar[Facts] = Facts(
        "the source's features that matter now go on to matter",
        _TWO,
        "Li et al. (2019), DELTA, section 3",
    )


@dataclass(frozen=True)
class BSS(FineTuned):
    """Fine-tune with small singular values of the features shrunk (BSS)."""

    penalty: Penalty | None = field(default_factory=penalties.BSS)
    facts: ClassVar[Facts] = Facts(
        "features with small singular values are those that do not carry over",
        _TWO,
        "Chen et al. (2019), Batch Spectral Shrinkage, section 3.2",
    )


@dataclass(frozen=True)
class CoTuning(FineTuned):
    """Fine-tune a new head while the source's trains on (Co-tuning)."""

    new_head: bool = True
    penalty: Penalty | None = field(default_factory=penalties.CoTuning)
    facts: ClassVar[Facts] = Facts(
        "labels of the source say something of the target's",
        _TWO,
        "You et al. (2020), Co-Tuning for Transfer Learning, section 3",
        CLASSES,
    )


@dataclass(frozen=True)
class StochasticNorm(FineTuned):
    """Fine-tune with batch normalisation half of the time by the source's statistics."""

    stoch_norm: float = 0.5
    facts: ClassVar[Facts] = Facts(
        "batches of the target are too few to normalise by; needs batch normalisation",
        _TWO,
        "Kou et al. (2020), Stochastic Normalization, section 3.2",
    )


@dataclass(frozen=True)
class LowRank(FineTuned):
    """Fine-tune low-rank changes of the linear layers (LoRA)."""

    low_rank: int = 8
    facts: ClassVar[Facts] = Facts(
        "the change that the target needs is small",
        f"{_TWO}; needs peft",
        "Hu et al. (2021), LoRA, section 4.1",
    )


@dataclass(frozen=True)
class Interpolated(FineTuned):
    """Fine-tune, then go half the way back in weight space."""

    kept: float = 0.5
    facts: ClassVar[Facts] = Facts(
        "between source and target weights lies no hill",
        _TWO,
        "Wortsman et al. (2022), Robust fine-tuning of zero-shot models, section 3",
    )


@dataclass(frozen=True)
class UncertaintyWeighted(CoTrained):
    """Co-train with losses weighted by a learned uncertainty."""

    combining: Combining = field(default_factory=Uncertainty)
    facts: ClassVar[Facts] = Facts(
        "a task that cannot be learned is a noisy one",
        _JOINT_COST,
        "Kendall, Gal & Cipolla (2018), Multi-Task Learning Using Uncertainty, section 3.2",
    )


@dataclass(frozen=True)
class GradientSurgery(CoTrained):
    """Co-train with what conflicts in the gradients projected away (PCGrad)."""

    combining: Combining = field(default_factory=Surgery)
    facts: ClassVar[Facts] = Facts(
        "harm comes from gradients that point against each other",
        f"{_JOINT_COST}; steps cost 3 times",
        "Yu et al. (2020), Gradient Surgery for Multi-Task Learning, section 2.3",
    )


@dataclass(frozen=True)
class EMAGated(CoTrained):
    """Co-train only while gradients agree with the target's on average."""

    combining: Combining = field(default_factory=EMAGate)
    facts: ClassVar[Facts] = Facts(
        "a task that goes on to help points the same way on average",
        _JOINT_COST,
        "ours; cf. Du et al. (2018), Adapting Auxiliary Losses, section 3",
    )
