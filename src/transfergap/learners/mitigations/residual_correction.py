"""A model of the sources, and a model of its target residuals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.predictions import probabilities
from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.errors import DataError
from transfergap.learners.mitigations.mitigation import Facts, Mitigation, sources_of, without_rows
from transfergap.learners.mitigations.models import LEAST_PROBABILITY, AdaptedModel, tells_classes
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ResidualCorrection(Mitigation):
    """Fit the sources, then fit their residuals on the target.

    Parameters
    ----------
    learner : Learner
        Fits both models.

    Notes
    -----
    Numbers: the second model fits the residuals, and the two are added. Classes: the second model
    gets the first one's log probabilities as more columns (1 and 0 for the class predicted, where
    the first tells no probabilities) and may correct them by all others. Assumes that the
    difference between the domains is simpler than the label itself. Costs two fits. Hurts where the
    sources' model is worse than none, since its errors must be unlearned from few rows. Where the
    sources have one class only there is nothing to correct, and the target is fitted alone. Classes
    of sparse rows and of lists of texts are refused, as they have no place for more columns.

    References
    ----------
    For numbers: Kennedy and O'Hagan (2000), Predicting the Output from a Complex Computer Code,
    section 2; for classes: the method PRED of Daumé (2007), Frustratingly Easy Domain Adaptation,
    section 2.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.learners import EstimatorLearner
    >>> from transfergap.data.problem import Sample
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> train = TrainingSet(Sample(X[:3], X[:3, 0] + 5), (Sample(X, X[:, 0]),))
    >>> learner = ResidualCorrection(EstimatorLearner(Ridge()))
    >>> learner.train(train, seed=0).predict(np.array([[1.0]])).round().tolist()
    [6.0]
    """

    facts: ClassVar[Facts] = Facts(
        assumes="the difference between the domains is simpler than the label itself",
        cost="2 fits",
        source="Kennedy & O'Hagan (2000), section 2; PRED of Daumé (2007), section 2",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the two models as one."""
        sources, target = sources_of(training_set), training_set.target
        if not sources or not len(target):
            return self.learner.train(training_set, seed=seed)
        labels = np.unique(np.concatenate([source.y for source in sources]))
        if len(labels) < 2:
            return self.learner.train(TargetSet(target), seed=seed)
        first = self.learner.train(TrainingSet(without_rows(target), sources), seed=seed)
        if tells_classes(first, target.y):
            change = WithSourceView(first, np.asarray(getattr(first, "classes_", labels)))
            stacked = replace(target, X=change(target.X))
            return AdaptedModel(self.learner.train(TargetSet(stacked), seed=seed), change)
        residual = replace(target, y=target.y - np.asarray(first.predict(target.X), float).ravel())
        return Sum(first, self.learner.train(TargetSet(residual), seed=seed))


@dataclass(frozen=True)
class Sum:
    """Two models of numbers whose answers are added."""

    first: Any
    second: Any

    def predict(self, X: Any) -> Floats:
        """Return the sum of both answers."""
        return np.asarray(np.ravel(self.first.predict(X)) + np.ravel(self.second.predict(X)), float)


@dataclass(frozen=True)
class WithSourceView:
    """The map from rows to rows with a source model's predictions."""

    model: Any
    classes: NDArray[Any]

    def __call__(self, X: Any) -> Any:
        """Return the rows with a column for each class.

        Raises
        ------
        DataError
            For texts and sparse rows.
        """
        if isinstance(X, list) or hasattr(X, "tocsr"):
            raise DataError(
                "What the sources' model says cannot be added to texts or sparse rows.",
                hint="use kernel-mean-matching or gated, which leave rows as they are",
            )
        if hasattr(self.model, "predict_proba"):
            opinions = probabilities(self.model, X, self.classes)
            # In log probabilities a linear model can take the source's model over as it is.
            opinions = np.log(np.clip(opinions, LEAST_PROBABILITY, 1.0))
        else:
            opinions = (np.asarray(self.model.predict(X))[:, None] == self.classes).astype(float)
        if not hasattr(X, "iloc"):
            return np.hstack([np.asarray(X, float), opinions])
        table = X.copy()
        for label, column in zip(self.classes.tolist(), opinions.T, strict=True):
            table[f"the sources say {label}"] = column
        return table
