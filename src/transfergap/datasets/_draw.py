"""Draws of a small target from a larger domain, by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import DataError


def draw_rows(
    n_rows: int, n_drawn: int | None, *, rng: np.random.Generator, pool: str
) -> NDArray[np.intp]:
    """Return ``n_drawn`` row numbers out of ``n_rows`` in random order, without replacement.

    The draw is plain, not stratified, so class shares vary as they would in a real sample. None
    draws every row, in random order.

    Raises
    ------
    DataError
        If ``n_drawn`` is not in [1, ``n_rows``].
    """
    if n_drawn is None:
        n_drawn = n_rows
    if not 1 <= n_drawn <= n_rows:
        raise DataError(
            f"n_target={n_drawn} rows cannot be drawn: {pool} has {n_rows} rows to draw from.",
            hint=f"choose n_target between 1 and {n_rows}",
        )
    return rng.permutation(n_rows)[:n_drawn].astype(np.intp)


def check_known(name: str, choices: Iterable[str], *, kind: str) -> None:
    """Raise ``DataError`` with the nearest choice for an unknown name."""
    names = list(choices)
    if name in names:
        return
    # Below difflib's .6, chosen by hand: names of domains are short.
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    raise DataError(
        f"There is no {kind} {name!r}; there are {', '.join(names)}.",
        hint=f"did you mean {nearest[0]!r}?" if nearest else f"choose one of {', '.join(names)}",
    )
