"""What a set of tasks says about each method."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.safe_transfer.cache import Record
from benchmarks.safe_transfer.scoring import HARM_POINTS
from benchmarks.safe_transfer.tasks import TaskId

CLIP = 50.0  # a single exploded R2 must not decide a mean
N_BOOTSTRAP = 2000
SIGNIFICANT = 0.05
LEVEL = 0.95
SEED = 0
# Where the oracle gains less than this on average, the share of its gain says nothing.
LEAST_ORACLE_GAIN = 0.5


def table_of(records: Iterable[tuple[Record, Record]]) -> pd.DataFrame:
    """Return a row for each task and method; ``oracle_gain`` is at least 0."""
    rows: list[dict[str, Any]] = []
    for rivals, ours in records:
        task = TaskId.parse(rivals["task"])
        control = ours["control"]
        shared = {
            "dataset": task.dataset,
            "condition": task.condition,
            "n_target": task.n_target,
            "cluster": rivals["cluster"],
            "n_sources": rivals["n_sources"],
            "oracle_gain": max(rivals["oracle"] - control, 0.0),
        }
        for name, method in {**rivals["methods"], **ours["methods"]}.items():
            rows.append(
                {
                    **shared,
                    "method": name,
                    "gain": method["score"] - control,
                    "cpu_ms": method["cpu_ms"],
                    "n_fits": method["n_fits"],
                    "harm_p": ours["harm_p"].get(name, 1.0),
                }
            )
    return pd.DataFrame(rows)


def summaries(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row for each method, the one with the largest gain first."""
    rows = [summary(name, part) for name, part in table.groupby("method", sort=False)]
    return sorted(rows, key=lambda row: -row["gain"])


def summary(name: str, part: pd.DataFrame) -> dict[str, Any]:
    """Return gain, kept share and harm of one method, with their errors over target domains."""
    gain = part["gain"].clip(-CLIP, CLIP).to_numpy()
    best = part["oracle_gain"].clip(0.0, CLIP).to_numpy()
    clusters = part["cluster"].to_numpy()
    harmed = part["gain"].to_numpy() < -HARM_POINTS
    confirmed = harmed & (part["harm_p"].to_numpy() < SIGNIFICANT)
    low, high = wilson(int(harmed.sum()), len(part))
    fits_above = part["n_fits"] - part["n_sources"]
    return {
        "method": name,
        "n_tasks": len(part),
        "n_clusters": len(np.unique(clusters)),
        "gain": rounded(gain.mean()),
        "gain_error": rounded(clustered_error(gain, clusters)),
        "oracle_gain": rounded(best.mean()),
        **kept_share(gain, best, clusters),
        "harmed": rounded(harmed.mean(), 4),
        "harmed_low": rounded(low, 4),
        "harmed_high": rounded(high, 4),
        "confirmed_harm": rounded(confirmed.mean(), 4),
        "worst": rounded(part["gain"].min(), 1),
        "cpu_ms": rounded(part["cpu_ms"].mean(), 1),
        "n_fits": rounded(part["n_fits"].mean(), 1),
        "most_fits_above_n_sources": int(fits_above.max()),
    }


def kept_share(gain: np.ndarray, best: np.ndarray, clusters: np.ndarray) -> dict[str, Any]:
    """Return sum of gains over sum of the oracle's, with an interval by bootstrap of clusters."""
    if best.mean() < LEAST_ORACLE_GAIN:
        return {"kept": None, "kept_low": None, "kept_high": None}
    _, place = np.unique(clusters, return_inverse=True)
    sums = np.vstack([np.bincount(place, gain), np.bincount(place, best)])
    n = sums.shape[1]
    drawn = np.random.default_rng(SEED).multinomial(n, np.full(n, 1.0 / n), size=N_BOOTSTRAP)
    gains, bests = sums @ drawn.T
    tail = 50.0 * (1.0 - LEVEL)
    low, high = np.percentile(gains / np.maximum(bests, 1e-12), [tail, 100.0 - tail])
    return {
        "kept": rounded(gain.sum() / best.sum(), 3),
        "kept_low": rounded(low, 3),
        "kept_high": rounded(high, 3),
    }


def clustered_error(values: np.ndarray, clusters: np.ndarray) -> float | None:
    """Return the standard error of a mean whose values depend on each other within clusters."""
    _, place = np.unique(clusters, return_inverse=True)
    sums = np.bincount(place, values - values.mean())
    n = len(sums)
    if n < 2:
        return None
    return float(np.sqrt((sums**2).sum() * n / (n - 1)) / len(values))


def wilson(n_hits: int, n: int) -> tuple[float, float]:
    interval = stats.binomtest(n_hits, n).proportion_ci(LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(float(value), digits)
