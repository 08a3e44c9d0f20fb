"""Gradient surgery: combine the tasks' gradients so that none points against another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch

from transfergap.errors import ConfigurationError, require
from transfergap.torch.nets import Nets

Tensor = torch.Tensor


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
