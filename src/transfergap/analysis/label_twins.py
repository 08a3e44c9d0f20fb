"""Source rows that tell the label of the nearest target row alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]
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
    def numbers(self) -> dict[str, float]:
        """Return the evidence by name."""
        return {"excess": self.excess, "within": self.within}


def label_twins(
    name: str,
    target_y: NDArray[Any],
    source_y: NDArray[Any],
    nearest: NDArray[np.intp],
    nearest_within: NDArray[np.intp],
    rows_within: NDArray[np.intp],
) -> LabelTwins | None:
    """Compare the labels of nearest rows with those of the next ones.

    Where columns are coarse, a copy with noise lies no nearer than strangers do. But it has the
    label of its row, and strangers at its distance have not.

    Parameters
    ----------
    name : str
        Of the source.
    target_y, source_y : ndarray
        One label a row.
    nearest : ndarray of int, shape (n_target, k)
        Source rows by distance from each target row.
    nearest_within : ndarray of int, shape (m, k)
        Source rows by distance from some source rows, which are not among them.
    rows_within : ndarray of int, shape (m,)
        These source rows.

    Notes
    -----
    Ours. The nearest row of an honest file is a little better than the next ones, as it is a little
    nearer; the source's rows among themselves say by how much. Labels with less noise, or rows that
    lie denser, make both the nearest and the next ones better. The two means are compared by their
    standard errors.
    """
    if target_y.ndim != 1 or source_y.ndim != 1:
        return None
    closeness = _closer(target_y, source_y, nearest)
    usual = _closer(source_y[rows_within], source_y, nearest_within)
    excess, within = float(closeness.mean()), float(usual.mean())
    error = float(np.sqrt(closeness.var(ddof=1) / len(closeness) + usual.var(ddof=1) / len(usual)))
    if excess - within < _SMALLEST_EXCESS or excess - within <= error * norm.isf(_RARE):
        return None
    return LabelTwins(name, excess, within)


def _closer(labels: NDArray[Any], partners: NDArray[Any], nearest: NDArray[np.intp]) -> Floats:
    """Compare the distance of labels, nearest row against next ones."""
    beside = partners[nearest]
    if labels.dtype.kind == "f" and partners.dtype.kind == "f":  # amounts; classes are coded
        errors = np.abs(beside - labels[:, None])
    else:
        errors = (beside != labels[:, None]).astype(float)
    closer: Floats = np.sign(errors[:, 1:] - errors[:, :1]).mean(axis=1)
    return closer
