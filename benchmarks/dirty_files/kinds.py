"""Kinds of dirt: what happens to tables on their way into files."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from benchmarks.dirty_files.clean import LABEL, Pair

Rng = np.random.Generator
Change = Callable[[Pair, Rng], Pair]


@dataclass(frozen=True)
class Kind:
    """A kind of dirt.

    Parameters
    ----------
    name : str
        For the table of the page.
    change : callable
        From a clean pair to a dirty one.
    suffix : str
        Of the files that are written.
    informs : bool
        Whether the dirt carries information, so that a verdict may change.
    copies : bool
        Whether target rows were planted in the source.
    spoils : bool
        Whether the dirt makes values or labels of the source wrong: then it may hurt in truth, and
        "hurts" is not called false.
    beside : str
        Kind whose verdicts its own are compared with; the clean files' if none is named. A column
        that is the same within each file tells a model which rows are the source's, as a flag does.
    """

    name: str
    change: Change
    suffix: str = ".csv"
    informs: bool = False
    copies: bool = False
    spoils: bool = False
    beside: str = ""


def both(change: Callable[[pd.DataFrame, Rng, str], pd.DataFrame]) -> Change:
    """Return a change that is made to the target and to the source."""
    return lambda pair, rng: replace(
        pair, target=change(pair.target, rng, "target"), source=change(pair.source, rng, "source")
    )


def first_number(frame: pd.DataFrame) -> str:
    """Return the column of numbers with the most different values."""
    numbers = [c for c in frame.columns if c != LABEL and frame[c].dtype.kind in "if"]
    return max(numbers, key=lambda column: frame[column].nunique())


def column(name: str, values: Callable[[int, Rng, str], object]) -> Change:
    """Return a change that puts a column first."""
    return both(lambda f, rng, side: pd.concat(
        [pd.DataFrame({name: values(len(f), rng, side)}, index=f.index), f], axis=1))  # fmt: skip


def _keys(n: int, rng: Rng, side: str) -> object:
    return rng.permutation(900_000)[:n] + (0 if side == "target" else 1_000_000)


def _written(mark: Callable[[float], str]) -> Change:
    """Write one column of numbers with marks, rounded alike in both files."""

    def change(pair: Pair, rng: Rng) -> Pair:
        del rng
        name = first_number(pair.target)
        scale = 1000.0 if pair.target[name].abs().max() < 1000 else 1.0
        frames = [
            frame.assign(**{name: [mark(v * scale) if pd.notna(v) else "" for v in frame[name]]})
            for frame in (pair.target, pair.source)
        ]
        return replace(pair, target=frames[0], source=frames[1])

    return change


def _labels(target: dict[object, object], source: dict[object, object]) -> Change:
    return lambda pair, rng: replace(
        pair,
        target=pair.target.assign(**{LABEL: pair.target[LABEL].map(target)}),
        source=pair.source.assign(**{LABEL: pair.source[LABEL].map(source)}),
    )


def copies(share: float, change: Callable[[pd.DataFrame, Rng], pd.DataFrame]) -> Change:
    """Return a change that plants target rows with their labels in the source."""

    def plant(pair: Pair, rng: Rng) -> Pair:
        n = max(1, round(share * len(pair.target)))
        rows = change(pair.target.iloc[rng.permutation(len(pair.target))[:n]].copy(), rng)
        source = pd.concat([pair.source, rows], ignore_index=True)
        return replace(pair, source=source, n_copies=len(rows))

    return plant


def of_strangers(n_columns: int) -> Callable[[pd.DataFrame, Rng], pd.DataFrame]:
    """Return a change that gives some columns the values of other rows."""

    def change(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
        names = [name for name in rows.columns if name != LABEL]
        for name in rng.choice(names, min(n_columns, len(names) // 3), replace=False):
            rows[name] = rng.permutation(rows[name].to_numpy())
        return rows

    return change


def _three_times(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    return of_strangers(1)(pd.concat([rows] * 3, ignore_index=True), rng)


def rounded(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    """Round numbers to three digits below their spread."""
    del rng
    return to_digits(rows, 3)


def to_digits(rows: pd.DataFrame, digits: int) -> pd.DataFrame:
    """Round numbers so that a standard deviation has so many digits."""
    for name in rows.columns:
        spread = rows[name].std() if rows[name].dtype.kind == "f" else 0.0
        if name != LABEL and spread > 0:
            rows[name] = rows[name].round(digits - 1 - int(np.floor(np.log10(spread))))
    return rows


def rescaled(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    """Give up to three columns of numbers another unit."""
    names = [name for name in rows.columns if name != LABEL and rows[name].dtype.kind in "if"]
    most = min(3, max(1, (rows.shape[1] - 1) // 3))
    for name in rng.choice(names, min(most, len(names)), replace=False):
        rows[name] = rows[name].astype(float) * float(rng.choice([1000.0, 2.2046, 0.01]))
    return rows


def then(*changes: Change) -> Change:
    """Return changes made one after the other."""

    def change(pair: Pair, rng: Rng) -> Pair:
        for step in changes:
            pair = step(pair, rng)
        return pair

    return change


def _truth_with_blanks(pair: Pair, rng: Rng) -> Pair:
    target = rng.random(len(pair.target)) < 0.5
    blanks = np.where(np.arange(len(target)) < 4, "", target.astype(str))
    source = (rng.random(len(pair.source)) < 0.5).astype(str)
    return replace(pair, target=pair.target.assign(flag=blanks),
                   source=pair.source.assign(flag=source))  # fmt: skip


def standardised(frame: pd.DataFrame, rng: Rng, side: str) -> pd.DataFrame:
    """Give a file's numbers mean 0 and standard deviation 1, as sites do by themselves."""
    del rng, side
    numbers = frame.drop(columns=LABEL).select_dtypes("number")
    numbers = numbers.loc[:, numbers.std() > 0]
    return frame.assign(**(numbers - numbers.mean()).div(numbers.std()).to_dict("series"))


