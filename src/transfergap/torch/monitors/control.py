"""The held-out target loss of a control run, in a file."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from transfergap.data.replaced_file import replace_file
from transfergap.errors import DataError

SCHEMA = "transfergap/control-curve/1"
FEWEST_UNITS = 8  # of fewer held-out losses, no noise can be told


@dataclass(frozen=True, eq=False)
class ControlCurve:
    """Held-out losses of a short target-only run from scratch.

    Parameters
    ----------
    steps : tuple of int
        Updates done at each look, rising, the first 0.
    losses : array-like, shape (n_looks, n_units)
        The loss of every held-out row (or batch) at each look, at least 0 and finite, less being
        better. At least 8 units.
    n_steps : int
        Updates of the whole training that the run is the beginning of.
    interval : int
        Updates between looks.
    seeds : tuple of int
        Of the runs that ``losses`` is the mean of.

    Raises
    ------
    DataError
        If the numbers do not fit together.

    Examples
    --------
    >>> curve = ControlCurve((0, 10), [[2.0] * 8, [1.0] * 8], n_steps=50, interval=10)
    >>> curve.last_step, curve.means
    (10, array([2., 1.]))
    """

    steps: tuple[int, ...]
    losses: ArrayLike
    n_steps: int
    interval: int
    seeds: tuple[int, ...] = (0,)
    array: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            losses = np.array(self.losses, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"A control's losses cannot be read as numbers: {error}.",
                hint="give one row a look, with the loss of every held-out row",
            ) from error
        counts = [("n_steps", self.n_steps, 1), ("interval", self.interval, 1)]
        counts += [("a step", step, 0) for step in self.steps]
        for name, value, minimum in counts:
            if not isinstance(value, (int, np.integer)) or value < minimum:
                raise DataError(
                    f"Of a control curve, {name} is {value!r}.",
                    hint="updates are whole numbers; record the control with record_control",
                )
        if losses.ndim != 2 or len(losses) != len(self.steps) or not len(self.steps):
            raise DataError(
                f"A control curve needs losses of shape (n_looks, n_units), one row for each of "
                f"the {len(self.steps)} steps; their shape is {losses.shape}."
            )
        if losses.shape[1] < FEWEST_UNITS:
            raise DataError(
                f"A control curve needs at least {FEWEST_UNITS} held-out losses a look; there are "
                f"{losses.shape[1]}.",
                hint="return the loss of every row: reduction='none'",
            )
        if not np.isfinite(losses).all() or (losses < 0).any():
            raise DataError("The control's held-out losses must be finite and at least 0.")
        if self.steps[0] != 0 or any(np.diff(self.steps) <= 0):
            raise DataError(f"A control's looks start at step 0 and rise; these are {self.steps}.")
        if self.n_steps < self.steps[-1]:
            raise DataError(
                f"The control was looked at after {self.steps[-1]} updates, more than the whole "
                f"training's {self.n_steps}.",
                hint="n_steps is the length of the whole training, not of the control",
            )
        object.__setattr__(self, "array", losses)

    @property
    def means(self) -> NDArray[np.float64]:
        """The mean held-out loss at each look, shape (n_looks,)."""
        means: NDArray[np.float64] = self.array.mean(axis=1)
        return means

    @property
    def last_step(self) -> int:
        return self.steps[-1]

    def at(self, steps: Sequence[int]) -> NDArray[np.float64]:
        """Return the losses at some of the steps, shape (len(steps), n_units)."""
        return self.array[[self.steps.index(step) for step in steps]]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the curve to a JSON file."""
        content = {
            "schema": SCHEMA,
            "n_steps": self.n_steps,
            "interval": self.interval,
            "seeds": list(self.seeds),
            "steps": list(self.steps),
            "losses": self.array.tolist(),
        }
        replace_file(Path(path), (json.dumps(content) + "\n").encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ControlCurve:
        """Read a curve that :meth:`save` wrote.

        Raises
        ------
        DataError
            If the file is not one.
        """
        try:
            content: Any = json.loads(Path(path).read_text(encoding="utf-8"))
            schema = content["schema"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DataError(
                f"{os.fspath(path)!r} holds no control curve.",
                hint="record one with transfergap.torch.record_control, and save it",
            ) from error
        if schema != SCHEMA:
            raise DataError(f"{os.fspath(path)!r} is of schema {schema!r}, not {SCHEMA!r}.")
        try:
            return cls(
                tuple(content["steps"]),
                content["losses"],
                n_steps=content["n_steps"],
                interval=content["interval"],
                seeds=tuple(content["seeds"]),
            )
        except (KeyError, TypeError) as error:
            raise DataError(
                f"{os.fspath(path)!r} holds half a control curve: {type(error).__name__}: {error}.",
                hint="record it anew with transfergap.torch.record_control, and save it",
            ) from error

    @classmethod
    def averaged(cls, curves: Sequence[ControlCurve]) -> ControlCurve:
        """Average several runs' curves over their common steps.

        Raises
        ------
        DataError
            If there is none, or they differ in length, interval or held-out rows.
        """
        if not curves:
            raise DataError("There is no control curve to average.")
        kinds = {(curve.n_steps, curve.interval, curve.array.shape[1]) for curve in curves}
        if len(kinds) > 1:
            raise DataError(
                "Control curves to average differ in (n_steps, interval, held-out losses): "
                f"{sorted(kinds)}."
            )
        steps = tuple(sorted(set.intersection(*(set(curve.steps) for curve in curves))))
        return cls(
            steps,
            np.mean([curve.at(steps) for curve in curves], axis=0),
            n_steps=curves[0].n_steps,
            interval=curves[0].interval,
            seeds=tuple(seed for curve in curves for seed in curve.seeds),
        )
