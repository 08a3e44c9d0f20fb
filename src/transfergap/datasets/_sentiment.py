"""Sentiment in four registers, as hashed counts of words and word pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.datasets._bundle import read_arrays
from transfergap.datasets._dataset import TransferDataset
from transfergap.datasets._draw import check_known, draw_rows
from transfergap.errors import accepts_old_arguments

REGISTERS = ("tweets", "films", "products", "editorials")
HASHING: dict[str, Any] = {  # mixed values, passed to HashingVectorizer as keywords
    "n_features": 2**14,
    "ngram_range": (1, 2),
    "norm": None,
    "alternate_sign": False,
}
SENTIMENT_ABOUT = (
    "Tweets and snippets of film reviews, product reviews and newspaper editorials, each rated for "
    "sentiment by 20 people, from vaderSentiment 3.3.2 (MIT licence). Rows with a mean rating in "
    "[-0.5, 0.5] are left out; the label is 1 if the mean is positive. The authors ask for a "
    "citation: Hutto and Gilbert (2014), VADER, ICWSM."
)


@accepts_old_arguments
def load_sentiment(
    target: str = "tweets", *, n_target: int | None = None, random_state: int = 0
) -> TransferDataset:
    """Return one register of rated texts as hashed counts, with the three others as sources.

    Parameters
    ----------
    target : {"tweets", "films", "products", "editorials"}
        The register to be the target.
    n_target : int, optional
        Target rows to draw, from 1 to 1,000; None takes all 1,000. The draw is plain.
    random_state : int
        Draws the target rows and their order; the sources are always the same 1,000 rows each.

    Returns
    -------
    TransferDataset
        ``X`` a csr matrix of shape (n_target, 16384), float64 counts of words and word pairs hashed
        to columns; ``y`` int64, 1 for positive. ``groups`` holds the review or article of each row
        if the target is ``"products"`` or ``"editorials"``, else None.

    Raises
    ------
    DataError
        If ``target`` is not a register or ``n_target`` is out of range.

    See Also
    --------
    load_sentiment_texts : all the texts, from the archive they were published in.

    Examples
    --------
    >>> data = load_sentiment("tweets", n_target=100)
    >>> data.X.shape, sorted(data.sources)
    ((100, 16384), ['editorials', 'films', 'products'])
    """
    check_known(target, REGISTERS, kind="register")
    X, y, groups = _read_register(target)
    rows = draw_rows(len(y), n_target, rng=np.random.default_rng(random_state), pool=f"{target!r}")
    return TransferDataset(
        name="sentiment",
        target=target,
        X=X[rows],
        y=y[rows],
        sources={name: _read_register(name)[:2] for name in REGISTERS if name != target},
        metric="accuracy",
        margin=0.01,
        about=SENTIMENT_ABOUT,
        groups=informative_groups(groups[rows]),
    )


def informative_groups(groups: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return ``groups``, or None if every row is one group."""
    return None if len(np.unique(groups)) == len(groups) else groups


def _read_register(name: str) -> tuple[Any, NDArray[np.int64], NDArray[np.int64]]:
    from scipy import sparse

    stored = read_arrays(f"sentiment_{name}.npz")
    # Counts a row are stored, not offsets: small numbers pack better.
    indptr = np.concatenate([[0], np.cumsum(stored["n_stored"], dtype=np.int64)])
    X = sparse.csr_matrix(
        (stored["counts"].astype(np.float64), stored["columns"].astype(np.int32), indptr),
        shape=(len(stored["y"]), HASHING["n_features"]),
    )
    return X, stored["y"].astype(np.int64), stored["group"].astype(np.int64)
