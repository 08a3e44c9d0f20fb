"""A source's information on the target's coefficients, by assumed distance."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    """A block of a source, diagonalised once.

    Every distance is then a diagonal. With the centred Gram Q diag(g) Q', noise s2 and distance
    tau, the source's precision about the target's slopes is Q diag(g / (s2 + tau^2 g)) Q' and its
    information Q (Q'b / (s2 + tau^2 g)); the level adds one direction, v = (mean x, 1), with spread
    level^2 + tau^2 |mean x|^2 + s2 / n.

    Parameters
    ----------
    values, vectors : ndarray, shapes (q - 1,) and (q - 1, q - 1)
    projected : ndarray, shape (q - 1, n_responses)
        Q'b of each response of the block.
    noise : float
        A mean over all responses of the source.
    direction : ndarray, shape (q,)
    mean_responses : ndarray, shape (n_responses,)
    total : float
    taus : ndarray, shape (n_taus,)
    """

    values: Floats
    vectors: Floats
    projected: Floats
    noise: float
    direction: Floats
    mean_responses: Floats
    total: float
    taus: Floats

    @property
    def n_responses(self) -> int:
        """Number of the block's responses."""
        return len(self.mean_responses)

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
        """Information about the coefficients, shape (n_taus, q, n_responses).

        0 for the intercept.
        """
        slopes = self.vectors @ (self.projected / self.denominators[:, :, None])
        return np.pad(slopes, ((0, 0), (0, 1), (0, 0)))

    @cached_property
    def own_evidence(self) -> Floats:
        """Log evidence of the source's own responses, shape (n_taus, n_levels)."""
        tau2 = self.taus[:, None] ** 2
        squares = (self.projected**2).sum(axis=1)
        fit = -0.5 * self.n_responses * np.log1p(tau2 * self.values / self.noise) + 0.5 * (
            squares * tau2 / (self.noise * self.denominators)
        )
        level = (
            -0.5 * self.n_responses * np.log(self.level_spread)
            - 0.5 * float((self.mean_responses**2).sum()) / self.level_spread
        )
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
        """Information about the turned coefficients, shape (n_taus, q, n_responses)."""
        return np.pad(self.projected / self.denominators[:, :, None], ((0, 0), (0, 1), (0, 0)))

    def _mixed(self, diagonal: Floats) -> Floats:
        q = len(self.direction)
        out = np.zeros((q, q))
        out[:-1, :-1] = (self.vectors * diagonal) @ self.vectors.T
        return out

    def expected(self, weight: Floats) -> tuple[Floats, Floats]:
        """Return precision (q, q) and information (n_responses, q), averaged over the options.

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
        information = np.tensordot(signed.sum(axis=1), self.slope_information, axes=1).T
        levels = float((signed / self.level_spread).sum()) * self.mean_responses
        return precision, information + levels[:, None] * self.direction


def source_terms(task: LinearTask, noise: float) -> list[tuple[SourceTerms, ...]]:
    """Return each source's terms, one a block.

    Parameters
    ----------
    task : LinearTask
    noise : float
        Mean squared left-out error on the target: a source of few rows is taken to be as noisy.

    Notes
    -----
    Cost: one eigendecomposition a source and block.
    """
    return [_blocks(task, k, noise) for k in range(task.n_sources)]


def _blocks(task: LinearTask, k: int, guess: float) -> tuple[SourceTerms, ...]:
    taus = DISTANCES / np.sqrt(task.variance)
    blocks = [
        _terms(
            task.grams[k, block], task.moments[k, responses], task.powers[k, responses], taus, guess
        )
        for block, responses in task.blocks()
    ]
    noise = float(np.mean([term.noise for term in blocks]))
    return tuple(replace(term, noise=noise) for term in blocks)


def _terms(
    gram: Floats, moments: Floats, powers: Floats, taus: Floats, guess: float
) -> SourceTerms:
    total = float(gram[-1, -1])
    mean, levels = gram[:-1, -1] / total, moments[:, -1] / total
    centred = gram[:-1, :-1] - total * np.outer(mean, mean)
    values, vectors = np.linalg.eigh((centred + centred.T) / 2.0)
    values = np.maximum(values, 0.0)
    projected = vectors.T @ (moments[:, :-1].T - total * np.outer(mean, levels))
    slopes = projected / (values + _RIDGE)[:, None]
    squares = (
        powers - total * levels**2 - 2.0 * (slopes * projected).sum(axis=0) + values @ (slopes**2)
    )
    # Effective degrees of freedom of a ridge fit (Hastie et al. 2009, section 3.4.1).
    freedom = total - float((values / (values + _RIDGE)).sum()) - 1.0
    noise = (np.maximum(squares, 0.0).mean() + _PRIOR_ROWS * guess) / (
        max(freedom, 0.0) + _PRIOR_ROWS
    )
    return SourceTerms(
        values,
        vectors,
        projected,
        float(noise),
        np.append(mean, 1.0),
        levels,
        total,
        taus,
    )
