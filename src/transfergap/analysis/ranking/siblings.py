"""Gains of a source for the other sources, in the target's place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from transfergap.analysis.ranking.encoding import EncodedProblem
from transfergap.analysis.ranking.gain import Gain
from transfergap.safe.ridge import INTERCEPT, PENALTIES
from transfergap.safe.subspace import RowStatistics

Floats = NDArray[np.float64]
MOST_SIBLINGS = 6  # a source: the mean over six has two fifths of the error of one
N_DRAWS, FEW_SOURCES = 5, 16  # samples of each sibling, one where sources are more
FEWEST_TESTED = 30  # rows of a sibling beside those in the target's place
MOST_TESTED = 1000  # an area then has an error of .02 at most


def sibling_gains(data: EncodedProblem, *, seed: int) -> list[Gain | None]:
    """Return the gains of each source for samples of the others.

    Samples are as large as the target.

    Parameters
    ----------
    data : EncodedProblem
    seed : int
        Draws siblings and their rows.

    Returns
    -------
    list of Gain or None
        In the order of ``data.names``: gains in area under the ROC curve for two classes, else as
        shares of the variance of the coded labels. ``None`` without a sibling of enough rows;
        summaries have none to stand in for the target.

    Notes
    -----
    Ours. A sibling's sample takes the target's place; a ridge fit on it is compared with one on it
    and the source, on the sibling's other rows, each at its best penalty. No label of the target is
    looked at, and siblings have far more rows to test on, so the gain is sharp where the target is
    small; it is right as far as the target is to the source what its siblings are. Errors are
    those between siblings. Cost: at most 30 ridge fits a source, 6 of many sources.
    """
    rng = np.random.default_rng([seed, 43])
    # Columns are standardised to the target, whose few rows may hardly vary: here to all sources.
    scale = _spread_scale(data)
    rows = {
        k: (data.space.project(source.design) * scale, source.responses)
        for k, source in enumerate(data.sources)
        if isinstance(source, RowStatistics)
    }
    n_sources = len(data.sources)
    n_draws = N_DRAWS if n_sources <= FEW_SOURCES else 1
    large = [k for k, (X, _) in rows.items() if len(X) >= len(data.design) + FEWEST_TESTED]
    pairs: dict[int, list[int]] = {k: [] for k in range(n_sources)}  # by sibling
    for source in pairs:
        others = [k for k in large if k != source]
        for sibling in rng.permutation(others)[:MOST_SIBLINGS].tolist():
            pairs[int(sibling)].append(source)
    gains: list[list[float]] = [[] for _ in range(n_sources)]
    for sibling, sources in pairs.items():
        if sources:
            draws = [_gains(data, scale, *rows[sibling], sources, rng) for _ in range(n_draws)]
            for source, values in zip(sources, np.array(draws).T, strict=True):
                gains[source].append(float(np.nanmean(values)))
    return [_mean(np.array(values)) for values in gains]


def _spread_scale(data: EncodedProblem) -> Floats:
    """Return factors that standardise columns over all source rows."""
    gram = data.fits.grams.sum(axis=0)
    total = max(float(gram[-1, -1]), 1e-300)
    variance = np.diag(gram) / total - (gram[:, -1] / total) ** 2
    varies = variance > 1e-12 * np.maximum(np.diag(gram) / total, 1e-300)
    varies[-1] = False  # the intercept's column stays ones
    scale: Floats = np.where(varies, 1.0 / np.sqrt(np.where(varies, variance, 1.0)), 1.0)
    return scale


def _mean(values: Floats) -> Gain | None:
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    error = float(values.std(ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else np.inf
    return Gain(round(float(values.mean()), 12), round(float(error), 12))


def _gains(
    data: EncodedProblem,
    scale: Floats,
    rows: Floats,
    responses: Floats,
    sources: list[int],
    rng: np.random.Generator,
) -> list[float]:
    """Return the gain of each source for a sample of a sibling.

    nan where it cannot be told."""
    order = rng.permutation(len(rows))
    train = order[: len(data.design)]
    tested = order[len(train) : len(train) + MOST_TESTED]
    X, Y = rows[train], responses[train]
    gram, moment = X.T @ X, X.T @ Y
    fits = data.fits
    predicted = [_predicted(gram, moment, rows[tested], responses[tested])]  # the control first
    for source in sources:
        grams = fits.grams[source] * scale[:, None] * scale[None, :]
        more = gram + grams, moment + fits.moments[source] * scale[:, None]
        predicted.append(_predicted(*more, rows[tested], responses[tested]))
    scores = _scores(np.array(predicted), responses[tested])
    return [float(score - scores[0]) for score in scores[1:]]


def _predicted(gram: Floats, moment: Floats, X: Floats, Y: Floats) -> Floats:
    """Return the predictions of a ridge fit at its best penalty."""
    scale = np.ones(len(gram))
    scale[-1] = INTERCEPT**-0.5
    values, vectors = np.linalg.eigh(gram * scale[:, None] * scale[None, :])
    rotated = (X * scale) @ vectors
    shrunk = 1.0 / (np.maximum(values, 0.0) + PENALTIES[:, None])
    projected = vectors.T @ (moment * scale[:, None])
    fitted: Floats = rotated @ (shrunk[:, :, None] * projected)  # penalty, row, response
    best: Floats = fitted[int(((fitted - Y) ** 2).mean(axis=(1, 2)).argmin())]
    return best


def _scores(predicted: Floats, Y: Floats) -> Floats:
    """Return how good each model's predictions of the same rows are.

    Areas under the ROC curve for two classes, else losses below zero as shares of the variance; nan
    where rows are all of one label.

    Parameters
    ----------
    predicted : ndarray, shape (n_models, n_rows, n_responses)
    Y : ndarray, shape (n_rows, n_responses)
    """
    different = np.unique(Y)
    if Y.shape[1] == 1 and len(different) == 2:
        positive = Y[:, 0] == different[1]
        n_positive = int(positive.sum())
        ranks = rankdata(predicted[:, :, 0], axis=1)
        above = ranks[:, positive].sum(axis=1) - n_positive * (n_positive + 1) / 2
        areas: Floats = above / (n_positive * (len(Y) - n_positive))
        return areas
    variance = float(np.var(Y, axis=0).mean())
    if variance <= 0.0 or len(different) == 1:
        return np.full(len(predicted), np.nan)
    shares: Floats = -((predicted - Y) ** 2).mean(axis=(1, 2)) / variance
    return shares
