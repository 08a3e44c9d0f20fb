"""Are target rows found in a source, whatever was done to them, and not where there are none?

Criterion, fixed before the run: where the columns that were left as they are can tell rows apart
(the search says so itself of these columns alone, and no two different rows of the files are equal
in all of them: not even who knows the changed columns could tell copies from those), planted copies
are found in at least 99 % (share of the planted rows, averaged over files); copies are said of at
most 0.5 % of clean sources, up to the binomial error (99.99 % bound); 10^6 source rows of 50
columns against 1,000 target rows take at most 5 s of CPU.

Tables are the bundled ones and, where they are beside the checkout, those of ``../shared/data``;
the source is of another domain, so that rows differ as they do in use. Planted are 5, 30 and
100 % of 150 target rows, unchanged or changed. Tables that were looked at while the search was
built are reported apart from those that judge.

    python -m benchmarks.copies --draws 6
    python -m benchmarks.copies --choose    what the constants of the decision were chosen by

Writes benchmarks/results/copies.json, from which docs/files.md takes its table.
"""

from __future__ import annotations

import argparse
import time
import zlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import joblib
import numpy as np
import pandas as pd

from benchmarks.dirty_files.clean import BUILT_ON, LABEL, tables
from benchmarks.dirty_files.kinds import (
    of_strangers,
    rescaled,
    rounded,
    standardised,
    to_digits,
)
from benchmarks.record import write_record
from transfergap.data.copies import decide, search_rows
from transfergap.data.copies.decision import FEWEST, clearance, go_together, patterns

SHARES = (0.05, 0.3, 1.0)
N_TARGET, N_SOURCE = 150, 600
# Digits to which clean sources are rounded beside a target that is not.
COARSER = {"a tenth of its spread": 2, "its spread": 1}
SAME_PEOPLE = ("student",)  # the same pupils are in both subjects: no source there is clean
CHANGES = {
    "unchanged": lambda rows, rng: rows,
    "one column of strangers": of_strangers(1),
    "two columns of strangers": of_strangers(2),
    "three columns of strangers": of_strangers(3),
    "rounded": rounded,
    "up to three columns in other units": rescaled,
    "rounded, one column of strangers": lambda rows, rng: of_strangers(1)(rounded(rows, rng), rng),
}


def searched(name: str, table: pd.DataFrame, k: int) -> list[dict[str, Any]]:
    """Search one clean source, and the same with copies of every kind."""
    rng = np.random.default_rng([k, zlib.crc32(name.encode())])
    sizes = table["domain"].value_counts()
    first, second = rng.choice(sizes.index[sizes >= 60], 2, replace=False)
    target, source = (_rows(table, domain, n, rng) for domain, n in
                      ((first, N_TARGET), (second, N_SOURCE)))  # fmt: skip
    made = [_outcome(name, "clean", 0.0, target, source, 0, can_tell=can_tell(target, source))]
    numbers = source.drop(columns=LABEL).select_dtypes("number").columns
    for size, digits in COARSER.items():
        coarse = to_digits(source.astype(dict.fromkeys(numbers, float)), digits)
        tell = can_tell(target, coarse)
        change = f"clean, source rounded to {size}"
        made.append(_outcome(name, change, 0.0, target, coarse, 0, can_tell=tell))
    for change, changed in CHANGES.items():
        for share in SHARES:
            n = max(1, round(share * len(target)))
            rows = target.iloc[rng.permutation(len(target))[:n]]
            copies = changed(rows.copy(), rng)
            dirty = pd.concat([source, copies], ignore_index=True)
            shown = rounded(target.copy(), rng) if "rounded" in change else target
            names = untouched(rows, copies)
            tell = can_tell(shown, dirty, names)
            outcome = _outcome(name, change, share, target, dirty, n, can_tell=tell)
            made.append({**outcome, "unlike": tell and are_unlike(target, source, names)})
    return made + _standardised(name, target, source, rng)


