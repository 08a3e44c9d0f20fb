"""Sentiment of reviews, as numbers or as texts."""

from __future__ import annotations

import os
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from transfergap.datasets._dataset import TransferDataset, check_known, draw_rows, read_arrays
from transfergap.errors import DataError, accepts_old_arguments

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
    """Return one register of rated texts, with three more as sources.

    Texts are hashed counts.

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


_FETCH = "fetch it with: pip download --no-deps --no-binary :all: vaderSentiment==3.3.2"
_INNER = "hutto_ICWSM_2014.tar.gz"
_FILES = {
    "tweets": "tweets_GroundTruth.txt",
    "films": "movieReviewSnippets_GroundTruth.txt",
    "products": "amazonReviewSnippets_GroundTruth.txt",
    "editorials": "nytEditorialSnippets_GroundTruth.txt",
}
_NEUTRAL = 0.5  # on the scale of the ratings, -4 to 4


@dataclass(frozen=True)
class Register:
    """The rated texts of one register, in file order, neutral ones excluded."""

    texts: list[str]
    y: NDArray[np.int64]
    group: NDArray[np.int64]
    line: NDArray[np.int64]


def load_sentiment_texts(
    archive: str | os.PathLike[str], target: str = "tweets"
) -> TransferDataset:
    """Return the texts of all four registers in vaderSentiment's archive.

    Parameters
    ----------
    archive : path
        ``vaderSentiment-3.3.2.tar.gz`` as ``pip download --no-deps --no-binary :all:
        vaderSentiment==3.3.2`` leaves it, or the ``hutto_ICWSM_2014.tar.gz`` inside it. Nothing is
        unpacked on disk.
    target : {"tweets", "films", "products", "editorials"}
        The register to be the target.

    Returns
    -------
    TransferDataset
        ``X`` and the ``X`` of every source are lists of str, in the order of the file; ``y`` int64,
        1 for positive. Rows: tweets 3,362, films 10,043, products 2,943, editorials 2,788.

    Raises
    ------
    DataError
        If ``target`` is not a register, or ``archive`` is absent or not that archive.

    Notes
    -----
    A few texts occur twice in a register (37 of the editorials). Snippets of one review or article
    share a value of ``groups``.

    Examples
    --------
    >>> data = load_sentiment_texts("vaderSentiment-3.3.2.tar.gz", "films")  # doctest: +SKIP
    >>> len(data.X)  # doctest: +SKIP
    10043
    """
    check_known(target, REGISTERS, kind="register")
    registers = read_registers(archive)
    chosen = registers[target]
    return TransferDataset(
        name="sentiment_texts",
        target=target,
        X=chosen.texts,
        y=chosen.y,
        sources={
            name: (register.texts, register.y)
            for name, register in registers.items()
            if name != target
        },
        metric="accuracy",
        margin=0.01,
        about=SENTIMENT_ABOUT,
        groups=informative_groups(chosen.group),
    )


def read_registers(archive: str | os.PathLike[str]) -> dict[str, Register]:
    """Return the four registers of ``archive``.

    Either the source distribution or its inner archive.
    """
    path = Path(archive)
    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r} to read the texts from.", hint=_FETCH)
    try:
        with tarfile.open(path) as outer:
            inner = _member(outer, _INNER)
            if inner is None:
                return _read_texts(outer, path)
            with tarfile.open(fileobj=inner) as nested:
                return _read_texts(nested, path)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(f"{str(path)!r} is not a readable tar archive.", hint=_FETCH) from error


def _read_texts(archive: tarfile.TarFile, path: Path) -> dict[str, Register]:
    registers = {}
    for name in REGISTERS:
        file = _member(archive, _FILES[name])
        if file is None:
            raise DataError(f"{str(path)!r} holds no {_FILES[name]}.", hint=_FETCH)
        registers[name] = _parse(file.read().decode("utf-8"))
    return registers


def _member(archive: tarfile.TarFile, file: str) -> IO[bytes] | None:
    # Compared by whole name: the archive also holds macOS shadows such as ._tweets_GroundTruth.txt.
    for member in archive.getmembers():
        if member.isfile() and member.name.rsplit("/", 1)[-1] == file:
            return archive.extractfile(member)
    return None


def _parse(content: str) -> Register:
    texts, y, group, line = [], [], [], []
    # str.splitlines would also split at Unicode separators inside a text.
    rows = content.replace("\r\n", "\n").split("\n")
    for number, row in enumerate(filter(None, rows)):
        key, rating, text = row.split("\t", 2)
        if abs(float(rating)) > _NEUTRAL:
            texts.append(text)
            y.append(int(float(rating) > 0))
            group.append(int(key.split("_")[0]))
            line.append(number)
    return Register(texts, *(np.array(column, dtype=np.int64) for column in (y, group, line)))
