"""The same estimator with less or another capacity, for tests of overfitting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from transfergap.learners.estimator import EstimatorLearner
from transfergap.learners.linear import split_pipeline

# chosen by hand: far enough that an overfitted model shows it
STRONGER = 30.0  # times the penalty
# The parameters that hold capacity down, by name; the first that an estimator has is changed.
_RULES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("C", lambda value: value / STRONGER),
    ("alpha", lambda value: max(value, 1.0) * STRONGER),
    ("reg_lambda", lambda value: max(value or 0.0, 1.0) * STRONGER),
    ("l2_regularization", lambda value: max(value, 1.0) * STRONGER),
    ("n_neighbors", lambda value: value * 5),
    ("min_samples_leaf", lambda value: max(20, value if isinstance(value, int) else 1)),
)


def more_regularised(learner: object) -> EstimatorLearner | None:
    """Regularise the learner's last step more; ``None`` where unknown how.

    A penalty becomes thirty times larger, five times as many neighbours vote, leaves hold at least
    twenty rows; least squares becomes ridge regression.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> more_regularised(EstimatorLearner(LogisticRegression(C=3.0))).estimator.C
    0.1
    """
    from sklearn.base import clone
    from sklearn.linear_model import LinearRegression, Ridge

    if not isinstance(learner, EstimatorLearner):
        return None
    estimator = clone(learner.estimator)
    _, last = split_pipeline(estimator)
    if type(last) is LinearRegression:
        if last is estimator:
            return replace(learner, estimator=Ridge(STRONGER))
        name = estimator.steps[-1][0]
        changed = estimator.set_params(**{name: Ridge(STRONGER)})
        return replace(learner, estimator=changed)
    parameters = last.get_params(deep=False)
    for name, weaker in _RULES:
        value = parameters.get(name)
        if name in parameters and (value is None or isinstance(value, (int, float))):
            if name in ("C", "alpha", "n_neighbors") and value is None:
                continue
            last.set_params(**{name: weaker(value)})
            return replace(learner, estimator=estimator)
    return None
