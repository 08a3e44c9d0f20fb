"""Parts of metrics: rows with labels, ways to compute, and scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from transfergap.data.predictions import ranking_scores
from transfergap.data.task import BINARY, MULTICLASS, REGRESSION, Task

Kind = Literal["loss", "residual", "ranking", "scorer"]
Floats = NDArray[np.float64]

TWO: frozenset[str] = frozenset({BINARY})
CLASSES: frozenset[str] = frozenset({BINARY, MULTICLASS})
NUMBERS: frozenset[str] = frozenset({REGRESSION})
ALL_TASKS: frozenset[str] = CLASSES | NUMBERS


@dataclass(frozen=True)
class WholeTarget:
    """The labels of all target rows, which scale a single row's loss.

    Parameters
    ----------
    y : ndarray, shape (n_rows,)
    weights : ndarray, shape (n_rows,), optional
        Above 0; ``None`` counts each row once.
    """

    y: NDArray[Any]
    weights: Floats | None = None

    @property
    def row_weights(self) -> Floats:
        """Weight of each row; ones where none were given."""
        return np.ones(len(self.y)) if self.weights is None else self.weights


@runtime_checkable
class Computation(Protocol):
    """The stored outputs of a model on labelled rows, and their score."""

    @property
    def kind(self) -> Kind:
        """Kind of the stored outputs: see :class:`transfergap.Metric`."""
        ...

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the stored outputs of a model's predictions for ``X``."""
        ...


@runtime_checkable
class RowLoss(Computation, Protocol):
    """A computation whose mean over rows is the score, up to scale."""

    @property
    def zero_one(self) -> bool:
        """True if losses come from predicted classes: few different values."""
        ...

    @property
    def wrong_above(self) -> float | None:
        """Output above which a binary row is misclassified; ``None`` if unknown."""
        ...

    @property
    def closed_form(self) -> Literal["squared", "log"] | None:
        """Loss that linear learners leave rows out of in closed form."""
        ...

    def losses(self, outputs: Floats, y: NDArray[Any], whole: WholeTarget) -> Floats:
        """Return the loss of each row, before its weight."""
        ...

    def constant(self, whole: WholeTarget, classes: NDArray[Any]) -> Floats | None:
        """Return the outputs of the best constant prediction; ``None`` if unknown."""
        ...

    def bound(self, whole: WholeTarget) -> float | None:
        """Return the largest difference of two row losses; ``None`` without bound."""
        ...


@runtime_checkable
class NeedsClasses(Protocol):
    """A computation that needs the target's labels before use."""

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> Computation:
        """Return the computation for these labels.

        Raises
        ------
        MetricError
            If it does not fit them.
        """
        ...


class LossScale(Protocol):
    """The map from a mean loss to a score."""

    def score(self, mean_loss: float) -> float:
        """Return the score of a mean loss."""
        ...

    def gap_scale(self, control_loss: float, treated_loss: float) -> float:
        """Return the factor from mean-loss differences to score differences."""
        ...


@dataclass(frozen=True)
class AsLoss:
    """Read the mean loss as it is."""

    def score(self, mean_loss: float) -> float:
        """Return the mean loss."""
        return mean_loss

    def gap_scale(self, control_loss: float, treated_loss: float) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True)
class OneMinusLoss(AsLoss):
    """Read one minus the mean loss: accuracy, R2."""

    def score(self, mean_loss: float) -> float:
        """Return one minus the mean loss."""
        return 1.0 - mean_loss


@dataclass(frozen=True)
class MinusLoss(AsLoss):
    """Minus the mean loss: gains a row, of which more is better."""

    def score(self, mean_loss: float) -> float:
        """Return minus the mean loss."""
        return -mean_loss


AS_LOSS = AsLoss()


@dataclass(frozen=True)
class RootLoss:
    """Read the root of the mean loss: RMSE.

    Notes
    -----
    RMSE_c - RMSE_t = (MSE_c - MSE_t) / (RMSE_c + RMSE_t).
    """

    def score(self, mean_loss: float) -> float:
        """Return the root of the mean loss."""
        return float(np.sqrt(mean_loss))

    def gap_scale(self, control_loss: float, treated_loss: float) -> float:
        """Return 1 / (sum of both roots); 0 where both are 0."""
        total = float(np.sqrt(control_loss) + np.sqrt(treated_loss))
        return 1.0 / total if total > 0 else 0.0


@dataclass(frozen=True)
class RankingArea:
    """Compute ROC AUC, or Gini, which is 2 AUC - 1.

    Parameters
    ----------
    slope : float
        1 for AUC, 2 for Gini: the value is ``slope * AUC - (slope - 1)``, 1 at best.
    """

    slope: float = 1.0
    kind: ClassVar[Kind] = "ranking"

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the scores that the ROC curve ranks."""
        return ranking_scores(model, X, classes)

    def of_areas(self, areas: Floats) -> Floats:
        """Return areas (of rows or folds) in units of the score."""
        return self.slope * areas - (self.slope - 1.0)
