"""What do more processes and another machine's protocol bring, and what do they cost?

Measured, each in the same process and run:

1. seconds of 200 trials that sleep for 1, 10 and 100 ms, beside 10^5 x 20 numbers of shared data:
   in this process, on two processes (loky), on a local cluster of dask with two workers; and of
   joblib alone, which pickles the data with each call as 0.1.0 did;
2. rows a second of `transfergap summarize` over Parquet files of 50 columns, with one job and two,
   the most memory of a process, and the same bytes.

Trials sleep instead of computing, so that the overhead of the way is what is seen, whatever else
the machine does.

    python -m benchmarks.scale [--rows 4000000]
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from benchmarks.record import write_record
from benchmarks.summaries import NAMES, rows, write_parquet
from transfergap.data.encoding import fit_encoder
from transfergap.experiment.dask_executor import DaskExecutor
from transfergap.experiment.executors import JoblibExecutor, SerialExecutor

N_TRIALS = 200


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


def summaries(n_rows: int) -> list[dict[str, Any]]:
    """Return rows a second of the command over four files, by jobs."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        files = [place / f"part{k}.parquet" for k in range(4)]
        for file in files:
            write_parquet(file, n_rows // 4)
        target = rows(500, np.random.default_rng(9))
        X = np.column_stack([target[name] for name in NAMES])
        import pandas as pd

        encoder = fit_encoder(pd.DataFrame(X, columns=NAMES), target["y"], task="regression")
        encoder.save(place / "e.json")
        for jobs in (1, 2):
            output = place / f"{jobs}.tgsum"
            words = f"summarize -y y -e {place}/e.json -o {output} --jobs {jobs}".split()
            command = [sys.executable, "-m", "transfergap", *words, *map(str, files)]
            started = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds = time.perf_counter() - started
            most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
            found.append(
                {"jobs": jobs, "rows": n_rows, "seconds": round(seconds, 1),
                 "rows_a_second": round(n_rows / seconds), "gib": round(most, 2),
                 "digest": hashlib.sha256(output.read_bytes()).hexdigest()[:16]}
            )  # fmt: skip
    assert found[0]["digest"] == found[1]["digest"]
    return found


def main() -> None:
    """Measure and write the record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=4_000_000)
    options = parser.parse_args()
    write_record(
        "scale",
        {"n_trials": N_TRIALS, "overheads": overheads(), "summaries": summaries(options.rows)},
    )


if __name__ == "__main__":
    main()
