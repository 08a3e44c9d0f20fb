"""SFDA: self-challenging Fisher discriminant analysis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.algebra import Matrix
from transfergap.analysis.scores.one_pass import OnePass

Floats = NDArray[np.float64]
# As in the authors' code: steepness of the share of the identity in the largest eigenvalue, and
# the least share.
_STEEPNESS, _LEAST_SHARE = 5.0, 1e-10


def sfda(read: OnePass) -> float | None:
    """Return the mean probability of the true class after self-challenge.

    More is better. Classes only. Judged on the rows that it is fitted to: with more columns
    than rows it is near 1 for every model. ``None`` where no class has any spread.

    References
    ----------
    Shao, Zhao, Ge, Zhang, Yang, Wang, Shan and Luo (2022), Not All Models Are Equal, section 3;
    constants as in their code.

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import ClassCodes
    >>> from transfergap.analysis.scores.one_pass import one_pass
    >>> codes, noise = np.arange(60) % 2, np.random.default_rng(0).normal(size=(60, 3))
    >>> labels, folds = ClassCodes(codes, 2), np.arange(60) // 2 % 5
    >>> apart, alike = (one_pass(X, labels, folds) for X in (noise + 2 * codes[:, None], noise))
    >>> sfda(apart) > sfda(alike)
    True
    """
    counts = read.response_sums.sum(0)
    means = read.cross.sum(0) / counts[:, None]
    within = _within(read, read.gram + 0.0, means - read.shift, counts)
    if read.algebra.trace(within) <= read.rounding * read.algebra.trace(read.gram) / read.n_rows:
        return None
    share = _share(read, within)
    # Where the share is tiny, rounding of the products may outweigh it.
    least = read.rounding * float(read.spectrum.values[-1]) / read.n_rows
    weights, bias = _discriminant(read, within, means, counts, share, least)
    # Second softmax over probabilities: the published code has it.
    confidence = _confidence(read, weights, bias, repeat=True)
    elsewhere = (means.sum(axis=0) - means) / (len(counts) - 1)
    elsewhere = elsewhere.astype(read.rows.dtype).astype(float)  # as rows will be drawn to them
    gram, sums = _challenged(read, confidence, elsewhere)
    least *= read.algebra.trace(gram) / read.algebra.trace(read.gram)
    moves = sums / counts[:, None]
    within = _within(read, gram, moves, counts)
    weights, bias = _discriminant(read, within, elsewhere + moves, counts, share, least)
    return float(_confidence(read, weights, bias, challenge=(confidence, elsewhere)).mean())


def _within(read: OnePass, gram: Matrix, deviations: Floats, counts: Floats) -> Matrix:
    """Return the spread within classes: the total less that between.

    The matrix is overwritten.
    """
    gram -= read.algebra.gram(deviations * np.sqrt(counts)[:, None])
    gram /= read.n_rows
    return gram


def _share(read: OnePass, within: Matrix) -> float:
    """Return the share of the identity: small where one direction dominates."""
    vector = read.algebra.times(within, read.rows.unit)
    unit = vector
    for _ in range(3):
        step = read.algebra.times(within, vector)
        unit = _unit(step)
        vector = _unit(read.algebra.times(within, unit))
    largest = float(vector @ read.algebra.times(within, unit))
    return max(float(np.exp(-_STEEPNESS * largest)), _LEAST_SHARE)


def _unit(vector: Floats) -> Floats:
    unit: Floats = vector / max(float(np.linalg.norm(vector)), np.finfo(float).tiny)
    return unit


def _discriminant(
    read: OnePass, within: Matrix, means: Floats, counts: Floats, share: float, least: float
) -> tuple[Floats, Floats]:
    variance = read.algebra.trace(within) / read.rows.n_dimensions
    within *= 1.0 - share
    factor = read.algebra.factor(within, max(share * variance, least))
    weights = read.algebra.solve(factor, means.T)
    return weights, np.log(counts / read.n_rows) - 0.5 * np.einsum("cd,dc->c", means, weights)


def _confidence(
    read: OnePass,
    weights: Floats,
    bias: Floats,
    *,
    repeat: bool = False,
    challenge: tuple[Floats, Floats] | None = None,
) -> Floats:
    """Return the probability of each row's class."""
    codes = read.labels.sort_key
    confidence = np.empty(read.n_rows)
    for part in read.rows.blocks(0, read.n_rows):
        scores = read.algebra.product(read.rows.block(part.start, part.stop), weights)
        if challenge is not None:
            # Weights are large after the challenge: only what depends on the row is in single.
            trust, elsewhere = challenge[0][part, None], challenge[1]
            scores = scores * trust + (1.0 - trust) * (elsewhere @ weights)[codes[part]]
        scores += bias.astype(scores.dtype)
        chances = _softmax(scores)
        if repeat:
            chances = _softmax(chances)
        confidence[part] = chances[np.arange(len(chances)), codes[part]]
    return confidence


def _softmax(scores: NDArray[Any]) -> NDArray[Any]:
    """Return the softmax of each row, in place."""
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def _challenged(read: OnePass, confidence: Floats, elsewhere: Floats) -> tuple[Matrix, Floats]:
    """Return sums of rows drawn to other classes, about their means.

    Drawn rows lie near the means that they are drawn to: about anything else the spread within
    classes would be lost in the rounding of that between.
    """
    rows, labels = read.rows, read.labels
    gram, sums = read.algebra.zeros(rows.n_columns), np.zeros_like(elsewhere)
    means = elsewhere.astype(rows.dtype)
    for part in rows.blocks(0, read.n_rows):
        block = rows.block(part.start, part.stop) - means[labels.sort_key[part]]
        block *= confidence[part, None].astype(rows.dtype)
        sums += labels.sums(block, part)
        gram += read.algebra.gram(block)
    return gram, sums
