"""Real problems whose truth can be measured: a small target, sources, and many rows held back.

Seven tables with two classes, of which one domain is the target and one or two others are sources
(as in benchmarks.decisions; none was used to choose the prior), scans of digits beside MNIST, and
texts of four registers.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.decisions import FEWEST_TEST, home_and_away
from benchmarks.dirty_files.clean import LABEL, SHARED, tables
from transfergap.data.problem import Problem, Sample
from transfergap.data.tables.normal_form import in_normal_form
from transfergap.data.validation import make_problem
from transfergap.datasets import load_digits

MARGIN = 0.02
FEWEST_OF_A_CLASS = 10  # of two classes in the target
MOST_TEXTS = 400  # of a source of texts: more only cost time
DIGITS, TEXTS = "digits", "sentiment_vader4"
# Draws of each target size; audits of digits and texts are dear.
DRAWS = {DIGITS: 4, TEXTS: 3}
DRAWS_OF_TABLES = 6


@dataclass(frozen=True)
class Pool:
    """Rows of the target's domain in random order, and the sources.

    The first rows are the target of the audit, the others say what is true of it.
    """

    rows: Sample
    sources: dict[str, tuple[Any, np.ndarray]]
    metric: str

    def problem(self, index: np.ndarray) -> Problem | None:
        """Return the audit's problem with these rows as the target.

        ``None`` where one of two classes has too few rows.
        """
        target = self.rows.rows(index)
        counts = np.unique(target.y, return_counts=True)[1]
        if self.metric == "roc_auc" and (len(counts) < 2 or counts.min() < FEWEST_OF_A_CLASS):
            return None
        X = target.X.reset_index(drop=True) if hasattr(target.X, "iloc") else target.X
        return make_problem(X, target.y, sources=self.sources, metric=self.metric, margin=MARGIN)


def names() -> tuple[str, ...]:
    """Return the names of all problems."""
    return (*_tables(), DIGITS, TEXTS)


def n_draws_of(name: str) -> int:
    return DRAWS.get(name, DRAWS_OF_TABLES)


def pool(name: str, n: int, draw: int) -> Pool | None:
    """Draw domain, sources and order of rows of a problem; ``None`` where rows are too few."""
    if name == DIGITS:
        return _digits(draw)
    if name == TEXTS:
        return _texts(n, draw)
    drawn = home_and_away(_tables()[name], name, n, draw)
    if drawn is None:
        return None
    rows, sources = drawn
    return Pool(Sample(rows.drop(columns=LABEL), rows[LABEL].to_numpy()), sources, "roc_auc")


@cache
def _tables() -> dict[str, pd.DataFrame]:
    return {
        name: in_normal_form(table, name)
        for name, table in tables(judged_only=True).items()
        if table["domain"].value_counts().max() >= 60 + FEWEST_TEST
    }


def _digits(draw: int) -> Pool:
    data = load_digits(n_target=1397, random_state=draw)
    rng = np.random.default_rng([draw, zlib.crc32(DIGITS.encode())])
    away = rng.permutation(sorted(data.sources))[:2]
    sources = {label: data.sources[name] for label, name in zip("bc", away, strict=True)}
    return Pool(Sample(data.X, data.y), sources, "accuracy")


@cache
def _all_texts() -> pd.DataFrame:
    return pd.read_parquet(SHARED / TEXTS / "data.parquet")


def _texts(n: int, draw: int) -> Pool:
    table = _all_texts()
    rng = np.random.default_rng([draw, n, zlib.crc32(TEXTS.encode())])
    home, *away = rng.permutation(sorted(table["domain"].unique()))[:3]

    def part(domain: str, most: int | None) -> tuple[list[str], np.ndarray]:
        rows = table[table["domain"] == domain]
        rows = rows.iloc[rng.permutation(len(rows))[:most]]
        return rows["text"].tolist(), rows["y"].to_numpy()

    rows = Sample(*part(home, None))
    sources = {label: part(name, MOST_TEXTS) for label, name in zip("bc", away, strict=True)}
    return Pool(rows, sources, "roc_auc")
