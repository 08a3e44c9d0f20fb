"""Models inside and around mitigations, and what they predict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.predictions import probabilities
from transfergap.data.problem import Sample
from transfergap.learners import EstimatorLearner, Learner
from transfergap.learners.estimator import labels_for


@dataclass(frozen=True)
class AdaptedModel:
    """Change rows, then ask the inner model.

    Parameters
    ----------
    model : fitted model
        It has ``predict_proba``, ``decision_function`` and ``classes_`` here where it has them.
    change : callable
        From rows as the user has them to rows as the model was trained on. Looks at no label.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyRegressor
    >>> inner = DummyRegressor().fit(np.zeros((2, 1)), [1.0, 3.0])
    >>> model = AdaptedModel(inner, lambda X: X[:, :1])
    >>> model.predict(np.zeros((1, 5))).tolist(), hasattr(model, "predict_proba")
    ([2.0], False)
    """

    model: Any
    change: Callable[[Any], Any]

    def predict(self, X: Any) -> Any:
        """Return the inner model's answers for the changed rows."""
        return self.model.predict(self.change(X))

    @property
    def predict_proba(self) -> Callable[[Any], Any]:
        """The inner model's probabilities for the changed rows, where it has any."""
        inner = self.model.predict_proba
        return lambda X: inner(self.change(X))

    @property
    def decision_function(self) -> Callable[[Any], Any]:
        """The inner model's scores for the changed rows, where it has any."""
        inner = self.model.decision_function
        return lambda X: inner(self.change(X))

    @property
    def classes_(self) -> Any:
        """The inner model's classes, where it has any."""
        return self.model.classes_


@dataclass(frozen=True)
class CutPipeline:
    """Fitted steps, and a last step that is not fitted yet.

    Parameters
    ----------
    steps : tuple
        Fitted transformers; none where the estimator is no pipeline.
    last : estimator
    """

    steps: tuple[Any, ...]
    last: Any

    def __call__(self, X: Any) -> Any:
        """Return rows as the last step sees them."""
        for step in self.steps:
            X = step.transform(X)
        return X


def cut(learner: EstimatorLearner, sample: Sample, *, seed: int) -> CutPipeline:
    """Fit all steps but the last on the rows of ``sample``."""
    from sklearn.pipeline import Pipeline

    estimator = learner.unfitted(seed)
    if not isinstance(estimator, Pipeline):
        return CutPipeline((), estimator)
    steps, X = [], sample.X
    for _, step in estimator.steps[:-1]:
        if step is None or step == "passthrough":
            continue
        X = step.fit_transform(X, sample.y)
        steps.append(step)
    return CutPipeline(tuple(steps), estimator.steps[-1][1])


def last_step(learner: Learner) -> Any:
    """Return the last step of a learner's estimator, or ``None``."""
    if not isinstance(learner, EstimatorLearner):
        return None
    steps = getattr(learner.estimator, "steps", None)
    return learner.estimator if steps is None else steps[-1][1]


Floats = NDArray[np.float64]
LEAST_PROBABILITY = 1e-6  # a probability of zero would decide every mean of logarithms


def tells_classes(model: Any, y: NDArray[Any]) -> bool:
    """Return whether a model's answers are classes and not numbers.

    Labels that are no numbers settle it; so does what only classifiers have.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression, Ridge
    >>> tells_classes(LogisticRegression(), np.array([0, 1])), tells_classes(Ridge(), np.ones(2))
    (True, False)
    """
    if y.dtype.kind not in "iuf":
        return True
    return any(hasattr(model, name) for name in ("predict_proba", "decision_function", "classes_"))


def heart_of(learner: Learner) -> Learner:
    """Return the learner that is inside all others."""
    while isinstance(inner := getattr(learner, "learner", None), Learner):
        learner = inner
    return learner


def takes_classes(learner: Learner, y: NDArray[Any]) -> bool:
    """Return whether labels are classes to an unfitted learner.

    The innermost estimator decides; for other learners, labels that are whole numbers and occur
    more than once on average are taken for classes.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> takes_classes(EstimatorLearner(Ridge()), np.array([1.0, 2.0]))
    False
    """
    if y.dtype.kind not in "iuf":
        return True
    inner = heart_of(learner)
    kind = labels_for(inner.estimator) if isinstance(inner, EstimatorLearner) else None
    if kind is not None:
        return kind == "classes"
    # Whole numbers that recur twice on average; by hand, where no estimator tells.
    return bool((y == np.round(y)).all()) and len(np.unique(y)) <= len(y) / 2


def label_likelihood(model: Any, sample: Sample, labels: NDArray[Any]) -> Floats:
    """Return the probability that a model gives to each row's label.

    Parameters
    ----------
    model : fitted classifier
        Without ``predict_proba``, 1 where it predicts the label and 0 elsewhere.
    sample : Sample
    labels : ndarray
        All labels, sorted: the columns of a model that has no ``classes_``.
    """
    if not hasattr(model, "predict_proba"):
        return np.asarray(np.asarray(model.predict(sample.X)) == sample.y, float)
    classes = np.asarray(getattr(model, "classes_", labels))
    place = {label: j for j, label in enumerate(classes.tolist())}
    columns = np.array([place.get(label, -1) for label in sample.y.tolist()], int)
    likelihood = probabilities(model, sample.X, classes)[np.arange(len(sample)), columns]
    return np.where(columns < 0, 0.0, likelihood)


def row_losses(model: Any, sample: Sample, labels: NDArray[Any]) -> Floats:
    """Return each row's log loss, mistake, or squared error.

    Log loss where it tells probabilities, 0 or 1 for other classifiers, squared error for numbers.
    """
    if not tells_classes(model, sample.y):
        return np.asarray((np.ravel(model.predict(sample.X)) - sample.y) ** 2, float)
    likelihood = label_likelihood(model, sample, labels)
    if not hasattr(model, "predict_proba"):
        return 1.0 - likelihood
    return np.asarray(-np.log(np.clip(likelihood, LEAST_PROBABILITY, 1.0)))
