"""The result of a loader: a target, its sources, the question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
