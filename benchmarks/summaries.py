"""What does a summary cost, and how many rows does a noised one need?

Criteria, fixed before the run:

1. 10,000,000 rows of 50 columns in a Parquet file are summarised in less than 2 GiB of resident
   memory (whole process), in CPU time at most four times that of decoding the file alone, and not
   slower than reading it whole with pandas and one product.
2. With noise of epsilon = 1, delta = 1e-6, a row count is found, or said not to be found up to
   100,000 rows, from which a fit to the noised summary explains within 0.01 R2 of what a fit to
   the exact one does.

The arithmetic limit is 2 n q^2 operations (q columns with intercept and label) at the speed at
which this machine multiplies a block of such rows by itself. Every measurement is a fresh process
with one linear-algebra thread. The noised fits are ridge regressions whose penalty 100 target rows
choose, for both kinds of summary alike, on the true model of ``simulated``.

    python -m benchmarks.summaries [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.record import write_record

N_COLUMNS, GROUP_ROWS = 50, 100_000
NAMES = [f"c{j}" for j in range(N_COLUMNS)]
GIB = 2**30


def rows(n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return n rows: normal columns of many scales, some missing values, a number to predict."""
    values = rng.normal(size=(N_COLUMNS, n))
    scales = 10.0 ** np.linspace(-8, 8, N_COLUMNS)
    label = values[:5].sum(axis=0) + rng.normal(size=n)
    values[7, rng.random(n) < 0.05] = np.nan
    found = dict(zip(NAMES, values * scales[:, None], strict=True))
    return {**found, "y": label}


def write_parquet(path: Path, n: int, *, seed: int = 0) -> None:
    """Write n rows in groups, holding one group at a time."""
    import pyarrow as pa
    from pyarrow import parquet

    rng = np.random.default_rng(seed)
    schema = pa.schema([(name, pa.float64()) for name in [*NAMES, "y"]])
    with parquet.ParquetWriter(path, schema, use_dictionary=False) as file:
        for start in range(0, n, GROUP_ROWS):
            table = pa.table(rows(min(GROUP_ROWS, n - start), rng), schema=schema)
            file.write_table(table, row_group_size=GROUP_ROWS)


def summarise_file(path: Path, encoder_path: Path) -> int:
    """Summarise a file as the command line does."""
    from transfergap.cli.files.batches import Part, batches_of
    from transfergap.cli.files.reading import Reading
    from transfergap.data.encoding import Accumulator, Encoder

    sums = Accumulator(Encoder.load(encoder_path))
    for X, y in batches_of(Part(path), Reading("y"), sums.encoder):
        sums.add(X, y)
    sums.summary(min_rows=20).save(path.with_suffix(".tgsum"))
    return sums.n_rows


def decode_file(path: Path, encoder_path: Path) -> int:
    """Decode a file in the same batches, and do nothing with them."""
    from transfergap.cli.files.batches import Part, batches_of
    from transfergap.cli.files.reading import Reading
    from transfergap.data.encoding import Encoder

    encoder = Encoder.load(encoder_path)
    return sum(len(X) for X, _ in batches_of(Part(path), Reading("y"), encoder))


def whole_file(path: Path, encoder_path: Path) -> int:
    """Read a file whole with pandas, standardise, and multiply: what a notebook would do."""
    del encoder_path
    import pandas as pd

    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    values = np.array(frame, order="F")
    del frame
    for column in values.T:  # in place: copies of the whole would not fit everywhere
        column -= np.nanmean(column)
        column /= np.nanstd(column)
        np.nan_to_num(column, copy=False)
    _ = values.T @ values
    return len(values)


CHILDREN = {"summarise": summarise_file, "decode": decode_file, "whole": whole_file}


def measured(name: str, path: Path, encoder: Path) -> dict[str, float]:
    """Run one of the children in a fresh process and return its costs."""
    command = [sys.executable, "-m", "benchmarks.summaries", "--child", name, str(path),
               str(encoder)]  # fmt: skip
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **single}
    )
    found: dict[str, float] = json.loads(done.stdout)
    print(f"{path.suffix:<9}{name:<10}{found['n_rows']:>11,} rows {found['wall_s']:7.1f} s"
          f" {found['cpu_s']:7.1f} s CPU {found['peak_gib']:6.2f} GiB")  # fmt: skip
    return found


def child(name: str, path: Path, encoder: Path) -> None:
    """Run in a fresh process; print rows, seconds and peak memory as JSON."""
    start = time.perf_counter()
    n_rows = CHILDREN[name](path, encoder)
    wall = time.perf_counter() - start
    use = resource.getrusage(resource.RUSAGE_SELF)
    cpu = use.ru_utime + use.ru_stime  # with the start of Python and its imports
    print(json.dumps({"n_rows": n_rows, "wall_s": wall, "cpu_s": cpu, "peak_gib": peak_gib()}))


