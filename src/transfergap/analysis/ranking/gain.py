"""A gain of the linear engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gain:
    """A gain of the linear engine; positive helps.

    Parameters
    ----------
    estimate : float
    error : float
        Standard error; infinite where one sibling alone tells.
    """

    estimate: float
    error: float
