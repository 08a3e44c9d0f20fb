"""How long does it take, beside what a user would do instead, and how does it grow?

Every asked figure of the project's own list that can be measured in some minutes on one core, each
with its alternative in the same process (or in fresh processes of the same call), CPU seconds, one
thread of linear algebra. Single runs on a machine that may be busy: a difference below 1.3 times is
none. What was asked is in the table below, fixed before; "before" is version 0.1.0 on such a
machine, where it was measured.

    python -m benchmarks.performance                   all parts, some minutes
    python -m benchmarks.performance --only engine     one part, the others as they were stored

Writes benchmarks/results/performance.json, from which docs/performance.md is made.
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
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

from benchmarks.default_run import audited, cross_validated, mixed_table
from benchmarks.record import RESULTS, write_record
from transfergap import SafeTransferClassifier, SafeTransferRegressor, audit, make_problem
from transfergap.analysis.ranking import rank_sources
from transfergap.auditing.audit import make_design
from transfergap.auditing.planning import plan
from transfergap.data.problem import DataSource, Sample, SourceFacts
from transfergap.experiment.stages import stages

Rows = tuple[np.ndarray, np.ndarray]
Part = dict[str, Any]


def cpu_s(call: Callable[[], Any]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def fastest(call: Callable[[], Any], times: int = 3) -> float:
    return min(cpu_s(call) for _ in range(times))


def fresh_cpu_s(*words: str, cwd: str | None = None) -> float:
    """Return CPU seconds of a fresh process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], check=True, capture_output=True, cwd=cwd, env=_env())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def fresh_number(code: str) -> float:
    """Return the number that a fresh process prints last; the smaller of two.

    The first may compile modules.
    """
    command = [sys.executable, "-c", code]
    done = [
        subprocess.run(command, check=True, capture_output=True, text=True, env=_env())
        for _ in range(2)
    ]
    return min(float(one.stdout.split()[-1]) for one in done)


def _env() -> dict[str, str]:
    """Return the environment of fresh processes: one thread, and modules compiled once.

    As an installed package is.
    """
    one = dict.fromkeys(("OMP_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | one


def rows(rng: np.random.Generator, n: int, slopes: np.ndarray, *, classes: int = 0) -> Rows:
    """Return rows of a linear law; numbers, or classes of about equal share."""
    X = rng.normal(size=(n, len(slopes)))
    y = X @ slopes + np.linalg.norm(slopes) * rng.normal(size=n)
    if not classes:
        return X, y
    return X, np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))


def default_run() -> Part:
    """Time a default audit by stage, beside cross-validation of its arms, and its plan."""
    target, sources = mixed_table()
    audited((target[0].iloc[:60], target[1][:60]),
            {"b": (sources["b"][0].iloc[:90], sources["b"][1][:90])})  # fmt: skip
    problem = make_problem(*target, sources=sources)
    planned = cpu_s(lambda: plan(make_design(None, problem)))
    stage_of = {
        name: f"stage {k}" for k, names in enumerate(stages(make_design(None, problem)))
        for name in names
    }  # fmt: skip
    spent: dict[str, float] = defaultdict(float)
    intake = cpu_s(lambda: make_design(None, make_problem(*target, sources=sources)))
    last = started = time.process_time()

    def count(trial: Any) -> None:
        nonlocal last
        now = time.process_time()
        spent[stage_of.get(trial.cell.arm, "repairs")] += now - last
        last = now

    result = audit(None, *target, sources=sources, on_trial=count)
    trials_end = last
    result._repr_html_()
    total = time.process_time() - started
    spent["intake"] = intake  # the first trial came after it
    spent["stage 0"] -= intake
    spent["checks, ranking and page"] = time.process_time() - trials_end
    rival = cpu_s(lambda: cross_validated(target, sources))
    return {
        "audit_s": total,
        "cross_validation_s": rival,
        "plan_s": planned,
        "by_stage": dict(spent),
    }


_FIRST = """
import time, warnings
warnings.simplefilter("ignore")
from transfergap.auditing.audit import run_design
{design}
class Done(Exception): pass
def look(seen):
    if any(arm.verdict is not None for arm in seen.arms):
        raise Done
try:
    run_design(design, on_look=look)
except Done:
    print(time.process_time())
"""
_MIXED = """
from benchmarks.default_run import mixed_table
from transfergap import make_problem
from transfergap.auditing.audit import make_design
imports = time.process_time()
target, sources = mixed_table()
design = make_design(None, make_problem(*target, sources=sources))
"""
_DEMO = """
from transfergap.cli.demo import demo_design
design = demo_design("heart", 0)
"""
_IMPORTS = """
import time
from transfergap import audit
import sklearn.linear_model
print(time.process_time())
"""


