"""Scores of whole test folds beside the confusion table: calibration, separation, order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric.class_scores import positive_scores
from transfergap.data.metric.entries import class_metric
from transfergap.data.metric.kinds import CLASSES, NUMBERS, TWO, Floats, Kind
from transfergap.data.metric.metric import Metric
from transfergap.data.predictions import probabilities
from transfergap.data.task import Task
from transfergap.errors import MetricError

N_BINS = 10  # by convention (Guo et al. 2017, On Calibration of Modern Neural Networks, section 2)
MOST_DISTANCE = 10.0  # a fold that is told apart without error has no finite slope
_CLIP = 1e-6  # probabilities nearer to 0 or 1 have logits that one row could rest on


@dataclass(frozen=True)
class KolmogorovSmirnov:
    """KS statistic: largest lead of true over false positive rate.

    Notes
    -----
    One-sided, so that scores that rank rows the wrong way round have 0, not 1.
    """

    positive: Any = None
    kind: ClassVar[Kind] = "scorer"
    takes_weights: ClassVar[bool] = True

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> KolmogorovSmirnov:
        """Return the score of this positive class."""
        return replace(self, positive=positive)

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the score."""
        from sklearn.metrics import roc_curve

        truth = y == self.positive
        _check_both(truth, "KS")
        scores = positive_scores(model, X, classes, self.positive)
        false, true, _ = roc_curve(truth, scores, sample_weight=weights, drop_intermediate=False)
        return np.array([float((true - false).max())])


@dataclass(frozen=True)
class CalibrationError:
    """Expected calibration error in ten equal bins over [0, 1].

    Notes
    -----
    The mean over bins, by their rows, of the distance between mean probability and share. For two
    classes it is the probability of the positive class, for more that of the predicted class.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), Obtaining Well Calibrated Probabilities Using Bayesian
    Binning, section "Calibration measures"; Guo et al. (2017), On Calibration of Modern Neural
    Networks, equation 3, for more than two classes.
    """

    positive: Any = None
    kind: ClassVar[Kind] = "scorer"
    takes_weights: ClassVar[bool] = True

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> CalibrationError:
        """Return the score of this positive class."""
        return replace(self, positive=positive)

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the score."""
        p = probabilities(model, X, classes)
        if len(classes) == 2:
            column = int(np.flatnonzero(classes == self.positive)[0])
            stated, right = p[:, column], y == self.positive
        else:
            stated, right = p.max(axis=1), classes[p.argmax(axis=1)] == y
        counts = np.ones(len(y)) if weights is None else weights
        bins = np.minimum((stated * N_BINS).astype(int), N_BINS - 1)
        apart = np.bincount(bins, weights=counts * (stated - right), minlength=N_BINS)
        return np.array([float(np.abs(apart).sum() / counts.sum())])


@dataclass(frozen=True)
class CalibrationSlope:
    """Compute how far the calibration slope is from 1, at most ten.

    Notes
    -----
    The slope of a logistic regression of the label on the logit of the positive class's
    probability, with an intercept: below 1 where probabilities are too extreme.

    References
    ----------
    Cox (1958), Two Further Applications of a Model for Binary Regression; Van Calster et al.
    (2019), Calibration: the Achilles heel of predictive analytics.
    """

    positive: Any = None
    kind: ClassVar[Kind] = "scorer"
    takes_weights: ClassVar[bool] = True

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> CalibrationSlope:
        """Return the score of this positive class."""
        return replace(self, positive=positive)

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the score."""
        from scipy.special import logit

        column = int(np.flatnonzero(classes == self.positive)[0])
        truth = y == self.positive
        _check_both(truth, "calibration slope")
        logits = logit(np.clip(probabilities(model, X, classes)[:, column], _CLIP, 1 - _CLIP))
        slope = _slope(logits, truth, np.ones(len(y)) if weights is None else weights)
        return np.array([min(abs(slope - 1.0), MOST_DISTANCE)])


