"""Source rows that tell the label of the nearest target row alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]
# Labels of rows, labels of others, and the others' places by distance from each row.
Neighbours = tuple[NDArray[Any], NDArray[Any], NDArray[np.intp]]
COPIES = "Copies with noise, and persons who were measured again, look like that"
_RARE = 0.005  # one honest help in 200 is withheld: cheap beside a leak that is believed
_SMALLEST_EXCESS = 0.1  # of the comparisons: less gains little; chosen by hand, as _RARE was
MOST_AMONG = 5_000  # of a source among themselves: the null is known well enough


@dataclass(frozen=True)
class LabelTwins:
    """Labels of target rows that nearest source rows tell too well.

    Parameters
    ----------
    source : str
    excess : float
        Share of comparisons in which the nearest row is closer in label than a next one, less the
        share in which it is farther.
    within : float
        The same among the source's rows.
    """

    source: str
    excess: float
    within: float

    @property
    def sentence(self) -> str:
        """Return the evidence in a sentence."""
        return (
            f"The nearest row of {self.source} tells a target row's label better than the next"
            f" rows do, in {self.excess:.0%} more comparisons than worse; among rows of"
            f" {self.source} themselves it is {self.within:.0%}."
        )

    @property
    def likeness(self) -> str:
        """Return what looks like that."""
        return COPIES

    @property
    def numbers(self) -> dict[str, float]:
        """Return the evidence by name."""
        return {"excess": self.excess, "within": self.within}


def label_twins(
    name: str, pairs: Neighbours, within: Sequence[Neighbours], *, n_siblings: int = 1
) -> LabelTwins | None:
    """Compare the labels of nearest rows with those of farther ones.

    Where columns are coarse, a copy with noise lies no nearer than strangers do. But it has the
    label of its row, and strangers at its distance have not.

    Parameters
    ----------
    name : str
        Of the source.
    pairs : tuple of ndarray
        Labels of target rows, labels of source rows, and for each target row the source rows by
        distance, shape (n_target, k).
    within : sequence of tuple
        The same of rows of one file among themselves, which are not their own neighbours.
    n_siblings : int
        Nearest rows that may have been made of one target row: the first is compared with others.

    Notes
    -----
    Ours. The nearest row of an honest file is a little better than farther ones, as it is nearer;
    rows of each file among themselves say by how much. Labels with less noise, or rows that lie
    denser, make both the nearest and the farther ones better. Means are compared by their standard
    errors.
    """
    if any(labels.ndim != 1 for labels in pairs[:2]) or not within:
        return None
    closeness = _closer(*pairs, n_siblings)
    usual = [_closer(*part, n_siblings) for part in within]
    excess, largest = float(closeness.mean()), max(float(part.mean()) for part in usual)
    for part in usual:
        beyond = excess - float(part.mean())
        error = float(
            np.sqrt(closeness.var(ddof=1) / len(closeness) + part.var(ddof=1) / len(part))
        )
        if beyond < _SMALLEST_EXCESS or beyond <= error * norm.isf(_RARE):
            return None
    return LabelTwins(name, excess, largest)


def _closer(
    labels: NDArray[Any], partners: NDArray[Any], nearest: NDArray[np.intp], n_siblings: int
) -> Floats:
    """Compare the distance of labels, nearest row against farther ones."""
    beside = partners[nearest]
    if labels.dtype.kind == "f" and partners.dtype.kind == "f":  # amounts; classes are coded
        errors = np.abs(beside - labels[:, None])
    else:
        errors = (beside != labels[:, None]).astype(float)
    closer: Floats = np.sign(errors[:, n_siblings:] - errors[:, :1]).mean(axis=1)
    return closer
