"""The monitor as a callback of Lightning."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from transfergap.errors import ConfigurationError, require
from transfergap.torch.monitors.calibration import Kind
from transfergap.torch.monitors.control import ControlCurve
from transfergap.torch.monitors.held_out import RowLoss, as_batches
from transfergap.torch.monitors.record import logged
from transfergap.torch.monitors.signals import HarmWarning, SourceLoss
from transfergap.torch.monitors.transfer_monitor import TransferMonitor

_callbacks = require("lightning.pytorch.callbacks", extra="lightning")
_moving = require("lightning.fabric.utilities.apply_func", extra="lightning")


class LightningMonitor(_callbacks.Callback):  # type: ignore[misc, name-defined]
    """A monitor of a Lightning training, with the trainer's loggers.

    Parameters
    ----------
    loss : callable
        ``loss(module, batch)`` returns the target loss of every held-out row.
    held_out : batch, list of batches, or DataLoader
        Moved to the module's device.
    control, interval, kind, threshold, sources, on_warning
        As for :class:`TransferMonitor`. Without a control the callback records one:
        ``callback.monitor.control()``.
    n_steps : int, optional
        Updates of the whole training; the control's, or the trainer's estimate.

    Attributes
    ----------
    monitor : TransferMonitor
        There once a training has begun; ``monitor.history``, ``monitor.warning``.

    Notes
    -----
    Logs ``transfer/loss``, ``transfer/control_loss`` and ``transfer/probability`` at the steps of
    its looks, straight to ``trainer.loggers``, so that ``log_every_n_steps`` drops none. A new
    training begins a new monitor; one that is resumed from a checkpoint is refused, since its
    start was not seen. On several devices each process looks on its own.

    Examples
    --------
    >>> import lightning, torch
    >>> def loss(module, batch):
    ...     return torch.nn.functional.mse_loss(module(batch[0]), batch[1], reduction="none")
    >>> held_out = (torch.randn(20, 3), torch.randn(20, 1))
    >>> recorder = LightningMonitor(loss, held_out, n_steps=1000)
    >>> isinstance(recorder, lightning.Callback)
    True
    """

    def __init__(
        self,
        loss: RowLoss,
        held_out: Any,
        *,
        control: ControlCurve | None = None,
        n_steps: int | None = None,
        interval: int | None = None,
        kind: Kind = "fine-tuning",
        threshold: float | None = None,
        sources: Mapping[str, SourceLoss] | None = None,
        on_warning: Callable[[HarmWarning], None] | None = None,
    ) -> None:
        super().__init__()
        self._loss, self._held_out, self._n_steps = loss, held_out, n_steps
        self._options: dict[str, Any] = {
            "control": control,
            "interval": interval,
            "kind": kind,
            "threshold": threshold,
            "sources": sources,
            "on_warning": on_warning,
        }
        self.monitor: TransferMonitor

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Look at the held-out rows before the first update."""
        n_steps = self._n_steps
        if n_steps is None and self._options["control"] is None:
            estimate = trainer.estimated_stepping_batches
            if not math.isfinite(estimate):
                raise ConfigurationError(
                    "The trainer has no end, so that no share of the training can be told.",
                    hint="max_steps or max_epochs of the Trainer, or n_steps of the monitor",
                )
            n_steps = int(estimate)
        self.monitor = TransferMonitor(
            pl_module,
            self._loss,
            _moving.move_data_to_device(as_batches(self._held_out), pl_module.device),
            n_steps=n_steps,
            **self._options,
        )
        self._look(trainer)

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Look at the held-out rows, if it is time to."""
        self._look(trainer)

    def _look(self, trainer: Any) -> None:
        look = self.monitor.step(trainer.global_step)
        if look is not None:
            for logger in trainer.loggers:
                logger.log_metrics(logged(look), step=look.step)
