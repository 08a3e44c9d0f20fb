"""Columns kept for being informative in the target and in the sources."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import stack_rows
from transfergap.learners.mitigations.answers import takes_classes
from transfergap.learners.mitigations.column_choice import as_numbers, fitted_on, smallest_by_column
from transfergap.learners.mitigations.facts import Facts, Mitigation
from transfergap.learners.mitigations.training_rows import sources_of
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class SelectedFeatures(Mitigation):
    """Keep the columns whose relation to the label shows in target and sources alike.

    Parameters
    ----------
    learner : Learner
    share : float
        Share of the columns that is kept, at least one column.

    Notes
    -----
    Each column is tested separately, in the target and in all sources together, by the F test of
    its numbers (for classes: analysis of variance; for numbers: correlation). Columns are ranked by
    the larger of the two p-values, so that both must be small. Assumes that what matters shows
    column by column. Costs one fit. Hurts where columns matter only together, or in the target
    only, and where all columns carry something. It uses target labels, so no closed form sees
    through it. A pipeline that names columns must do without those that are dropped. Texts are
    refused.

    References
    ----------
    Ours, after Uguroglu and Carbonell (2011), Feature Selection for Transfer Learning, section 3;
    the F test as in Guyon and Elisseeff (2003), An Introduction to Variable and Feature Selection,
    section 2.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.learners import EstimatorLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> train = TrainingSet(Sample(X[:20], X[:20, 0]), (Sample(X[20:], X[20:, 0]),))
    >>> model = SelectedFeatures(EstimatorLearner(Ridge())).train(train, seed=0)
    >>> model.change.positions
    (0,)
    """

    share: float = 0.5
    facts: ClassVar[Facts] = Facts(
        assumes="what matters shows column by column, in target and sources alike",
        cost="1 fit, and two F tests a column",
        source="ours; cf. Uguroglu & Carbonell (2011), Feature Selection for Transfer Learning",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the chosen columns."""
        sources = sources_of(training_set)
        if not sources or not len(training_set.target):
            return self.learner.train(training_set, seed=seed)
        numbers, columns = as_numbers([training_set.target, *sources])
        n_columns = int(training_set.target.X.shape[1])
        classes = takes_classes(self.learner, training_set.target.y)
        source_labels = np.concatenate([source.y for source in sources])
        # The weaker of both sides: a column must count in target and sources.
        worse = np.maximum(
            smallest_by_column(
                _p_values(numbers[0], training_set.target.y, classes), columns, n_columns
            ),
            smallest_by_column(
                _p_values(stack_rows(numbers[1:]), source_labels, classes), columns, n_columns
            ),
        )
        retained = np.zeros(n_columns, bool)
        n_kept = max(round(self.share * n_columns), 1)
        # A stable sort: of equal columns the first are kept on every platform.
        retained[np.argsort(worse, kind="stable")[:n_kept]] = True
        return fitted_on(self.learner, training_set, retained, seed=seed)


def _p_values(numbers: Any, y: NDArray[Any], classes: bool) -> NDArray[np.float64]:
    """Return each number's p-value; 1 without evidence."""
    from sklearn.feature_selection import f_classif, f_regression

    labels = np.unique(y)
    if len(labels) < 2 or len(y) < 3 or (classes and len(labels) == len(y)):
        return np.ones(numbers.shape[1])
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # constant columns: handled below
        warnings.simplefilter("ignore")
        _, p_values = (f_classif if classes else f_regression)(numbers, y)
    return np.asarray(np.nan_to_num(p_values, nan=1.0), float)
