"""Gaussian populations whose risk under a linear score is known exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from transfergap.datasets._dataset import check_known
from transfergap.errors import DataError

Loss = Literal["squared", "zero_one", "log", "auc"]
Vector = NDArray[np.float64]

_CORRELATION = 0.3  # of neighbouring columns; chosen by hand: mild, as in common tables
# The trapezoid rule converges geometrically on a Gaussian, and unlike Gauss-Hermite with as many
# nodes it stays accurate for steep scores, because its nodes are evenly close to the softplus kink.
# Beyond nine standard deviations the density is below 1e-17.
_NODES = np.linspace(-9.0, 9.0, 1201)
_WEIGHTS = np.exp(-0.5 * _NODES**2) / np.exp(-0.5 * _NODES**2).sum()


class Population(Protocol):
    """A target that can be sampled, shifted, and scored exactly."""

    def draw(
        self, n_rows: int, *, shift: float, rng: np.random.Generator
    ) -> tuple[Vector, NDArray[Any]]:
        """Draw ``n_rows`` rows; ``shift`` 0 is the target.

        The same ``rng`` uses the same noise.
        """
        ...

    def risk(self, coef: Vector, intercept: float, *, loss: Loss) -> float:
        """Return the exact target risk of ``x @ coef + intercept``."""
        ...


@dataclass(frozen=True, eq=False)
class RegressionPopulation:
    """Normal columns with a linear response.

    ``x ~ N(0, S)``, ``S_ij = 0.3 ** |i - j|``, ``y = x @ (beta + shift * u) + noise * e``.

    Parameters
    ----------
    beta, u : ndarray of shape (n_features,)
        Signal and direction of the shift, both with ``b @ S @ b = 1``.
    noise : float
        Standard deviation of the noise, at least 0.
    """

    beta: Vector
    u: Vector
    noise: float

    @classmethod
    def random(
        cls, n_features: int, *, noise: float, rng: np.random.Generator
    ) -> RegressionPopulation:
        """Draw the directions."""
        covariance = _covariance(n_features)
        beta, u = rng.normal(size=(2, n_features))
        return cls(
            beta=beta / np.sqrt(beta @ covariance @ beta),
            u=u / np.sqrt(u @ covariance @ u),
            noise=noise,
        )

    def draw(self, n_rows: int, *, shift: float, rng: np.random.Generator) -> tuple[Vector, Vector]:
        """Draw ``n_rows`` rows; ``shift`` 0 is the target."""
        root = np.linalg.cholesky(_covariance(len(self.beta)))
        X = rng.normal(size=(n_rows, len(self.beta))) @ root.T
        return X, X @ (self.beta + shift * self.u) + self.noise * rng.normal(size=n_rows)

    def risk(self, coef: Vector, intercept: float, *, loss: Loss) -> float:
        """Return the target's mean squared error.

        The only ``loss`` is ``"squared"``.
        """
        check_known(loss, ["squared"], kind="loss for a regression,")
        error = coef - self.beta
        covariance = _covariance(len(self.beta))
        # Columns have mean 0, so the errors of slopes and intercept do not mix.
        return float(error @ covariance @ error + intercept**2 + self.noise**2)


@dataclass(frozen=True, eq=False)
class BinaryPopulation:
    """Two equally likely classes of normal columns.

    ``y`` 0 or 1, ``x | y ~ N((2y - 1)(beta + shift * u), noise**2 I)``.

    Parameters
    ----------
    beta, u : ndarray of shape (n_features,)
        Mean of class 1 and direction of the shift, orthogonal and of length 1.
    noise : float
        Standard deviation of every feature within a class, above 0.
    """

    beta: Vector
    u: Vector
    noise: float

    @classmethod
    def random(cls, n_features: int, *, noise: float, rng: np.random.Generator) -> BinaryPopulation:
        """Draw the directions."""
        beta, u = rng.normal(size=(2, n_features))
        beta /= np.linalg.norm(beta)
        # Orthogonal, so that the shift turns the classes instead of moving them apart.
        u -= (u @ beta) * beta
        return cls(beta=beta, u=u / np.linalg.norm(u), noise=noise)

    def draw(
        self, n_rows: int, *, shift: float, rng: np.random.Generator
    ) -> tuple[Vector, NDArray[np.int64]]:
        """Draw ``n_rows`` rows; ``shift`` 0 is the target."""
        y = rng.integers(2, size=n_rows)
        mean = self.beta + shift * self.u
        X = (2 * y - 1)[:, None] * mean + self.noise * rng.normal(size=(n_rows, len(mean)))
        return X, y

    def risk(self, coef: Vector, intercept: float, *, loss: Loss) -> float:
        """Return error rate, log loss in nats, or 1 - AUC.

        ``"zero_one"``, ``"log"`` or ``"auc"``.
        """
        check_known(loss, ["zero_one", "log", "auc"], kind="loss for a binary task,")
        mean = float(coef @ self.beta)
        deviation = self.noise * float(np.linalg.norm(coef))
        # Margins of the two classes, which are wrong when negative, have these means.
        margins = np.array([mean + intercept, mean - intercept])
        if loss == "log":
            losses = np.logaddexp(0.0, -(margins[:, None] + deviation * _NODES))
            return float((losses @ _WEIGHTS).mean())
        if deviation == 0.0:
            return 0.5  # a constant score is right about one of two equally likely classes
        if loss == "auc":
            # The difference of one score of each class is normal with mean 2 m and variance 2 d^2.
            return float(special.ndtr(-np.sqrt(2.0) * mean / deviation))
        return float(special.ndtr(-margins / deviation).mean())


def as_score(coef: Any, intercept: Any, *, n_features: int) -> tuple[Vector, float]:
    """Return ``coef`` as a vector and ``intercept`` as a number.

    Raises
    ------
    DataError
        If they are not ``n_features`` coefficients and one intercept, all finite.
    """
    vector = np.asarray(coef, dtype=np.float64).ravel()
    constant = np.asarray(intercept, dtype=np.float64).ravel()
    if len(vector) != n_features or len(constant) != 1:
        raise DataError(
            f"The score has {len(vector)} coefficients and {len(constant)} intercepts, but the "
            f"problem has {n_features} features and one score.",
            hint="return (coef, intercept) of a model with one linear score",
        )
    if not (np.isfinite(vector).all() and np.isfinite(constant).all()):
        raise DataError(
            "The score has a coefficient or intercept that is not finite.",
            hint="check that the fit converged",
        )
    return vector, float(constant[0])


def _covariance(n_features: int) -> Vector:
    index = np.arange(n_features)
    powers: Vector = _CORRELATION ** np.abs(index[:, None] - index[None, :])
    return powers
