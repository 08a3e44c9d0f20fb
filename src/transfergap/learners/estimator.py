"""A scikit-learn estimator or pipeline as a learner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import LearnerError
from transfergap.learners.protocol import AnyTrainingSet, describe
from transfergap.problem import Sample, TrainingSet

MOST_REPEATED = 10.0  # times that a row is repeated on average, where a model takes no weights


@dataclass(frozen=True)
class EstimatorLearner:
    """The user's estimator, cloned and refitted on whatever rows an arm may use.

    Parameters
    ----------
    estimator : scikit-learn estimator or pipeline
        Never fitted in place. Every ``random_state`` left at ``None`` gets the trial's seed; one
        that the user set stays.

    Notes
    -----
    Sample weights go to the last step of a pipeline. Where it takes none, rows are repeated and
    left out instead, so that each counts as its weight on average.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from transfergap.problem import Sample, TargetSet
    >>> sample = Sample(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1]))
    >>> EstimatorLearner(LogisticRegression()).fit(TargetSet(sample), seed=0).predict([[3.0]])
    array([1])
    """

    estimator: Any
    repeatable: ClassVar[bool] = True  # every random state is set

    def fit(self, train: AnyTrainingSet, *, seed: int) -> Any:
        """Return a fitted clone."""
        from sklearn import config_context

        sample = train.stacked() if isinstance(train, TrainingSet) else train.target
        model = self.unfitted(seed)
        if sample.weights is None:
            return model.fit(sample.X, sample.y)
        parameter = weight_parameter(model)
        if parameter is None:
            # Weights that stand for thousands of people would repeat each row thousands of times.
            share = max(float(sample.weights.mean()) / MOST_REPEATED, 1.0)
            rows = resampled_rows(sample.weights / share, np.random.default_rng(seed))
            sample = Sample(sample.X, sample.y).rows(rows)
            return model.fit(sample.X, sample.y)
        # Importing skada turns metadata routing on, and with it pipelines refuse the parameter.
        with config_context(enable_metadata_routing=False):
            return model.fit(sample.X, sample.y, **{parameter: sample.weights})

    def unfitted(self, seed: int) -> Any:
        """Return a clone of the estimator whose open random states are set."""
        from sklearn.base import clone

        model = clone(self.estimator)
        if self._open_states:
            model.set_params(**dict.fromkeys(self._open_states, seed))
        return model

    @cached_property
    def _open_states(self) -> tuple[str, ...]:
        """Names of the random states that the user left open."""
        return tuple(
            name
            for name, value in self.estimator.get_params(deep=True).items()
            if value is None and (name == "random_state" or name.endswith("__random_state"))
        )

    def describe(self) -> str:
        """Return the estimator with all its parameters."""
        return describe(self.estimator)


def check_estimator_like(model: object) -> None:
    """Raise ``LearnerError`` unless ``model`` can be cloned, fitted and asked for predictions."""
    if isinstance(model, type):
        raise LearnerError(
            f"The model {model.__name__} is a class, not an object.", hint=f"use {model.__name__}()"
        )
    missing = [name for name in ("fit", "predict", "get_params") if not hasattr(model, name)]
    if missing:
        raise LearnerError(
            f"The model {type(model).__name__} has no `{missing[0]}` method.",
            hint="pass a scikit-learn estimator or pipeline, or wrap a training function in"
            " transfergap.learners.FunctionLearner",
        )


def labels_for(model: object) -> Literal["classes", "numbers"] | None:
    """Return which labels a scikit-learn model predicts; ``None`` where it does not say.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> labels_for(Ridge())
    'numbers'
    """
    from sklearn.base import is_classifier, is_regressor

    if isinstance(model, type) or not hasattr(model, "get_params"):
        return None
    try:
        return "numbers" if is_regressor(model) else "classes" if is_classifier(model) else None
    except AttributeError:  # not quite an estimator: the labels and the metric decide
        return None


def weight_parameter(model: Any) -> str | None:
    """Return the name under which ``model.fit`` takes sample weights, or ``None``."""
    from sklearn.pipeline import Pipeline
    from sklearn.utils.validation import has_fit_parameter

    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        inner = weight_parameter(last)
        return None if inner is None else f"{name}__{inner}"
    return "sample_weight" if has_fit_parameter(model, "sample_weight") else None


def resampled_rows(weights: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return row positions, each repeated its weight's number of times, up or down at random.

    Systematic resampling in random order: a row of weight 1 stays exactly once.

    Examples
    --------
    >>> resampled_rows(np.array([1.0, 2.0]), np.random.default_rng(0)).tolist()
    [0, 1, 1]
    """
    order = rng.permutation(len(weights))
    edges = np.floor(np.concatenate([[0.0], np.cumsum(weights[order] % 1.0)]) + rng.random())
    counts = np.floor(weights).astype(int)
    counts[order] += np.diff(edges).astype(int)
    return np.repeat(np.arange(len(weights)), counts)
