"""From mean losses, of which less is better, to displayed scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


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
