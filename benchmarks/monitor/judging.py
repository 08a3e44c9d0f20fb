"""How good the warning is: areas under curves, rates and bins, with intervals over pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

N_DRAWS = 1000
EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)

Floats = NDArray[np.float64]


def area(rows: pd.DataFrame, label: str, score: str) -> dict[str, Any]:
    """Return the area under the ROC curve of a column, with its interval."""
    counts = draws_of_pairs(rows)
    return _told(rows, weighted_area(rows[label].to_numpy(bool), rows[score].to_numpy(), counts))


def rate(rows: pd.DataFrame, column: str) -> dict[str, Any]:
    """Return the mean of a column of truths, with its interval.

    A share of exactly 0 or 1 gets Wilson's interval for as many trials as there are pairs.
    """
    counts = draws_of_pairs(rows)
    truths = rows[column].to_numpy(float)
    found = _told(rows, counts @ truths / counts.sum(axis=1) if len(rows) else np.array([np.nan]))
    if found["value"] in (0.0, 1.0):
        n = found["n_pairs"]
        ends = stats.binomtest(round(found["value"] * n), n).proportion_ci(method="wilson")
        found |= {"low": _round(ends.low), "high": _round(ends.high)}
    return found


def draws_of_pairs(rows: pd.DataFrame) -> Floats:
    """Return how often each row counts, (1 + N_DRAWS, n_rows): once, and then as pairs are drawn.

    A pair is drawn with all of its runs, since they share rows.
    """
    codes, names = pd.factorize(rows["name"])
    n = max(len(names), 1)
    drawn = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=N_DRAWS)
    return np.vstack([np.ones(n), drawn])[:, codes]


def weighted_area(truth: NDArray[np.bool_], score: Floats, counts: Floats) -> Floats:
    """Return the area under the ROC curve for each row of ``counts``; nan where it is not told."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0)
    if not len(starts):
        return np.full(len(counts), np.nan)
    own = counts[:, order]
    positive = np.add.reduceat(own * truth[order], starts, axis=1)
    negative = np.add.reduceat(own * ~truth[order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative / 2  # ties count one half
    with np.errstate(invalid="ignore"):
        areas_: Floats = (positive * below).sum(axis=1) / (
            positive.sum(axis=1) * negative.sum(axis=1)
        )
    return areas_


def _told(rows: pd.DataFrame, values: Floats) -> dict[str, Any]:
    """Return the first value, and the middle 95 % of the others that can be told."""
    found: dict[str, Any] = {"n_runs": len(rows), "n_pairs": int(rows["name"].nunique())}
    drawn = values[1:][np.isfinite(values[1:])]
    if not np.isfinite(values[0]) or not len(drawn):
        return {"value": None, "low": None, "high": None, **found}
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"value": _round(values[0]), "low": _round(low), "high": _round(high), **found}


def areas(rows: pd.DataFrame, score: str) -> dict[str, Any]:
    """Return the areas for clear gaps (the headline), for all, for accuracy, for last weights."""
    return {
        "clear": area(rows[rows["clear"]], "harmed", score),
        "all": area(rows, "harmed", score),
        "accuracy_clear": area(rows[rows["accuracy_clear"]], "accuracy_harmed", score),
        "last_clear": area(rows[rows["last_clear"]], "last_harmed", score),
    }


def rates(runs: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """Return how many harmless runs are warned of, and how many harmed ones."""
    warned = runs.assign(warned=runs["probability"] >= threshold)
    clear = warned[warned["clear"]]
    return {
        "false_alarms": rate(warned[~warned["harmed"]], "warned"),
        "false_alarms_clear": rate(clear[~clear["harmed"]], "warned"),
        "found": rate(clear[clear["harmed"]], "warned"),
    }


def bins(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return predicted beside observed, in bins of probability."""
    at = np.clip(np.digitize(rows["probability"], EDGES[1:-1]), 0, len(EDGES) - 2)
    return [
        {
            "low": EDGES[k],
            "high": EDGES[k + 1],
            "predicted": _round(rows.loc[at == k, "probability"].mean()),
            "n_harmed": int(rows.loc[at == k, "harmed"].sum()),
            **{f"observed_{end}": v for end, v in
               rate(rows[at == k], "harmed").items()},
        }
        for k in range(len(EDGES) - 1)
        if (at == k).any()
    ]  # fmt: skip


def by_family(rows: pd.DataFrame, threshold: float) -> list[dict[str, Any]]:
    """Return counts, area and false alarms of each family; ``rows`` are at a fifth."""
    found = []
    for (family, way), own in rows.groupby(["family", "way"]):
        clear = own[own["clear"]]
        harmless = own[~own["harmed"]]
        found.append({
            "family": family,
            "way": way,
            "n_pairs": int(own["name"].nunique()),
            "n_runs": len(own),
            "harmed": _round(float(own["harmed"].mean())),
            "auc": area(clear, "harmed", "probability"),
            "false_alarms": rate(
                harmless.assign(warned=harmless["probability"] >= threshold), "warned"),
        })  # fmt: skip
    return found


def _round(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
