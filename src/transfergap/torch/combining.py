"""Combinations of several tasks' losses into a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch

from transfergap.errors import ConfigurationError, require
from transfergap.torch.nets import Nets

Tensor = torch.Tensor


@dataclass(frozen=True)
class Sum:
    """The target's loss plus the others', with a fixed shared weight.

    Parameters
    ----------
    weight : float
        Of all other losses together.

    Examples
    --------
    >>> Sum().weight
    1.0
    """

    weight: float = 1.0
    alone: ClassVar[bool] = False
    probes: ClassVar[bool] = False

    def begin(self, nets: Nets, n_streams: int, heads: Sequence[Tensor]) -> _Summing:
        """Return the rule for one training."""
        del nets, heads
        # Shared among the other tasks, so that their number does not change their weight.
        return _Summing(self.weight / max(n_streams - 1, 1))


class _Summing:
    def __init__(self, weight: float) -> None:
        self.parameters: list[Tensor] = []
        self._weight = weight

    def backward(self, losses: list[Tensor], step: int, probe: Callable[[], Tensor] | None) -> None:
        """Fill the gradients."""
        del step, probe
        total = losses[0].sum()
        for loss in losses[1:]:
            total = total + self._weight * loss.sum()
        total.backward()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Uncertainty:
    """Each loss divided by a variance that is trained too.

    References
    ----------
    Kendall, Gal and Cipolla (2018), Multi-Task Learning Using Uncertainty to Weigh Losses, section
    3.2; here with the log variance, which is more stable.

    Examples
    --------
    >>> Uncertainty().alone
    False
    """

    alone: ClassVar[bool] = False
    probes: ClassVar[bool] = False

    def begin(self, nets: Nets, n_streams: int, heads: Sequence[Tensor]) -> _Weighing:
        """Return the rule for one training."""
        del heads
        like = next(iter(nets.params.values()))
        return _Weighing(torch.zeros(n_streams, nets.n, device=like.device, requires_grad=True))


class _Weighing:
    def __init__(self, log_variances: Tensor) -> None:
        self.parameters = [log_variances]

    def backward(self, losses: list[Tensor], step: int, probe: Callable[[], Tensor] | None) -> None:
        """Fill the gradients."""
        del step, probe
        (s,) = self.parameters
        # The paper's objective in s = log variance, times two.
        total = (torch.exp(-s) * torch.stack(losses) + s).sum()
        total.backward()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Surgery:
    """Gradients combined by the library torchjd.

    Parameters
    ----------
    method : {"pcgrad", "upgrad"}
        Project away what conflicts, pair by pair, or onto the cone that harms no task.

    Notes
    -----
    Networks are trained singly, and a step takes several times as long as a plain one.

    References
    ----------
    Yu et al. (2020), Gradient Surgery for Multi-Task Learning, section 2.3; Quinton and Rey (2024),
    Jacobian Descent for Multi-Objective Optimization, section 3.

    Examples
    --------
    >>> Surgery().method
    'pcgrad'
    """

    method: Literal["pcgrad", "upgrad"] = "pcgrad"
    alone: ClassVar[bool] = True
    probes: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.method not in ("pcgrad", "upgrad"):
            raise ConfigurationError(
                f"There is no gradient surgery {self.method!r} here.", hint="known: pcgrad, upgrad"
            )

    def begin(self, nets: Nets, n_streams: int, heads: Sequence[Tensor]) -> _Cutting:
        """Return the rule for one training."""
        del n_streams
        aggregation: Any = require("torchjd.aggregation", extra="torch")
        name = {"pcgrad": "PCGrad", "upgrad": "UPGrad"}[self.method]
        return _Cutting([*nets.params.values(), *heads], getattr(aggregation, name)())


class _Cutting:
    def __init__(self, trained: list[Tensor], aggregator: Any) -> None:
        self.parameters: list[Tensor] = []
        self._trained = trained
        self._aggregator = aggregator

    def backward(self, losses: list[Tensor], step: int, probe: Callable[[], Tensor] | None) -> None:
        """Combine the tasks' Jacobian rows into one gradient."""
        del step, probe
        autojac: Any = require("torchjd.autojac", extra="torch")
        # One row of the Jacobian a task; plain backward would add the rows up.
        autojac.backward([loss.sum() for loss in losses])
        autojac.jac_to_grad([v for v in self._trained if v.requires_grad], self._aggregator)


