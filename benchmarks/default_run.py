"""What does a default audit cost beside a plain cross-validation of its arms?

A table of 14 numbers and 6 categories (up to 40 levels), 500 target rows, three sources of 2,000.
Ours: `audit(None, ...)` with all its arms, repairs, checks and the page. Beside it: ten-fold
cross-validation, twice, of the control and the five pooled arms, with one-hot encoding, scaling and
logistic regression. CPU seconds of one process, imports left out, the two in turn.

    python -m benchmarks.default_run              three times each
    python -m benchmarks.default_run --times 1    a look

Writes benchmarks/results/default_run.json.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.record import write_record
from transfergap import audit

LEVELS = (3, 4, 5, 8, 12, 40)
Labelled = tuple[pd.DataFrame, NDArray[np.intp]]


def mixed_table(
    *, n_target: int = 500, n_source: int = 2000, seed: int = 0
) -> tuple[Labelled, dict[str, Labelled]]:
    """Return a target and three sources: of the same rule, of a near one, and of a far one."""
    rng = np.random.default_rng(seed)
    slopes = 0.4 * rng.normal(size=14)
    effects = [0.5 * rng.normal(size=n_levels) for n_levels in LEVELS]

    def drawn(n_rows: int, distance: float) -> Labelled:
        numbers = rng.normal(size=(n_rows, 14))
        codes = [rng.integers(n_levels, size=n_rows) for n_levels in LEVELS]
        logits = numbers @ (slopes + distance * rng.normal(size=14))
        logits += sum(effect[code] for effect, code in zip(effects, codes, strict=True))
        y = (rng.random(n_rows) < 1 / (1 + np.exp(-logits))).astype(int)
        columns: dict[str, Any] = {f"number {j}": numbers[:, j] for j in range(14)}
        columns["number 3"] = np.where(rng.random(n_rows) < 0.03, np.nan, numbers[:, 3])
        for n_levels, code in zip(LEVELS, codes, strict=True):
            names = np.array([f"level {level}" for level in range(n_levels)], dtype=object)
            columns[f"of {n_levels}"] = names[code]
        return pd.DataFrame(columns), y

    target = drawn(n_target, 0.0)
    return target, {name: drawn(n_source, far) for name, far in zip("bcd", (0.0, 0.3, 1.0))}


def cross_validated(target: Labelled, sources: Mapping[str, Labelled]) -> dict[str, float]:
    """Return the area under the ROC curve of the arms that train on rows, 120 fits."""
    X, y = target
    arms = {"control": [], **{name: [name] for name in sources}}
    arms |= {"all pooled": list(sources), "all balanced": list(sources)}
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    encoded = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    model = make_pipeline(encoded, LogisticRegression(max_iter=1000))
    scores: dict[str, list[float]] = {name: [] for name in arms}
    for train, test in RepeatedStratifiedKFold(n_splits=10, n_repeats=2, random_state=0).split(
        X, y
    ):
        for name, used in arms.items():
            rows = pd.concat([X.iloc[train], *(sources[source][0] for source in used)])
            labels = np.concatenate([y[train], *(sources[source][1] for source in used)])
            predicted = model.fit(rows, labels).predict_proba(X.iloc[test])[:, 1]
            scores[name].append(float(roc_auc_score(y[test], predicted)))
    return {name: float(np.mean(values)) for name, values in scores.items()}


def audited(target: Labelled, sources: Mapping[str, Labelled]) -> Any:
    """Return the default audit, its page made."""
    result = audit(None, *target, sources=sources)
    result._repr_html_()
    return result


def _cpu_seconds(call: Callable[[], Any]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def main() -> None:
    """Time both in turn, print, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    n_times = parser.parse_args().times
    warnings.simplefilter("ignore")
    target, sources = mixed_table()
    few = (target[0].iloc[:60], target[1][:60])
    audited(few, {"b": (sources["b"][0].iloc[:90], sources["b"][1][:90])})  # imports, once
    pairs = []
    for _ in range(n_times):
        ours = _cpu_seconds(lambda: audited(target, sources))
        rival = _cpu_seconds(lambda: cross_validated(target, sources))
        pairs.append((ours, rival))
        print(f"audit {ours:.1f} s, cross-validation {rival:.1f} s, ratio {ours / rival:.2f}")
    ratio = float(np.median([ours / rival for ours, rival in pairs]))
    print(f"median ratio {ratio:.2f}")
    write_record(
        "default_run",
        {"audit_s": [p[0] for p in pairs], "cross_validation_s": [p[1] for p in pairs],
         "median_ratio": ratio},
    )  # fmt: skip


if __name__ == "__main__":
    main()
