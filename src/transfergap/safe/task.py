"""The linear engine's input: target rows and statistics of sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from transfergap.stats.deletion import groups_by_size, without_groups, without_rows

Floats = NDArray[np.float64]
_NARROW = 45.0  # standardised columns for which the grids of penalties were made


@dataclass(frozen=True)
class LinearTask:
    """A least-squares problem in encoded columns, of one response or of several.

    Responses with the same working weights share a *block*: one Gram, and all that is factored of
    it. There is one block, or one a response.

    Parameters
    ----------
    design : ndarray, shape (n_rows, q)
        Encoded target rows, the intercept's column of ones last.
    responses : ndarray, shape (n_rows, n_responses)
        Working responses; about 1 in scale.
    weights : ndarray, shape (n_rows, n_blocks)
        Working weight of each row, >= 0; ``n_blocks`` is 1 or ``n_responses``.
    grams : ndarray, shape (n_sources, n_blocks, q, q)
    moments : ndarray, shape (n_sources, n_responses, q)
    powers : ndarray, shape (n_sources, n_responses)
        ``X'WX``, ``X'Wz`` and ``z'Wz`` of each source.
    groups : ndarray of int, shape (n_rows,), optional
        Rows of one group are left out together.
    copies : ndarray, shape (n_rows,), optional
        How often a row counts, as part of ``weights``: a row of weight 2 is the row given twice,
        and one of the two is left out at a time.
    """

    design: Floats
    responses: Floats
    weights: Floats
    grams: Floats
    moments: Floats
    powers: Floats
    groups: NDArray[np.intp] | None = None
    copies: Floats | None = None

    @property
    def n_sources(self) -> int:
        """Number of sources."""
        return len(self.grams)

    @property
    def n_columns(self) -> int:
        """Number of columns, the intercept's included."""
        return int(self.design.shape[1])

    @property
    def n_responses(self) -> int:
        """Number of responses: 1 but for several classes."""
        return int(self.responses.shape[1])

    def blocks(self) -> Iterator[tuple[int, slice]]:
        """Yield each block's number and its responses."""
        n_blocks = self.weights.shape[1]
        step = self.n_responses // n_blocks
        for block in range(n_blocks):
            yield block, slice(block * step, (block + 1) * step)

    @cached_property
    def single(self) -> Floats:
        """Working weight of one copy of each row, shaped as ``weights``."""
        if self.copies is None:
            return self.weights
        one: Floats = self.weights / np.maximum(self.copies, 1.0)[:, None]
        return one

    @cached_property
    def gram(self) -> Floats:
        """The target's Grams, shape (n_blocks, q, q)."""
        return np.stack([(self.design * w[:, None]).T @ self.design for w in self.weights.T])

    @cached_property
    def moment(self) -> Floats:
        """The target's ``X'Wz``, shape (n_responses, q)."""
        product: Floats = (self.weights * self.responses).T @ self.design
        return product

    @cached_property
    def power(self) -> Floats:
        """The target's ``z'Wz``, shape (n_responses,)."""
        return np.asarray((self.weights * self.responses**2).sum(axis=0))

    @cached_property
    def total(self) -> Floats:
        """Sum of each block's working weights: the target's rows, in round one."""
        return np.asarray(self.weights.sum(axis=0))

    @cached_property
    def variance(self) -> float:
        """Mean variance of the target's slopes' columns times their number: ``tr Cov(x)``."""
        total = self.total[:, None]
        centres = self.gram[:, :-1, -1] / total
        spreads = np.einsum("bii->bi", self.gram)[:, :-1] / total - centres**2
        return max(float(np.maximum(spreads, 0.0).sum(axis=1).mean()), 1e-9)

    @property
    def breadth(self) -> float:
        """Shrinkage relative to 45 standardised columns, at least 1.

        Predictions of a given size need slopes whose variance falls as columns are added.
        """
        return max(1.0, self.variance / _NARROW)

    @cached_property
    def members(self) -> tuple[NDArray[np.intp], ...] | None:
        """Rows of the groups of each size; ``None`` without groups."""
        return None if self.groups is None else groups_by_size(self.groups)

    @cached_property
    def row_shares(self) -> Floats:
        """Each row's share of the weights, shape (n_rows, n_responses)."""
        weights = np.broadcast_to(self.weights, self.responses.shape)
        return np.asarray(weights / np.maximum(weights.sum(axis=0), 1e-300))

    def loss(self, predictions: Floats) -> float:
        """Return the weighted mean squared error, a mean over responses."""
        return float(self.losses(predictions).mean())

    def losses(self, predictions: Floats) -> Floats:
        """Return each response's weighted mean squared error, shape (n_responses,)."""
        return np.asarray((self.row_shares * (self.responses - predictions) ** 2).sum(axis=0))

    def without_row(self, fitted: Floats, solved: Floats, block: int) -> Floats:
        """Return what each row is predicted without itself, or without its group.

        Parameters
        ----------
        fitted : ndarray, shape (n_rows, n_responses_of_block)
            Predictions of the fit on all rows.
        solved : ndarray, shape (q, n_rows)
            ``A^-1 X'`` of that fit, so that the leverage of row j on row i is
            ``x_i' solved_j w_j``.
        block : int

        Notes
        -----
        e_i / (1 - h_i) is the residual without row i; (I - H_gg)^-1 e_g that without group g (Cook
        and Weisberg 1982, section 2.2). Leverages are capped just below 1.
        """
        responses = self.responses[:, dict(self.blocks())[block]]
        residual = responses - fitted
        if self.members is None:
            leverage = np.einsum("ij,ji->i", self.design, solved) * self.single[:, block]
            predictions: Floats = responses - without_rows(residual, leverage)
            return predictions
        return responses - without_groups(
            residual,
            self.members,
            lambda rows: self.design[rows] @ solved.T[rows].transpose(0, 2, 1),
            self.weights[:, block],
        )
