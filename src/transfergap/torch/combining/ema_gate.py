"""A gate that admits a task's loss while gradients agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch

from transfergap.torch.nets import Nets

Tensor = torch.Tensor


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
