"""How often is TG131 said of rows that do not go together, and of rows that do?

Criterion, fixed before the run: said of at most 0.5 % of tables whose rows were shuffled, and then
left as they were, sorted by the label, sorted in four parts, or sorted by a column drawn at random,
up to the binomial error (99.99 % bound); and of at least 95 % of series whose errors have an
autocorrelation of 0.8, with a column of days or without.

Tables are parts (60, 150 or 400 rows) of the bundled data sets and, where they are beside the
checkout, of those in ``../shared/data``; the control is a ridge or the mean of 15 neighbours.

    python -m benchmarks.order_alarms

Writes benchmarks/results/order_alarms.json, from which docs/time.md takes its table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor

from benchmarks.record import write_record
from benchmarks.time_claims import autoregressive
from transfergap.analysis.checks.neighbour_correlations import neighbour_correlations
from transfergap.data.encoding.features import fit_view
from transfergap.data.metric import metric_named
from transfergap.data.problem import Problem, Sample

SHARED = Path(__file__).parents[2] / "shared" / "data"
ANSWERS = ("domain", "y", "PM2.5", "count", "quality", "total_UPDRS", "G1", "G2", "G3", "score")
SIZES = (60, 150, 400)
MOST_DOMAINS, N_REPEATS = 4, 12
ARRANGED = ("shuffled", "by label", "in sorted parts", "by a column")
FEW = 0.005


def tables() -> Iterator[tuple[str, pd.DataFrame, np.ndarray]]:
    """Yield names, features and labels of real tables."""
    from transfergap import datasets

    for name in ("hospitals", "claims", "flights"):
        if hasattr(datasets, f"load_{name}"):
            data = getattr(datasets, f"load_{name}")()
            if hasattr(data.X, "iloc"):
                yield name, data.X, np.asarray(data.y)
    for path in sorted(SHARED.glob("*/data.parquet")):
        frame = pd.read_parquet(path)
        if "text" in frame:
            continue
        out = [column for column in ANSWERS if column in frame]
        for domain, part in list(frame.groupby("domain"))[:MOST_DOMAINS]:
            yield f"{path.parent.name} {domain}", part.drop(columns=out), part["y"].to_numpy()


def posed(X: Any, y: np.ndarray) -> Problem:
    classes = np.unique(y)
    task = "regression" if len(classes) > 10 else "binary" if len(classes) == 2 else "multiclass"
    known = np.empty(0) if task == "regression" else classes
    return Problem(Sample(X, y), {}, metric_named("mse"), task, 0.01, known)


def alarm(X: Any, y: np.ndarray, seed: int) -> bool:
    """Return whether the finding would be made."""
    problem = posed(X, y)
    numbers = fit_view(X).of(X)
    labels = np.asarray(pd.factorize(y, sort=True)[0] if problem.task != "regression" else y, float)
    model = KNeighborsRegressor(15) if seed % 2 else Ridge()
    folds = KFold(10, shuffle=True, random_state=seed)
    control = labels - cross_val_predict(model, numbers, labels, cv=folds)
    return any(
        value.clear for value in neighbour_correlations(problem, control, groups=None, seed=seed)
    )


def arranged(how: str, X: pd.DataFrame, y: np.ndarray, rows: np.ndarray, rng: Any) -> np.ndarray:
    if how == "by label":
        return rows[np.argsort(y[rows], kind="stable")]
    if how == "in sorted parts":
        parts = np.array_split(rows, 4)
        return np.concatenate([part[np.argsort(y[part], kind="stable")] for part in parts])
    if how == "by a column":
        column = X.iloc[rows, int(rng.integers(X.shape[1]))]
        codes = pd.factorize(column, sort=True)[0]
        return rows[np.argsort(codes, kind="stable")]
    return rows


def false_alarms(how: str) -> tuple[int, int, list[str]]:
    n_alarms, n_tables, names = 0, 0, []
    for name, X, y in tables():
        for repeat in range(N_REPEATS if how == "shuffled" else N_REPEATS // 2):
            rng = np.random.default_rng([len(name), repeat, ARRANGED.index(how)])
            size = SIZES[repeat % len(SIZES)]
            rows = arranged(how, X, y, rng.permutation(len(y))[:size], rng)
            if len(np.unique(y[rows])) < 2:
                continue
            n_tables += 1
            if alarm(X.iloc[rows].reset_index(drop=True), y[rows], repeat):
                n_alarms += 1
                names.append(f"{name}, {len(rows)} rows")
    return n_alarms, n_tables, names


def found_series(with_days: bool, n_draws: int = 100) -> tuple[int, int]:
    n_found = 0
    for draw in range(n_draws):
        rng = np.random.default_rng([7, draw])
        X = pd.DataFrame(rng.normal(size=(150, 3)), columns=["a", "b", "c"])
        if with_days:
            X["day"] = np.arange(150)
        y = X["a"].to_numpy() + autoregressive(rng, 150, 0.8, 1)[:, 0]
        n_found += alarm(X, y, draw)
    return n_found, n_draws


def main() -> int:
    rows: list[dict[str, Any]] = []
    for how in ARRANGED:
        n_alarms, n_tables, names = false_alarms(how)
        most = int(stats.binom.ppf(1.0 - 1e-4, n_tables, FEW))
        rows.append({"rows": how, "tables": n_tables, "alarms": n_alarms, "most": most,
                     "names": names})  # fmt: skip
        print(rows[-1], file=sys.stderr)
    series = []
    for with_days in (True, False):
        n_found, n_draws = found_series(with_days)
        series.append({"days": with_days, "draws": n_draws, "found": n_found})
    broken = any(row["alarms"] > row["most"] for row in rows)
    broken |= any(row["found"] < 0.95 * row["draws"] for row in series)
    write_record("order_alarms", {"rows": rows, "series": series, "shared": SHARED.is_dir()})
    print(series, "criterion", "broken" if broken else "kept")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
