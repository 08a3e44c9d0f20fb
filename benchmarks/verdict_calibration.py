"""Do our verdicts keep their error rates and their power, and those of popular rules?

Criterion, fixed before the run: over the null cells of each learner, "helps" and "hurts" by our
rules each in at most 5 % of draws, up to the binomial error of the draws (99.99 % bound). Power is
reported as a share of an oracle's that knows the true standard deviation of our estimate.

Cells: seven learners; errors that are normal, t with 3 degrees of freedom or lognormal; 30 to 1,000
rows; clustered rows, where all rules get folds that cut no group. A null is a shift of the source
at which its gain is zero (by algebra for ridge, else searched on other draws), or for clustered
rows and forests two arms that are exchangeable. Rows in order of time: benchmarks.time_claims.

    python -m benchmarks.verdict_calibration --quick     two minutes: a part of the cells, few draws
    python -m benchmarks.verdict_calibration             all; a run that is stopped goes on
    python -m benchmarks.verdict_calibration --scale 4 --only forest     more draws of some

Writes benchmarks/results/verdict_calibration.json, from which docs/calibration.md is made.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.false_claims import most_claims
from benchmarks.record import RESULTS, write_record
from benchmarks.verdicts.cells import Cell, NoNullError, judged
from benchmarks.verdicts.learners import LEARNERS
from benchmarks.verdicts.rules import CLOSED_FORM, RULES, Interval

LAWS = ("gaussian", "t3", "lognormal")
# Without 1,000 for classes: a source of 200 rows moves their losses by less than a search of the
# null can tell (it put that of log loss at a third of its place).
SIZES, FEW_SIZES, DEAR = (30, 60, 120, 300, 1000), (60, 120), ("boosting", "forest")
# Draws a cell by what a fit costs: those of trees and forests are dear.
DRAWS = {
    "ridge": 400,
    "logistic": 120,
    "5 neighbours": 60,
    "tree": 60,
    "boosting": 8,
    "forest": 8,
}
# Of targets, on which the shift without a gain is searched: where errors have heavy tails, a few of
# them carry much of the mean, and thirty put the null of boosting at twice its place.
SEARCH_DRAWS = 300
Z95 = 1.645


def cells() -> Iterator[Cell]:
    for kind in LEARNERS:
        sizes = FEW_SIZES if kind.name.startswith(DEAR) else SIZES
        for law in LAWS:
            yield from (Cell(kind.name, law, n) for n in sizes if not kind.classifies or n < 1000)
        for n in (60, 120):
            places = ("helps",) if kind.name.startswith("forest") else ("helps", "hurts")
            yield from (Cell(kind.name, "gaussian", n, place) for place in places)
        yield Cell(kind.name, "gaussian", 120, clustered=True)


def n_draws_of(cell: Cell, scale: float) -> int:
    usual = next(n for name, n in DRAWS.items() if cell.learner.startswith(name))
    fewer = 4 if cell.n >= 1000 else 1
    return max(int(usual * scale / fewer), 4)


def run_cell(cell: Cell, n_draws: int) -> dict[str, Any]:
    """Return counts by rule; power also of an oracle that knows the estimate's true spread."""
    started = time.process_time()
    shift = cell.shift(n_draws=SEARCH_DRAWS // (4 if cell.n >= 1000 else 1))
    said = list(judged(cell, shift, range(n_draws)))
    rules = {name: counted([made[name] for made in said]) for name in said[0]}
    best = CLOSED_FORM if CLOSED_FORM in rules else "ours, full"
    estimates = np.array([made[best].estimate for made in said])
    limit = Z95 * estimates.std(ddof=1)
    return {
        "cell": cell.key,
        "learner": cell.learner,
        "law": "clustered" if cell.clustered else cell.law,
        "n": cell.n,
        "place": cell.place,
        "shift": shift,
        "n_draws": n_draws,
        "rules": rules,
        "oracle": {
            "helps": int((estimates > limit).sum()),
            "hurts": int((estimates < -limit).sum()),
        },
        "cpu_s": round(time.process_time() - started, 1),
    }


def counted(made: list[Interval]) -> dict[str, int]:
    return {
        "helps": sum(bool(one.helps) for one in made),
        "hurts": sum(bool(one.hurts) for one in made),
        "covers": sum(bool(one.low <= 0 <= one.high) for one in made),
    }


def stored() -> list[dict[str, Any]]:
    path = RESULTS / "verdict_calibration.json"
    return json.loads(path.read_text(encoding="utf-8"))["rows"] if path.is_file() else []


def broken(rows: list[dict[str, Any]]) -> list[str]:
    """Return our rules that claim too often, by learner."""
    found = []
    for kind in LEARNERS:
        nulls = [row for row in rows if row["learner"] == kind.name and row["place"] == "null"]
        n_draws = sum(row["n_draws"] for row in nulls)
        for rule in (CLOSED_FORM, "ours, full", "ours, quick"):
            for claim in ("helps", "hurts"):
                n = sum(row["rules"].get(rule, {}).get(claim, 0) for row in nulls)
                if nulls and n > most_claims(n_draws):
                    found.append(f"{kind.name}: {rule}: {claim} {n} of {n_draws}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="cells of 60 rows, a tenth of draws")
    parser.add_argument("--scale", type=float, default=1.0, help="times as many draws")
    parser.add_argument("--only", default="", help="learners of this name")
    options = parser.parse_args()
    scale = 0.1 if options.quick else options.scale
    rows = [] if options.quick else stored()
    for cell in (cell for cell in cells() if options.only in cell.learner):
        n_draws = n_draws_of(cell, scale)
        done = next((row for row in rows if row["cell"] == cell.key), None)
        if (options.quick and cell.n != 60) or (done and done["n_draws"] >= n_draws):
            continue
        try:
            row = run_cell(cell, n_draws)
        except NoNullError as error:  # the cell is not in the table, and its learner has one fewer
            print(error, flush=True)
            continue
        rows = [*(other for other in rows if other is not done), row]
        ours = row["rules"]["ours, full"]
        print(f"{row['cell']:<60} {ours} of {n_draws}, {row['cpu_s']:.0f} s", flush=True)
        if not options.quick:
            fits = {name: n for name, _, n in RULES}
            write_record("verdict_calibration", {"fits": fits, "rows": rows})
    trouble = broken(rows)
    print("\n".join(trouble) or "passed")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
