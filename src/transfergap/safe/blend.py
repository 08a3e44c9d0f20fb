"""The linear model from target and sources, for all responses together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from transfergap.safe.dial import Theta, theta_posterior, trusted_share
from transfergap.safe.library import NAMES, Library, combined, exponential_weights, library
from transfergap.safe.ridge import Candidate, control_fit
from transfergap.safe.subspace import Statistics, Subspace, has_equal_columns, subspace_of
from transfergap.safe.task import LinearTask

Floats = NDArray[np.float64]
RATE = 0.15  # of the library's weights: left-out losses choose, but gently
_NO_VARIANCE = 1e-12  # of a column in the target's scale: rounding
_LEAST_LOSS = 0.05  # of a class, relative to the mean of all; by convention


@dataclass(frozen=True)
class LinearBlend:
    """Result of the linear engine.

    Parameters
    ----------
    control, coefficients : ndarray, shape (n_responses, q)
        Of the model on the target alone, and of the model that uses the sources.
    control_left_out, left_out : ndarray, shape (n_rows, n_responses)
        What they predict for target rows that they have not seen.
    alpha : float
        Share of the library's average in ``coefficients``; the rest is the control.
    weights : dict of str to float
        Share of the control, of the control with columns scaled by all rows, and of each candidate
        in ``coefficients``; they sum to 1.
    influence : ndarray, shape (n_sources,)
        Share of each source in the information behind ``coefficients``.
    target_share : float
        That of the target's own rows; the rest is the penalty's.
    reversed_share : ndarray, shape (n_sources,)
        Probability that a source's labels are reversed.
    theta : Theta or None
        Posterior of the best alpha; ``None`` where sources change empty.
    doubt : float
        Probability that contradicting sources are believed the wrong way round.
    average : Candidate or None
        The library's average before the dial: coefficients and left-out predictions shaped as those
        above; ``None`` without sources.
    """

    control: Floats
    coefficients: Floats
    control_left_out: Floats
    left_out: Floats
    alpha: float
    weights: dict[str, float]
    influence: Floats
    target_share: float
    reversed_share: Floats
    theta: Theta | None
    doubt: float = 0.0
    average: Candidate | None = None


def linear_blend(
    design: Floats,
    responses: Floats,
    weights: Floats,
    sources: Sequence[Statistics],
    *,
    caution: float,
    groups: NDArray[np.intp] | None = None,
    copies: Floats | None = None,
    seed: int = 0,
) -> LinearBlend:
    """Fit the control, the library and their mixture.

    Parameters
    ----------
    design : ndarray, shape (n_rows, q)
        Encoded target rows, the intercept last.
    responses, weights : ndarray, shape (n_rows, n_responses)
    sources : sequence of Statistics
        Rows or summaries, of one round.
    caution : float
        As :func:`transfergap.safe.dial.trusted_share` reads it.
    groups : ndarray of int, shape (n_rows,), optional
    copies : ndarray, shape (n_rows,), optional
        As :class:`LinearTask` reads them.
    seed : int
    """
    space = subspace_of(design, sources, seed=seed)
    n_blocks = max(space.n_blocks, 1 if has_equal_columns(weights) else weights.shape[1])
    q, r = design.shape[1], responses.shape[1]
    alone = LinearTask(
        design,
        responses,
        weights[:, :n_blocks],
        np.zeros((0, n_blocks, q, q)),
        np.zeros((0, r, q)),
        np.zeros((0, r)),
        groups,
        copies,
    )
    control = replace(control_fit(alone), influence=np.zeros(len(sources)))
    if not sources:
        return _without_sources(control)
    grams, moments, powers = space.statistics(n_blocks)
    task = replace(alone, design=space.project(design), grams=grams, moments=moments, powers=powers)
    scales = _scales(task, control)
    models = library(_scaled(task, scales), _shrunk(control, 1.0 / scales), seed=seed)
    candidates = {name: _shrunk(one, scales) for name, one in models.candidates.items()}
    rescaled = control if space.basis is not None else _rescaled_control(alone, grams)
    return _mixed(
        task,
        weights,
        replace(models, control=control, candidates=candidates),
        rescaled,
        space,
        caution=caution,
    )


def _rescaled_control(alone: LinearTask, grams: Floats) -> Candidate:
    """Fit the target alone again, its columns scaled by all rows.

    The spread of a column in twenty target rows is a poor guess of its spread, and what is shrunk
    hangs on it. Sources know it better, and their labels are not looked at.
    """
    pooled = alone.gram.mean(axis=0) + grams.sum(axis=0).mean(axis=0)
    total = max(float(pooled[-1, -1]), 1e-300)
    variances = pooled.diagonal()[:-1] / total - (pooled[:-1, -1] / total) ** 2
    scale = np.append(np.sqrt(np.where(variances > _NO_VARIANCE, variances, 1.0)), 1.0)
    fit = control_fit(replace(alone, design=alone.design / scale))
    return replace(fit, coefficients=fit.coefficients / scale, influence=np.zeros(len(grams)))


def _scales(task: LinearTask, control: Candidate) -> Floats:
    """Return divisors that make the control's losses of responses alike.

    So one noise, one prior and one distance serve all classes, rare ones too; 1 for a single
    response. A class that the control knows by heart is not blown up.
    """
    losses = task.losses(control.left_out)
    mean = max(float(losses.mean()), 1e-12)
    return np.sqrt(np.maximum(losses / mean, _LEAST_LOSS))


def _scaled(task: LinearTask, scales: Floats) -> LinearTask:
    return replace(
        task,
        responses=task.responses / scales,
        moments=task.moments / scales[:, None],
        powers=task.powers / scales**2,
    )


def _shrunk(candidate: Candidate, scales: Floats) -> Candidate:
    return replace(
        candidate,
        coefficients=candidate.coefficients * scales[:, None],
        left_out=candidate.left_out * scales,
    )


def _without_sources(control: Candidate) -> LinearBlend:
    empty = np.zeros(0)
    return LinearBlend(
        control.coefficients,
        control.coefficients,
        control.left_out,
        control.left_out,
        0.0,
        {"control": 1.0},
        empty,
        control.target_share,
        empty,
        None,
    )


def _mixed(
    task: LinearTask,
    weights: Floats,
    models: Library,
    rescaled: Candidate,
    space: Subspace,
    *,
    caution: float,
) -> LinearBlend:
    control = models.control
    shares = _shares(task, models)
    average = combined([models.candidates[name] for name in NAMES], shares)
    theta = theta_posterior(
        task.responses, control.left_out, average.left_out, weights, task.groups, models.doubt
    )
    alpha = trusted_share(theta, caution, models.doubt)
    average = replace(
        average,
        coefficients=space.lift(average.coefficients.T).T,
        influence=np.clip(average.influence, 0.0, 1.0),
    )
    used = {"control": (1.0 - alpha) ** 2, "rescaled control": alpha * (1.0 - alpha)}
    used |= {name: float(alpha * share) for name, share in zip(NAMES, shares, strict=True)}
    # What is not the blend is the control again: with the sources' scales, as far as these are
    # trusted.
    mixed = _toward(_toward(control, rescaled, alpha), average, alpha)
    return LinearBlend(
        control=control.coefficients,
        coefficients=mixed.coefficients,
        control_left_out=control.left_out,
        left_out=mixed.left_out,
        alpha=alpha,
        weights=used,
        influence=mixed.influence,
        target_share=mixed.target_share,
        reversed_share=models.reversed_share,
        theta=theta,
        doubt=models.doubt,
        average=average,
    )


def _toward(one: Candidate, other: Candidate, share: float) -> Candidate:
    """Return a mixture: the first, to the last bit, at share 0."""
    if share == 0:
        return one
    return Candidate(
        one.coefficients + share * (other.coefficients - one.coefficients),
        one.left_out + share * (other.left_out - one.left_out),
        one.influence + share * (other.influence - one.influence),
        one.target_share + share * (other.target_share - one.target_share),
    )


def _shares(task: LinearTask, models: Library) -> Floats:
    """Return each candidate's share, by its left-out loss."""
    weights = np.broadcast_to(task.weights, task.responses.shape)
    losses = [
        float(np.average((task.responses - models.candidates[name].left_out) ** 2, weights=weights))
        for name in NAMES
    ]
    return exponential_weights(np.array(losses), float(task.total.mean()), rate=RATE)
