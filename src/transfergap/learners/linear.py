"""Learners with leave-one-out losses in closed form, and normal equations."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric import Metric
from transfergap.data.problem import TrainingSet
from transfergap.data.task import find_task
from transfergap.errors import DataError
from transfergap.learners.estimator import EstimatorLearner
from transfergap.learners.protocol import AnyTrainingSet, ChangesTrainingSet, Learner
from transfergap.stats import LinearFit

MOST_COLUMNS = 1000  # p^3 for the normal equations: beyond it refits are cheaper
MOST_ROWS = 5000  # n^2 losses: about 4 s a fit here; beyond it folds are cheaper
_NEWTON_STEPS = 30  # Newton's method converges in fewer than ten; the rest is for separable data
# Steps behind which a linear model is still linear in the columns that the user gave.
_LINEAR_STEPS = frozenset(
    {
        "Pipeline",
        "ColumnTransformer",
        "FeatureUnion",
        "TableVectorizer",
        "TableEncoder",
        "PassThrough",
        "StandardScaler",
        "MinMaxScaler",
        "MaxAbsScaler",
        "RobustScaler",
        "SquashingScaler",
        "SimpleImputer",
        "MissingIndicator",
        "OneHotEncoder",
        "OrdinalEncoder",
        "PCA",
        "TruncatedSVD",
        "VarianceThreshold",
    }
)
# Steps that look at X only, so that leaving a row out hardly changes what they do; the audit
# refits them from scratch for a few rows and states the difference. Not KBinsDiscretizer, whose
# edges move by .009 R2 in one audit, nor StringEncoder (.012), whose directions turn.
_LABEL_FREE = _LINEAR_STEPS | {
    "Normalizer",
    "QuantileTransformer",
    "PowerTransformer",
    "TfidfTransformer",
    "DatetimeEncoder",
}
# Packages whose classes of these names are what they are taken for.
_PACKAGES = ("sklearn", "skrub", "transfergap")


def closed_form_applies(
    learner: Learner,
    metric: Metric,
    task: str,
    n_target: int,
    n_features: int | None,
    rows: Callable[[], Any] | None = None,
) -> bool:
    """Return whether LIN can judge this learner under this metric.

    True for ``Ridge``, ``LinearRegression`` with squared losses, and binary ``LogisticRegression``
    with an L2 penalty under log loss, alone or behind steps that do not look at labels. A model
    without a penalty needs five target rows a column, or it may reproduce single rows.

    ``rows()`` of target and sources decide where the steps depend on the columns.
    """
    if isinstance(learner, ChangesTrainingSet):
        return closed_form_applies(learner.learner, metric, task, n_target, n_features, rows)
    if not isinstance(learner, EstimatorLearner) or n_target > MOST_ROWS:
        return False
    if n_features is None or n_features > MOST_COLUMNS:
        return False
    _, last = split_pipeline(learner.estimator)
    if not _all_among(learner.estimator, _LABEL_FREE, rows):
        return False
    if metric.closed_form == "squared":
        return _is_plain_ridge(last) and (
            _penalty(last) > 0 or n_target >= 5 * (n_features or n_target)
        )
    has_log_loss = metric.closed_form == "log" and find_task(task).has_two_classes
    return has_log_loss and _is_plain_logistic(last)


def is_linear(estimator: Any, rows: Callable[[], Any] | None = None) -> bool:
    """Return whether an estimator is linear in its columns.

    A search for its parameters does not change that. Steps that make new columns from texts or
    dates do, and so do those that bend columns, such as a quantile transformer.

    Parameters
    ----------
    estimator : scikit-learn estimator or pipeline
    rows : callable, optional
        Returns the rows of target and sources. A step that chooses by column, as skrub's
        ``TableVectorizer`` does, is fitted on them to see what it chooses; else it may choose
        anything.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> is_linear(LogisticRegression()), is_linear(DecisionTreeClassifier())
    (True, False)
    """
    if type(estimator).__module__.startswith("sklearn.model_selection"):
        estimator = getattr(estimator, "estimator", estimator)
    _, last = split_pipeline(estimator)
    bases = type(last).__mro__  # also those of support vectors and discriminants, where linear
    linear = any(base.__module__.startswith("sklearn.linear_model") for base in bases)
    return linear and _all_among(estimator, _LINEAR_STEPS, rows)


def linear_fit(
    learner: Learner, train: AnyTrainingSet, *, seed: int, classes: NDArray[Any]
) -> LinearFit:
    """Fit and return the normal equations at the solution.

    Target rows come first.
    """
    while isinstance(learner, ChangesTrainingSet):
        train = learner.changed(train)
        learner = learner.learner
    assert isinstance(learner, EstimatorLearner)
    sample = train.stacked() if isinstance(train, TrainingSet) else train.target
    model = learner.train(train, seed=seed)
    steps, last = split_pipeline(model)
    X = sample.X
    for step in steps:
        X = step.transform(X)
    # Coding of categories may widen a table; five times is where memory ends, by hand.
    if X.shape[1] > 5 * MOST_COLUMNS:
        raise DataError(
            f"The pipeline makes {X.shape[1]} columns, too many for the closed form.",
            hint="use another metric, such as accuracy or ROC AUC, which is judged by refits",
        )
    design = np.asarray(X.toarray() if hasattr(X, "toarray") else X, float)
    if not np.isfinite(design).all():
        raise DataError("The pipeline's last step would get NaN or infinite values.")
    weights = sample.weights_or_ones
    n_target = len(train.target)
    sizes = tuple(len(part) for part in train.sources) if isinstance(train, TrainingSet) else ()
    if last.fit_intercept:
        design = np.column_stack([design, np.ones(len(design))])
    penalty = np.full(design.shape[1], _penalty(last))
    if last.fit_intercept:
        # Scikit-learn does not penalise the intercept, and the closed form must be the same fit.
        penalty[-1] = 0.0
    if hasattr(last, "C"):
        labels = (sample.y == classes[1]).astype(float)
        response, weights = _newton(design, labels, weights, penalty, _coefficients(last))
        return LinearFit(design, response, weights, penalty, labels[:n_target], "log")
    labels = np.asarray(sample.y, float)
    target = labels[:n_target]
    return LinearFit(design, labels, weights, penalty, target, "squared", source_sizes=sizes)


def _newton(
    design: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    penalty: NDArray[np.float64],
    beta: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Polish a logistic fit by Newton's method.

    Returns working responses and weights at its solution.
    """
    from scipy.linalg import cho_factor, cho_solve
    from scipy.special import expit

    curvature = response = np.empty(0)
    for _ in range(_NEWTON_STEPS):
        score = design @ beta
        p = expit(score)
        # Rows that are fitted without doubt have no curvature; 1e-10 keeps the system regular.
        curvature = weights * np.maximum(p * (1.0 - p), 1e-10)
        response = score + (labels - p) / np.maximum(p * (1.0 - p), 1e-10)
        normal = (design * curvature[:, None]).T @ design
        normal[np.diag_indices_from(normal)] += penalty
        # Iteratively reweighted least squares (McCullagh and Nelder 1989, section 2.5).
        after = cho_solve(cho_factor(normal), design.T @ (curvature * response))
        moved = float(np.abs(after - beta).max())
        beta = after
        # Scikit-learn stops at 1e-4 of the gradient; the closed form needs the very solution.
        if moved < 1e-8:
            break
    return response, curvature


