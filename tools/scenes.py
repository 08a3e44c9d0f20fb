"""Small folders of files, each one situation: what the gallery and the tutorials are typed in.

All are made of the bundled rows, changed as real files are; every draw has the seed 0.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

OTHER_UNITS = {"age": 12, "trestbps": 0.133, "chol": 1 / 38.67, "thalach": 1 / 60, "oldpeak": 10}


def hospitals(folder: Path) -> None:
    """Write the patients of each hospital to a file of its own."""
    for name, table in _hospitals().items():
        table.to_csv(folder / f"{name}.csv", index=False)


def _hospitals() -> dict[str, pd.DataFrame]:
    from transfergap.datasets import load_heart

    data = load_heart()
    parts = {data.target: (data.X, data.y), **data.sources}
    return {name: X.assign(disease=y) for name, (X, y) in parts.items()}


def _two_years() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split Cleveland's patients: the last 100, and those before."""
    table = _hospitals()["cleveland"]
    return table.iloc[:100].reset_index(drop=True), table.iloc[100:].reset_index(drop=True)


def _written(folder: Path, own: pd.DataFrame, other: pd.DataFrame, **options: Any) -> None:
    own.to_csv(folder / "own.csv", index=False, **options)
    other.to_csv(folder / "other.csv", index=False, **options)


def helps(folder: Path) -> None:
    """Write 60 patients, and 240 more of the same clinic."""
    table = _hospitals()["cleveland"]
    _written(folder, table.iloc[:60], table.iloc[60:])


def units(folder: Path) -> None:
    """Write a source that counts months, kilopascals, millimoles, hertz and millimetres."""
    own, other = _two_years()
    changed = {name: other[name] * factor for name, factor in OTHER_UNITS.items()}
    _written(folder, own, other.assign(**changed))


def reversed_labels(folder: Path) -> None:
    """Write a source in which 1 means healthy."""
    own, other = _two_years()
    _written(folder, own, other.assign(disease=1 - other["disease"]))


def leak(folder: Path) -> None:
    """Write a source that holds the target's patients under new numbers."""
    own, other = _two_years()
    both = pd.concat([other, own]).sample(frac=1, random_state=0)
    own.insert(0, "record", np.arange(5000, 5000 + len(own)))
    both.insert(0, "record", np.arange(91_000, 91_000 + len(both)))
    _written(folder, own, both)


def noise(folder: Path) -> None:
    """Write a source of which two labels in five are wrong."""
    own, other = _two_years()
    wrong = np.random.default_rng(0).random(len(other)) < 0.4
    _written(
        folder, own, other.assign(disease=np.where(wrong, 1 - other["disease"], other["disease"]))
    )


def rule(folder: Path) -> None:
    """Write a source whose label is another one: angina, not disease."""
    own, other = _two_years()
    _written(
        folder, own, other.assign(disease=(other["exang"] + (other["sex"] == 0) > 0).astype(int))
    )


def subgroup(folder: Path) -> None:
    """Write claims of two states; in the second, no long claim of a woman was recorded."""
    from transfergap.datasets import load_claims

    data = load_claims(n_target=600)
    X, y = data.sources["kentucky"]
    own = data.X.assign(long=data.y).dropna(subset=["male"])
    other = X.assign(long=y).dropna(subset=["male"]).iloc[:1200]
    other["long"] = np.where(other["male"] == 0, 0, other["long"])
    _written(folder, own, other)


def record_numbers(folder: Path) -> None:
    """Write two files in which every patient has a number."""
    own, other = _two_years()
    for letter, table in (("C", own), ("H", other)):
        table.insert(0, "patient_no", [f"{letter}-{k:05d}" for k in range(len(table))])
    _written(folder, own, other)


def spelling(folder: Path) -> None:
    """Write two German files whose labels are spelled each in its own way."""
    own, other = _two_years()
    own = own.assign(disease=np.where(own["disease"] == 1, "yes", "no"))
    other = other.assign(disease=np.where(other["disease"] == 1, "Yes ", "NO"))
    _written(folder, own, other, sep=";", decimal=",")


