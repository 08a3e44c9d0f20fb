"""What do more processes and another machine's protocol bring, and what do they cost?

Measured, each in the same process and run:

1. seconds of 200 trials that sleep for 1, 10 and 100 ms, beside 10^5 x 20 numbers of shared data:
   in this process, on two processes (loky), on a local cluster of dask with two workers; and of
   joblib alone, which pickles the data with each call as 0.1.0 did;
2. rows a second of `transfergap summarize` over Parquet files of 50 columns and a million rows,
   with one job and two, from 10^6 to 10^8 rows, and the most memory of a process. Ten files differ;
   beyond ten million rows the same ten stand there under further names (hard links), so reading is
   from the page cache, as it is where a disk is fast. One job and two write the same bytes;
3. seconds of quick audits whose arms become more: 10, 100 and 1,000 sources, an arm each.

Trials sleep instead of computing, so that the overhead of the way is what is seen, whatever else
the machine does.

    python -m benchmarks.scale [--rows 100000000]     six minutes, and 4 GB of disk
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge

from benchmarks.record import RESULTS, write_record
from benchmarks.summaries import NAMES, rows, write_parquet
from transfergap import audit
from transfergap.data.encoding import fit_encoder
from transfergap.experiment.dask_executor import DaskExecutor
from transfergap.experiment.executors import JoblibExecutor, SerialExecutor
from transfergap.report.html import render_html

N_TRIALS = 200
N_FILES, FILE_ROWS = 10, 1_000_000


def trial(data: np.ndarray, milliseconds: float, item: int) -> float:
    """Sleep as long as a fit would take; return a number that needs the data."""
    time.sleep(milliseconds / 1000.0)
    return float(data[item % len(data), 0])


def plain_joblib(function: Any, items: range) -> list[float]:
    """Return results with the function, and all its data, pickled for every call."""
    results = joblib.Parallel(n_jobs=2, batch_size=1)(joblib.delayed(function)(i) for i in items)
    return list(results)


def overheads() -> list[dict[str, Any]]:
    """Return seconds of each executor at each length of a trial."""
    import distributed

    data = np.random.default_rng(0).normal(size=(100_000, 20))
    found = []
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="ERROR"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        ways = {
            "serial": lambda f, items: list(SerialExecutor().map(f, items)),
            "loky, 2": lambda f, items: list(JoblibExecutor(2).map(f, items)),
            "dask, 2": lambda f, items: list(DaskExecutor(client).map(f, items)),
            "joblib alone, 2": plain_joblib,
        }
        for way in ways.values():  # processes are there, and have imported what they need
            way(partial(trial, data[:10], 0.0), range(4))
        for milliseconds in (1.0, 10.0, 100.0):
            for name, way in ways.items():
                started = time.perf_counter()
                results = way(partial(trial, data, milliseconds), range(N_TRIALS))
                seconds = time.perf_counter() - started
                assert len(results) == N_TRIALS
                n_workers = 1 if name == "serial" else 2
                ideal = N_TRIALS * milliseconds / 1000 / n_workers
                found.append(
                    {"way": name, "milliseconds": milliseconds, "seconds": round(seconds, 2),
                     "times_the_least": round(seconds / ideal, 2)}
                )  # fmt: skip
    return found


def measured(command: list[str]) -> tuple[float, float]:
    """Return seconds of a command, and GiB of the largest of its processes.

    From a process that holds nothing: a child counts what its parent held as its own.
    """
    script = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-S", "-c", script, *command], check=True, capture_output=True, text=True
    )
    return time.perf_counter() - started, int(done.stdout) / 2**20


def summaries(most_rows: int) -> list[dict[str, Any]]:
    """Return seconds and memory of the command as rows grow tenfold, by jobs."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for k in range(N_FILES):
            write_parquet(place / f"part{k:03}.parquet", FILE_ROWS, seed=k)
        for k in range(N_FILES, most_rows // FILE_ROWS):
            os.link(place / f"part{k % N_FILES:03}.parquet", place / f"part{k:03}.parquet")
        files = sorted(map(str, place.glob("*.parquet")))
        target = rows(500, np.random.default_rng(99))
        X = np.column_stack([target[name] for name in NAMES])
        encoder = fit_encoder(pd.DataFrame(X, columns=NAMES), target["y"], task="regression")
        encoder.save(place / "e.json")
        n_rows = FILE_ROWS
        while n_rows <= most_rows:
            digests = set()
            for jobs in (1, 2):
                output = place / f"{jobs}.tgsum"
                words = f"summarize -y y -e {place}/e.json -o {output} --jobs {jobs}".split()
                command = [sys.executable, "-m", "transfergap", *words]
                seconds, gib = measured([*command, *files[: n_rows // FILE_ROWS]])
                found.append(
                    {"jobs": jobs, "rows": n_rows, "seconds": round(seconds, 1),
                     "rows_a_second": round(n_rows / seconds), "gib": round(gib, 2)}
                )  # fmt: skip
                print(found[-1], flush=True)
                digests.add(hashlib.sha256(output.read_bytes()).hexdigest())
            assert len(digests) == 1
            n_rows *= 10
    return found


def many_arms() -> list[dict[str, Any]]:
    """Return CPU seconds of quick audits with an arm for each of more and more sources."""
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=8)

    def table(shift: float) -> tuple[np.ndarray, np.ndarray]:
        X = rng.normal(size=(100, 8))
        return X, X @ (slopes + shift * rng.normal(size=8)) + rng.normal(size=100)

    (X, y), found = table(0.0), []
    for n in (10, 100, 1000):
        sources = {f"s{k}": table(0.3) for k in range(n)}
        started = time.process_time()
        result = audit(Ridge(), X, y, sources=sources, arms=[f"{name} pooled" for name in sources],
                       effort="quick", explain="none", verbose=0)  # fmt: skip
        seconds = time.process_time() - started
        started = time.process_time()
        page = render_html(result.result)
        found.append(
            {"n": n, "cpu_s": round(seconds, 1), "page_s": round(time.process_time() - started, 1),
             "page_kb": round(len(page.encode()) / 1000),
             "gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)}
        )  # fmt: skip
        print(found[-1], flush=True)
    return found


def main() -> None:
    """Measure and write the record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--only", choices=["arms", "overheads", "summaries"])
    options = parser.parse_args()
    parts: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "arms": many_arms,
        "overheads": overheads,
        "summaries": partial(summaries, options.rows),
    }
    stored = RESULTS / "scale.json"
    before = json.loads(stored.read_text(encoding="utf-8")) if stored.is_file() else {}
    found = {
        name: measure() if options.only in (None, name) else before[name]
        for name, measure in parts.items()
    }
    write_record("scale", {"n_trials": N_TRIALS, **found})


if __name__ == "__main__":
    main()
