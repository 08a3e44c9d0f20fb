"""Members of the black-box blend: weighted sums of the same models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.safe.scores import AffineScores, MixedScores, ScoreModel
from transfergap.safe.stack import Stack, TargetRows

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """A fitted model that members weigh.

    Parameters
    ----------
    model : ScoreModel
    left_out : ndarray, shape (n_rows, n_responses)
        Its scores of target rows whose labels it has not seen.
    influence : ndarray, shape (n_sources,)
        Share of each source in it, in [0, 1].
    """

    model: ScoreModel
    left_out: Floats
    influence: Floats


@dataclass(frozen=True)
class Member:
    """``weights`` (n_parts,) and ``intercept`` (n_responses,) of a sum of parts."""

    weights: Floats
    intercept: Floats
    left_out: Floats

    def scores(self, parts: Sequence[Part]) -> ScoreModel:
        """Return the member as a model."""
        used = np.flatnonzero(self.weights).tolist()
        mixed = MixedScores(
            tuple(parts[i].model for i in used), tuple(float(self.weights[i]) for i in used)
        )
        if not self.intercept.any():
            return mixed
        return AffineScores(mixed, self.intercept, np.ones(len(self.intercept)))

    def toward(self, goal: Member, share: float) -> Member:
        """Return this member, ``share`` of the way to another."""
        return Member(
            self.weights + share * (goal.weights - self.weights),
            self.intercept + share * (goal.intercept - self.intercept),
            self.left_out + share * (goal.left_out - self.left_out),
        )

    def influence(self, parts: Sequence[Part]) -> Floats:
        """Return each source's share in the movement of scores.

        Its share of each part, parts by how far they move scores.
        """
        moved = np.abs(self.weights) * np.array([part.left_out.std() for part in parts])
        shares: Floats = moved @ np.stack([part.influence for part in parts])
        return np.clip(shares / max(float(moved.sum()), 1e-12), 0.0, 1.0)


def alone(parts: Sequence[Part], place: int) -> Member:
    """Return the member that is one part."""
    left_out = parts[place].left_out
    return Member(np.eye(len(parts))[place], np.zeros(left_out.shape[1]), left_out)


def stacked(members: Sequence[Member], stack: Stack) -> Member:
    """Stack members by the weights of their left-out scores."""
    return Member(
        stack.weights @ np.stack([member.weights for member in members]),
        stack.weights @ np.stack([member.intercept for member in members]) + stack.intercept,
        stack.left_out,
    )


def averaged(
    members: Sequence[Member], rows: TargetRows, prior: Floats | None = None
) -> tuple[Member, Floats]:
    """Average members by prior and left-out loss, with their shares."""
    shares = rows.shares([member.left_out for member in members])
    if prior is not None:
        shares = shares * prior / (shares @ prior)
    average = Member(
        shares @ np.stack([member.weights for member in members]),
        shares @ np.stack([member.intercept for member in members]),
        np.tensordot(shares, np.stack([member.left_out for member in members]), axes=1),
    )
    return average, shares
