"""How often is the first named cause the planted one?

python -m benchmarks.diagnosis [--quick] [--problems N]
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
import zlib
from collections import Counter
from typing import Any

from benchmarks.diagnosis.planting import CAUSES
from benchmarks.diagnosis.populations import base_names
from benchmarks.diagnosis.trial import examined
from benchmarks.record import write_record

N_TARGET = 200
MOST_TRIES = 25  # draws for one problem that harms enough


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    warnings.simplefilter("ignore")
    n_wanted = 4 if asked.quick else asked.problems
    started = time.perf_counter()
    single = {c: _seek((c,), n_wanted, asked.seed) for c in CAUSES}
    pairs = [(a, b) for i, a in enumerate(CAUSES) for b in CAUSES[i + 1 :] if _go_together(a, b)]
    double = [p for pair in pairs for p in _seek(pair, max(1, n_wanted // 10), asked.seed)]
    clean = [p for p in _draws((), 5 * n_wanted, asked.seed) if p is not None]
    found: dict[str, Any] = {
        "n_target": N_TARGET,
        "single": {cause: _counted(problems) for cause, problems in single.items()},
        "single_all": _counted([p for problems in single.values() for p in problems]),
        "missed": _missed(single),
        "double": {
            "problems": len(double),
            "first_is_one": sum(p["named"][:1] != [] and p["named"][0] in p["causes"]
                                for p in double),
            "both_named": sum(set(p["causes"]) <= set(p["named"]) for p in double),
            "association_is_one": sum(p["association"] in p["causes"] for p in double),
        },
        "clean": {
            "problems": len(clean),
            "named": sum(bool(p["named"]) for p in clean),
            "sure": sum(bool(p["sure"]) for p in clean),
            "association": sum(p["association_sign"] for p in clean),
        },
        "seconds": round(time.perf_counter() - started),
    }  # fmt: skip
    print(found)
    print(write_record("diagnosis_quick" if asked.quick else "diagnosis", found))


def _go_together(one: str, other: str) -> bool:
    """Copies, a swamping size and a model too large each need the source at a size of their own."""
    sized = {"copies", "swamping", "capacity"}
    return not {one, other} <= sized


def _seek(causes: tuple[str, ...], n_wanted: int, seed: int) -> list[dict[str, Any]]:
    """Return problems whose true harm is above the audit's smallest visible gap."""
    harmed: list[dict[str, Any]] = []
    for p in _draws(causes, n_wanted * MOST_TRIES, seed):
        if p is not None and p["harmed"]:
            harmed.append(p)
        if len(harmed) == n_wanted:
            break
    print(f"{' + '.join(causes)}: {len(harmed)} problems", flush=True)
    return harmed


def _draws(causes: tuple[str, ...], n_draws: int, seed: int) -> Any:
    names = base_names()
    for k in range(n_draws):
        place = zlib.crc32(" + ".join(causes).encode())
        yield examined(names[k % len(names)], causes, n_target=N_TARGET, seed=(seed, place, k))


def _counted(problems: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "problems": len(problems),
        "hurts": sum(p["hurts"] for p in problems),
        "first": sum(p["named"][:1] == list(p["causes"]) for p in problems),
        "among": sum(p["causes"][0] in p["named"] for p in problems),
        "nothing": sum(not p["named"] for p in problems),
        "association": sum(p["association"] == p["causes"][0] for p in problems),
    }


def _missed(single: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, int]]:
    return {
        cause: dict(
            Counter(
                p["named"][0] if p["named"] else "nothing"
                for p in problems
                if p["named"][:1] != [cause]
            )
        )
        for cause, problems in single.items()
    }


if __name__ == "__main__":
    main()
