"""Pairs of clean tables of known truth: a source that cannot help, or one that cannot hurt."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

SHARED = Path(__file__).parents[3] / "shared" / "data"
N_TARGET, N_SOURCE = 120, 240
MOST_COLUMNS = 14  # of the widest tables: more only cost time
Truth = Literal["cannot help", "cannot hurt"]
# Tables that were looked at while the search for copies was built; the others judge.
BUILT_ON = ("heart4", "adult_origin", "beijing12", "flights_carrier", "taiwan_credit", "student",
            "wine2")  # fmt: skip
ANSWERS = ("PM2.5", "count", "quality", "total_UPDRS", "G1", "G2", "G3", "score")
LABEL = "outcome"
# Tables that hold rows of one case twice with a digit changed (alcohol 11.1 and 11.0666...): such
# rows are copies, and no clean file may have one on each side.
CASES_TWICE = ("wine2",)


@dataclass(frozen=True)
class Pair:
    """A target and a source with their labels in the column ``outcome``.

    Parameters
    ----------
    target, source : DataFrame
    truth : {"cannot help", "cannot hurt"}
        A source with labels dealt out at random cannot help; one of the target's own domain cannot
        hurt.
    n_copies : int
        Rows at the end of the source that are target rows.
    """

    target: pd.DataFrame
    source: pd.DataFrame
    truth: Truth
    n_copies: int = 0

    def with_source(self, source: pd.DataFrame) -> Pair:
        """Return the pair with another source."""
        return replace(self, source=source)


def tables(*, judged_only: bool = False) -> dict[str, pd.DataFrame]:
    """Return every table with two classes in ``outcome`` and its domain in ``domain``."""
    loaded = {}
    for name, frame in _sources():
        if judged_only and name in BUILT_ON:
            continue
        frame = frame.rename(columns={"y": LABEL})
        frame = frame.drop(columns=[column for column in ANSWERS if column in frame])
        rest = [column for column in frame if column not in ("domain", LABEL)][:MOST_COLUMNS]
        loaded[name] = frame[["domain", *rest, LABEL]]
    return loaded


def _sources() -> Iterator[tuple[str, pd.DataFrame]]:
    from transfergap.datasets._dataset import read_table

    for name in ("claims", "flights"):
        yield name, read_table(f"{name}.parquet")
    for file in sorted(SHARED.glob("*/data.parquet")):
        frame = pd.read_parquet(file)
        two_classes = "y" in frame and frame["y"].nunique() == 2
        if two_classes and "text" not in frame:
            yield file.parent.name, frame


def draw(name: str, table: pd.DataFrame, truth: Truth, seed: int) -> Pair:
    """Return a target of 120 rows and a source of 240 from one table."""
    rng = np.random.default_rng([seed, zlib.crc32(f"{name} {truth}".encode())])
    sizes = table["domain"].value_counts()
    large = [domain for domain in sizes.index if sizes[domain] >= N_TARGET + N_SOURCE]
    domain = large[int(rng.integers(len(large)))] if large else sizes.index[0]
    rows = table[table["domain"] == domain].drop(columns="domain")
    # Of rows that are equal but for their label one stays, drawn: were one of each label to stay,
    # what a target row has its equal in the source would not, and nearest neighbours would be hurt.
    features = [name for name in rows.columns if name != LABEL]
    rows = rows.iloc[rng.permutation(len(rows))].drop_duplicates(features).reset_index(drop=True)
    if name in CASES_TWICE:
        rows = without_second_entries(rows)
    target = rows.iloc[:N_TARGET].reset_index(drop=True)
    source = rows.iloc[N_TARGET : N_TARGET + N_SOURCE].reset_index(drop=True)
    if truth == "cannot help":
        source[LABEL] = rng.permutation(source[LABEL].to_numpy())
    return Pair(target, source, truth)


def without_second_entries(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that differ from all before them in at least two columns."""
    names = [name for name in rows.columns if name != LABEL]
    again = np.zeros(len(rows), bool)
    for left_out in names:
        again |= rows.duplicated([name for name in names if name != left_out]).to_numpy()
    return rows[~again].reset_index(drop=True)
