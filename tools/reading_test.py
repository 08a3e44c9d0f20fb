"""Reading test: does somebody who has only the page do the right thing?

python -m tools.reading_test make FOLDER            ten pages of problems whose truth is known
python -m tools.reading_test score FOLDER FILE...   answers of readers against the key

A page is one audit. For each of its sources a reader answers "use", "leave", "more" (label more
rows first) or "mend" (something in the files comes first). The key is set by how the problem was
made, not by what the audit found. An answer file is JSON: {"01": {"b": "use"}, ...}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ANSWERS = ("use", "leave", "more", "mend")
SLOPES = np.array([1.4, -1.0, 0.8, 0.5, 0.0, 0.0])
NAMES = ("age", "pressure", "pulse", "sugar", "height", "weight")
CENTRES = np.array([55.0, 130.0, 75.0, 6.0, 170.0, 75.0])
SPREADS = np.array([9.0, 17.0, 12.0, 1.2, 9.0, 13.0])


@dataclass(frozen=True)
class Reading:
    """One page: its tables, and which answers are right.

    Parameters
    ----------
    about : str
        How it was made, for the key.
    target : DataFrame
    sources : mapping of str to DataFrame
    right : mapping of str to tuple of str
        The right answers by source.
    """

    about: str
    target: pd.DataFrame
    sources: Mapping[str, pd.DataFrame]
    right: Mapping[str, tuple[str, ...]]


def patients(
    rng: np.random.Generator, n: int, *, slopes: Any = SLOPES, noise: float = 0.0
) -> pd.DataFrame:
    """Draw patients; the label follows a logistic rule, some labels wrong at random."""
    X = rng.normal(size=(n, len(NAMES)))
    ill = rng.random(n) < 1 / (1 + np.exp(-X @ np.asarray(slopes)))
    ill ^= rng.random(n) < noise
    table = pd.DataFrame(X * SPREADS + CENTRES, columns=list(NAMES)).round(1)
    return table.assign(ill=ill.astype(int))


def _helps(rng: np.random.Generator) -> Reading:
    """Return 40 target rows and 600 of the same population: a large gain."""
    return Reading("the same population, fifteen times as many rows", patients(rng, 40),
                   {"b": patients(rng, 600)}, {"b": ("use",)})  # fmt: skip


def _hurts(rng: np.random.Generator) -> Reading:
    other = patients(rng, 400, slopes=-0.7 * SLOPES[::-1])
    return Reading("another rule", patients(rng, 150), {"b": other}, {"b": ("leave",)})


def _reversed(rng: np.random.Generator) -> Reading:
    other = patients(rng, 300)
    turned = other.assign(ill=1 - other["ill"])
    return Reading("labels exchanged", patients(rng, 120), {"b": turned}, {"b": ("mend",)})


def _codes(rng: np.random.Generator) -> Reading:
    other, target = patients(rng, 300), patients(rng, 150)
    target.loc[:5, "sugar"] = np.nan
    for name in ("pressure", "pulse", "sugar"):
        other.loc[rng.random(len(other)) < 0.5, name] = -999
    return Reading("-999 for missing in three columns", target, {"b": other}, {"b": ("mend",)})


def _units(rng: np.random.Generator) -> Reading:
    other = patients(rng, 300)
    changed = other.assign(age=other["age"] * 12, sugar=other["sugar"] * 18.02)
    return Reading("months for years, mg/dl for mmol/l", patients(rng, 150), {"b": changed},
                   {"b": ("mend",)})  # fmt: skip


def _leak(rng: np.random.Generator) -> Reading:
    """Return a leak: without its copies the source is small."""
    target = patients(rng, 120)
    both = pd.concat([target, patients(rng, 60)]).sample(frac=1, random_state=1)
    both.insert(0, "record", np.arange(7000, 7000 + len(both)))
    target.insert(0, "record", np.arange(100, 100 + len(target)))
    return Reading(
        "the target's rows under new numbers", target, {"b": both}, {"b": ("mend", "more")}
    )


def _same(rng: np.random.Generator) -> Reading:
    """Return so many rows that nothing is to be gained or lost."""
    return Reading("the same population, nothing to gain", patients(rng, 3000),
                   {"b": patients(rng, 300)}, {"b": ("leave", "use")})  # fmt: skip


def _open(rng: np.random.Generator) -> Reading:
    """Return few rows on both sides and a rule somewhat off: nobody can tell."""
    other = patients(rng, 60, slopes=SLOPES * np.array([1, 1, -0.3, 1, 1, 1]))
    return Reading("few rows, a rule somewhat off", patients(rng, 50), {"b": other},
                   {"b": ("more", "leave")})  # fmt: skip


def _noise(rng: np.random.Generator) -> Reading:
    other = patients(rng, 500, slopes=0.0 * SLOPES)
    return Reading("labels that say nothing", patients(rng, 150), {"b": other}, {"b": ("leave",)})


def _two(rng: np.random.Generator) -> Reading:
    target = patients(rng, 60)
    sources = {"b": patients(rng, 500), "c": patients(rng, 500, slopes=-SLOPES * 0.8 + 0.4)}
    return Reading("one of the same population, one of another rule", target, sources,
                   {"b": ("use",), "c": ("leave", "mend")})  # fmt: skip


READINGS: tuple[Callable[[np.random.Generator], Reading], ...] = (
    _helps, _hurts, _reversed, _codes, _units, _leak, _same, _open, _noise, _two,
)  # fmt: skip
ORDER = (5, 2, 8, 0, 9, 3, 7, 1, 4, 6)  # so that no reader guesses the next


def make(folder: Path) -> None:
    """Write the pages, and apart from them the key."""
    from transfergap import audit
    from transfergap.report import save

    folder.mkdir(parents=True, exist_ok=True)
    key = {}
    for place, number in enumerate(ORDER, 1):
        reading = READINGS[number](np.random.default_rng([18, number]))
        split = {name: (t.drop(columns="ill"), t["ill"].to_numpy())
                 for name, t in {"": reading.target, **reading.sources}.items()}  # fmt: skip
        X, y = split.pop("")
        result = audit(None, X, y, sources=split, margin=0.01, name="our_clinic", verbose=0).result
        save(result, folder / f"{place:02d}.html")
        key[f"{place:02d}"] = {"about": reading.about, "right": reading.right}
    (folder / "key.json").write_text(json.dumps(key, indent=1), encoding="utf-8")


def score(key: Mapping[str, Any], answers: list[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """Return right answers and answers by page, over all readers.

    Examples
    --------
    >>> score({"01": {"right": {"b": ["use"]}}}, [{"01": {"b": "use"}}, {"01": {"b": "more"}}])
    {'01': (1, 2)}
    """
    right: dict[str, tuple[int, int]] = {}
    for page, entry in key.items():
        given = [reader[page][source] in allowed
                 for reader in answers for source, allowed in entry["right"].items()]  # fmt: skip
        right[page] = (sum(given), len(given))
    return right


def main() -> int:
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "make":
        make(folder)
        return 0
    key = json.loads((folder / "key.json").read_text(encoding="utf-8"))
    answers = [json.loads(Path(file).read_text(encoding="utf-8")) for file in sys.argv[3:]]
    scores = score(key, answers)
    for page, (n_right, n) in scores.items():
        print(f"{page}  {n_right} of {n}  {key[page]['about']}")
    total = [sum(column) for column in zip(*scores.values(), strict=True)]
    print(f"all  {total[0]} of {total[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