@dataclass(frozen=True)
class QuadraticKappa:
    """Compute Cohen's kappa with quadratic weights; classes are ordered as they sort.

    References
    ----------
    Cohen (1968), Weighted kappa.
    """

    kind: ClassVar[Kind] = "scorer"
    takes_weights: ClassVar[bool] = True
    weighs_by_order: ClassVar[bool] = True
    has_no_positive: ClassVar[bool] = True

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the score."""
        from sklearn.metrics import cohen_kappa_score

        predicted = np.asarray(model.predict(X)).reshape(len(y))
        if len(np.unique(np.concatenate([predicted, y]))) == 1:
            raise MetricError("A test fold holds one class only, and so do its predictions.")
        options: dict[str, Any] = {"labels": classes, "sample_weight": weights}
        return np.array([float(cohen_kappa_score(y, predicted, weights="quadratic", **options))])


@dataclass(frozen=True)
class NDCG:
    """Compute the normalised discounted cumulative gain; a test fold is one list.

    Notes
    -----
    Labels are gains: numbers from 0 up, or two classes, of which the positive one has gain 1.

    References
    ----------
    Jarvelin and Kekalainen (2002), Cumulated gain-based evaluation of IR techniques.
    """

    positive: Any = None
    kind: ClassVar[Kind] = "scorer"
    takes_weights: ClassVar[bool] = False

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> NDCG:
        """Return the score of this positive class, or of numbers >= 0."""
        if not task.has_classes and y is not None and float(np.min(y)) < 0:
            raise MetricError(
                f"A label of the target is {float(np.min(y)):g}, but NDCG takes labels for gains,"
                " from 0 up.",
                hint="add a constant to all labels, or use another metric",
            )
        return replace(self, positive=positive)

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the score."""
        from sklearn.metrics import ndcg_score

        if len(classes) == 2:
            gains = (y == self.positive).astype(float)
            scores = positive_scores(model, X, classes, self.positive)
        else:
            gains = np.asarray(y, float)
            scores = np.asarray(model.predict(X), float).reshape(len(y))
        if not gains.any():
            raise MetricError("A test fold holds no row with a gain, so it has no NDCG.")
        return np.array([float(ndcg_score(gains[None, :], scores[None, :]))])


def _check_both(truth: NDArray[np.bool_], score: str) -> None:
    if truth.all() or not truth.any():
        raise MetricError(f"A test fold holds rows of one class only, so it has no {score}.")


def _slope(logits: Floats, truth: NDArray[np.bool_], weights: Floats) -> float:
    """Return the slope of truth on logits by Newton's method.

    Stopped where it diverges.
    """
    from scipy.special import expit

    rows = np.column_stack([np.ones(len(logits)), logits])
    if np.ptp(logits) == 0:
        return 0.0
    beta = np.array([0.0, 1.0])
    for _ in range(50):
        p = expit(rows @ beta)
        curvature = (rows * (weights * p * (1 - p))[:, None]).T @ rows
        if np.linalg.cond(curvature) > 1e12:
            break
        step = np.linalg.solve(curvature, rows.T @ (weights * (truth - p)))
        beta = beta + step
        if abs(beta[1]) > 1 + MOST_DISTANCE or np.abs(step).max() < 1e-10:
            break
    return float(np.clip(beta[1], 1 - MOST_DISTANCE, 1 + MOST_DISTANCE))


_IN_FOLDS = (
    "{} is computed within each test fold, where few rows make it noisy, for the control and all"
    " arms alike."
)
METRICS = (
    Metric("ks", "KS", "KS", "scorer", TWO, 1, KolmogorovSmirnov(), is_share=True),
    Metric(
        "calibration_error",
        "calibration error",
        "cal. error",
        "scorer",
        CLASSES,
        -1,
        CalibrationError(),
        is_share=True,
        note=_IN_FOLDS.format("The calibration error, in ten bins of equal width,"),
    ),
    Metric(
        "calibration_slope",
        "calibration slope's distance from 1",
        "slope - 1",
        "scorer",
        TWO,
        -1,
        CalibrationSlope(),
        note=_IN_FOLDS.format("The calibration slope, at most ten away from 1,"),
    ),
    class_metric("quadratic_kappa", "quadratic kappa", "kappa", 1, QuadraticKappa()),
    Metric(
        "ndcg",
        "NDCG",
        "NDCG",
        "scorer",
        TWO | NUMBERS,
        1,
        NDCG(),
        is_share=True,
        note="For NDCG each test fold is one list.",
    ),
)
