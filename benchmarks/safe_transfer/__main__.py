"""Does SafeTransfer keep what other data give, and does it never take more than it gives?

Criteria, fixed before the run, beside *plain ridge on the target*, its penalty by leave-one-out
(SafeTransfer's own control is a method like any other). Kept: the share of the oracle's gain that
is kept; the oracle knows, by the test rows, the best subset of sources to pool. Surely harmed: the
share of tasks that end more than one point (of 100 AUC or 100 R2) below it, and significantly so on
the test rows.

- balanced (low caution) keeps at least 88 % with at most 1 % surely harmed, the worst at least -4;
  with a third of the sources flipped, shuffled or noisy at least 78 % with at most 1 %;
- safe (medium) keeps at least 78 % with at most .5 %; strict (high) at least 62 % with none;
- gradient boosting, fast, beside its own control (the mean of trees and ridge): at least 85 % with
  at most 1 %, in at most K + 6 fits;
- at most 60 ms of CPU for a linear fit with 10 sources, 45 columns and 500 target rows.

Real sets, every domain in turn the target, 20 to 300 labelled target rows; rivals on the same
arrays with the same penalties, tuned by the same exact leave-one-out. No constant of the engine
was chosen on the sets of the parts "linear" and "boosting", nor on those of "apart" and "classes",
which came later; the constants of decision 0030 were chosen on the sets of "choosing".

    python -m benchmarks.safe_transfer --quick       a minute, a few tasks
    python -m benchmarks.safe_transfer               everything; a killed run goes on
    python -m benchmarks.safe_transfer --ours-only   SafeTransfer anew beside the stored rivals
    python -m benchmarks.safe_transfer --carry       the same, linear rivals from the record;
                                                     with --part, other parts too
    python -m benchmarks.safe_transfer --part choosing --part "choosing classes"

KLIEP and KMM need `pip install skada POT`; where these are not
installed, the two rows are missing. Records are kept under runs/safe_transfer, by a digest of the
code that made them: after a change of the engine, rivals are not fitted again.

Writes benchmarks/results/safe_transfer.json, from which docs/safe_transfer.md takes its tables.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from benchmarks.record import RESULTS, commit, write_record
from benchmarks.safe_transfer.cache import RUNS
from benchmarks.safe_transfer.criteria import judged
from benchmarks.safe_transfer.density import is_installed
from benchmarks.safe_transfer.groups import by_dataset, by_size, grouped
from benchmarks.safe_transfer.linear import CONTROL
from benchmarks.safe_transfer.plan import FULL, QUICK
from benchmarks.safe_transfer.run import PARTS, How, engine_version, run_part
from benchmarks.safe_transfer.show import show
from benchmarks.safe_transfer.speed import cpu_per_fit
from benchmarks.safe_transfer.summary import summaries, table_of

LAST_DIGIT = 0.0101  # records have two decimals, and sums in another order round otherwise
LINEAR = ("linear", "apart", "classes")
JUDGING = (*LINEAR, "boosting")


def main() -> int:
    options = parsed()
    how = How(
        version=options.version or engine_version(),
        ours=not options.rivals_only,
        rivals=not options.ours_only,
        n_jobs=options.n_jobs,
        control_alone=options.carry,
    )
    started = time.process_time()
    record = measured(options.part, how, quick=options.quick)
    if options.carry:
        record = with_carried(record)
    record["cpu_s_of_this_process"] = round(time.process_time() - started, 1)
    show(record)
    if options.quick or options.rivals_only or tuple(record["groups"]) != JUDGING:
        RUNS.mkdir(parents=True, exist_ok=True)
        path = RUNS / "part.json"
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    else:
        path = write_record("safe_transfer", record)
    print(f"Written to {path}")
    return 0 if all(row["reached"] is not False for row in record["criteria"]) else 1


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.safe_transfer", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help="a few tasks; writes no result")
    parser.add_argument("--n-jobs", type=int, default=1, help="processes; CPU times grow with them")
    parser.add_argument("--ours-only", action="store_true", help="use stored rivals only")
    parser.add_argument(
        "--carry",
        action="store_true",
        help="carry linear rivals over from the record, beside plain ridge and oracle fitted anew",
    )
    parser.add_argument(
        "--rivals-only", action="store_true", help="leave SafeTransfer out; writes no result"
    )
    parser.add_argument(
        "--version", help="name of the engine's state; default: a digest of its files"
    )
    parser.add_argument(
        "--part", action="append", choices=tuple(PARTS), help="default: those that judge"
    )
    options = parser.parse_args()
    options.part = options.part or list(JUDGING)
    return options


def with_carried(record: dict[str, Any]) -> dict[str, Any]:
    """Add the stored rows of linear rivals, which do not depend on the engine.

    Their gains are over plain ridge, which is fitted anew: where its row differs from the stored
    one, the tasks are others, and nothing can be carried over.
    """
    stored = json.loads((RESULTS / "safe_transfer.json").read_text(encoding="utf-8"))
    made = set(record["plan"])
    for table in ("groups", "by_size", "by_dataset", "plan"):
        for part in made.intersection(LINEAR) if table != "plan" else ():
            record[table][part] = _carried(record[table][part], stored[table][part])
        record[table] = {part: record[table].get(part, stored[table][part]) for part in JUDGING}
    record["cpu_per_fit"] = record["cpu_per_fit"] or stored["cpu_per_fit"]
    return {
        **record,
        "criteria": judged(record["groups"], record["cpu_per_fit"]),
        "rivals_commit": stored.get("rivals_commit", stored["commit"]),
        "parts": {part: commit() if part in made else _commit_of(stored, part) for part in JUDGING},
    }


def _commit_of(stored: dict[str, Any], part: str) -> str:
    """Return the commit at which a part was made."""
    made: str = stored.get("parts", {}).get(part, stored["commit"])
    return made


def _carried(new: Any, stored: Any) -> Any:
    """Return nested tables with the rows of those methods that only the stored ones have."""
    if isinstance(new, dict):
        return {key: _carried(part, stored[key]) for key, part in new.items()}
    ran = {row["method"] for row in new}
    (plain,) = (row for row in new if row["method"] == CONTROL)
    (as_stored,) = (row for row in stored if row["method"] == CONTROL)
    apart = abs(plain["oracle_gain"] - as_stored["oracle_gain"])
    if plain["n_tasks"] != as_stored["n_tasks"] or apart > LAST_DIGIT:
        raise SystemExit(f"the tasks are not those of the record: {plain} against {as_stored}")
    rows = [row for row in stored if row["method"] not in ran]
    return sorted([*new, *rows], key=lambda row: -row["gain"])


def measured(parts: list[str], how: How, *, quick: bool) -> dict[str, Any]:
    """Run the parts and put together what is stored."""
    groups, sizes, datasets = {}, {}, {}
    for part in parts:
        ids = (QUICK if quick else FULL)[part].ids()
        table = table_of(run_part(part, ids, how))
        groups[part] = {name: summaries(rows) for name, rows in grouped(table).items()}
        sizes[part] = by_size(table)
        datasets[part] = by_dataset(table)
    cpu = cpu_per_fit() if how.ours and "linear" in parts else None
    return {
        "engine": how.label,
        "skada": version("skada") if is_installed() else None,
        "plan": {part: asdict((QUICK if quick else FULL)[part]) for part in parts},
        "criteria": judged(groups, cpu),
        "cpu_per_fit": cpu,
        "groups": groups,
        "by_size": sizes,
        "by_dataset": datasets,
    }


if __name__ == "__main__":
    sys.exit(main())
