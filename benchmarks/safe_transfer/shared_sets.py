"""The real sets beside the checkout, in ../shared/data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.safe_transfer.domains import DataSet, cut, numbers_of
from benchmarks.safe_transfer.texts import dense_topics

SHARED = Path(__file__).parents[3] / "shared" / "data"

# What the script of the UCI archive (student-merge.R) joins the two subjects' pupils by.
PUPIL = [
    "sex", "age", "address", "famsize", "Pstatus", "Medu", "Fedu", "Mjob", "Fjob", "reason",
    "nursery", "internet",
]  # fmt: skip


def shared_sets() -> dict[str, Callable[[], DataSet]]:
    """Return how to load each set by name; nothing where the folder is absent."""
    if not SHARED.is_dir():
        return {}
    return {
        "heart4": load_heart,
        "taiwan_credit": lambda: load_table("taiwan_credit"),
        "injury2": lambda: load_table("injury2", levels=("indust", "injtype")),
        "flights_carrier": lambda: load_table("flights_carrier", family="flights"),
        "adult_origin": lambda: load_table("adult_origin"),
        "wine2": lambda: load_table("wine2", drop=("quality",)),
        "wine2_quality": lambda: load_table(
            "wine2", label="quality", name="wine2_quality", family="wine2"
        ),
        "student": lambda: load_student("student", label="y"),
        "student_grade": lambda: load_student("student_grade", label="G3"),
        "sentiment_vader4": load_texts,
    }


def read(folder: str) -> pd.DataFrame:
    return pd.read_parquet(SHARED / folder / "data.parquet")


def load_table(folder: str, **how: Any) -> DataSet:
    return dataset_of(read(folder), name=how.pop("name", folder), **how)


def dataset_of(
    table: pd.DataFrame,
    *,
    name: str,
    family: str | None = None,
    label: str = "y",
    drop: tuple[str, ...] = (),
    levels: tuple[str, ...] = (),
    units: np.ndarray | None = None,
) -> DataSet:
    """Cut a table with columns ``domain`` and ``y`` into domains."""
    features = table.drop(columns=list({"y", "domain", label, *drop}))
    domains = cut(
        numbers_of(features, levels),
        table[label].to_numpy(dtype=float),
        table["domain"].to_numpy(dtype=str),
        units,
    )
    return DataSet(name, family or name, "binary" if label == "y" else "regression", domains)


def load_heart() -> DataSet:
    """Return the four hospitals; -9 and its kin are the archive's code for "not measured"."""
    table = read("heart4")
    for name in table.columns.difference(["oldpeak", "domain", "y"]):
        table[name] = table[name].where(table[name] >= 0)
    return dataset_of(table, name="heart4")


def load_student(name: str, *, label: str) -> DataSet:
    """Return subject by school; ``units`` are pupils, who may sit in both subjects."""
    table = read("student")
    pupils = table.groupby(PUPIL).ngroup().to_numpy()
    return dataset_of(
        table, name=name, family="student", label=label, drop=("G1", "G2", "G3"), units=pupils
    )


def load_texts() -> DataSet:
    """Return texts as 60 components of TF-IDF, fitted on all texts without labels."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    table = read("sentiment_vader4")
    weights = TfidfVectorizer(min_df=3, sublinear_tf=True).fit_transform(table["text"].astype(str))
    domains = cut(
        dense_topics(weights),
        table["y"].to_numpy(dtype=float),
        table["domain"].to_numpy(dtype=str),
    )
    return DataSet("sentiment_vader4", "sentiment", "binary", domains)
