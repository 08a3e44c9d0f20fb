"""Codes for missing values in a source, made missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from transfergap.data.notations.moments import days_of
from transfergap.data.notations.sentinels import sentinel_values
from transfergap.data.problem import Sample
from transfergap.learners.mitigations.mitigation import Facts, SourceChange


@dataclass(frozen=True)
class BlankedCodes(SourceChange):
    """Blank codes for missing values in sources, such as -9 or 9999.

    Parameters
    ----------
    learner : Learner
        It must take missing values.

    Notes
    -----
    Codes are found as finding TG119 says. Costs nothing extra. Hurts where the value is true.

    Examples
    --------
    >>> from transfergap.data.problem import TrainingSet
    >>> from transfergap.learners import FunctionLearner
    >>> ages = np.array([[23.0], [35], [41], [58], [62], [77], [-999], [-999], [-999]])
    >>> here, there = Sample(ages[:6], np.zeros(6)), Sample(ages, np.zeros(9))
    >>> count_missing = FunctionLearner(lambda target, sources: np.isnan(sources[0].X).sum())
    >>> int(BlankedCodes(count_missing).train(TrainingSet(here, (there,)), seed=0))
    3
    """

    facts: ClassVar[Facts] = Facts(
        assumes="a code of nines or the like that stands apart means missing",
        cost="1 fit",
        source="ours",
    )

    def changed_source(self, source: Sample, target: Sample, seed: int) -> Sample:
        """Return the source without its codes."""
        del target, seed  # each file has codes of its own, and nothing is drawn
        X = blanked(source.X)
        return Sample(X, source.y, source.weights, source.groups)


def blanked(X: Any) -> Any:
    """Return a table or array with its codes for missing values blanked."""
    codes = sentinel_values(X)
    if hasattr(X, "iloc"):
        changed: dict[str, Any] = {}
        for code in codes:
            column = changed.get(code.column, X[code.column])
            days = days_of(column) if column.dtype.kind == "M" else None
            is_code = (
                column == float(code.value) if days is None else days == np.datetime64(code.value)
            )
            changed[code.column] = column.mask(is_code)
        return X.assign(**changed)
    values = np.array(X, dtype=float)
    for code in codes:
        column = values[:, int(code.column)]
        column[column == float(code.value)] = np.nan
    return values
