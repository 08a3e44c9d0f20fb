"""Wide tables: the few directions in which target or sources vary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_COLUMNS = 256  # up to here the engine works in the columns themselves
# by convention (Halko, Martinsson and Tropp 2011, section 1.3: five to ten or more)
_OVERSAMPLED = 16
_ITERATIONS = 2  # of the power scheme (the same, section 4.5)


class Statistics(Protocol):
    """A source's Gram and moments, applied to vectors or projected."""

    def applied(self, vectors: Floats) -> Floats:
        """Apply the slopes' uncentred Gram, a mean over rows."""
        ...

    def pull(self) -> Floats:
        """Return the slopes' moments, shape (q - 1, n_responses).

        A mean over rows.
        """
        ...

    @property
    def n_blocks(self) -> int:
        """Number of Grams: 1, or one a response."""
        ...

    def moments_in(self, basis: Floats | None, n_blocks: int) -> tuple[Floats, Floats, Floats]:
        """Return Grams, moments and powers in ``basis``.

        ``basis`` has shape (q, r + 1), the intercept's column last; the Grams (n_blocks, q, q).
        """
        ...


@dataclass(frozen=True)
class SummaryStatistics:
    """Statistics of a summary, in the engine's scale.

    ``grams`` (n_blocks, q, q), ``moments`` (n_responses, q) and ``powers`` (n_responses,).
    """

    grams: Floats
    moments: Floats
    powers: Floats

    def applied(self, vectors: Floats) -> Floats:
        gram = self.grams.mean(axis=0)
        product: Floats = gram[:-1, :-1] @ vectors / max(float(gram[-1, -1]), 1e-300)
        return product

    def pull(self) -> Floats:
        total = max(float(self.grams[0, -1, -1]), 1e-300)
        pull: Floats = self.moments[:, :-1].T / total
        return pull

    @property
    def n_blocks(self) -> int:
        return len(self.grams)

    def moments_in(self, basis: Floats | None, n_blocks: int) -> tuple[Floats, Floats, Floats]:
        q = self.grams.shape[1]
        grams = np.broadcast_to(self.grams, (n_blocks, q, q))
        if basis is None:
            return grams, self.moments, self.powers
        return basis.T @ grams @ basis, self.moments @ basis, self.powers


@dataclass(frozen=True)
class RowStatistics:
    """Statistics of available rows; Grams are made in the subspace only."""

    design: Floats
    responses: Floats
    weights: Floats

    def applied(self, vectors: Floats) -> Floats:
        weight = self.weights.mean(axis=1)
        product: Floats = self.design[:, :-1].T @ (
            weight[:, None] * (self.design[:, :-1] @ vectors)
        )
        return product / max(float(weight.sum()), 1e-300)

    def pull(self) -> Floats:
        total = max(float(self.weights[:, 0].sum()), 1e-300)
        pull: Floats = self.design[:, :-1].T @ (self.weights * self.responses) / total
        return pull

    @cached_property
    def n_blocks(self) -> int:
        return 1 if has_equal_columns(self.weights) else self.weights.shape[1]

    def moments_in(self, basis: Floats | None, n_blocks: int) -> tuple[Floats, Floats, Floats]:
        rows = self.design if basis is None else self.design @ basis
        weighted = self.weights * self.responses
        grams = [(rows * w[:, None]).T @ rows for w in self.weights.T[: self.n_blocks]]
        q = rows.shape[1]
        return (
            np.broadcast_to(np.stack(grams), (n_blocks, q, q)),
            weighted.T @ rows,
            np.einsum("ir,ir->r", weighted, self.responses),
        )


def has_equal_columns(weights: Floats) -> bool:
    """Return whether all responses have the same weights, shape (n_rows, n_responses)."""
    return bool((weights == weights[:, :1]).all())


