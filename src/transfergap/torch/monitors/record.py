"""Records of a training: its control, and a line of its log."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import torch

from transfergap.errors import ConfigurationError
from transfergap.torch.monitors.control import ControlCurve
from transfergap.torch.monitors.held_out import RowLoss
from transfergap.torch.monitors.transfer_monitor import (
    INTERVAL,
    Look,
    TransferMonitor,
    check_updates,
)


def record_control(
    scratch: Callable[[int], Iterable[torch.nn.Module]],
    loss: RowLoss,
    held_out: object,
    *,
    n_steps: int,
    interval: int = INTERVAL,
    share: float = 0.2,
    seeds: Sequence[int] = (0,),
) -> ControlCurve:
    """Train from scratch for a share, recording held-out target loss.

    Parameters
    ----------
    scratch : callable
        ``scratch(seed)`` is a generator that yields the model before the first update and after
        every update; it is dropped as soon as enough was seen.
    loss, held_out
        As for :class:`TransferMonitor`.
    n_steps : int
        Updates of the whole training that is to be watched later.
    interval : int
        Updates between looks.
    share : float
        Of the training, in (0, 1]: how long the control runs. A warning can come until then.
    seeds : sequence of int
        Runs to average over. The stated error rates are of one.

    Returns
    -------
    ControlCurve

    Raises
    ------
    ConfigurationError
        If the run ends early, the share leaves no look after the start, or a number is none.

    Examples
    --------
    >>> X, y = torch.randn(40, 3), torch.randn(40, 1)
    >>> def scratch(seed):
    ...     torch.manual_seed(seed)
    ...     model = torch.nn.Linear(3, 1)
    ...     optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ...     yield model
    ...     while True:
    ...         optimizer.zero_grad()
    ...         ((model(X) - y) ** 2).mean().backward()
    ...         optimizer.step()
    ...         yield model
    >>> rows = lambda model, batch: ((model(batch[0]) - batch[1]) ** 2).mean(dim=1)
    >>> record_control(scratch, rows, (X, y), n_steps=50, interval=5).steps
    (0, 5, 10)
    """
    n_steps, interval = check_updates(n_steps, "n_steps"), check_updates(interval, "interval")
    if not callable(scratch):
        raise ConfigurationError(
            f"scratch is a {type(scratch).__name__}, and no function.",
            hint="scratch(seed) is a generator that yields the model after every update",
        )
    if not isinstance(share, (int, float)) or not 0 < share <= 1:
        raise ConfigurationError(
            f"The share is {share!r}.", hint="a share of the training is above 0, up to 1"
        )
    listed = list(seeds) if isinstance(seeds, Iterable) else []
    if not listed or len(set(map(str, listed))) < len(listed):
        raise ConfigurationError(
            f"The seeds are {seeds!r}.", hint="give a sequence of different seeds: seeds=(0, 1)"
        )
    # The last look within the share; 1e-9 for products such as .29 * 100 below 29.
    last = math.floor(share * n_steps + 1e-9) // interval * interval
    if not 0 < last <= n_steps:
        raise ConfigurationError(
            f"A control over {share:.0%} of {n_steps} updates has no look every {interval} after "
            "its start.",
            hint="a smaller interval",
        )
    return ControlCurve.averaged(
        [_recorded(scratch(seed), loss, held_out, n_steps, interval, last, seed) for seed in listed]
    )


def _recorded(
    run: Iterable[torch.nn.Module],
    loss: RowLoss,
    held_out: object,
    n_steps: int,
    interval: int,
    last: int,
    seed: int,
) -> ControlCurve:
    if not isinstance(run, Iterable):
        raise ConfigurationError(
            f"scratch({seed}) returned a {type(run).__name__}, and no generator.",
            hint="scratch(seed) yields the model before the first update and after every one",
        )
    for step, model in enumerate(run):
        if step == 0:
            monitor = TransferMonitor(model, loss, held_out, n_steps=n_steps, interval=interval)
        monitor.step(step)
        if step == last:
            return monitor.control(seed=seed)
    raise ConfigurationError(
        f"The control of seed {seed} ended before its update {last}.",
        hint="scratch(seed) yields the model before the first update and after every one",
    )


def logged(look: Look) -> dict[str, float]:
    """Return the numbers of a look, without the step.

    Examples
    --------
    >>> logged(Look(50, 0.5, control_loss=0.6))
    {'transfer/loss': 0.5, 'transfer/control_loss': 0.6}
    """
    values = {"loss": look.loss, "control_loss": look.control_loss, "probability": look.probability}
    numbers = {f"transfer/{name}": value for name, value in values.items() if value is not None}
    for signal in look.signals:
        for name, value in (("cosine", signal.cosine), ("look_ahead", signal.look_ahead)):
            if value is not None:
                numbers[f"transfer/{name}/{signal.source}"] = value
    return numbers
