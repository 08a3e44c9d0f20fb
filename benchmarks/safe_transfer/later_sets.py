"""Sets that came after the engine was built: some to choose its constants on, some to judge it.

The split was drawn by hand before anything was fitted, so that each side has tables of two classes,
of numbers and of several classes. No set or family stands on both sides.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.safe_transfer.domains import DataSet, Domain, Kind, cut, numbers_of
from benchmarks.safe_transfer.shared_sets import PUPIL, SHARED, load_table, read

MOST_TARGETS = 6  # domains that are a target in turn, where a set has many
# Held by the label of a row itself, or by its code, not by its measurements.
_POLLUTANTS = ("PM2.5", "SO2", "NO2", "CO", "O3")
_WINE_CUTS, _GRADE_CUTS = (5.5, 6.5), (9.5, 13.5)


def choosing_sets() -> dict[str, Callable[[], DataSet]]:
    """Return how to load each set on which constants are chosen."""
    if not SHARED.is_dir():
        return {}
    return {
        "beijing12": lambda: load_table("beijing12", drop=_POLLUTANTS),
        "beijing_season": beijing_season,
        "bike2": lambda: load_table("bike2", drop=("count",)),
        "bike2_count": lambda: load_table(
            "bike2", label="count", name="bike2_count", family="bike2"
        ),
        "bike_season": bike_season,
        "cps_region": lambda: load_table("cps_region"),
        "crime_states": lambda: load_table("crime_states"),
        "parkinsons42": parkinsons,
    }


def apart_sets() -> dict[str, Callable[[], DataSet]]:
    """Return how to load each set that judges and chose nothing."""
    if not SHARED.is_dir():
        return {}
    return {
        "breast_cohorts": lambda: load_table("breast_cohorts"),
        "diabetes130": lambda: load_table("diabetes130_specialty", name="diabetes130"),
        "diabetes_diagnosis": diabetes_diagnosis,
        "landmine29": lambda: _arrays("landmine29", "landmine29", "binary"),
        "school139": lambda: _arrays("school139", "school139", "regression"),
        "school_thirds": school_thirds,
        "wine_grades": wine_grades,
        "student_grades": student_grades,
        "digits_ten": digits_ten,
    }


def beijing_season() -> DataSet:
    """Ask for the season, by weather and pollutants."""
    table = read("beijing12")
    season = table["month"].to_numpy() % 12 // 3
    features = table.drop(columns=["y", "domain", "month", "year"])
    return _classes("beijing_season", "beijing12", features, season, table["domain"])


def bike_season() -> DataSet:
    """Ask for the season, by weather and rentals."""
    table = read("bike2")
    season = table["month"].to_numpy() % 12 // 3
    features = table.drop(columns=["y", "domain", "month"])
    return _classes("bike_season", "bike2", features, season, table["domain"])


def parkinsons() -> DataSet:
    """Take the skewed voice measures as logarithms, as the set's page asks."""
    table = read("parkinsons42")
    for name in [c for c in table if c.startswith(("Jitter", "Shimmer", "NHR"))]:
        table[name] = np.log(table[name] + 1e-6)
    numbers = numbers_of(table.drop(columns=["y", "domain", "total_UPDRS"]))
    domains = cut(numbers, table["y"].to_numpy(float), table["domain"].to_numpy(str))
    return DataSet("parkinsons42", "parkinsons42", "regression", domains)


def diabetes_diagnosis() -> DataSet:
    """Ask for the group of the first diagnosis."""
    table = read("diabetes130_specialty")
    groups = np.unique(table["diag"].astype(str), return_inverse=True)[1]
    features = table.drop(columns=["y", "domain", "diag"])
    return _classes("diabetes_diagnosis", "diabetes130", features, groups, table["domain"])


def school_thirds() -> DataSet:
    """Ask in which third of all pupils a score lies."""
    school = _arrays("school139", "school139", "regression")
    scores = np.concatenate([domain.y for domain in school.domains.values()])
    cuts = np.quantile(scores, [1 / 3, 2 / 3])
    domains = {
        name: Domain(d.X, np.searchsorted(cuts, d.y).astype(float))
        for name, d in school.domains.items()
    }
    return DataSet("school_thirds", "school139", "classes", domains)


def wine_grades() -> DataSet:
    """Ask whether a wine is poor, fair or good."""
    table = read("wine2")
    grades = np.searchsorted(_WINE_CUTS, table["quality"].to_numpy(float))
    features = table.drop(columns=["y", "domain", "quality"])
    return _classes("wine_grades", "wine2", features, grades, table["domain"])


def student_grades() -> DataSet:
    """Ask whether a pupil fails, passes or does well."""
    table = read("student")
    pupils = table.groupby(PUPIL).ngroup().to_numpy()
    grades = np.searchsorted(_GRADE_CUTS, table["G3"].to_numpy(float))
    features = table.drop(columns=["y", "domain", "G1", "G2", "G3"])
    return _classes("student_grades", "student", features, grades, table["domain"], pupils)


def digits_ten() -> DataSet:
    """Ask which of the ten digits an image shows."""
    from benchmarks.safe_transfer.bundled_sets import digits

    data = digits("digits_ten", lambda digit: digit)
    return DataSet("digits_ten", "digits", "classes", data.domains)


def _classes(
    name: str,
    family: str,
    features: pd.DataFrame,
    labels: np.ndarray,
    domains: pd.Series,
    units: np.ndarray | None = None,
) -> DataSet:
    parts = cut(numbers_of(features), labels.astype(float), domains.to_numpy(str), units)
    return DataSet(name, family, "classes", parts)


def _arrays(folder: str, name: str, kind: Kind) -> DataSet:
    with np.load(SHARED / folder / "data.npz", allow_pickle=True) as arrays:
        X, y = arrays["X"].astype(float), arrays["y"].astype(float)
        domains = cut(X, y, arrays["domain"].astype(str))
    return DataSet(name, folder, kind, domains)