def first_verdict() -> Part:
    """Time fresh processes to the first verdict, imports included, and the whole demo."""
    with tempfile.TemporaryDirectory() as folder:
        demo = fresh_cpu_s("-m", "transfergap", "demo", "--quiet", cwd=folder)
    return {
        "imports_s": fresh_number(_IMPORTS),
        "mixed_s": fresh_number(_FIRST.format(design=_MIXED)),
        "demo_first_s": fresh_number(_FIRST.format(design=_DEMO)),
        "demo_s": demo,
        "explain_s": min(
            fresh_cpu_s("-m", "transfergap", "explain", "TG101") for _ in range(3)
        ),
    }  # fmt: skip


def overhead() -> Part:
    """Time audits over the bare fits that they need."""
    from benchmarks import audit_overhead as one

    X, y, sources = one.data()
    one.audit_cpu_s(one.Paced(0.0), X, y, sources)
    ratios = {}
    for name in ("1 ms", "10 ms"):
        model = one.LEARNERS[name]
        design = make_design(model, make_problem(X, y, sources=sources, metric="accuracy"))
        pairs = [
            one.audit_cpu_s(model, X, y, sources) / one.bare_cpu_s(design, model)
            for _ in range(3 if name == "1 ms" else 1)
        ]
        ratios[name] = float(np.median(pairs))
    return {"ratios": ratios}


def engine() -> Part:
    """Time fits of SafeTransfer beside one pooled fit: sources, columns and classes."""
    out: dict[str, Any] = {}
    for name, k, n_source, p, n_classes, times in (
        ("10 sources", 10, 1000, 45, 0, 3),
        ("10 sources, two classes", 10, 1000, 45, 2, 3),
        ("10 sources, ten classes", 10, 1000, 45, 10, 3),
        ("1,000 sources", 1000, 100, 45, 0, 1),
        ("100 sources", 100, 200, 45, 0, 1),
        ("200 columns", 10, 1000, 200, 0, 1),
    ):
        rng = np.random.default_rng(0)
        slopes = rng.normal(size=p) / np.sqrt(p)
        X, y = rows(rng, 500, slopes, classes=n_classes)
        sources = {f"s{i}": rows(rng, n_source, slopes, classes=n_classes) for i in range(k)}
        model = SafeTransferClassifier() if n_classes else SafeTransferRegressor()
        pooled = LogisticRegression(max_iter=1000) if n_classes else Ridge()
        stacked = [np.concatenate(part) for part in zip((X, y), *sources.values(), strict=True)]
        fit, fit_pooled = partial(model.fit, X, y, sources=sources), partial(pooled.fit, *stacked)
        fit()
        out[name] = {"ours_s": fastest(fit, times), "pooled_s": fastest(fit_pooled, times)}
        if name == "200 columns":
            Z = rng.normal(size=(20_000, p))
            out["predict, 200 columns"] = {
                "ours_s": fastest(partial(model.predict, Z)),
                "pooled_s": fastest(partial(pooled.predict, Z)),
            }
    return out


_BIG = """
import time, resource
import numpy as np
from sklearn.linear_model import Ridge
from transfergap import SafeTransferRegressor
rng = np.random.default_rng(0)
slopes = rng.normal(size=45)
def rows(n):
    X = rng.normal(size=(n, 45))
    return X, X @ slopes + rng.normal(size=n)
X, y = rows(500)
sources = {{name: rows({n}) for name in "bcd"}}
SafeTransferRegressor().fit(X, y, sources={{"b": rows(100)}})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
t = time.process_time()
{fit}
spent = time.process_time() - t
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**20, spent)
"""


def large() -> Part:
    """Time three sources of a million rows each, in fresh processes."""
    out = {}
    for name, fit in (
        ("ours", "SafeTransferRegressor().fit(X, y, sources=sources)"),
        ("pooled", "Z = np.vstack([X, *(s[0] for s in sources.values())]); "
         "Ridge().fit(Z, np.concatenate([y, *(s[1] for s in sources.values())]))"),
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", _BIG.format(n=1_000_000, fit=fit)],
            check=True, capture_output=True, text=True, env=_env(),
        )  # fmt: skip
        gib, seconds = map(float, done.stdout.split())
        out[name] = {"cpu_s": seconds, "gib": gib}
    return out


