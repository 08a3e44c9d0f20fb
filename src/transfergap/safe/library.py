"""Four ways to use the sources, each with left-out predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.safe.hierarchy import Belief, believe
from transfergap.safe.ridge import Candidate, control_fit, ridge_path
from transfergap.safe.source_terms import source_terms
from transfergap.safe.task import LinearTask

Floats = NDArray[np.float64]
JOINT = 0.3  # weight of the sources' own evidence; 1 believes a majority of wrong sources
FEW_SOURCES = 30  # up to here every source is tried alone to rank them
MOST_PREFIXES = 12  # a ridge fit each; beyond it the numbers of sources grow geometrically
NAMES = ("conditional", "joint", "nested", "own intercepts")


@dataclass(frozen=True)
class Library:
    """The control and the candidates of a task.

    Parameters
    ----------
    control : Candidate
        Target only.
    candidates : dict of str to Candidate
        By :data:`NAMES`; empty without sources.
    reversed_share : ndarray, shape (n_sources,)
        Probability that a source's labels are reversed, by the joint model: of the reversed sources
        in the sets that chose constants it named 94 %, the conditional model 5 %. Pools that turn
        such sources were tried: they kept two hundredths more, and harmed more where most sources
        are reversed.
    doubt : float
        Probability that contradicting sources are believed the wrong way round.
    """

    control: Candidate
    candidates: dict[str, Candidate]
    reversed_share: Floats
    doubt: float


def library(task: LinearTask, control: Candidate | None = None, *, seed: int) -> Library:
    """Return every candidate of a task.

    Parameters
    ----------
    task : LinearTask
    control : Candidate, optional
        If the target's fit is known already.
    seed : int
    """
    control = control_fit(task) if control is None else control
    if task.n_sources == 0:
        return Library(control, {}, np.zeros(0), 0.0)
    loss = max(task.loss(control.left_out), 1e-9)
    terms = source_terms(task, loss)
    conditional = believe(task, terms, loss, joint=0.0, seed=seed)
    joint = believe(task, terms, loss, joint=JOINT, seed=seed)
    candidates = dict(
        zip(
            NAMES,
            (
                conditional.candidate,
                joint.candidate,
                _nested(task, _ranking(task, conditional)),
                _own_intercepts(task),
            ),
            strict=True,
        )
    )
    believed = joint.options[:, 1].sum(axis=(1, 2))
    # With the probability of the doubt, every source is the other way round.
    reversed_share = believed + joint.doubt * (1.0 - 2.0 * believed)
    return Library(control, candidates, reversed_share, joint.doubt)


def _ranking(task: LinearTask, belief: Belief) -> list[int]:
    """Return the sources, the most useful first."""
    if task.n_sources <= FEW_SOURCES:
        losses = [
            task.loss(_pooled(task, np.arange(task.n_sources) == k).left_out)
            for k in range(task.n_sources)
        ]
        return [int(k) for k in np.argsort(losses, kind="stable")]
    # Expected closeness: the nearest distance counts most, reversed labels do not count.
    near = belief.options[:, 0].sum(axis=2) @ np.arange(belief.options.shape[2], 0, -1)
    return [int(k) for k in np.argsort(-near, kind="stable")]


def _pooled(task: LinearTask, chosen: NDArray[np.bool_]) -> Candidate:
    return ridge_path(
        task, task.grams * chosen[:, None, None, None], task.moments[chosen].sum(axis=0)
    )


def _nested(task: LinearTask, ranking: list[int]) -> Candidate:
    """Pool the first sources, for every number, and average by left-out loss.

    References
    ----------
    Li, Cai and Li (2022), Transfer learning for high-dimensional linear regression, section 3.
    """
    sizes = np.unique(
        np.round(np.geomspace(1, len(ranking), min(len(ranking), MOST_PREFIXES))).astype(int)
    )
    fits = [_pooled(task, np.zeros(task.n_sources, bool))]
    for size in sizes.tolist():
        fits.append(_pooled(task, np.isin(np.arange(task.n_sources), ranking[:size])))
    return mixture(task, fits, rate=1.0)


def _own_intercepts(task: LinearTask) -> Candidate:
    """Pool all sources with one intercept each, as levels may differ."""
    # Centring a source by its weighted means leaves its intercept free (Frisch and Waugh 1933).
    totals = task.grams[:, :, -1, -1]
    directions = task.grams[:, :, :, -1] / totals[:, :, None]
    grams = task.grams - np.einsum("kb,kbi,kbj->kbij", totals, directions, directions)
    moments = task.moments.copy()
    for block, responses in task.blocks():
        # Its total times its level, times its mean row.
        levels = task.moments[:, responses, -1]
        moments[:, responses] -= levels[:, :, None] * directions[:, block, None, :]
    return ridge_path(task, grams, moments.sum(axis=0))


def exponential_weights(losses: Floats, total: float, *, rate: float) -> Floats:
    """Return weights exp(-rate n (loss - min) / (2 min)), normalised.

    ``rate`` 1 is a likelihood's; smaller rates hedge against the noise of left-out losses.

    Examples
    --------
    >>> exponential_weights(np.array([1.0, 1.0]), 10.0, rate=1.0).tolist()
    [0.5, 0.5]
    """
    smallest = max(float(losses.min()), 1e-12)
    weights = np.exp(-0.5 * rate * total * (losses - smallest) / smallest)
    shares: Floats = weights / weights.sum()
    return shares


def mixture(task: LinearTask, fits: list[Candidate], *, rate: float) -> Candidate:
    """Return the average of candidates by exponential weights of their left-out losses."""
    weights = exponential_weights(
        np.array([task.loss(fit.left_out) for fit in fits]), float(task.total.mean()), rate=rate
    )
    return combined(fits, weights)


def combined(fits: list[Candidate], weights: Floats) -> Candidate:
    """Return the weighted sum of candidates."""
    return Candidate(
        np.tensordot(weights, np.stack([fit.coefficients for fit in fits]), axes=1),
        np.tensordot(weights, np.stack([fit.left_out for fit in fits]), axes=1),
        weights @ np.stack([fit.influence for fit in fits]),
        float(weights @ np.array([fit.target_share for fit in fits])),
    )
