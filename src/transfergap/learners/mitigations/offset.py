"""Fits that start from the source's: offsets and boosting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample, TargetSet, TrainingSet, stack_samples
from transfergap.errors import LearnerError
from transfergap.learners import EstimatorLearner, brief
from transfergap.learners.mitigations.mitigation import Facts, Mitigation, sources_of
from transfergap.learners.mitigations.models import AdaptedModel, CutPipeline, cut, last_step
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]
_LINEAR = ("Ridge", "LogisticRegression")


@dataclass(frozen=True)
class Offset(Mitigation):
    """Fit the sources, then the target, penalising the difference (L2-SP).

    Parameters
    ----------
    learner : EstimatorLearner
        Around ``Ridge`` or ``LogisticRegression`` with an L2 penalty, alone or in a pipeline.
    strength : float
        The penalty of the second fit, as a multiple of the estimator's own.

    Notes
    -----
    Both fits see rows as the pipeline's steps make them, fitted on all rows. Intercepts are not
    penalised. With a large ``strength`` only the intercept follows the target; with a small one the
    sources are forgotten. Assumes that the difference between source and target is smaller than
    the target's own coefficients. Costs two fits. Hurts where the sources' coefficients are further
    from the truth than zero is. Source rows of a class that the target lacks are left out; where
    fewer than two classes remain, the target is fitted alone.

    References
    ----------
    Li, Grandvalet and Davoine (2018), Explicit Inductive Bias for Transfer Learning, section 3;
    for ridge regression, Obst et al. (2021), Transfer Learning for Linear Regression, section 2.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.data.problem import TrainingSet
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> train = TrainingSet(Sample(X[:3], X[:3, 0]), (Sample(X, 1.1 * X[:, 0]),))
    >>> learner = Offset(EstimatorLearner(Ridge()))
    >>> learner.train(train, seed=0).predict(np.array([[1.0]])).round(1).tolist()
    [0.9]
    """

    strength: float = 1.0
    facts: ClassVar[Facts] = Facts(
        assumes="source and target differ by less than the target's coefficients are large",
        cost="2 fits; for ridge and logistic regression only",
        source="Li, Grandvalet & Davoine (2018), Explicit Inductive Bias, section 3",
    )

    def __post_init__(self) -> None:
        last = last_step(self.learner)
        if type(last).__name__ not in _LINEAR or not _is_quadratic(last):
            raise LearnerError(
                f"An offset needs ridge or logistic regression, and the model is"
                f" {brief(self.learner)}.",
                hint="use ResidualCorrection, which takes any model",
            )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return a linear model near the sources' one."""
        sources, target = sources_of(training_set), training_set.target
        if not sources or not len(target):
            return self.learner.train(training_set, seed=seed)
        regression = type(last_step(self.learner)).__name__ == "Ridge"
        pooled = stack_samples(sources)
        if not regression:
            pooled = pooled.rows(np.isin(pooled.y, target.y))
            if len(np.unique(pooled.y)) < 2:
                return self.learner.train(TargetSet(target), seed=seed)
        assert isinstance(self.learner, EstimatorLearner)
        prepare = cut(self.learner, stack_samples([target, pooled]), seed=seed)
        source_model = prepare.last.fit(
            prepare(pooled.X), pooled.y, sample_weight=pooled.weights_or_ones
        )
        fit = self._towards_numbers if regression else self._towards_classes
        return AdaptedModel(fit(source_model, prepare, target), prepare)

    def _towards_numbers(self, source: Any, prepare: CutPipeline, target: Sample) -> Any:
        from sklearn.base import clone

        X = prepare(target.X)
        # Ridge on the residual is ridge to the source's coefficients.
        residual = clone(source)
        residual.set_params(alpha=np.asarray(source.alpha) * self.strength)
        residual.fit(X, target.y - source.predict(X), sample_weight=target.weights_or_ones)
        source.coef_ = source.coef_ + residual.coef_
        source.intercept_ = source.intercept_ + residual.intercept_
        return source

    def _towards_classes(self, source: Any, prepare: CutPipeline, target: Sample) -> Any:
        from sklearn.utils.class_weight import compute_sample_weight

        X = _plain(prepare(target.X))
        coef, intercept = np.atleast_2d(source.coef_), np.atleast_1d(source.intercept_)
        if len(source.classes_) == 2:  # one score becomes two that differ by it
            coef, intercept = np.vstack([0 * coef, coef]), np.array([0.0, intercept[0]])
        classes = np.unique(target.y)
        W, b = np.zeros((len(classes), coef.shape[1])), np.zeros(len(classes))
        place = np.searchsorted(classes, source.classes_)
        W[place], b[place] = coef, intercept
        # Two rows of coefficients for two classes share a difference, at half of its square.
        penalty = self.strength / float(source.C) / (0.5 if len(classes) == 2 else 1.0)
        free = bool(source.fit_intercept)
        weights = target.weights_or_ones * compute_sample_weight(source.class_weight, target.y)
        codes = np.searchsorted(classes, target.y)
        W, b = _nearest_fit(X, codes, weights, (W, b), penalty, free)
        return LinearClasses(classes, W, b)


def _is_quadratic(last: Any) -> bool:
    """Return whether the only penalty is a square one."""
    penalty, share = getattr(last, "penalty", "l2"), getattr(last, "l1_ratio", None)
    return penalty in ("l2", "deprecated") and not share


def _plain(X: Any) -> Any:
    """Return rows without names of columns, sparse or dense."""
    return X.to_numpy(dtype=float) if hasattr(X, "iloc") else X


