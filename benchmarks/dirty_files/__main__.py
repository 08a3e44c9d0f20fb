"""What does the audit say of real tables that were written to files as people write them?

Criterion, fixed before the run: no kind of dirt brings false claims in more than 5 % of its draws
(99.99 % binomial bound); where the dirt carries no information, at most 1 % of the verdicts differ
from the clean file's, or, where it tells which rows are the source's, from those of a file with a
flag that says so; copies are said of at most 0.5 % of sources without any. Whether planted
copies are found is measured row by row in benchmarks.copies. The comparison with a flag came
after records in which such columns changed 5 of 300 verdicts, more than 1 %: a model is right to
use them.

Truth is known by construction: of a source whose labels were dealt out at random "helps" is false,
and of one drawn from the target's own domain "hurts" is false. A file that is refused with a reason
counts neither way; the share is shown. Where the dirt makes values of the source wrong, "hurts" may
be true and is not counted. Every file is read as `transfergap run` reads it. Tables
that were looked at while the search was built are marked, and left out with --judged.

    python -m benchmarks.dirty_files --draws 20           every kind, every table, 10 draws a truth
    python -m benchmarks.dirty_files --draws 2 --quick    four tables
    python -m benchmarks.dirty_files --first 14 --draws 20    more draws, added to the record's 14
    python -m benchmarks.dirty_files --draws 20 --again "a constant column"    a kind anew, or added

With --again the rest of the record stands: it refuses where the clean files, which are made again
too, have other verdicts than the record's. The draws that are done lie in ``runs/dirty_files`` and
are not made again. Writes benchmarks/results/dirty_files.json, from which docs/files.md takes its
table.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
import zlib
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from benchmarks.dirty_files.clean import BUILT_ON, LABEL, Pair, Truth, draw, tables
from benchmarks.dirty_files.kinds import KINDS, Kind
from benchmarks.record import RESULTS, commit, write_record
from transfergap.auditing.audit import run_design
from transfergap.cli.request.options import Request
from transfergap.cli.request.request import design_from
from transfergap.errors import TransferGapError
from transfergap.experiment.run_directory import design_record, fingerprint
from transfergap.stats.gap import Verdict

DONE = Path(__file__).parents[2] / "runs" / "dirty_files"
TRUTHS: tuple[Truth, ...] = ("cannot help", "cannot hurt")
CLEAN = Kind("clean", lambda pair, rng: pair)
SPOILT = frozenset(kind.name for kind in KINDS if kind.spoils)


@dataclass(frozen=True)
class Outcome:
    """What came of one file."""

    kind: str
    table: str
    truth: str
    draw: int
    verdict: str
    refused: str
    n_copies: int
    n_found: int
    outcome: str
    score: float
    named: bool


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a table by the suffix of its file."""
    name = path.name
    if name.endswith(".parquet"):
        frame.to_parquet(path)
    elif name.endswith(".json"):
        frame.to_json(path, orient="records")
    elif name.endswith(".xlsx"):
        frame.to_excel(path, index=False)
    elif name.endswith((".csv.gz", ".gz.csv")):
        frame.to_csv(path, index=False, compression="gzip")
    elif name.endswith(".tsv"):
        frame.to_csv(path, index=False, sep="\t")
    else:
        frame.to_csv(path, index=False, encoding="utf-8-sig" if ".bom" in name else "utf-8")


Verdicts = dict[str, dict[str, Any]]


def audited(pair: Pair, kind: Kind, table: str, seed: int, verdicts: Verdicts) -> Outcome:
    """Write a pair to files, audit them, and say what came of it.

    Files that are read as the same tables are the same design, of which every run gives the same
    bytes: ``verdicts`` holds what came of each design.
    """
    rng = np.random.default_rng([seed, zlib.crc32(kind.name.encode())])
    dirty = kind.change(pair, rng)
    facts: dict[str, Any] = {"n_copies": dirty.n_copies, "n_found": 0, "outcome": "",
                             "score": float("nan"), "verdict": "", "refused": "",
                             "named": False}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{side}{kind.suffix}" for side in ("target", "source")]
        for frame, path in zip((dirty.target, dirty.source), files, strict=True):
            write(frame, path)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                facts |= _judged(files, "neighbours" if kind.copies else "linear", verdicts)
        except TransferGapError as error:
            facts["refused"] = str(error).splitlines()[0]
    return Outcome(kind.name, table, pair.truth, seed, **facts)


def _judged(files: list[Path], model: str, verdicts: Verdicts) -> dict[str, Any]:
    request = Request(
        target=files[0], label=LABEL, sources={"b": files[1]}, arms=("b pooled",),
        effort="quick", metric="roc_auc", model=f"benchmarks.dirty_files.models:{model}",
    )  # fmt: skip
    design = design_from(request)
    facts = design.problem.sources["b"].facts
    digest = fingerprint(design_record(design))
    if digest not in verdicts:
        study = run_design(design, explain="none")
        row = study.to_frame().set_index("arm").loc["b pooled"]
        verdicts[digest] = {
            "verdict": str(row.verdict),
            "score": float(row.score),
            "named": any(f.code == "TG124" for f in study.findings),
        }
    return {
        **verdicts[digest], "n_found": facts.n_duplicates_removed, "outcome": facts.copy_search
    }  # fmt: skip


def is_false(outcome: Outcome) -> bool:
    """Return whether a verdict says what cannot be."""
    wrong = Verdict.HELPS if outcome.truth == "cannot help" else Verdict.HURTS
    unknown = outcome.kind in SPOILT and outcome.truth == "cannot hurt"
    return outcome.verdict == str(wrong) and not unknown


