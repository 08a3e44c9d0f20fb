"""Models with scores in the engine's scale: standardised, or -1 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding import Encoder, LabelCode, with_intercept
from transfergap.safe.calibration import Calibration
from transfergap.safe.projection import ProjectedEncoder

Floats = NDArray[np.float64]
RowEncoder = Encoder | ProjectedEncoder


def bounded(scores: Floats, bounds: tuple[float, float] | None) -> Floats:
    """Return scores cut off at the smallest and the largest.

    Examples
    --------
    >>> bounded(np.array([[-9.0], [0.5]]), (-1.0, 1.0)).tolist()
    [[-1.0], [0.5]]
    """
    return scores if bounds is None else np.clip(scores, *bounds)


class ScoreModel(Protocol):
    """Anything with ``scores(X)``, shape (n_rows, n_responses)."""

    def scores(self, X: Any) -> Floats:
        """Return scores of rows as the user gives them."""
        ...


@dataclass(frozen=True)
class LinearScores:
    """Encoded rows times coefficients, shape (n_responses, q), the intercept last.

    Parameters
    ----------
    encoder : Encoder or ProjectedEncoder
    coefficients : ndarray, shape (n_responses, q)
    bounds : tuple of float, optional
        Smallest and largest score, as :func:`bounded` reads them.
    """

    encoder: RowEncoder
    coefficients: Floats
    bounds: tuple[float, float] | None = None

    def scores(self, X: Any) -> Floats:
        dense = isinstance(self.encoder, Encoder) and hasattr(X, "toarray")
        rows = X.toarray() if dense else X
        return bounded(with_intercept(self.encoder.encode(rows)) @ self.coefficients.T, self.bounds)


@dataclass(frozen=True)
class EstimatorScores:
    """A fitted estimator's predictions in the engine's scale."""

    estimator: Any
    labels: LabelCode

    def scores(self, X: Any) -> Floats:
        if not self.labels.kind.has_classes:
            predicted = np.asarray(self.estimator.predict(X), float).reshape(-1, 1)
            out: Floats = (predicted - self.labels.centre) / self.labels.scale
            return out
        signed = 2.0 * class_shares(self.estimator, X, self.labels) - 1.0
        return signed[:, -self.labels.n_responses :]


def class_shares(estimator: Any, X: Any, labels: LabelCode) -> Floats:
    """Return class probabilities, or 1 for the predicted class."""
    from transfergap.data.predictions import probabilities

    classes = np.asarray(labels.classes)
    if hasattr(estimator, "predict_proba"):
        return probabilities(estimator, X, classes)
    predicted = np.asarray(estimator.predict(X)).reshape(-1)
    shares: Floats = (predicted[:, None] == classes).astype(float)
    return shares


@dataclass(frozen=True)
class AffineScores:
    """``intercept + slope * scores`` of another model, a pair a response."""

    inner: ScoreModel
    intercept: Floats
    slope: Floats

    def scores(self, X: Any) -> Floats:
        return self.intercept + self.slope * self.inner.scores(X)


@dataclass(frozen=True)
class MixedScores:
    """A weighted sum of models."""

    parts: tuple[ScoreModel, ...]
    shares: tuple[float, ...]

    def scores(self, X: Any) -> Floats:
        out: Floats = np.sum(
            [
                share * part.scores(X)
                for part, share in zip(self.parts, self.shares, strict=True)
                if share != 0.0
            ],
            axis=0,
        )
        return out


@dataclass(frozen=True)
class FittedModel:
    """A fitted model that predicts as scikit-learn's do.

    Parameters
    ----------
    model : ScoreModel
    labels : LabelCode
    calibration : Calibration or None
        ``None`` for regression.
    bounds : tuple of float, optional
        Smallest and largest prediction of numbers.
    """

    model: ScoreModel
    labels: LabelCode
    calibration: Calibration | None
    bounds: tuple[float, float] | None = None

    @property
    def classes_(self) -> NDArray[Any]:
        """Labels, as the columns of ``predict_proba``."""
        return np.asarray(self.labels.classes)

    def decision_function(self, X: Any) -> Floats:
        """Return log odds, shape (n_rows,) for two classes, else (n_rows, n_classes)."""
        assert self.calibration is not None
        logits = self.calibration.logits(self.model.scores(X))
        return logits[:, 0] if logits.shape[1] == 1 else logits

    def predict_proba(self, X: Any) -> Floats:
        """Return calibrated probabilities, shape (n_rows, n_classes)."""
        assert self.calibration is not None
        return self.calibration.probabilities(self.model.scores(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return labels, or numbers."""
        if self.calibration is None:
            numbers: Floats = self.model.scores(X)[:, 0] * self.labels.scale + self.labels.centre
            return bounded(numbers, self.bounds)
        predicted: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return predicted
