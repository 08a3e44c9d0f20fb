"""A source's information on the target's coefficients, by assumed distance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from transfergap.safe.task import LinearTask

Floats = NDArray[np.float64]
# How far a source's predictions may be from the target's, in standard deviations of the response:
# from "the same" to "anything".
DISTANCES = np.array([0.03, 0.12, 0.3, 0.7, 1.5, 4.0, 15.0])
LEVELS = np.array([0.03, 0.3, 4.0])  # of the offset between source and target
SIGNS = (1.0, -1.0)  # labels as they are, and reversed
N_TAUS = len(DISTANCES)
_RIDGE = 3.0  # for the source's own residual variance
_PRIOR_ROWS = 5.0  # how many rows the target's noise counts for, as a guess of the source's


@dataclass(frozen=True)
class SourceTerms:
    """A source, diagonalised once: every distance is then a diagonal.

    With the centred Gram Q diag(g) Q', noise s2 and distance tau, the source's precision about the
    target's slopes is Q diag(g / (s2 + tau^2 g)) Q' and its information Q (Q'b / (s2 + tau^2 g));
    the level adds one direction, v = (mean x, 1), with spread level^2 + tau^2 |mean x|^2 + s2 / n.
    """

    values: Floats
    vectors: Floats
    projected: Floats
    noise: float
    direction: Floats
    mean_response: float
    total: float
    taus: Floats

    @cached_property
    def denominators(self) -> Floats:
        """s2 + tau^2 g, shape (n_taus, q - 1)."""
        spread: Floats = self.noise + self.taus[:, None] ** 2 * self.values
        return spread

    @cached_property
    def level_spread(self) -> Floats:
        """Variance of the source's level about the target's, shape (n_taus, n_levels)."""
        slope_part = self.taus[:, None] ** 2 * float(self.direction[:-1] @ self.direction[:-1])
        spread: Floats = LEVELS**2 + slope_part + self.noise / self.total
        return spread

    @cached_property
    def slope_information(self) -> Floats:
        """Information about the coefficients, shape (n_taus, q); 0 for the intercept."""
        slopes = (self.projected / self.denominators) @ self.vectors.T
        return np.concatenate([slopes, np.zeros((N_TAUS, 1))], axis=1)

    @cached_property
    def own_evidence(self) -> Floats:
        """Log evidence of the source's own responses, shape (n_taus, n_levels)."""
        tau2 = self.taus[:, None] ** 2
        fit = -0.5 * np.log1p(tau2 * self.values / self.noise) + 0.5 * (
            self.projected**2 * tau2 / (self.noise * self.denominators)
        )
        level = -0.5 * np.log(self.level_spread) - 0.5 * self.mean_response**2 / self.level_spread
        evidence: Floats = fit.sum(axis=1)[:, None] + level
        return evidence

    @cached_property
    def basis(self) -> Floats:
        """Eigenvectors of the source's centred Gram, shape (q, q).

        The intercept stays as it is. Turned by them, every distance adds to the diagonal alone.
        """
        q = len(self.direction)
        basis = np.zeros((q, q))
        basis[:-1, :-1] = self.vectors
        basis[-1, -1] = 1.0
        return basis

    @cached_property
    def turned_precision(self) -> Floats:
        """Diagonal of the precision at each distance, shape (n_taus, q)."""
        return np.pad(self.values / self.denominators, ((0, 0), (0, 1)))

    @cached_property
    def turned_information(self) -> Floats:
        """Information about the turned coefficients at each distance, shape (n_taus, q)."""
        return np.pad(self.projected / self.denominators, ((0, 0), (0, 1)))

    def _mixed(self, diagonal: Floats) -> Floats:
        q = len(self.direction)
        out = np.zeros((q, q))
        out[:-1, :-1] = (self.vectors * diagonal) @ self.vectors.T
        return out

    def expected(self, weight: Floats) -> tuple[Floats, Floats]:
        """Return precision and information, averaged over the options.

        Parameters
        ----------
        weight : ndarray, shape (2, n_taus, n_levels)
            Probability of each option.
        """
        diagonal = weight.sum(axis=(0, 2)) @ (self.values / self.denominators)
        precision = self._mixed(diagonal)
        precision += np.outer(self.direction, self.direction) * float(
            (weight.sum(axis=0) / self.level_spread).sum()
        )
        signed = np.tensordot(np.array(SIGNS), weight, axes=1)
        information = signed.sum(axis=1) @ self.slope_information
        level = float((signed / self.level_spread).sum()) * self.mean_response
        return precision, information + level * self.direction


def source_terms(task: LinearTask, noise: float) -> list[SourceTerms]:
    """Return each source's terms.

    Parameters
    ----------
    task : LinearTask
    noise : float
        Mean squared left-out error on the target: a source of few rows is taken to be as noisy.

    Notes
    -----
    Cost: one eigendecomposition a source.
    """
    taus = DISTANCES / np.sqrt(task.variance)
    return [
        _terms(task.grams[k], task.moments[k], float(task.powers[k]), taus, noise)
        for k in range(task.n_sources)
    ]


def _terms(gram: Floats, moment: Floats, power: float, taus: Floats, guess: float) -> SourceTerms:
    total = float(gram[-1, -1])
    mean, level = gram[:-1, -1] / total, float(moment[-1] / total)
    centred = gram[:-1, :-1] - total * np.outer(mean, mean)
    values, vectors = np.linalg.eigh((centred + centred.T) / 2.0)
    values = np.maximum(values, 0.0)
    projected = vectors.T @ (moment[:-1] - total * level * mean)
    slopes = projected / (values + _RIDGE)
    squares = power - total * level**2 - 2.0 * slopes @ projected + (slopes**2) @ values
    # Effective degrees of freedom of a ridge fit (Hastie et al. 2009, section 3.4.1).
    freedom = total - float((values / (values + _RIDGE)).sum()) - 1.0
    noise = (max(float(squares), 0.0) + _PRIOR_ROWS * guess) / (max(freedom, 0.0) + _PRIOR_ROWS)
    return SourceTerms(
        values,
        vectors,
        projected,
        noise,
        np.append(mean, 1.0),
        level,
        total,
        taus,
    )
