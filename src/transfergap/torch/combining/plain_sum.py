"""The plain sum of losses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch

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