def _coefficients(last: Any) -> NDArray[np.float64]:
    coefficients = np.ravel(last.coef_).astype(float)
    return np.append(coefficients, last.intercept_) if last.fit_intercept else coefficients


def _penalty(last: Any) -> float:
    if hasattr(last, "C"):
        # Scikit-learn's C multiplies the loss, so its inverse multiplies the penalty.
        return 1.0 / float(last.C)
    return float(getattr(last, "alpha", 0.0))


def split_pipeline(estimator: Any) -> tuple[list[Any], Any]:
    """Split a pipeline into the steps before the last, and it."""
    from sklearn.pipeline import Pipeline

    if not isinstance(estimator, Pipeline):
        return [], estimator
    steps = [step for _, step in estimator.steps[:-1] if step is not None and step != "passthrough"]
    return steps, estimator.steps[-1][1]


def _all_among(estimator: Any, names: frozenset[str], rows: Callable[[], Any] | None) -> bool:
    """Return whether all steps before the last are of the named kinds.

    Where a step chooses by column, what it chooses for ``rows()`` decides.
    """
    steps, _ = split_pipeline(estimator)
    if rows is not None and any(_chooses_by_column(step) for step in steps):
        # Those that choose may choose anything here; the others must be of the kinds already.
        if not all(_is_among(step, names, ask_columns=False) for step in steps):
            return False
        try:
            steps = _fitted_steps(steps, rows())
        except (TypeError, ValueError):  # it needs labels, so it does not look at columns alone
            return False
    return all(_is_among(step, names) for step in steps)


def _chooses_by_column(step: Any) -> bool:
    return type(step).__name__ == "TableVectorizer" or any(map(_chooses_by_column, _parts(step)))


def _fitted_steps(steps: list[Any], rows: Any) -> list[Any]:
    from sklearn.base import clone

    fitted = [clone(step) for step in steps]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trials store what these steps warn of
        for step in fitted:
            rows = step.fit_transform(rows)
    return fitted


def _is_among(step: Any, names: frozenset[str], *, ask_columns: bool = True) -> bool:
    if isinstance(step, str):
        return step in ("passthrough", "drop")
    if type(step).__name__ not in names or type(step).__module__.split(".")[0] not in _PACKAGES:
        return False
    if _chooses_by_column(step) and not ask_columns:
        return True
    return all(_is_among(part, names, ask_columns=ask_columns) for part in _parts(step))


def _parts(step: Any) -> list[Any]:
    """Return the steps inside a union or a table vectorizer.

    Those of a fitted one are what it chose for its columns.
    """
    chosen = getattr(step, "transformers_", None)
    if isinstance(chosen, dict):
        return list(chosen.values())
    if chosen is not None:
        return [part[1] for part in chosen]
    parts = [part[1] for part in getattr(step, "transformers", ())]
    parts += [part[1] for part in getattr(step, "transformer_list", ())]
    parts += [part[1] for part in getattr(step, "steps", ())]
    if not parts and hasattr(step, "get_params"):
        parts = [v for v in step.get_params(deep=False).values() if hasattr(v, "fit")]
    return parts


def _is_plain_ridge(last: Any) -> bool:
    from sklearn.linear_model import LinearRegression, Ridge

    return (
        type(last) in (Ridge, LinearRegression)
        and not last.positive
        and np.ndim(getattr(last, "alpha", 0.0)) == 0
    )


def _is_plain_logistic(last: Any) -> bool:
    from sklearn.linear_model import LogisticRegression

    return (
        type(last) is LogisticRegression
        and getattr(last, "penalty", "l2") in ("l2", "deprecated")
        and not (getattr(last, "l1_ratio", 0.0) or 0.0)
        and last.class_weight is None
        # It penalises the intercept.
        and last.solver != "liblinear"
        and not last.dual
        and bool(np.isfinite(last.C))
    )