def _standardised(
    name: str, target: pd.DataFrame, source: pd.DataFrame, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Search sources where each file was standardised by itself, without and with copies."""
    made = []
    for share in (0.0, *SHARES):
        n = round(share * len(target))
        copies = target.iloc[rng.permutation(len(target))[:n]]
        dirty = pd.concat([source, copies], ignore_index=True)
        files = [standardised(frame, rng, "") for frame in (target, dirty)]
        change = "each file standardised" if n else "clean, each file standardised"
        tell = can_tell(target, dirty)
        outcome = _outcome(name, change, share, *files, n, can_tell=tell)
        made.append({**outcome, "unlike": tell and are_unlike(target, source, list(target))})
    return made


def can_tell(target: pd.DataFrame, source: pd.DataFrame, columns: Sequence[str] = ()) -> bool:
    """Return whether these columns (all, if none is named) can tell rows apart one by one."""
    names = list(columns or target.columns.drop(LABEL))
    return search_rows(target[names], source[names]).outcome == "searched"


def are_unlike(target: pd.DataFrame, source: pd.DataFrame, names: Sequence[str]) -> bool:
    """Return whether no two rows of clean files are equal in all of these columns."""
    return not pd.concat([target, source])[list(names)].duplicated().any()


def untouched(rows: pd.DataFrame, copies: pd.DataFrame) -> list[str]:
    """Return the columns whose values were left as they are, or rounded."""
    names = []
    for name in rows.columns.drop(LABEL):
        here, there = rows[name], copies[name]
        if here.dtype.kind in "if" and there.dtype.kind in "if":
            blur = 0.01 * float(here.std()) if len(here) > 1 else 0.0
            same = bool(((here - there).abs().fillna(0.0) <= blur).all())
        else:
            same = bool((here.astype(str) == there.astype(str)).all())
        if same:
            names.append(str(name))
    return names


def _rows(table: pd.DataFrame, domain: str, n: int, rng: np.random.Generator) -> pd.DataFrame:
    rows = table[table["domain"] == domain].drop(columns="domain")
    return rows.iloc[rng.permutation(len(rows))[:n]].reset_index(drop=True)


def _outcome(
    name: str,
    change: str,
    share: float,
    target: pd.DataFrame,
    source: pd.DataFrame,
    n: int,
    *,
    can_tell: bool,
) -> dict[str, Any]:
    search = search_rows(target.drop(columns=LABEL), source.drop(columns=LABEL))
    removed = decide(search, target[LABEL].to_numpy(), source[LABEL].to_numpy()).removed
    planted = np.arange(len(source)) >= len(source) - n
    return {
        "table": name,
        "change": change,
        "share": share,
        "can_tell": can_tell,
        "found": float(removed[planted].mean()) if n else 0.0,
        "others": int(removed[~planted].sum()),
    }


def summary(outcomes: list[dict[str, Any]], *, judging: bool) -> list[dict[str, Any]]:
    """Return a row for each change, over the tables that judge or those built on."""
    rows: defaultdict[tuple[str, float], list[dict[str, Any]]] = defaultdict(list)
    for one in outcomes:
        if (one["table"] not in BUILT_ON) == judging and one["table"] not in SAME_PEOPLE:
            rows[one["change"], one["share"]].append(one)
    return [
        {
            "change": change,
            "share": share,
            "n": len(ones),
            "n_can_tell": sum(one["can_tell"] for one in ones),
            "found_can_tell": _mean([one["found"] for one in ones if one["can_tell"]]),
            "n_unlike": sum(one.get("unlike", False) for one in ones),
            "found_unlike": _mean([one["found"] for one in ones if one.get("unlike", False)]),
            "found_all": _mean([one["found"] for one in ones]),
            "alarms": sum(one["others"] > 0 for one in ones),
        }
        for (change, share), ones in rows.items()
    ]


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def seconds() -> float:
    """Return the CPU time of one large search."""
    rng = np.random.default_rng(0)
    target, source = (pd.DataFrame(rng.normal(size=(n, 40))) for n in (1000, 1_000_000))
    for j in range(10):
        target[f"c{j}"] = rng.integers(0, 5 + j, len(target))
        source[f"c{j}"] = rng.integers(0, 5 + j, len(source))
    for frame in (target, source):
        frame.columns = [str(column) for column in frame.columns]
    started = time.process_time()
    search_rows(target, source)
    return time.process_time() - started


def clear_margins(name: str, table: pd.DataFrame, n_pairs: int = 40) -> list[float]:
    """Return by how many bits the best pairs of clean files pass all pairs within each file.

    Of the three to six best pairs that differ alike and whose labels go together; the second file
    is of the same domain every other time.
    """
    margins = []
    sizes = table["domain"].value_counts()
    for k in range(1000, 1000 + n_pairs):
        rng = np.random.default_rng([k, zlib.crc32(name.encode())])
        first, second = rng.choice(sizes.index[sizes >= 60], 2, replace=False)
        rows = _rows(table, first, 10**9, rng)
        if k % 2 and len(rows) < N_TARGET + 50:
            continue
        target = rows[:N_TARGET].reset_index(drop=True)
        source = (rows[N_TARGET : N_TARGET + N_SOURCE].reset_index(drop=True) if k % 2
                  else _rows(table, second, N_SOURCE, rng))  # fmt: skip
        margins.append(_clear_margin(target, source))
    return margins


def _clear_margin(target: pd.DataFrame, source: pd.DataFrame) -> float:
    search = search_rows(target.drop(columns=LABEL), source.drop(columns=LABEL))
    labels = (target[LABEL].to_numpy(), source[LABEL].to_numpy())
    best = -np.inf
    for columns in patterns(search.links):
        changed = ~search.links.agree.all(axis=1)
        alike = search.links.agree[:, ~columns].all(axis=1) & changed
        excess = np.sort(search.links.excess[alike])[::-1]
        for cut in excess[FEWEST - 1 : 6]:
            pairs = search.links.chosen(alike & (search.links.excess >= cut))
            if go_together(pairs, labels):
                best = max(best, clearance(search, pairs, columns))
    return best


def choose(chosen: dict[str, pd.DataFrame]) -> None:
    """Print what the bits of a clear pair were chosen by: clean pairs of tables built on."""
    for name in BUILT_ON:
        if name in chosen and name not in SAME_PEOPLE:
            margins = sorted(clear_margins(name, chosen[name]), reverse=True)
            print(name, len(margins), "clean pairs, largest margins", np.round(margins[:5], 1))


def main() -> None:
    """Run and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--choose", action="store_true")
    options = parser.parse_args()
    chosen = {n: t for n, t in tables().items() if (t["domain"].value_counts() >= 60).sum() > 1}
    if options.choose:
        choose(chosen)
        return
    parts = joblib.Parallel(n_jobs=options.jobs, verbose=5)(
        joblib.delayed(searched)(name, table, k)
        for name, table in chosen.items()
        for k in range(options.draws)
    )
    outcomes = [one for part in parts for one in part]
    record = {
        "draws": options.draws,
        "tables": list(chosen),
        "built_on": [name for name in BUILT_ON if name in chosen],
        "judging": summary(outcomes, judging=True),
        "building": summary(outcomes, judging=False),
        "cpu_s_of_a_million_rows": round(seconds(), 2),
    }
    write_record("copies", record)
    for row in (*record["judging"], *record["building"]):
        print(row)
    print(record["cpu_s_of_a_million_rows"], "s")


if __name__ == "__main__":
    main()
