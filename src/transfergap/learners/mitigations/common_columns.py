"""Columns set aside, as a source lacks their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample, TrainingSet
from transfergap.learners.mitigations.mitigation import Facts, Mitigation
from transfergap.learners.mitigations.models import AdaptedModel
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class NeutralColumns:
    """Columns and their constants, and the callable that inserts them.

    Parameters
    ----------
    columns : tuple of int
    values : tuple

    Examples
    --------
    >>> NeutralColumns((1,), (0.0,))(np.array([[1.0, 2.0]])).tolist()
    [[1.0, 0.0]]
    """

    columns: tuple[int, ...]
    values: tuple[Any, ...]

    def __call__(self, X: Any) -> Any:
        """Return the rows with constants in these columns."""
        return neutral(X, self.columns, self.values)


def typical_values(X: Any, columns: tuple[int, ...]) -> tuple[Any, ...]:
    """Return the median of number columns, and the commonest value of others."""
    values: list[Any] = []
    for j in columns:
        if not hasattr(X, "iloc"):
            column = np.asarray(X[:, j], float)
            present = column[~np.isnan(column)]
            values.append(float(np.median(present)) if len(present) else 0.0)
            continue
        series = X.iloc[:, j].dropna()
        if len(series) == 0:
            values.append(None)
        elif getattr(series.dtype, "kind", "O") in "iuf":
            values.append(series.sort_values().iloc[len(series) // 2])
        else:
            values.append(series.mode().iloc[0])
    return tuple(values)


def neutral(X: Any, columns: tuple[int, ...], values: tuple[Any, ...]) -> Any:
    """Return rows with constants in some columns; types are kept."""
    if hasattr(X, "iloc"):
        import pandas as pd

        changed = {
            X.columns[j]: pd.Series([value] * len(X), index=X.index).astype(X.dtypes.iloc[j])
            for j, value in zip(columns, values, strict=True)
        }
        return X.assign(**changed)
    out = np.array(X, dtype=float)
    out[:, list(columns)] = values
    return out


APART = 0.5  # difference of the shares of missing values


@dataclass(frozen=True)
class CommonColumns(Mitigation):
    """Set aside columns that are missing far more on one side.

    Parameters
    ----------
    learner : Learner

    Notes
    -----
    A column goes if its share of missing values differs by a half or more between the target and a
    source; it is made constant in training and in predicted rows. Then no model can take "was
    not measured" for a sign of the label, nor learn from a column that it will not have. Assumes
    that the other columns suffice. Costs nothing extra. Hurts where the few values that are there
    tell a lot.

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingRegressor
    >>> from transfergap.learners import EstimatorLearner
    >>> here, there = np.ones((30, 2)), np.ones((30, 2))
    >>> there[:, 1] = np.nan
    >>> train = TrainingSet(Sample(here, here[:, 0]), (Sample(there, there[:, 0]),))
    >>> learner = CommonColumns(EstimatorLearner(HistGradientBoostingRegressor()))
    >>> learner.train(train, seed=0).change.columns
    (1,)
    """

    facts: ClassVar[Facts] = Facts(
        assumes="the columns that both sides measure suffice",
        cost="1 fit",
        source="ours",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Fit the inner learner with the set-aside columns constant."""
        if not isinstance(training_set, TrainingSet):
            return self.learner.train(training_set, seed=seed)
        gappy: set[int] = set()
        for source in training_set.sources:
            gappy |= set(gappy_columns(training_set.target.X, source.X))
        if not gappy:
            return self.learner.train(training_set, seed=seed)
        columns = tuple(sorted(gappy))
        values = _filled(training_set, columns)
        parts = [
            Sample(neutral(s.X, columns, values), s.y, s.weights, s.groups)
            for s in (training_set.target, *training_set.sources)
        ]
        model = self.learner.train(TrainingSet(parts[0], tuple(parts[1:])), seed=seed)
        return AdaptedModel(model, NeutralColumns(columns, values))


def gappy_columns(target: Any, source: Any) -> tuple[int, ...]:
    """Return columns whose missing shares differ by a half or more.

    Texts and sparse rows have none.
    """
    if isinstance(target, list) or hasattr(target, "tocsr") or min(len(target), len(source)) == 0:
        return ()
    apart = np.abs(_missing(target) - _missing(source)) >= APART
    return tuple(int(j) for j in np.flatnonzero(apart))


def _missing(X: Any) -> NDArray[np.float64]:
    if hasattr(X, "iloc"):
        shares: NDArray[np.float64] = X.isna().to_numpy(dtype=float).mean(axis=0)
        return shares
    values = np.asarray(X)
    if values.dtype.kind != "f":
        return np.zeros(values.shape[1])
    gaps: NDArray[np.float64] = np.isnan(values).mean(axis=0)
    return gaps


def _filled(train: TrainingSet, columns: tuple[int, ...]) -> tuple[Any, ...]:
    """Return typical values, from whoever measures a column."""
    parts = [typical_values(s.X, columns) for s in (train.target, *train.sources) if len(s)]
    return tuple(
        next((v for v in candidates if v is not None), 0.0)
        for candidates in zip(*parts, strict=True)
    )