@dataclass(frozen=True)
class Subspace:
    """The coordinates in which the engine works.

    Parameters
    ----------
    basis : ndarray, shape (q, r + 1), or None
        Orthonormal, the intercept's column last; ``None`` for the columns themselves.
    sources : sequence of Statistics
    """

    basis: Floats | None
    sources: Sequence[Statistics]

    def project(self, design: Floats) -> Floats:
        """Return encoded rows in these coordinates."""
        return design if self.basis is None else design @ self.basis

    def lift(self, coefficients: Floats) -> Floats:
        """Return coefficients of the encoded columns."""
        return coefficients if self.basis is None else self.basis @ coefficients

    @property
    def n_blocks(self) -> int:
        """The most Grams that a source has."""
        return max((source.n_blocks for source in self.sources), default=1)

    def statistics(self, n_blocks: int) -> tuple[Floats, Floats, Floats]:
        """Return Grams, moments and powers of all sources.

        Shapes (n_sources, n_blocks, q, q), (n_sources, n_responses, q), (n_sources, n_responses);
        empty without sources.
        """
        if not self.sources:
            return np.zeros((0, n_blocks, 0, 0)), np.zeros((0, 0, 0)), np.zeros((0, 0))
        triples = [source.moments_in(self.basis, n_blocks) for source in self.sources]
        grams, moments, powers = (np.stack(part) for part in zip(*triples, strict=True))
        return grams, moments, powers


def subspace_of(design: Floats, sources: Sequence[Statistics], *, seed: int) -> Subspace:
    """Return the subspace of the main directions of wide designs.

    Of few columns, the columns themselves.

    Notes
    -----
    A third of the directions for the target's own variation, a third for what each source's labels
    pull at (the first vectors of its Krylov space, in which conjugate gradients would look for its
    least squares), and the rest for the variation of all: eigenvectors of the mean of their Grams
    by subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4). The target's labels
    choose nothing here, or leaving a row out later would not leave its label out. Sources count
    alike, however many rows they have. Cost: some products of each Gram, or of each source's rows,
    with ``MOST_COLUMNS`` vectors; a q x q Gram of rows is never made.
    """
    p = design.shape[1] - 1
    if p <= MOST_COLUMNS or not sources:
        return Subspace(None, sources)
    rng = np.random.default_rng(seed)
    blank = np.zeros((len(design), 1))
    target = RowStatistics(design, blank, np.ones_like(blank))
    third = MOST_COLUMNS // 3
    target_part = _directions([target], p, min(third, len(design)), rng)
    pulled = _pulled(sources, third)
    n_left = MOST_COLUMNS - target_part.shape[1] - pulled.shape[1]
    everyone = _directions([target, *sources], p, n_left, rng)
    directions, _ = np.linalg.qr(np.concatenate([target_part, pulled, everyone], axis=1))
    basis = np.zeros((p + 1, directions.shape[1] + 1))
    basis[:-1, :-1] = directions
    basis[-1, -1] = 1.0
    return Subspace(basis, sources)


def _pulled(parts: Sequence[Statistics], n_most: int) -> Floats:
    """Return the first Krylov vectors of each part.

    Fewer each where parts are many.
    """
    vectors = [part.pull() for part in parts]
    count = sum(vector.shape[1] for vector in vectors)
    if count > n_most:  # the main directions in which so many pull
        u, _, _ = np.linalg.svd(np.concatenate(vectors, axis=1), full_matrices=False)
        return u[:, :n_most]
    krylov = list(vectors)
    for _ in range(n_most // count - 1):
        vectors = [_unit(part.applied(v)) for part, v in zip(parts, vectors, strict=True)]
        krylov += vectors
    return np.concatenate([_unit(vector) for vector in krylov], axis=1)


def _unit(vectors: Floats) -> Floats:
    """Return columns of length 1; a zero column stays."""
    lengths = np.linalg.norm(vectors, axis=0)
    scaled: Floats = vectors / np.where(lengths > 0, lengths, 1.0)
    return scaled


def _directions(
    parts: Sequence[Statistics], p: int, count: int, rng: np.random.Generator
) -> Floats:
    vectors = rng.standard_normal((p, min(count + _OVERSAMPLED, p)))
    for _ in range(_ITERATIONS + 1):
        vectors, _ = np.linalg.qr(sum(part.applied(vectors) for part in parts))
    small = vectors.T @ sum(part.applied(vectors) for part in parts)
    _, inner = np.linalg.eigh((small + small.T) / 2.0)
    directions: Floats = vectors @ inner[:, ::-1][:, :count]
    return directions
