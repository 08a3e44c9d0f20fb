"""Counted fits of the user's estimator on target and source rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding import LabelCode
from transfergap.data.problem import Sample, TargetSet, stack_samples
from transfergap.errors import ConfigurationError, DataError, LearnerError
from transfergap.learners import EstimatorLearner
from transfergap.learners.estimator import check_estimator_like, labels_for
from transfergap.safe.held_out import held_out_folds
from transfergap.safe.scores import EstimatorScores
from transfergap.safe.sources import SourceRows
from transfergap.safe.stack import TargetRows

Floats = NDArray[np.float64]
_LARGEST = 1e6  # sums of squares of larger scores drown what tells models apart


class CountedFits:
    """The estimator, its training data, and the number of its fits.

    Parameters
    ----------
    estimator : scikit-learn estimator or pipeline
    labels : LabelCode
    target : TargetRows
    seed : int
        For folds, and for every ``random_state`` that the user left open.
    on_fit : callable, optional
        Called after each fit.
    """

    def __init__(
        self,
        estimator: Any,
        labels: LabelCode,
        target: TargetRows,
        *,
        seed: int,
        on_fit: Callable[[], None] | None = None,
    ) -> None:
        check_estimator_like(estimator)
        kind = labels.kind.label_kind
        if labels_for(estimator) not in (None, kind):
            raise ConfigurationError(
                f"{type(estimator).__name__} predicts {labels_for(estimator)}, but {kind} are"
                " asked for.",
                hint="use SafeTransferClassifier for classes and SafeTransferRegressor for numbers",
            )
        self.name = type(estimator).__name__
        self.labels = labels
        self.target = Sample(target.X, self._written(target.y), target.copies, target.groups)
        if self.has_one_class(self.target):
            raise DataError(
                f"The target has one class only, {self.target.y[0]!s}, among rows with weight.",
                hint="a classifier needs rows of two classes or more",
            )
        self.n_fits = 0
        self._on_fit = on_fit
        self._learner = EstimatorLearner(estimator)
        self._seed = seed
        self._folds = held_out_folds(target.X, target.y, target.groups, task=labels.task, seed=seed)

    def source_sample(self, source: SourceRows) -> Sample:
        """Return a source's rows, columns and labels written as the target's."""
        groups = source.groups
        if groups is not None:  # numbers of the target's groups are not names of these
            groups = np.array([f"{source.name}:{group}" for group in groups])
        return Sample(
            _laid_out(source.X, self.target.X), self._written(source.y), source.weights, groups
        ).rows(np.arange(len(source.y)) if source.weights is None else source.weights > 0)

    def _written(self, y: NDArray[Any]) -> NDArray[Any]:
        if not self.labels.kind.has_classes:
            return y
        return np.asarray(self.labels.classes)[self.labels.positions(y)]

    def fitted(self, sample: Sample) -> EstimatorScores:
        """Return a model of these rows."""
        self.n_fits += 1
        model = self._learner.train(TargetSet(sample), seed=self._seed)
        if self._on_fit is not None:
            self._on_fit()
        return EstimatorScores(model, self.labels)

    def with_target(self, sources: Sequence[Sample]) -> EstimatorScores:
        """Return a model of all target rows and these sources'."""
        return self.fitted(stack_samples([self.target, *sources]))

    def held_out(self, sources: Sequence[Sample]) -> Floats:
        """Score target rows by models of other folds and sources.

        Where the other folds and the sources have one class only, that class is the prediction,
        without a fit.
        """
        out = np.empty((len(self.target), self.labels.n_responses))
        everyone = np.arange(len(self.target))
        for held in self._folds:
            train = self.target.rows(np.setdiff1d(everyone, held))
            sample = stack_samples([train, *sources])
            if self.has_one_class(sample):
                # A classifier cannot be fitted on one class; that class is its prediction.
                out[held] = self.labels.responses(sample.y[:1])
            else:
                out[held] = self.scores(self.fitted(sample), self.target.rows(held).X)
        return out

    def has_one_class(self, sample: Sample) -> bool:
        """Return whether there are no two classes to tell apart."""
        return not self.labels.kind.can_be_learned(sample.y)

    def scores(self, model: EstimatorScores, X: Any) -> Floats:
        """Return a model's scores.

        Raises
        ------
        LearnerError
            If some are not finite, or a million of the target's standard deviations away.
        """
        scores = model.scores(X)
        if not np.abs(scores).max(initial=0.0) < _LARGEST:  # NaN too
            raise LearnerError(
                f"{self.name} predicts values that are not finite, or absurdly large.",
                hint="scale its columns and labels, or use a smaller step",
            )
        return scores


def _laid_out(X: Any, target: Any) -> Any:
    """Return a source's columns in the target's order and container."""
    import pandas as pd

    if hasattr(target, "iloc") and hasattr(X, "iloc"):
        return X.loc[:, list(target.columns)]
    if hasattr(target, "iloc") and isinstance(X, np.ndarray):
        return pd.DataFrame(X, columns=target.columns)
    return X.to_numpy() if hasattr(X, "iloc") else X