def summaries() -> Part:
    """Time summaries of Parquet files beside polars reading them alone."""
    import pandas as pd
    import polars

    from transfergap.cli.files.batches import Part as FilePart
    from transfergap.cli.files.batches import batches_of
    from transfergap.cli.files.reading import Reading
    from transfergap.data.encoding import Accumulator, fit_encoder

    rng, out = np.random.default_rng(0), {}
    with tempfile.TemporaryDirectory() as folder:
        for name, n_texts, n in (("numbers", 0, 400_000), ("ten texts of 50", 10, 200_000)):
            frame = pd.DataFrame({f"x{j}": rng.normal(size=n) for j in range(50 - n_texts)})
            for j in range(n_texts):
                frame[f"t{j}"] = np.array([f"level {k}" for k in range(8)])[rng.integers(8, size=n)]
            frame["y"] = rng.normal(size=n)
            path = Path(folder) / f"{n_texts}.parquet"
            frame.to_parquet(path)
            few = frame.iloc[:500]
            encoder = fit_encoder(few.drop(columns="y"), few.y.to_numpy(), task="regression")

            def ours(path=path, encoder=encoder) -> None:
                sums = Accumulator(encoder)
                for X, y in batches_of(FilePart(path), Reading("y"), encoder):
                    sums.add(X, y)

            out[name] = {
                "ours_s": fastest(ours, 4),
                "polars_s": fastest(partial(polars.read_parquet, path), 4),
            }  # fmt: skip
    return out


def many_sources() -> Part:
    """Time an audit of 200 sources of 1,000 rows, and a ranking of 1,000."""
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=10) / 3

    def drawn(n: int, far: float = 0.0) -> Rows:
        return rows(rng, n, slopes + far * rng.normal(size=10) / 3, classes=2)

    target = drawn(300)
    sources = {f"s{k}": drawn(1000, (0.0, 0.3, 1.0)[k % 3]) for k in range(200)}
    trials: list[Any] = []
    result = audit(None, *target, sources=sources, on_trial=trials.append)
    audit_s = cpu_s(lambda: audit(None, *target, sources=sources))
    problem = make_problem(*target, sources={"a": drawn(60)})
    thousand = {
        f"s{k}": DataSource(f"s{k}", Sample(*drawn(100, k % 3)), SourceFacts(100))
        for k in range(1000)
    }
    ranked = cpu_s(lambda: rank_sources(replace(problem, sources=thousand)))
    return {
        "audit_s": audit_s,
        "intake_s": cpu_s(lambda: make_problem(*target, sources=sources)),
        "n_trials": len(trials),
        "n_untried": sum(source.untried for source in result.result.sources),
        "rank_1000_s": ranked,
    }


def growth() -> Part:
    """Time quick audits as one thing grows; two sources of 500 rows, 10 columns else."""
    out: dict[str, list[dict[str, float]]] = {}
    usual = {"rows of a source": 500, "columns": 10, "sources": 2, "classes": 2}
    grid = {
        "rows of a source": (500, 5_000, 50_000),
        "columns": (5, 20, 80),
        "sources": (2, 8, 32),
        "classes": (2, 5, 10),
    }
    for what, values in grid.items():
        for value in values:
            n = {**usual, what: value}
            rng = np.random.default_rng(0)
            slopes = rng.normal(size=n["columns"]) / np.sqrt(n["columns"])
            target = rows(rng, 200, slopes, classes=n["classes"])
            sources = {
                f"s{k}": rows(rng, n["rows of a source"], slopes, classes=n["classes"])
                for k in range(n["sources"])
            }
            options = {"metric": "accuracy", "effort": "quick", "explain": "none"}
            seconds = cpu_s(partial(audit, None, *target, sources=sources, **options))
            out.setdefault(what, []).append({"n": value, "cpu_s": seconds})
    return out


PARTS: dict[str, Callable[[], Part]] = {
    "default_run": default_run,
    "first_verdict": first_verdict,
    "overhead": overhead,
    "engine": engine,
    "large": large,
    "summaries": summaries,
    "many_sources": many_sources,
    "growth": growth,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=PARTS, action="append")
    chosen = parser.parse_args().only or list(PARTS)
    warnings.simplefilter("ignore")
    path = RESULTS / "performance.json"
    parts = json.loads(path.read_text("utf-8"))["parts"] if path.is_file() else {}
    for name in chosen:
        started = time.process_time()
        parts[name] = PARTS[name]()
        print(
            f"{name}: {json.dumps(parts[name])} ({time.process_time() - started:.0f} s)", flush=True
        )
        write_record("performance", {"parts": {n: parts[n] for n in PARTS if n in parts}})


if __name__ == "__main__":
    main()