@dataclass(frozen=True)
class LinearClasses:
    """A softmax of linear scores."""

    classes_: NDArray[Any]
    coef: Floats
    intercept: Floats

    def predict_proba(self, X: Any) -> Floats:
        """Return probabilities, columns as ``classes_``."""
        from scipy.special import softmax

        scores = _plain(X) @ self.coef.T + self.intercept
        return np.asarray(softmax(scores, axis=1), float)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable class of each row."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


def _nearest_fit(
    X: Any,
    codes: NDArray[np.intp],
    weights: Floats,
    start: tuple[Floats, Floats],
    penalty: float,
    free_intercept: bool,
) -> tuple[Floats, Floats]:
    """Minimise log loss + penalty / 2 |W - start|^2 by L-BFGS."""
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    W0, b0 = start
    hit = np.eye(len(b0))[codes]

    def loss(moved: Floats) -> tuple[float, Floats]:
        W, b = moved[: W0.size].reshape(W0.shape), moved[W0.size :] * free_intercept
        logs = log_softmax(X @ (W0 + W).T + b0 + b, axis=1)
        off = weights[:, None] * (np.exp(logs) - hit)
        value = -float((weights[:, None] * hit * logs).sum()) + penalty / 2 * float((W**2).sum())
        slope = np.asarray((X.T @ off).T) + penalty * W
        return value, np.concatenate([slope.ravel(), off.sum(axis=0) * free_intercept])

    change = minimize(loss, np.zeros(W0.size + b0.size), jac=True, method="L-BFGS-B").x
    return W0 + change[: W0.size].reshape(W0.shape), b0 + change[W0.size :] * free_intercept


_ROUNDS = {
    "HistGradientBoostingClassifier": "max_iter",
    "HistGradientBoostingRegressor": "max_iter",
    "GradientBoostingClassifier": "n_estimators",
    "GradientBoostingRegressor": "n_estimators",
}


@dataclass(frozen=True)
class WarmBoosting(Mitigation):
    """Boost on the sources, then go on boosting on the target's rows.

    Parameters
    ----------
    learner : EstimatorLearner
        Around one of scikit-learn's gradient boosting estimators, alone or in a pipeline.
    target_rounds : int, optional
        Rounds on the target; default: as many as the estimator makes on the sources.

    Notes
    -----
    Steps before the trees are fitted on all rows. Source rows of a class that the target lacks are
    left out; if the sources then lack a class, the target's rows are boosted in both stages.
    Assumes that few corrections turn the sources' trees into the target's. Costs two boosting runs.
    Hurts with very few target rows, which later trees memorise, and where the early trees are
    so confident that their errors are hard to undo.

    References
    ----------
    Ours, after Friedman (2001), Greedy Function Approximation: A Gradient Boosting Machine, section
    2, started at the sources' model.

    Examples
    --------
    >>> from sklearn.ensemble import GradientBoostingRegressor
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> train = TrainingSet(Sample(X[::4], X[::4, 0] + 5), (Sample(X, X[:, 0]),))
    >>> learner = WarmBoosting(EstimatorLearner(GradientBoostingRegressor()))
    >>> learner.train(train, seed=0).predict(np.array([[1.0]])).round().tolist()
    [6.0]
    """

    target_rounds: int | None = None
    facts: ClassVar[Facts] = Facts(
        assumes="few corrections turn the trees of the sources into those of the target",
        cost="2 boosting runs; for scikit-learn's gradient boosting only",
        source="ours; cf. Friedman (2001), Greedy Function Approximation, section 2",
    )

    def __post_init__(self) -> None:
        if type(last_step(self.learner)).__name__ not in _ROUNDS:
            raise LearnerError(
                f"Trees can only go on where the model is scikit-learn's gradient boosting, and it"
                f" is {brief(self.learner)}.",
                hint="use --model, or residual-correction, which takes any model",
            )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the model of both stages."""
        sources, target = sources_of(training_set), training_set.target
        if not sources or not len(target):
            return self.learner.train(training_set, seed=seed)
        assert isinstance(self.learner, EstimatorLearner)
        first = _first_stage(sources, target, type(last_step(self.learner)).__name__)
        if first is None:
            return self.learner.train(training_set, seed=seed)
        prepare = cut(self.learner, TrainingSet(target, sources).stacked(), seed=seed)
        model, rounds = prepare.last, _ROUNDS[type(prepare.last).__name__]
        n_first = getattr(model, rounds)
        # Scikit-learn then keeps the trees and adds to them.
        model.set_params(warm_start=True)
        model.fit(prepare(first.X), first.y, sample_weight=first.weights_or_ones)
        more = n_first if self.target_rounds is None else self.target_rounds
        model.set_params(**{rounds: n_first + more})
        model.fit(prepare(target.X), target.y, sample_weight=target.weights_or_ones)
        return AdaptedModel(model, prepare)


def _first_stage(sources: tuple[Sample, ...], target: Sample, kind: str) -> Sample | None:
    """Return the rows of the first stage, with exactly the target's classes."""
    pooled = stack_samples(sources)
    if kind.endswith("Regressor"):
        return pooled
    classes = np.unique(target.y)
    if len(classes) < 2:
        return None
    # Warm starts need the same classes in both fits.
    pooled = pooled.rows(np.isin(pooled.y, classes))
    if len(np.unique(pooled.y)) < len(classes):
        return stack_samples([target, pooled])
    return pooled
