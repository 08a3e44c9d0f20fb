"""Early signs of harm, and thresholds for them that simulations set."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import ConfigurationError
from transfergap.stats import is_rounding

LARGEST_RATIO = 2.0  # of log ratios: beyond a factor of seven, worse is just bad
LARGEST_SCORE = 1000.0  # for losses without noise, whose score would be infinite
SMALLEST_LOSS = 1e-12  # a loss of zero has no logarithm

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EarlySigns:
    """Two signs of how the treated run will end beside its control.

    Parameters
    ----------
    standing : float
        How much worse its lowest held-out loss so far is than the control's, in standard errors
        of the paired difference over held-out rows; passed through asinh.
    start : float
        Log ratio of the two held-out losses before the first update, in [-2, 2]: what comes with
        the pretrained weights. About 0 where both start from the same weights.
    """

    standing: float
    start: float

    @property
    def values(self) -> Floats:
        return np.array([self.standing, self.start])


def early_signs(treated: Floats, control: Floats) -> EarlySigns:
    """Return the signs of a run's first looks.

    Parameters
    ----------
    treated, control : ndarray, shape (n_looks, n_units)
        Held-out losses at the same steps, the first before any update. Losses of
        the treated run that are not finite count as endless.

    Notes
    -----
    Lowest losses are compared, and not the last ones, since a trainer keeps the best checkpoint.
    Ours; benchmarks/monitor chose these two on its calibration pairs.

    Examples
    --------
    >>> control = np.array([[2.0, 2.2, 1.8], [1.0, 1.1, 0.9]])
    >>> signs = early_signs(control + [[1.0, 1.2, 0.8], [0.5, 0.6, 0.4]], control)
    >>> signs.start > 0, signs.standing > 0
    (True, True)
    >>> early_signs(control, control)
    EarlySigns(standing=0.0, start=0.0)
    """
    treated = np.where(np.isfinite(treated), treated, np.inf)
    means, control_means = treated.mean(axis=1), control.mean(axis=1)
    # The lowest losses so far, as trainers keep the best checkpoint.
    best, control_best = int(means.argmin()), int(control_means.argmin())
    return EarlySigns(
        # asinh is linear near zero and logarithmic far out: one wild run must not steer the
        # regression.
        float(np.arcsinh(_score(treated[best], control[control_best]))),
        _log_ratio(means[0], control_means[0]),
    )


def _score(treated: Floats, control: Floats) -> float:
    """Return the paired difference of means in its standard errors."""
    if not np.isfinite(treated).all():
        return LARGEST_SCORE
    differences = treated - control
    error = float(differences.std(ddof=1) / np.sqrt(len(differences)))
    mean = float(differences.mean())
    if is_rounding(mean, size=float(max(np.abs(treated).max(), np.abs(control).max()))):
        return 0.0
    if abs(mean) >= LARGEST_SCORE * error:
        return float(np.sign(mean)) * LARGEST_SCORE
    return mean / error


def _log_ratio(one: float, second: float) -> float:
    if np.isinf(one):
        return LARGEST_RATIO
    ratio = np.log(max(one, SMALLEST_LOSS) / max(second, SMALLEST_LOSS))
    return float(np.clip(ratio, -LARGEST_RATIO, LARGEST_RATIO))


FILE = "calibration.json"
Kind = Literal["fine-tuning", "co-training"]
KINDS: tuple[str, ...] = get_args(Kind)
SIGNS = ("standing", "start")


@dataclass(frozen=True)
class Rate:
    """A share with its 95 % interval and the runs behind it."""

    share: float
    low: float
    high: float
    n_runs: int


@dataclass(frozen=True)
class Bin:
    """Runs with probability from ``low`` to ``high``, and how many failed.

    A run failed if it ended behind its control.
    """

    low: float
    high: float
    n_runs: int
    n_harmed: int


@dataclass(frozen=True)
class Model:
    """Logistic regression on :class:`EarlySigns`, for looks after ``share`` of the training."""

    share: float
    intercept: float
    coefficients: tuple[float, ...]

    def probability(self, signs: EarlySigns) -> float:
        """Return the probability that the run ends behind its control.

        Examples
        --------
        >>> Model(0.2, 0.0, (1.0, 1.0)).probability(EarlySigns(0.0, 0.0))
        0.5
        """
        score = self.intercept + float(np.dot(self.coefficients, signs.values))
        return float(1 / (1 + np.exp(-np.clip(score, -500, 500))))


@dataclass(frozen=True)
class Calibration:
    """The benchmark's results for one kind of training.

    Parameters
    ----------
    models : tuple of Model
        In the order of their shares; a look uses the last whose share it has reached.
    threshold : float
        Probability from which a run is warned of.
    false_alarms : Rate
        Of judged runs that did not end behind their control: how many were warned of by a fifth
        of the training.
    detected : Rate
        Of those that did, and by more than the noise of their test rows: how many were warned of.
    bins : tuple of Bin
    """

    kind: Kind
    models: tuple[Model, ...]
    threshold: float
    false_alarms: Rate
    detected: Rate
    bins: tuple[Bin, ...]

    @property
    def earliest_share(self) -> float:
        """The share of the training before which no warning is given."""
        return self.models[0].share

    def model_at(self, share: float) -> Model | None:
        """Return the model for a look after ``share`` of training.

        None before the first.
        """
        reached = [model for model in self.models if model.share <= share + 1e-9]
        return reached[-1] if reached else None

    def bin_of(self, probability: float) -> Bin:
        """Return the judged runs whose probability was like this one."""
        return next((b for b in self.bins if b.low <= probability < b.high), self.bins[-1])


@cache
def calibration(kind: str) -> Calibration:
    """Return the calibration for a kind of training, as shipped.

    Parameters
    ----------
    kind : {"fine-tuning", "co-training"}

    Raises
    ------
    ConfigurationError
        If the kind is another.

    Examples
    --------
    >>> fitted = calibration("fine-tuning")
    >>> fitted.earliest_share, 0 < fitted.threshold < 1
    (0.1, True)
    """
    if kind not in KINDS:
        raise ConfigurationError(
            f"There is no kind of training {kind!r}.", hint=f"one of: {', '.join(KINDS)}"
        )
    content = files("transfergap.torch.monitors").joinpath(FILE).read_text(encoding="utf-8")
    return calibration_of(kind, json.loads(content)["kinds"][kind])  # type: ignore[arg-type]


def calibration_of(kind: Kind, record: dict[str, Any]) -> Calibration:
    """Return the calibration in one kind's part of the file."""
    return Calibration(
        kind,
        tuple(
            Model(
                model["share"],
                model["intercept"],
                tuple(model["coefficients"][sign] for sign in SIGNS),
            )
            for model in record["models"]
        ),
        record["threshold"],
        Rate(**record["false_alarms"]),
        Rate(**record["found"]),
        tuple(Bin(**row) for row in record["bins"]),
    )