def fewer_columns(folder: Path) -> None:
    """Write a source that measured fewer columns, and others."""
    own, other = _two_years()
    other = other.drop(columns=["ca", "thal"]).assign(ward=["A", "B"] * (len(other) // 2) + ["A"])
    _written(folder, own, other)


def many(folder: Path) -> None:
    """Write twelve sources of 60 rows; in the last three the labels are reversed."""
    from transfergap.datasets import load_claims

    data = load_claims(n_target=150)
    data.X.assign(long=data.y).to_csv(folder / "own.csv", index=False)
    X, y = data.sources["kentucky"]
    table = X.assign(long=y)
    rng = np.random.default_rng(0)
    (folder / "clinics").mkdir()
    for k in range(12):
        part = table.iloc[60 * k : 60 * (k + 1)].reset_index(drop=True)
        if k >= 9:
            part["long"] = 1 - part["long"]
        part = part.assign(totmed=part["totmed"] * rng.uniform(0.95, 1.05))
        part.to_csv(folder / "clinics" / f"clinic_{k:02d}.csv", index=False)


def in_time(folder: Path) -> None:
    """Write flights in order of the day, and those of another carrier."""
    from transfergap.datasets import load_flights

    data = load_flights("AA", n_target=400)

    def dated(X: pd.DataFrame, y: Any) -> pd.DataFrame:
        day = pd.to_datetime({"year": 2013, "month": X["month"], "day": X["day"]})
        table = X.drop(columns=["month", "day"]).assign(late=y, date=day.dt.strftime("%Y-%m-%d"))
        return table.sort_values("date", kind="stable")

    _written(folder, dated(data.X, data.y), dated(*data.sources["EV"]))


def typing(folder: Path) -> None:
    """Write how three made-up groups learn to type: novices, pianists, and users of other keys.

    Pianists start ahead; who has another layout in the fingers is slower for a while. Learners
    differ in speed by a skewed law, so that some hardly get anywhere.
    """
    rng = np.random.default_rng(0)
    rows = []
    for group, n, start, pace in (
        ("novices", 18, 0.2, 4.0), ("piano", 13, 0.4, 3.2), ("other layout", 11, 0.1, 7.0),
    ):  # fmt: skip
        for k in range(n):
            speed = pace * np.exp(0.5 * rng.normal())
            first = min(start * np.exp(0.3 * rng.normal()), 0.9)
            for day in range(1, 11):
                right = 1 - (1 - first) * np.exp(-(day - 1) / speed) + 0.04 * rng.normal()
                rows.append(
                    (f"{group[0]}{k:02d}", group, day, round(float(np.clip(right, 0, 1)), 3))
                )
    names = ["participant", "group", "trial", "score"]
    pd.DataFrame(rows, columns=names).to_csv(folder / "typing.csv", index=False)


def water_jars(folder: Path) -> None:
    """Write seconds to solve puzzles of the same made-up people, with a habit and without.

    After many puzzles that one method solves, people stay with it where a shorter one would do.
    """
    rng = np.random.default_rng(0)
    rows = []
    for k in range(14):
        quick = np.exp(0.3 * rng.normal())
        for condition, slower in (("fresh", 1.0), ("after a habit", 1.6)):
            for puzzle in range(1, 7):
                seconds = 30 * quick * slower * puzzle**-0.4 * np.exp(0.25 * rng.normal())
                rows.append((f"S{k:02d}", condition, puzzle, round(float(seconds), 1)))
    names = ["subject", "condition", "puzzle", "seconds"]
    pd.DataFrame(rows, columns=names).to_csv(folder / "jars.csv", index=False)


SCENES: dict[str, Callable[[Path], None]] = {
    scene.__name__: scene
    for scene in (
        hospitals,
        helps,
        units,
        reversed_labels,
        leak,
        noise,
        rule,
        subgroup,
        record_numbers,
        spelling,
        fewer_columns,
        many,
        in_time,
        typing,
        water_jars,
    )
}
