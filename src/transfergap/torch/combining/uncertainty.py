"""Losses weighted by an uncertainty that is learned for each task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch

from transfergap.torch.nets import Nets

Tensor = torch.Tensor


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
