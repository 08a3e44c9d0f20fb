"""Choices of measures of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from transfergap.analysis.training_curves import CurveMetric
from transfergap.errors import ConfigurationError
from transfergap.stats.gap import check_margin, check_score

PRIMARY = {
    "mean": CurveMetric.MEAN_TRIALS,
    "first": CurveMetric.FIRST_TRIAL,
    "last": CurveMetric.LAST_TRIALS,
    "saved": CurveMetric.TRIALS_SAVED,
}


@dataclass(frozen=True)
class Measurement:
    """Choices of measures, made before looking.

    Parameters
    ----------
    margin : float
        In units of the score; of trials where judged by the trials saved.
    judged_by : str
        "mean", "first", "last" or "saved": the measure of the main table.
    greater_is_better : bool
        False for errors and times.
    criterion : float, optional
        Score that counts as learned; default: halfway between the mean first and the mean last
        score of all groups.
    best : float, optional
        The best score that there is, for the percentage of the possible.
    prior : mapping of str to float
        Trials that each group spent before, in the unit of the trials: for the transfer
        effectiveness ratio.
    score : str
        Name of the score.
    """

    margin: float
    judged_by: str = "mean"
    greater_is_better: bool = True
    criterion: float | None = None
    best: float | None = None
    prior: Mapping[str, float] | None = None
    score: str = "score"

    def __post_init__(self) -> None:
        check_margin(self.margin)
        if self.criterion is not None:
            check_score(self.criterion, "criterion", hint="give a score that counts as learned")
        if self.best is not None:
            check_score(self.best, "best score", hint="give the best score that there is")
        if not isinstance(self.judged_by, str) or self.judged_by not in PRIMARY:
            raise ConfigurationError(
                f"Groups cannot be judged by {self.judged_by!r}.",
                hint=f"choose {', '.join(map(repr, PRIMARY))}",
            )
        if not isinstance(self.prior or {}, Mapping):
            raise ConfigurationError(
                f"The trials before are {self.prior!r}.", hint="give prior={group: trials}"
            )
        for group, amount in (self.prior or {}).items():
            is_number = isinstance(amount, (int, float, np.number))
            if not (is_number and np.isfinite(amount) and amount > 0):
                raise ConfigurationError(
                    f"The trials before of group {group!r} are {amount!r}.",
                    hint="give a number above 0, in the unit of the trials",
                )

    @property
    def main(self) -> CurveMetric:
        """Return the measure of the main table."""
        return PRIMARY[self.judged_by]

    @property
    def sign(self) -> float:
        """Return what turns a score so that more is better."""
        return 1.0 if self.greater_is_better else -1.0
