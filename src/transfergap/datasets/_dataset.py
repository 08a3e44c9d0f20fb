"""The type of a data set, its files, and draws from them."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class TransferDataset:
    """A small labelled target with named sources, ready for ``audit``.

    Parameters
    ----------
    name : str
        Name of the set, e.g. ``"digits"``.
    target : str
        Name of the target domain, e.g. ``"scans"``.
    X : ndarray of shape (n_rows, n_features), DataFrame, csr matrix or list of str
        Target rows, in random order.
    y : ndarray of shape (n_rows,)
        Target labels.
    sources : mapping of str to (X, y)
        The other domains; every ``X`` is of the same kind and has the same columns as the target's.
    metric : str
        A metric that suits the labels, e.g. ``"accuracy"``.
    margin : float
        A difference in ``metric`` too small to care about, above 0.
    about : str
        Provenance and licence in two or three sentences.
    groups : ndarray of shape (n_rows,), optional
        Which target rows belong together (snippets of one review), so that they are never split;
        None where the data do not say.

    Examples
    --------
    >>> from transfergap.datasets import load_digits
    >>> data = load_digits(n_target=50)
    >>> data
    TransferDataset(name='digits', target='scans', metric='accuracy', margin=0.02)
    >>> sorted(data.sources)
    ['mnist', 'mnist_cropped', 'more_scans']
    """

    name: str
    target: str
    X: Any = field(repr=False)  # ndarray, DataFrame, csr matrix or list of texts
    y: NDArray[Any] = field(repr=False)  # class labels, or numbers
    sources: Mapping[str, tuple[Any, NDArray[Any]]] = field(repr=False)
    metric: str
    margin: float
    about: str = field(repr=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False)


def read_bytes(file: str) -> bytes:
    """Return the content of one bundled file."""
    return (resources.files("transfergap.datasets") / "data" / file).read_bytes()


def read_arrays(file: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a bundled ``.npz`` file by name.

    Nothing in it is pickled.
    """
    with np.load(io.BytesIO(read_bytes(file)), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def read_table(file: str) -> pd.DataFrame:
    """Return one bundled parquet file as a table."""
    import pandas as pd

    return pd.read_parquet(io.BytesIO(read_bytes(file)))


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
