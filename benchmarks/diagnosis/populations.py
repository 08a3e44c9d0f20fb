"""Populations that causes are planted in: real tables, each as one population, and simulated ones.

The limits of the naming rule were chosen on other data: simulated tables of another kind and tables
of R packages. Nothing here has chosen anything.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from benchmarks.diagnosis.planting import Base
from benchmarks.safe_transfer.shared_sets import SHARED, read

# Set, label, and how many kinds of its domain are one population.
REAL = {
    "taiwan_credit": "y",
    "adult_origin": "y",
    "wine2": "y",
    "wine2_quality": "quality",
    "flights_carrier": "y",
}


def base_names() -> tuple[str, ...]:
    """Return the real tables, where they are there, and kinds of simulated ones."""
    real = tuple(REAL) if SHARED.is_dir() else ()
    return (*real, "simulated numbers", "simulated classes")


def draw_base(name: str, rng: np.random.Generator) -> Base:
    """Return a population; simulated ones are drawn anew."""
    if name == "simulated numbers":
        return simulated("regression", rng)
    return simulated("binary", rng) if name == "simulated classes" else real_base(name)


@cache
def real_base(name: str) -> Base:
    """Return the largest domain of a set: one population, where only the planted cause differs."""
    label = REAL[name]
    table = read(name.removesuffix("_quality"))
    largest = table["domain"].value_counts().index[0]
    table = table[table["domain"] == largest].reset_index(drop=True)
    features = table.drop(columns=list({"y", "quality", "domain", label} & set(table.columns)))
    numbers = [c for c in features if pd.api.types.is_numeric_dtype(features[c])]
    features = features[numbers].astype(float)
    features = features.fillna(features.median())
    different = (~features.assign(y=table[label]).duplicated()).to_numpy()  # copies are a cause
    features = features[different].reset_index(drop=True)
    features = features.loc[:, features.std() > 0]
    y = table[label].to_numpy()[different]
    task = "regression" if label != "y" else "binary"
    y = y.astype(float) if task == "regression" else np.where(y == 1, "yes", "no")
    many = tuple(c for c in features if features[c].nunique() >= 9)
    return Base(name, task, features, y, many)


def simulated(task: str, rng: np.random.Generator) -> Base:
    """Return a population of correlated columns, some skewed, with a curved relation to labels."""
    n_rows, n_columns = 9000, int(rng.integers(5, 31))
    common = rng.normal(size=(n_rows, 2)) @ rng.normal(size=(2, n_columns))
    z = rng.normal(size=(n_rows, n_columns)) + rng.uniform(0, 0.8) * common
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    skewed = rng.random(n_columns) < 0.3
    z[:, skewed] = np.expm1(0.6 * z[:, skewed])
    slopes = rng.normal(size=n_columns) * (rng.random(n_columns) < 0.5)
    slopes[0] += 1.0
    signal = z @ slopes
    signal = signal / signal.std() + rng.choice([0.0, 1.0, 1.5]) * (
        np.clip(z[:, 1], -3, 3) ** 2 - 1
    )
    signal = (signal - signal.mean()) / signal.std()
    if task == "regression":
        y = signal + rng.uniform(0.3, 1.0) * rng.normal(size=n_rows)
    else:
        odds = rng.uniform(1.0, 3.0) * signal + rng.uniform(-0.8, 0.8)
        y = np.where(rng.random(n_rows) < 1.0 / (1.0 + np.exp(-odds)), "yes", "no")
    names = [f"x{j}" for j in range(n_columns)]
    scaled = z * 10.0 ** rng.uniform(-1, 2, n_columns) + rng.normal(size=n_columns) * 10.0
    return Base(f"simulated {task}", task, pd.DataFrame(scaled, columns=names), y, tuple(names))
