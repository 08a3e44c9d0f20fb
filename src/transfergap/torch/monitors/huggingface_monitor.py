"""The monitor as a callback of the Hugging Face Trainer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn import functional

from transfergap.errors import ConfigurationError, DataError, require
from transfergap.torch.monitors.calibration import Kind
from transfergap.torch.monitors.control import ControlCurve
from transfergap.torch.monitors.held_out import RowLoss, as_batches
from transfergap.torch.monitors.record import logged
from transfergap.torch.monitors.signals import HarmWarning, SourceLoss
from transfergap.torch.monitors.transfer_monitor import TransferMonitor

_transformers = require("transformers", extra="huggingface")


def classification_loss(model: Any, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Return each row's cross-entropy, for sequence or image classification.

    Parameters
    ----------
    batch : mapping
        The model's inputs, with ``labels`` of shape (n_rows,), whole numbers.

    Raises
    ------
    DataError
        If logits and labels are of another kind; then give a loss of your own.
    """
    inputs = {name: value for name, value in batch.items() if name != "labels"}
    logits, labels = model(**inputs).logits, batch["labels"]
    if logits.ndim != 2 or labels.ndim != 1 or labels.is_floating_point():
        raise DataError(
            f"Logits of shape {tuple(logits.shape)} with labels of shape {tuple(labels.shape)} are "
            "no classification of rows.",
            hint="give loss=..., a function of (model, batch) that returns the loss of every row",
        )
    return functional.cross_entropy(logits, labels, reduction="none")


class HuggingFaceMonitor(_transformers.TrainerCallback):  # type: ignore[misc, name-defined]
    """A monitor of a Hugging Face Trainer, with the Trainer's log.

    Parameters
    ----------
    held_out : batch, list of batches, or DataLoader
        Mappings of tensors with ``labels``, as the data collator makes them:
        ``trainer.get_eval_dataloader()``. Moved to the training's device.
    loss : callable, optional
        ``loss(model, batch)`` returns the target loss of every held-out row; by default the
        cross-entropy of a sequence classification.
    control, interval, kind, threshold, sources, on_warning
        As for :class:`TransferMonitor`. Without a control the callback records one:
        ``callback.monitor.control()``.
    n_steps : int, optional
        Updates of the whole training; the control's, or the Trainer's ``max_steps``.

    Attributes
    ----------
    monitor : TransferMonitor
        There once a training has begun.

    Notes
    -----
    Call :meth:`attach` instead of handing it to ``callbacks``: a callback cannot reach the log
    otherwise. ``transfer_loss``, ``transfer_control_loss`` and ``transfer_probability`` then go
    where ``report_to`` says, and to ``trainer.state.log_history``. Callbacks cannot change a
    training, and this one does not.

    Examples
    --------
    >>> batch = {"input_ids": torch.ones(8, 4, dtype=torch.long), "labels": torch.zeros(8).long()}
    >>> monitor = HuggingFaceMonitor(batch, n_steps=1000)
    >>> # monitor.attach(trainer); trainer.train(); monitor.monitor.control().save("control.json")
    """

    def __init__(
        self,
        held_out: Any,
        loss: RowLoss = classification_loss,
        *,
        control: ControlCurve | None = None,
        n_steps: int | None = None,
        interval: int | None = None,
        kind: Kind = "fine-tuning",
        threshold: float | None = None,
        sources: Mapping[str, SourceLoss] | None = None,
        on_warning: Callable[[HarmWarning], None] | None = None,
    ) -> None:
        self._held_out, self._loss, self._n_steps = held_out, loss, n_steps
        self._options: dict[str, Any] = {
            "control": control,
            "interval": interval,
            "kind": kind,
            "threshold": threshold,
            "sources": sources,
            "on_warning": on_warning,
        }
        self._trainer: Any = None
        self.monitor: TransferMonitor

    def attach(self, trainer: Any) -> None:
        """Let ``trainer`` call this monitor, and log by it."""
        self._trainer = trainer
        trainer.add_callback(self)

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Look at the held-out rows before the first update."""
        if self._trainer is None:
            raise ConfigurationError(
                "The monitor cannot reach the Trainer's log.", hint="monitor.attach(trainer)"
            )
        n_steps = self._n_steps
        if n_steps is None and self._options["control"] is None:
            n_steps = state.max_steps
        batches = as_batches(self._held_out)
        self.monitor = TransferMonitor(
            kwargs["model"],
            self._loss,
            [{k: v.to(args.device) for k, v in batch.items()} for batch in batches],
            n_steps=n_steps,
            **self._options,
        )
        self._look(state)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Look at the held-out rows, if it is time to."""
        self._look(state)

    def _look(self, state: Any) -> None:
        look = self.monitor.step(state.global_step)
        if look is not None:
            self._trainer.log({k.replace("/", "_"): v for k, v in logged(look).items()})
