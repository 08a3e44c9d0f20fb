"""The texts behind the sentiment set, from their published archive."""

from __future__ import annotations

import os
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from transfergap.datasets._dataset import TransferDataset
from transfergap.datasets._draw import check_known
from transfergap.datasets._sentiment import REGISTERS, SENTIMENT_ABOUT, informative_groups
from transfergap.errors import DataError

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
    """Return the texts of all four registers, read from the archive of vaderSentiment.

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
