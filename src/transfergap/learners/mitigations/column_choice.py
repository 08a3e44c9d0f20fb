"""Retained columns, for models that drop the others when they predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import Sample
from transfergap.errors import DataError
from transfergap.learners import Learner
from transfergap.learners.mitigations.adapted_model import AdaptedModel
from transfergap.learners.mitigations.training_rows import put_together, sources_of
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class KeptColumns:
    """Positions of retained columns, and the callable that selects them.

    Examples
    --------
    >>> KeptColumns((0, 2))(np.array([[1, 2, 3]])).tolist()
    [[1, 3]]
    """

    positions: tuple[int, ...]

    def __call__(self, X: Any) -> Any:
        """Return the kept columns of ``X``."""
        if hasattr(X, "iloc"):
            return X.iloc[:, list(self.positions)]
        return X[:, list(self.positions)]


def as_numbers(samples: Sequence[Sample]) -> tuple[list[Any], NDArray[np.intp]]:
    """Return rows as numbers, target first, with each number's column.

    Raises
    ------
    DataError
        For texts, which have no columns to choose from.
    """
    first = samples[0].X
    if isinstance(first, list):
        raise DataError(
            "Texts have no columns to choose from.",
            hint="turn them into columns first, or weigh rows instead",
        )
    if hasattr(first, "tocsr"):
        return [sample.X for sample in samples], np.arange(first.shape[1])
    view = fit_view(first, [sample.X for sample in samples[1:]])
    return [view.of(sample.X) for sample in samples], np.array(view.columns, np.intp)


def fitted_on(
    learner: Learner, train: AnyTrainingSet, retained: NDArray[np.bool_], *, seed: int
) -> Any:
    """Fit the learner on some columns.

    The model takes rows with all columns.
    """
    if retained.all():
        return learner.train(train, seed=seed)
    change = KeptColumns(tuple(int(j) for j in np.flatnonzero(retained)))
    narrow = [replace(s, X=change(s.X)) for s in (train.target, *sources_of(train))]
    return AdaptedModel(learner.train(put_together(narrow[0], narrow[1:]), seed=seed), change)


def smallest_by_column(
    values: NDArray[np.float64], columns: NDArray[np.intp], n_columns: int
) -> NDArray[np.float64]:
    """Return each column's smallest value; infinity where it has none."""
    smallest = np.full(n_columns, np.inf)
    np.minimum.at(smallest, columns, values)
    return smallest
