"""Signals of a training run beside its control, and the warning."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from transfergap.errors import DataError
from transfergap.torch.monitors.calibration import Calibration


@dataclass(frozen=True)
class HarmWarning:
    """A warning that a run will likely end behind its control.

    Parameters
    ----------
    step : int
        Updates done.
    probability : float
        That the run's best checkpoint ends with a higher test loss than the control's.
    n_alike, n_alike_harmed : int
        Runs of the benchmark with a probability about as high, from families of data that had no
        part in the calibration, and how many of them ended behind.
    false_alarm_share : float
        Share of runs of those families that were warned of and did not end behind.
    """

    step: int
    probability: float
    n_alike: int
    n_alike_harmed: int
    false_alarm_share: float

    @classmethod
    def of(cls, step: int, probability: float, calibration: Calibration) -> HarmWarning:
        """Return a probability's warning, with the benchmark's counts."""
        alike = calibration.bin_of(probability)
        rate = calibration.false_alarms.share
        return cls(step, probability, alike.n_runs, alike.n_harmed, rate)

    def __str__(self) -> str:
        return (
            f"step {self.step}: the run is likely to end behind a training without sources "
            f"(probability {self.probability:.2f}; {self.n_alike_harmed} of {self.n_alike} runs "
            f"like it did; {self.false_alarm_share:.0%} of harmless runs are warned of)"
        )


SourceLoss = Callable[[Any], Tensor]
Gradients = tuple[Tensor | None, ...]


@dataclass(frozen=True)
class SourceSignal:
    """A source's signals at one look.

    Parameters
    ----------
    source : str
    cosine : float or None
        Between the source's gradient and the held-out target's, over parameters that both reach;
        in [-1, 1]. ``None`` where a gradient is not finite.
    look_ahead : float or None
        By which share the held-out target loss falls after one plain step along the source's
        gradient; more is better. ``None`` where a loss is not finite.
    """

    source: str
    cosine: float | None
    look_ahead: float | None


def source_signals(
    model: torch.nn.Module,
    held_out_loss: Callable[[], Tensor],
    sources: Mapping[str, SourceLoss],
    *,
    rate: float,
) -> tuple[SourceSignal, ...]:
    """Return every source's signals, leaving parameters and ``.grad`` unchanged.

    Parameters
    ----------
    held_out_loss : callable
        Returns the mean held-out target loss.
    sources : mapping of str to callable
        ``loss(model)`` of a source's or auxiliary task's batch, a number or a number a row.
    rate : float
        Length of the step ahead, as a learning rate.

    References
    ----------
    Fifty et al. (2021), Efficiently Identifying Task Groupings for Multi-Task Learning, section 3.
    Du et al. (2018), Adapting Auxiliary Losses Using Gradient Similarity, section 3.

    Examples
    --------
    >>> model = torch.nn.Linear(2, 1, bias=False)
    >>> X = torch.eye(2)
    >>> loss = lambda: ((model(X) - 1) ** 2).mean()
    >>> same, opposed = source_signals(
    ...     model, loss, {"same": lambda m: loss(), "opposed": lambda m: -loss()}, rate=0.1)
    >>> round(same.cosine, 3), round(opposed.cosine, 3), same.look_ahead > 0 > opposed.look_ahead
    (1.0, -1.0, True)
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        raise DataError(
            "No parameter of the model is trained, so that sources have no gradients.",
            hint="leave sources= out, or set requires_grad of what is trained",
        )
    with torch.enable_grad():
        before = held_out_loss()
        towards = _gradients(before, parameters)
        along = {
            name: _gradients(_source_loss(name, loss(model)), parameters)
            for name, loss in sources.items()
        }
    signals = []
    for name, gradients in along.items():
        with torch.no_grad(), moved(parameters, gradients, rate):
            after = held_out_loss()
        share = 1 - float(after) / max(float(before.detach()), 1e-12)
        signals.append(
            SourceSignal(name, _if_finite(cosine(gradients, towards)), _if_finite(share))
        )
    return tuple(signals)


def _source_loss(name: str, loss: Any) -> Tensor:
    if not isinstance(loss, Tensor):
        raise DataError(
            f"The loss of source {name!r} is a {type(loss).__name__}, not a tensor.",
            hint="sources={name: loss}, where loss(model) returns a tensor of one batch",
        )
    return loss.mean()


def _gradients(loss: Tensor, parameters: list[torch.nn.Parameter]) -> Gradients:
    if not loss.requires_grad:  # it reaches no parameter
        return (None,) * len(parameters)
    return torch.autograd.grad(loss, parameters, allow_unused=True)


def _if_finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def cosine(one: Gradients, second: Gradients) -> float:
    """Return the cosine between two gradients; 0 for none.

    Only parameters that both reach count. It is NaN where a gradient is not finite.
    """
    shared = [(a, b) for a, b in zip(one, second) if a is not None and b is not None]
    if not shared:
        return 0.0
    dot = sum(float((a * b).sum()) for a, b in shared)
    squares = (sum(float((g[k] ** 2).sum()) for g in shared) for k in (0, 1))
    norms = [square**0.5 for square in squares]
    if not math.isfinite(dot) or not all(map(math.isfinite, norms)):
        return math.nan
    return dot / (norms[0] * norms[1]) if min(norms) > 0 else 0.0


@contextmanager
def moved(parameters: list[torch.nn.Parameter], along: Gradients, rate: float) -> Iterator[None]:
    """Take one plain step inside, and restore exact parameters outside."""
    # Copies, since adding a step back would leave rounding in the weights.
    values_before = [p.detach().clone() for p in parameters]
    try:
        for parameter, gradient in zip(parameters, along):
            if gradient is not None:
                # A plain step, whatever the user's optimizer: the affinity of Fifty et al. (2021),
                # section 3.
                parameter.sub_(gradient, alpha=rate)
        yield
    finally:
        for parameter, value in zip(parameters, values_before):
            parameter.copy_(value)
