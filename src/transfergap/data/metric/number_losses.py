"""Losses a row where labels are numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric.entries import number_metric
from transfergap.data.metric.kinds import NUMBERS, Floats, Kind, OneMinusLoss, RootLoss, WholeTarget
from transfergap.data.metric.metric import Metric
from transfergap.data.task import Task
from transfergap.errors import MetricError


@dataclass(frozen=True)
class SquaredResidual:
    """Squared residual; relative, divided by the labels' variance as in R2."""

    relative: bool = False
    kind: ClassVar[Kind] = "residual"
    zero_one: ClassVar[bool] = False
    wrong_above: ClassVar[float | None] = None
    closed_form: ClassVar[Literal["squared", "log"] | None] = "squared"

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return label minus prediction."""
        return _residuals(model, X, y)

    def losses(self, outputs: Floats, y: NDArray[Any], whole: WholeTarget) -> Floats:
        """Return the squared outputs."""
        return outputs**2 / (_variance(whole) if self.relative else 1.0)

    def constant(self, whole: WholeTarget, classes: NDArray[Any]) -> Floats:
        """Return the residuals of the mean."""
        y: Floats = np.asarray(whole.y, float)
        return y - np.average(y, weights=whole.weights)

    def bound(self, whole: WholeTarget) -> None:
        """Return ``None``: there is no largest loss."""
        return


@dataclass(frozen=True)
class Pinball:
    """Residuals weighted by a quantile.

    Above the prediction by q, below it by 1 - q.

    Parameters
    ----------
    quantile : float
        In (0, 1).
    factor : float
        2 with the quantile 0.5 makes it the absolute error.

    References
    ----------
    Koenker and Bassett (1978), Regression Quantiles, equation 3.1.
    """

    quantile: float
    factor: float = 1.0
    kind: ClassVar[Kind] = "loss"
    zero_one: ClassVar[bool] = False
    wrong_above: ClassVar[float | None] = None
    closed_form: ClassVar[Literal["squared", "log"] | None] = None

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return label minus prediction."""
        return _residuals(model, X, y)

    def losses(self, outputs: Floats, y: NDArray[Any], whole: WholeTarget) -> Floats:
        """Return the weighed absolute outputs."""
        sides = np.where(outputs >= 0, self.quantile, 1.0 - self.quantile)
        losses: Floats = self.factor * sides * np.abs(outputs)
        return losses

    def constant(self, whole: WholeTarget, classes: NDArray[Any]) -> Floats:
        """Return the residuals of the quantile of the labels."""
        y: Floats = np.asarray(whole.y, float)
        return y - _quantile(y, whole.row_weights, self.quantile)

    def bound(self, whole: WholeTarget) -> None:
        """Return ``None``: there is no largest loss."""
        return


@dataclass(frozen=True)
class TweedieDeviance:
    """Unit deviance of a Tweedie law.

    Power 1 is Poisson, 2 gamma, between them compound Poisson-gamma.

    References
    ----------
    Jorgensen (1987), Exponential Dispersion Models; the formulas are scikit-learn's.
    """

    power: float
    kind: ClassVar[Kind] = "loss"
    zero_one: ClassVar[bool] = False
    wrong_above: ClassVar[float | None] = None
    closed_form: ClassVar[Literal["squared", "log"] | None] = None

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> TweedieDeviance:
        """Return the same, if the law can have such labels."""
        smallest = None if y is None else float(np.min(y))
        if smallest is not None and (smallest < 0 or (smallest == 0 and self.power >= 2)):
            side = "above" if self.power >= 2 else "from"
            raise MetricError(
                f"A label of the target is {smallest:g}, but this deviance is for labels {side} 0"
                f" (power {self.power:g}).",
                hint="use mse or mae for labels of either sign, poisson for counts",
            )
        return self

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the deviance of each row."""
        predicted = np.asarray(model.predict(X), float).reshape(len(y))
        if (predicted <= 0).any():
            raise MetricError(
                f"The model predicts {predicted.min():.3g}, but a deviance needs predictions"
                " above 0.",
                hint="use a model with a log link, such as PoissonRegressor or gradient boosting"
                " with a Poisson loss",
            )
        return self._of(np.asarray(y, float), predicted)

    def _of(self, y: Floats, mean: Floats) -> Floats:
        p = self.power
        half: Floats
        if p == 1:
            logs = np.zeros(len(y))
            np.log(np.divide(y, mean), out=logs, where=y > 0)
            half = y * logs - y + mean
        elif p == 2:
            # Gamma deviance, the limit at power 2 (Jorgensen 1987).
            half = np.log(mean / y) + y / mean - 1.0
        else:
            deviation = np.power(mean, 2 - p) / (2 - p) - y * np.power(mean, 1 - p) / (1 - p)
            half = np.power(y, 2 - p) / ((1 - p) * (2 - p)) + deviation
        return 2.0 * half

    def losses(self, outputs: Floats, y: NDArray[Any], whole: WholeTarget) -> Floats:
        """Return the outputs."""
        return outputs

    def constant(self, whole: WholeTarget, classes: NDArray[Any]) -> Floats:
        """Return the deviances of the mean."""
        y = np.asarray(whole.y, float)
        return self._of(y, np.full(len(y), np.average(y, weights=whole.weights)))

    def bound(self, whole: WholeTarget) -> None:
        """Return ``None``: there is no largest loss."""
        return


def _residuals(model: Any, X: Any, y: NDArray[Any]) -> Floats:
    predicted: Floats = np.asarray(model.predict(X), float).reshape(len(y))
    return np.asarray(y, float) - predicted


def _variance(whole: WholeTarget) -> float:
    y = np.asarray(whole.y, float)
    if whole.weights is None:
        return float(np.var(y))
    mean = np.average(y, weights=whole.weights)
    return float(np.average((y - mean) ** 2, weights=whole.weights))


def _quantile(y: Floats, weights: Floats, quantile: float) -> float:
    """Return a weighted quantile.

    Half way between two rows where it falls between them.
    """
    order = np.argsort(y)
    shares = np.cumsum(weights[order]) / weights.sum()
    first = min(int(np.searchsorted(shares, quantile - 1e-12)), len(y) - 1)
    between = abs(float(shares[first]) - quantile) < 1e-12 and first + 1 < len(y)
    upper = first + 1 if between else first
    return float(y[order[first]] + y[order[upper]]) / 2.0


METRICS = (
    Metric(
        "r2", "R2", "R2", "residual", NUMBERS, 1, SquaredResidual(relative=True), OneMinusLoss()
    ),
    number_metric("mse", "mean squared error", "MSE", SquaredResidual()),
    Metric(
        "rmse",
        "RMSE",
        "RMSE",
        "residual",
        NUMBERS,
        -1,
        SquaredResidual(),
        RootLoss(),
        in_label_units=True,
    ),
    number_metric("mae", "mean absolute error", "MAE", Pinball(0.5, 2.0)),
    number_metric("poisson", "Poisson deviance", "deviance", TweedieDeviance(1.0)),
)