def row_of(kind: Kind, outcomes: dict[str, list[Outcome]]) -> dict[str, Any]:
    """Return one row of the table."""
    judged = [o for o in outcomes[kind.name] if o.verdict]
    reference = {(o.table, o.truth, o.draw): o for o in outcomes[kind.beside or CLEAN.name]}
    helps = [o for o in judged if o.truth == "cannot help"]
    hurts = [o for o in judged if o.truth == "cannot hurt"]
    neutral = not (kind.informs or kind.copies)
    return {
        "kind": kind.name,
        "neutral": neutral,
        "copies": kind.copies,
        "beside": kind.beside,
        "n": len(outcomes[kind.name]),
        "refused": len(outcomes[kind.name]) - len(judged),
        "false_helps": sum(map(is_false, helps)), "n_cannot_help": len(helps),
        "false_hurts": sum(map(is_false, hurts)),
        "n_cannot_hurt": 0 if kind.spoils else len(hurts),
        "changed": sum(o.verdict != reference[o.table, o.truth, o.draw].verdict for o in judged),
        "named": sum(o.named for o in judged),
        "alarms": 0 if kind.copies else sum(o.n_found > 0 for o in judged),
        "reasons": sorted({o.refused for o in outcomes[kind.name] if o.refused})[:3],
    }  # fmt: skip


def outcomes_of(name: str, table: pd.DataFrame, k: int, kinds: tuple[Kind, ...]) -> list[Outcome]:
    """Audit one clean pair and its dirty forms of some kinds, or read what came of them."""
    digest = zlib.crc32("\n".join(kind.name for kind in kinds).encode())
    file = DONE / f"{name}-{k}-{digest:08x}.json"
    if file.exists():
        return [Outcome(**one) for one in json.loads(file.read_text())]
    pair = draw(name, table, TRUTHS[k % len(TRUTHS)], k)
    verdicts: Verdicts = {}
    made = [audited(pair, kind, name, k, verdicts) for kind in kinds]
    DONE.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps([asdict(one) for one in made]))
    part.replace(file)
    return made


def _record_of(n_draws: int) -> dict[str, Any] | None:
    """Return the stored record, to which draws are added; ``None`` to start a new one."""
    if not n_draws:
        return None
    record: dict[str, Any] = json.loads((RESULTS / "dirty_files.json").read_text())
    if record["draws"] != n_draws:
        raise SystemExit(f"the record has {record['draws']} draws, not {n_draws}")
    # Before parts were written, a record was made at one commit.
    made = {"first": 0, "end": n_draws, "commit": record["commit"]}
    return {"parts": [made], **record}


def replaced(rows: list[dict[str, Any]], anew: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a record, some of them made anew, in the order of the kinds.

    The rest stands only while the clean files have the verdicts that they had.
    """
    by_kind = {row["kind"]: row for row in rows}
    if {"beside": "", **by_kind["clean"]} != anew[0]:
        raise SystemExit("the clean files have other verdicts now; make all kinds anew")
    by_kind |= {row["kind"]: row for row in anew}
    return [by_kind[kind.name] for kind in (CLEAN, *KINDS)]


def _added(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """Return the sum of two rows of one kind."""
    assert one["kind"] == two["kind"]
    counts = {k: one[k] + two[k] for k in one if type(one[k]) is int}
    reasons = sorted({*one["reasons"], *two["reasons"]})[:3]
    return {**one, **counts, "reasons": reasons}


def main() -> None:
    """Run and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="add to a record of that many draws")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--judged", action="store_true", help="leave out tables built on")
    parser.add_argument("--again", nargs="+", default=(), help="kinds to make anew, of all draws")
    options = parser.parse_args()
    if lacking := {k.beside for k in KINDS if k.name in options.again} - {"", *options.again}:
        parser.error(f"--again needs what these are compared with: {lacking}")
    before = _record_of(options.draws if options.again else options.first)
    kinds = (CLEAN, *(kind for kind in KINDS if not options.again or kind.name in options.again))
    if options.again and len(kinds) != 1 + len(options.again):
        parser.error(f"--again names no kind: {set(options.again) - {k.name for k in KINDS}}")
    chosen = tables(judged_only=options.judged)
    if options.quick:
        chosen = dict(list(chosen.items())[:4])
    started = time.time()
    made = joblib.Parallel(n_jobs=options.jobs, verbose=10)(
        joblib.delayed(outcomes_of)(name, table, k, kinds)
        for k in range(options.first, options.draws)
        for name, table in chosen.items()
    )
    outcomes: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in (one for part in made for one in part):
        outcomes[outcome.kind].append(outcome)
    rows = [row_of(kind, outcomes) for kind in kinds]
    wrong = [asdict(o) for part in made for o in part if is_false(o)]
    parts = [{"first": options.first, "end": options.draws, "commit": commit()}]
    if options.again:
        assert before is not None
        rows = replaced(before["kinds"], rows)
        rest = [one for one in before["false_claims"] if one["kind"] not in outcomes]
        wrong = rest + wrong
        parts = [*before["parts"], {**parts[0], "kinds": list(options.again)}]
    elif before:
        rows = [_added(one, two) for one, two in zip(before["kinds"], rows, strict=True)]
        wrong = before["false_claims"] + wrong
        parts = before["parts"] + parts
    write_record("dirty_files", {
        "draws": options.draws, "parts": parts, "tables": list(chosen), "built_on": list(BUILT_ON),
        "seconds": round(time.time() - started), "kinds": rows, "false_claims": wrong,
    })  # fmt: skip
    for row in rows:
        print(
            f"{row['kind']:48s} n {row['n']:3d} refused {row['refused']:3d} false"
            f" {row['false_helps']}/{row['n_cannot_help']} {row['false_hurts']}/"
            f"{row['n_cannot_hurt']} changed {row['changed']} alarms {row['alarms']}",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()
