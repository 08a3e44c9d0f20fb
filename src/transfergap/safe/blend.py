"""The linear model from target and sources, for all responses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from transfergap.safe.dial import Theta, theta_posterior, trusted_share
from transfergap.safe.library import NAMES, Library, combined, exponential_weights, library
from transfergap.safe.ridge import Candidate, control_fit
from transfergap.safe.subspace import Statistics, Subspace, subspace_of
from transfergap.safe.task import LinearTask

Floats = NDArray[np.float64]
RATE = 0.15  # of the library's weights: left-out losses choose, but gently


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
        Share of the control and of each candidate in ``coefficients``; they sum to 1.
    influence : ndarray, shape (n_sources,)
        Share of each source in the information behind ``coefficients``.
    reversed_share : ndarray, shape (n_sources,)
        Probability that a source's labels are reversed.
    theta : Theta or None
        Posterior of the best alpha; ``None`` where sources change nothing.
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
    projected = space.project(design)
    no_sources = Subspace(None, ()).statistics(0)
    libraries = []
    for r in range(responses.shape[1]):
        alone = LinearTask(design, responses[:, r], weights[:, r], *no_sources, groups, copies)
        grams, moments, powers = space.statistics(r)
        task = replace(alone, design=projected, grams=grams, moments=moments, powers=powers)
        libraries.append(library(task, control_fit(alone), seed=seed))
    return _mixed(responses, weights, libraries, space, caution=caution, groups=groups)


def _mixed(
    responses: Floats,
    weights: Floats,
    libraries: list[Library],
    space: Subspace,
    *,
    caution: float,
    groups: NDArray[np.intp] | None,
) -> LinearBlend:
    control = np.stack([one.control.coefficients for one in libraries])
    control_left = np.stack([one.control.left_out for one in libraries], axis=1)
    if not libraries[0].candidates:
        no_shares = np.zeros(0)
        return LinearBlend(
            control,
            control,
            control_left,
            control_left,
            0.0,
            {"control": 1.0},
            no_shares,
            no_shares,
            None,
        )
    shares = _shares(responses, weights, libraries)
    blends = [combined(list(one.candidates.values()), shares) for one in libraries]
    blend_left = np.stack([blend.left_out for blend in blends], axis=1)
    doubt = float(np.mean([one.doubt for one in libraries]))
    theta = theta_posterior(responses, control_left, blend_left, weights, groups, doubt)
    alpha = trusted_share(theta, caution)
    coefficients = np.stack([space.lift(blend.coefficients) for blend in blends])
    used = {"control": 1.0 - alpha}
    used |= {name: float(alpha * share) for name, share in zip(NAMES, shares, strict=True)}
    # Mean over responses of the posterior of the sign, summed over distance and level.
    reversed_share = np.mean([one.options[:, 1].sum(axis=(1, 2)) for one in libraries], axis=0)
    return LinearBlend(
        control=control,
        # Written so that alpha 0 gives the control to the last bit.
        coefficients=control if alpha == 0 else control + alpha * (coefficients - control),
        control_left_out=control_left,
        left_out=control_left if alpha == 0 else control_left + alpha * (blend_left - control_left),
        alpha=alpha,
        weights=used,
        influence=alpha * _influence(blends),
        reversed_share=reversed_share,
        theta=theta,
        doubt=doubt,
        average=Candidate(coefficients, blend_left, _influence(blends)),
    )


def _shares(responses: Floats, weights: Floats, libraries: list[Library]) -> Floats:
    """Return each candidate's share, by its left-out loss.

    One share for all responses.
    """
    losses = [
        float(
            np.average(
                (responses - np.stack([one.candidates[name].left_out for one in libraries], axis=1))
                ** 2,
                weights=weights,
            )
        )
        for name in NAMES
    ]
    return exponential_weights(np.array(losses), float(weights.sum(axis=0).mean()), rate=RATE)


def _influence(blends: list[Candidate]) -> Floats:
    influence: Floats = np.mean([blend.influence for blend in blends], axis=0)
    return np.clip(influence, 0.0, 1.0)
