"""A look as names and numbers for the loggers that users have."""

from __future__ import annotations

from transfergap.torch.monitors.transfer_monitor import Look


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
        numbers[f"transfer/cosine/{signal.source}"] = signal.cosine
        numbers[f"transfer/look_ahead/{signal.source}"] = signal.look_ahead
    return numbers