@dataclass(frozen=True)
class EMAGate:
    """A gate on losses whose averaged gradient cosine is negative.

    The cosine is with the target's gradient.

    Parameters
    ----------
    memory : float
        Share of the exponential average that is kept at each look, in [0, 1).
    every : int
        Steps between looks.
    looks : int
        From this look on a gate that shuts stays shut.
    weight : float
        Of all other losses together, while they count.

    Notes
    -----
    The target's gradient is that of another batch of its training rows, with the outputs brought to
    a plain size first. Without that, a memorised target asks for less confidence only, which any
    other task grants: a source with turned labels was let in then. Held-out rows instead were worse
    in simulations (a small target misses them), see decision 0020. A single look is noisy; the
    average is what makes the gate work. Until the first look the other losses do not count.

    References
    ----------
    Ours; cf. Du et al. (2018), Adapting Auxiliary Losses Using Gradient Similarity, section 3, who
    gate every step alone.

    Examples
    --------
    >>> EMAGate().memory
    0.99
    """

    # Chosen by hand; docs/decisions/0020 has simulations of the gate.
    memory: float = 0.99
    every: int = 5
    looks: int = 10
    weight: float = 1.0
    alone: ClassVar[bool] = False
    probes: ClassVar[bool] = True

    def begin(self, nets: Nets, n_streams: int, heads: Sequence[Tensor]) -> _Gating:
        """Return the rule for one training."""
        del heads
        return _Gating(self, nets, n_streams)


class _Gating:
    def __init__(self, rule: EMAGate, nets: Nets, n_streams: int) -> None:
        self.parameters: list[Tensor] = []
        self._rule = rule
        self._nets = nets
        like = next(iter(nets.params.values()))
        self._looks = 0
        self._open = torch.ones(n_streams - 1, nets.n, dtype=torch.bool, device=like.device)
        self._cosine = torch.zeros(n_streams - 1, nets.n, device=like.device)

    @property
    def _shared(self) -> list[Tensor]:
        """Parameters that all tasks share: all but the head."""
        params = self._nets.params.items()
        return [v for name, v in params if not self._nets.tapped.in_head(name)]

    def backward(self, losses: list[Tensor], step: int, probe: Callable[[], Tensor] | None) -> None:
        """Fill the gradients; now and then look whether they agree."""
        if probe is not None and step % self._rule.every == 0:
            target_gradient = self._gradient(probe())
            looks = [self._gradient(loss, keep=True) for loss in losses[1:]]
            now = torch.stack([_cosine(target_gradient, gradient) for gradient in looks])
            self._looks += 1
            memory = self._rule.memory
            # Bias correction of an average that starts at zero (Kingma and Ba 2015, section 3).
            decay = memory * (1 - memory ** (self._looks - 1)) / (1 - memory**self._looks)
            # The first look gets no head start over later ones.
            self._cosine = decay * self._cosine + (1 - decay) * now
            if self._looks >= self._rule.looks:
                self._open &= self._cosine > 0
        weight = self._rule.weight / max(len(losses) - 1, 1)
        # No gradient flows through a gate: it is a constant of the step.
        gates = (self._open & (self._cosine > 0)).float()
        total = losses[0].sum() + weight * (gates * torch.stack(losses[1:])).sum()
        total.backward()  # type: ignore[no-untyped-call]

    def _gradient(self, loss: Tensor, *, keep: bool = False) -> Tensor:
        """Return the gradient of each network's shared parameters, shape (M, n_numbers)."""
        gradients = torch.autograd.grad(
            loss.sum(), self._shared, retain_graph=keep, allow_unused=True
        )
        parts = [
            (torch.zeros_like(parameter) if part is None else part).reshape(self._nets.n, -1)
            for parameter, part in zip(self._shared, gradients, strict=True)
        ]
        return torch.cat(parts, dim=1)


def _cosine(one: Tensor, second: Tensor) -> Tensor:
    return torch.nn.functional.cosine_similarity(one, second, dim=1)