def peak_gib() -> float:
    """Return the most memory that this process held.

    Not ``ru_maxrss``: that starts at what the parent held when it made this process.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / GIB


def product_speed() -> float:
    """Return the operations a second of one block times itself, counted as 2 n q^2."""
    from threadpoolctl import threadpool_limits

    from transfergap.data.encoding.accumulator import BLOCK

    q = N_COLUMNS + 3  # an indicator of missing values, the intercept and the label
    block = np.random.default_rng(0).normal(size=(q, BLOCK))
    with threadpool_limits(limits=1, user_api="blas"):
        times = []
        for _ in range(30):
            start = time.process_time()
            for _ in range(10):
                _ = block @ block.T
            times.append((time.process_time() - start) / 10)
    return 2.0 * BLOCK * q * q / float(np.median(times))


def costs(n_rows: int, folder: Path) -> dict[str, object]:
    """Measure Parquet at full length, and CSV at a tenth of it."""
    import pandas as pd

    from transfergap.data.encoding import fit_encoder

    rng = np.random.default_rng(1)
    target = pd.DataFrame(rows(500, rng))
    encoder = folder / "enc.json"
    fit_encoder(target[NAMES], target["y"].to_numpy(), task="regression").save(encoder)
    parquet, text = folder / "rows.parquet", folder / "rows.csv"
    write_parquet(parquet, n_rows)
    pd.DataFrame(rows(n_rows // 10, rng)).to_csv(text, index=False, float_format="%.6g")
    found = {
        "parquet": {name: measured(name, parquet, encoder) for name in CHILDREN},
        "csv": {name: measured(name, text, encoder) for name in CHILDREN},
    }
    size = parquet.stat().st_size
    parquet.unlink()
    speed = product_speed()
    limit = 2.0 * n_rows * (N_COLUMNS + 3) ** 2 / speed
    return {"n_rows": n_rows, "n_columns": N_COLUMNS, "parquet_gib": size / GIB, **found,
            "product_gflops": speed / 1e9, "arithmetic_s": limit}  # fmt: skip


def simulated(n: int, q: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return rows with q columns of which half matter; the truth explains half the variance."""
    X = rng.normal(size=(n, q))
    slopes = np.where(np.arange(q) < (q + 1) // 2, 1.0, 0.0)
    slopes /= np.sqrt((slopes**2).sum())
    return X, X @ slopes + rng.normal(size=n)


def explained(summary: object, target: tuple, test: tuple, encoder: object) -> float:
    """Return R2 on test rows of the ridge fit whose penalty the target rows choose."""
    from transfergap.data.encoding import with_intercept

    gram, moment = summary.grams[0], summary.moments[0]
    fits = []
    values, vectors = np.linalg.eigh(gram)
    top = max(values[-1], 1e-12)
    for share in 10.0 ** np.arange(-6, 1.1, 0.5):
        fits.append(vectors @ ((vectors.T @ moment) / (np.maximum(values, 0) + share * top)))
    design, response = (
        with_intercept(encoder.encode(target[0])),
        encoder.labels.responses(target[1]),
    )
    best = min(fits, key=lambda b: float(np.mean((response[:, 0] - design @ b) ** 2)))
    design, response = with_intercept(encoder.encode(test[0])), encoder.labels.responses(test[1])
    return 1.0 - float(np.mean((response[:, 0] - design @ best) ** 2) / np.var(response))


def noise_costs(
    counts: list[int], epsilons: list[float], columns: list[int], n_draws: int
) -> list[dict[str, object]]:
    """Return R2 of exact and noised summaries for each epsilon, row count and column count."""
    from transfergap.data.encoding import Accumulator, Noise, fit_encoder

    found = []
    for q in columns:
        for n in counts:
            lost: dict[float, list[float]] = {epsilon: [] for epsilon in epsilons}
            exact = []
            for draw in range(n_draws):
                rng = np.random.default_rng([q, n, draw])
                target, test = simulated(100, q, rng), simulated(4000, q, rng)
                X, y = simulated(n, q, rng)
                encoder = fit_encoder(*target, task="regression")
                sums = Accumulator(encoder)
                sums.add(X, y)
                exact.append(explained(sums.summary(), target, test, encoder))
                for epsilon in epsilons:
                    noised = Accumulator(encoder, noise=Noise(epsilon))
                    noised.add(X, y)
                    r2 = explained(noised.summary(), target, test, encoder)
                    lost[epsilon].append(exact[-1] - r2)
            for epsilon in epsilons:
                found.append({"columns": q, "n_rows": n, "epsilon": epsilon,
                              "exact_r2": float(np.mean(exact)),
                              "lost_r2": float(np.mean(lost[epsilon])),
                              "se": float(np.std(lost[epsilon]) / np.sqrt(n_draws))})  # fmt: skip
                print("q {columns:>3} n {n_rows:>9,} epsilon {epsilon:>4g} R2 {exact_r2:.3f}"
                      " lost {lost_r2:.3f} ({se:.3f})".format(**found[-1]))  # fmt: skip
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="200,000 rows, two draws; not stored")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, path, encoder = options.child
        child(name, Path(path), Path(encoder))
        return 0
    n_rows = 200_000 if options.quick else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        cost = costs(n_rows, Path(folder))
    if options.quick:
        noise = noise_costs([1000, 10_000], [1.0], [10], 2)
    else:
        noise = noise_costs(
            [300, 1000, 3000, 10_000, 30_000, 100_000],
            [1.0, 3.0, 10.0], [5, 20, 50], 12,
        )  # fmt: skip
    parquet = cost["parquet"]
    passed = (
        parquet["summarise"]["peak_gib"] < 2.0
        and parquet["summarise"]["cpu_s"] < 4.0 * parquet["decode"]["cpu_s"]
        and parquet["summarise"]["wall_s"] < parquet["whole"]["wall_s"]
    )
    print(f"arithmetic limit {cost['arithmetic_s']:.1f} s; passed: {passed}")
    if not options.quick:
        write_record("summaries", {"passed": passed, "cost": cost, "noise": noise})
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
