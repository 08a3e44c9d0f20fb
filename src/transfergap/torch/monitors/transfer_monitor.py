"""A monitor that warns if a run will likely end behind."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from transfergap.errors import ConfigurationError, DataError
from transfergap.torch.monitors.calibration import Calibration, Kind, calibration, early_signs
from transfergap.torch.monitors.control import ControlCurve
from transfergap.torch.monitors.held_out import (
    RowLoss,
    as_batches,
    as_numbers,
    held_out_losses,
    untouched,
)
from transfergap.torch.monitors.signals import HarmWarning, SourceLoss, SourceSignal, source_signals

if TYPE_CHECKING:
    import pandas as pd

INTERVAL = 50  # updates between looks; chosen by hand: a look costs a pass over the held-out rows


@dataclass(frozen=True)
class Look:
    """An evaluation of the held-out rows.

    ``control_loss`` is None without a control, ``probability`` also before a tenth of the
    training. ``signals`` is empty where no sources were given.
    """

    step: int
    loss: float
    control_loss: float | None = None
    probability: float | None = None
    signals: tuple[SourceSignal, ...] = ()


class TransferMonitor:
    """A monitor that compares held-out loss with a control's.

    It estimates the probability of harm.

    Parameters
    ----------
    model : torch.nn.Module
        The network being trained.
    loss : callable
        ``loss(model, batch)`` returns the target loss of every row (``reduction="none"``).
    held_out : batch, list of batches, or DataLoader
        Labelled target rows that are not trained on, the same as the control's; at least 8, and
        the more, the earlier harm shows. A list is taken as several batches, and a loader, which
        must not shuffle, is read once.
    control : ControlCurve, optional
        Without one the monitor only records: that is how a control is made.
    n_steps : int, optional
        Updates of the whole training; the control's if not given.
    interval : int, optional
        Updates between looks: 50, or the control's. A multiple of the control's.
    kind : {"fine-tuning", "co-training"}
        Weights from a source, or source or auxiliary losses added to the target's.
    threshold : float, optional
        Probability from which to warn, in (0, 1); by default the one that the benchmark chose.
    sources : mapping of str to callable, optional
        ``loss(model)`` of a batch of each source or auxiliary task: adds their cosine and
        look-ahead affinity to each look. They rank sources; they never raise the alarm.
    look_ahead_rate : float
        Length of the look-ahead's step, as a learning rate.
    on_warning : callable, optional
        Called once, with the :class:`HarmWarning`.

    Raises
    ------
    ConfigurationError
        If control, ``n_steps``, ``interval``, ``kind`` or ``threshold`` do not fit together, or
        the control ends before anything could be warned of.

    Notes
    -----
    Call :meth:`step` between updates. A look leaves parameters, ``.grad``, buffers, modes,
    optimizer and random states as they were, bit for bit. Looks end where the control ends. Works
    on models in the mode of evaluation, where dropout is off.

    Examples
    --------
    >>> from torch import nn
    >>> X, y = torch.randn(40, 3), torch.randint(2, (40,))
    >>> def loss(model, batch):
    ...     return nn.functional.cross_entropy(model(batch[0]), batch[1], reduction="none")
    >>> network = nn.Linear(3, 2)
    >>> recorder = TransferMonitor(network, loss, (X, y), n_steps=100, interval=10)
    >>> for step in range(21):
    ...     _ = recorder.step(step)  # and one update here
    >>> monitor = TransferMonitor(network, loss, (X, y), control=recorder.control())
    >>> looks = [monitor.step(step) for step in range(100)]
    >>> [look.step for look in monitor.history], 0 < monitor.history[-1].probability < 1
    ([0, 10, 20], True)
    """

    def __init__(
        self,
        model: torch.nn.Module,
        loss: RowLoss,
        held_out: Any,
        *,
        control: ControlCurve | None = None,
        n_steps: int | None = None,
        interval: int | None = None,
        kind: Kind = "fine-tuning",
        threshold: float | None = None,
        sources: Mapping[str, SourceLoss] | None = None,
        look_ahead_rate: float = 1e-3,
        on_warning: Callable[[HarmWarning], None] | None = None,
    ) -> None:
        _check_kinds(model, control, sources, on_warning)
        self.model, self._loss, self._held_out = model, loss, as_batches(held_out)
        self._control = control
        self._calibration: Calibration = calibration(str(kind))
        self.n_steps, self.interval = schedule(control, n_steps, interval)
        self._check_can_warn()
        self.threshold = self._calibration.threshold if threshold is None else threshold
        if not isinstance(self.threshold, (int, float)) or not 0 < self.threshold < 1:
            raise ConfigurationError(
                f"The threshold is {threshold!r}, not between 0 and 1.",
                hint="give a probability, or leave it out",
            )
        is_rate = isinstance(look_ahead_rate, (int, float)) and not isinstance(
            look_ahead_rate, bool
        )
        if not is_rate or not 0 < look_ahead_rate < math.inf:
            raise ConfigurationError(
                f"look_ahead_rate is {look_ahead_rate!r}.", hint="give a learning rate above 0"
            )
        self._sources = dict(sources or {})
        self._rate, self._on_warning = look_ahead_rate, on_warning
        self._losses: list[NDArray[np.float64]] = []
        self._history: list[Look] = []
        self._warning: HarmWarning | None = None

    @property
    def history(self) -> tuple[Look, ...]:
        """All looks so far."""
        return tuple(self._history)

    @property
    def warning(self) -> HarmWarning | None:
        """The first warning, if there was one."""
        return self._warning

    def step(self, step: int) -> Look | None:
        """Look at the held-out rows, if it is time to.

        Parameters
        ----------
        step : int
            Updates done so far; call with 0 before the first.

        Returns
        -------
        Look or None
            None between looks, at a step that was looked at, and after the control's end.

        Raises
        ------
        ConfigurationError
            If the first step is not 0, steps go back, or one is no whole number.
        """
        step = _whole_step(step)
        if self._is_between(step):
            return None
        # Loss and gradients are computed, so modes, buffers and random states must be put back.
        with untouched(self.model):
            with torch.no_grad():
                losses = as_numbers(held_out_losses(self._loss, self.model, self._held_out))
            self._check(losses)
            signals = self._signals() if self._sources else ()
        self._losses.append(losses)
        look = self._judged(step, float(losses.mean()), signals)
        self._history.append(look)
        self._warn(look)
        return look

    def control(self, *, seed: int = 0) -> ControlCurve:
        """Return the recorded losses as a control for other runs.

        Raises
        ------
        DataError
            If nothing was recorded, or a loss is not finite or negative.
        """
        steps = tuple(look.step for look in self._history)
        losses = np.array(self._losses) if steps else np.zeros((0, 0))
        return ControlCurve(steps, losses, self.n_steps, self.interval, (seed,))

    def to_frame(self) -> pd.DataFrame:
        """Return the history as a table, one row a look.


        It has two columns a source.
        """
        import pandas as pd

        rows = []
        for look in self._history:
            row: dict[str, Any] = {
                "step": look.step,
                "loss": look.loss,
                "control_loss": look.control_loss,
                "probability": look.probability,
            }
            for signal in look.signals:
                row[f"cosine {signal.source}"] = signal.cosine
                row[f"look_ahead {signal.source}"] = signal.look_ahead
            rows.append(row)
        return pd.DataFrame(rows)

    def ranking(self) -> list[str]:
        """Rank the sources by mean cosine with the target.

        Those without a finite cosine come last, in the order in which they were given.

        Raises
        ------
        DataError
            If there are sources, and no look was taken.
        """
        if self._sources and not self._history:
            raise DataError(
                "No look was taken, so that sources cannot be ranked.",
                hint="call step(0) before the first update, and step(n) after each",
            )
        cosines: dict[str, list[float]] = {name: [] for name in self._sources}
        for look in self._history:
            for signal in look.signals:
                if signal.cosine is not None:
                    cosines[signal.source].append(signal.cosine)
        # fsum and a stable sort: the order does not hang on rounding.
        return sorted(
            cosines,
            key=lambda name: (
                -math.fsum(cosines[name]) / len(cosines[name]) if cosines[name] else math.inf
            ),
        )

    def _check_can_warn(self) -> None:
        """Raise ``ConfigurationError`` for a control that no look can use."""
        if self._control is None:
            return
        looks = [step for step in self._control.steps if step > 0 and step % self.interval == 0]
        if any(self._calibration.model_at(step / self.n_steps) is not None for step in looks):
            return
        earliest = math.ceil(self._calibration.earliest_share * self.n_steps)
        raise ConfigurationError(
            f"By this control nothing can be warned of: it was last looked at after"
            f" {self._control.last_step} of {self.n_steps} updates, and looks every"
            f" {self.interval} are judged from update {earliest} on.",
            hint=f"record a control of a fifth of the training, with interval="
            f"{max(self.n_steps // 20, 1)} or so",
        )

    def _is_between(self, step: int) -> bool:
        last = self._history[-1].step if self._history else None
        if last is None and step != 0:
            raise ConfigurationError(
                f"The first look would be after {step} updates; the start is missing.",
                hint="call step(0) before the first update",
            )
        if last is not None and step < last:
            raise ConfigurationError(
                f"Step {step} comes after step {last}: a monitor watches one run.",
                hint="make a new TransferMonitor for each run",
            )
        over = self._control is not None and step > self._control.last_step
        return step == last or step % self.interval != 0 or over

    def _check(self, losses: NDArray[np.float64]) -> None:
        if (losses < 0).any():
            raise DataError("A held-out loss is negative, so that no ratio of losses can be told.")
        n_units = self._control.array.shape[1] if self._control is not None else len(losses)
        if len(losses) != n_units:
            raise DataError(
                f"There are {len(losses)} held-out losses, and the control has {n_units}.",
                hint="record the control on the same held-out rows",
            )

    def _signals(self) -> tuple[SourceSignal, ...]:
        def mean_loss() -> torch.Tensor:
            return held_out_losses(self._loss, self.model, self._held_out).mean()

        return source_signals(self.model, mean_loss, self._sources, rate=self._rate)

    def _judged(self, step: int, loss: float, signals: tuple[SourceSignal, ...]) -> Look:
        if self._control is None:
            return Look(step, loss, signals=signals)
        # Looks of the control at the same steps; later ones may not be used.
        control = self._control.at([*(look.step for look in self._history), step])
        model = self._calibration.model_at(step / self.n_steps)
        probability = None
        if model is not None:
            probability = model.probability(early_signs(np.array(self._losses), control))
        return Look(step, loss, float(control[-1].mean()), probability, signals)

    def _warn(self, look: Look) -> None:
        if self._warning or look.probability is None or look.probability < self.threshold:
            return
        self._warning = HarmWarning.of(look.step, look.probability, self._calibration)
        if self._on_warning is not None:
            self._on_warning(self._warning)


def check_updates(value: object, name: str) -> int:
    """Return a number of updates, or raise ``ConfigurationError``."""
    is_number = isinstance(value, (int, float, np.integer)) and not isinstance(value, bool)
    if not is_number or not float(value).is_integer() or value < 1:  # type: ignore[arg-type,operator]
        raise ConfigurationError(
            f"{name} is {value!r}, not a whole number of at least 1.",
            hint="give a number of updates",
        )
    return int(value)  # type: ignore[call-overload,no-any-return]


def _whole_step(step: Any) -> int:
    try:
        if float(step).is_integer():
            return int(step)
    except (TypeError, ValueError):
        pass
    raise ConfigurationError(
        f"The step is {step!r}.", hint="step(n) takes the updates done so far, a whole number"
    )


def _check_kinds(model: Any, control: Any, sources: Any, on_warning: Any) -> None:
    """Reject arguments that would fail only in mid-training."""
    if not isinstance(model, torch.nn.Module):
        raise ConfigurationError(
            f"The model is a {type(model).__name__}, and no torch.nn.Module.",
            hint="give the network that is trained",
        )
    if control is not None and not isinstance(control, ControlCurve):
        raise ConfigurationError(
            f"The control is a {type(control).__name__}, and no ControlCurve.",
            hint="read one with ControlCurve.load(path), or record one with record_control",
        )
    if not isinstance(sources or {}, Mapping) or not all(map(callable, (sources or {}).values())):
        raise ConfigurationError(
            "The sources are no losses by name.", hint="give sources={name: loss}, loss(model)"
        )
    if on_warning is not None and not callable(on_warning):
        raise ConfigurationError(
            f"on_warning is a {type(on_warning).__name__}, and no function.",
            hint="give a function of one warning, as print is",
        )


def schedule(
    control: ControlCurve | None, n_steps: int | None, interval: int | None
) -> tuple[int, int]:
    """Return training length and interval of looks, or raise."""
    n_steps = None if n_steps is None else check_updates(n_steps, "n_steps")
    interval = None if interval is None else check_updates(interval, "interval")
    if control is None:
        if n_steps is None:
            raise ConfigurationError(
                "Without a control, the length of the training must be told.", hint="n_steps=..."
            )
        chosen = n_steps, INTERVAL if interval is None else interval
    else:
        chosen = n_steps or control.n_steps, interval or control.interval
        if chosen[0] != control.n_steps:
            raise ConfigurationError(
                f"The training has {chosen[0]} updates, and the control is of one of "
                f"{control.n_steps}.",
                hint="record a control for this length",
            )
        if chosen[1] % control.interval:
            raise ConfigurationError(
                f"Looks every {chosen[1]} updates are not among the control's, every "
                f"{control.interval}."
            )
    if min(chosen) < 1:
        raise ConfigurationError(f"n_steps and interval are at least 1, not {chosen}.")
    return chosen
