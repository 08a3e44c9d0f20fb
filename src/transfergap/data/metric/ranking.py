"""The area under the ROC curve, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from transfergap.data.metric.kinds import Floats, Kind
from transfergap.data.predictions import ranking_scores


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