def _days(n: int, rng: Rng, side: str) -> object:
    days = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    return days.strftime("%Y-%m-%d" if side == "target" else "%d.%m.%Y")


def _minus_ones(pair: Pair, rng: Rng) -> Pair:
    unlabelled = rng.random(len(pair.source)) < 0.1
    return pair.with_source(pair.source.assign(**{LABEL: pair.source[LABEL].mask(unlabelled, -1)}))


FLAG = "a flag of the source's rows"
ROW_NUMBER = column("Unnamed: 0", lambda n, rng, side: np.arange(n))
RECORD = column("record", lambda n, rng, side: np.arange(n) + (0 if side == "target" else 50_000))
SITE = column("site", lambda n, rng, side: [side] * n)
PATIENT = column("patient_id", lambda n, rng, side: [f"P{k:07d}" for k in _keys(n, rng, side)])
EXPORTED = column("exported", lambda n, rng, side:
                  ["2024-01-01" if side == "target" else "2024-06-01"] * n)  # fmt: skip
THOUSANDS = _written(lambda v: f"{v:,.0f}")
SAME = {0: 0, 1: 1}
WORDS = {0: "no", 1: "yes"}


def _same(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    del rng
    return rows


KINDS: tuple[Kind, ...] = (
    Kind("row numbers", ROW_NUMBER),
    Kind("record numbers", RECORD),
    Kind("patient codes", PATIENT),
    Kind("customer numbers", column("CustomerID", _keys)),
    Kind("UUIDs", column("uid", lambda n, rng, side:
                         [str(uuid.UUID(int=int(k))) for k in rng.integers(1, 2**62, n)])),
    Kind("19-digit keys", column("account_key", lambda n, rng, side:
                                 [10**18 + int(k) for k in rng.integers(1, 2**60, n)])),
    Kind(FLAG, column("added", lambda n, rng, side: [int(side == "source")] * n), informs=True),
    Kind("a site in each file", SITE, beside=FLAG),
    Kind("a date of export in each file", EXPORTED, beside=FLAG),
    Kind("an empty column", column("remarks", lambda n, rng, side: [""] * n)),
    Kind("a constant column", column("version", lambda n, rng, side: [3] * n)),
    Kind("columns in another order", lambda pair, rng: pair.with_source(
        pair.source[list(pair.source.columns[::-1])])),
    Kind("a column that only the source has", lambda pair, rng: pair.with_source(
        pair.source.assign(extra=rng.normal(size=len(pair.source))))),
    Kind("gzip", lambda pair, rng: pair, suffix=".csv.gz"),
    Kind("gzip under another name", lambda pair, rng: pair, suffix=".gz.csv"),
    Kind("Parquet", lambda pair, rng: pair, suffix=".parquet"),
    Kind("JSON", lambda pair, rng: pair, suffix=".json"),
    Kind("Excel", lambda pair, rng: pair, suffix=".xlsx"),
    Kind("tabs", lambda pair, rng: pair, suffix=".tsv"),
    Kind("a byte-order mark", lambda pair, rng: pair, suffix=".bom.csv"),
    Kind("nullable columns", both(lambda f, rng, side: f.convert_dtypes()), suffix=".parquet"),
    Kind("thousands with commas", THOUSANDS, informs=True),
    Kind("dollar signs", _written(lambda v: f"${v:,.2f}"), informs=True),
    Kind("per cent signs", _written(lambda v: f"{v:.3f} %"), informs=True),
    Kind("decimal commas", _written(lambda v: f"{v:.3f}".replace(".", ",")), informs=True),
    Kind("a word among numbers", _written(lambda v: f"{v:.3f}" if v % 7 > 0.5 else "n/k"),
         informs=True),
    Kind("labels as words", _labels(WORDS, WORDS)),
    Kind("labels in other case", _labels(WORDS, {0: "No", 1: "YES "})),
    Kind("labels as 0.0 and 1.0 in one file", _labels(SAME, {0: 0.0, 1: 1.0})),
    Kind("a class called None", _labels({0: "None", 1: "Some"}, {0: "None", 1: "Some"})),
    Kind("labels 0, 1 against 1, 2", _labels(SAME, {0: 1, 1: 2})),
    Kind("labels swapped", _labels(SAME, {0: 1, 1: 0}), informs=True, spoils=True),
    Kind("true and false, blanks in one file", _truth_with_blanks, informs=True),
    Kind("a unit changed in the source", lambda pair, rng: pair.with_source(
        rescaled(pair.source.copy(), rng)), informs=True, spoils=True),
    Kind("a column that the source lacks", lambda pair, rng: pair.with_source(
        pair.source.drop(columns=first_number(pair.source))), informs=True),
    Kind("source rows twice", lambda pair, rng: pair.with_source(
        pd.concat([pair.source, pair.source], ignore_index=True)), informs=True),
    Kind("copies, 5 %", copies(0.05, _same), copies=True),
    Kind("copies, 30 %", copies(0.3, _same), copies=True),
    Kind("copies, all", copies(1.0, _same), copies=True),
    Kind("copies, one column changed", copies(0.3, of_strangers(1)), copies=True, spoils=True),
    Kind("copies, three columns changed", copies(0.3, of_strangers(3)), copies=True, spoils=True),
    Kind("copies, rounded", copies(0.3, rounded), copies=True),
    Kind("copies in other units", copies(0.3, rescaled), copies=True, spoils=True),
    Kind("copies under new record numbers", then(copies(0.3, _same), RECORD), copies=True),
    Kind("copies under new patient codes, and a site",
         then(copies(1.0, _same), PATIENT, SITE), copies=True),
    Kind("rounded copies under new row numbers", then(copies(0.3, rounded), ROW_NUMBER),
         copies=True),
    Kind("record numbers and a site", then(RECORD, SITE), beside=FLAG),
    Kind("patient codes in gzip", PATIENT, suffix=".csv.gz"),
    Kind("thousands with commas, and row numbers", then(THOUSANDS, ROW_NUMBER), informs=True),
    Kind("a source in coarser figures", lambda pair, rng: pair.with_source(
        to_digits(pair.source.copy(), 1)), informs=True, spoils=True),
    Kind("dates in two notations", column("visited", _days), informs=True),
    Kind("-1 for labels that are missing", _minus_ones, informs=True),
    Kind("copies, each file standardised", then(copies(1.0, _same), both(standardised)),
         copies=True),
    Kind("copies, each three times, one column changed", copies(1.0, _three_times), copies=True,
         spoils=True),
)  # fmt: skip
