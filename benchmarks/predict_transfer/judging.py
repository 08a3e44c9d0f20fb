"""Signals beside each other: who knows the sign, who harms, and whose probabilities are right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.predict_transfer.cases import SIZES
from benchmarks.predict_transfer.fitting import Case, Constants, fitted, left_out
from transfergap.analysis.ranking.helping import GapLaw
from transfergap.stats.gap import compare_scores

MARGIN, WORTH_USING = 0.01, 0.5
MIDDLE = (50, 100)  # sizes within the 30 to 120 of the criteria
LEAST_AUC, MOST_HARM, MOST_REGRET, BAND_ERROR, BAND_CASES = 0.92, 0.03, 0.15, 0.1, 50
BANDS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
Signal = Callable[[Case], float | None]

# What a practitioner may have at hand, none of it ours; larger says that the source helps.
SIGNALS: dict[str, Signal] = {
    "target-only AUC": lambda c: None if c["control"] is None else -c["control"],
    "columns alike (MMD)": lambda c: _negative(c.get("mmd")),
    "data sets alike (OTDD)": lambda c: _negative(c.get("otdd")),
    "LEEP of the source's model": lambda c: c.get("leep"),
    "LogME of the source's features": lambda c: c.get("logme"),
    "source's model on the target": lambda c: c["only"] and c["only"][0],
    "linear engine, one in": lambda c: c["one_in"][0],
    "linear engine, siblings": lambda c: c["siblings"],
}


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def summary(cases: Sequence[Case]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the record of the benchmark, and the constants that the package carries."""
    signals, bands, carried = [], [], {"centre": {}, "scale": {}, "bands": {}}
    middle = []
    for model, kind in (("logistic", "linear"), ("trees", "other")):
        own = [c for c in cases if c["model"] == model]
        constants, sign = fitted(own), left_out(own, 0.0)
        helps, hurts = left_out(own, MARGIN), 1.0 - left_out(own, -MARGIN)
        signals += [_row("never", model, own, np.zeros(len(own)))]
        signals += [_row("always (the largest source)", model, own, _largest(own))]
        # Leaving a family out turns its own share round: as a ranking the prior is a constant.
        signals += [_row("static prior", model, own, _static(own), np.ones(len(own)))]
        for name, signal in SIGNALS.items():
            signals.append(_row(name, model, own, _learned(own, signal), _raw(own, signal)))
        signals.append(_row("screen, no fits", model, own, sign))
        middle += [(c, p) for c, p in zip(own, sign, strict=True) if c["n"] in MIDDLE]
        for what, told in (("helps", helps), ("hurts", hurts)):
            bands += _bands(model, "no fits", what, own, told)
        carried["centre"][kind], carried["scale"][kind] = constants.centre, constants.scale
        carried["bands"][f"{kind}, 0"] = _carried(own, helps)
        folded = [c for c in own if c["pooled"] is not None]
        if folded:
            laws = _measured(folded)
            told = {gap: np.array([law.above(gap) for law in laws]) for gap in (0.0, MARGIN)}
            less = np.array([law.below(-MARGIN) for law in laws])
            signals.append(_row("ten folds of pooled fits", model, folded,
                                _learned(folded, _pooled), _raw(folded, _pooled)))  # fmt: skip
            signals.append(_row("screen, no fits, the same cases", model, folded,
                                left_out(folded, 0.0)))  # fmt: skip
            signals.append(_row("screen, pooled fits", model, folded, told[0.0]))
            for what, p in (("helps", told[MARGIN]), ("hurts", less)):
                bands += _bands(model, "pooled fits", what, folded, p)
            carried["bands"][f"{kind}, folds"] = _carried(folded, told[MARGIN])
    errors = [c["pooled"][1] * np.sqrt(c["n"] / 100) for c in cases if c["pooled"] is not None]
    carried["pooled_error"] = float(np.median(errors)) if errors else 0.06
    carried["n_families"] = len({c["family"] for c in cases})
    both = _row("screen, no fits", "both", [c for c, _ in middle], np.array([p for _, p in middle]))
    signals.append(both)
    judged = [b for b in bands if b["cases"] >= BAND_CASES]
    criteria = {
        "auc": both["auc"]["all"] is not None and both["auc"]["all"] >= LEAST_AUC,
        "harm": both["harm"] <= MOST_HARM,
        "regret": both["regret"] <= MOST_REGRET,
        "bands": all(abs(b["share"] - b["mean"]) <= BAND_ERROR for b in judged),
    }
    clear = [(c, p) for c, p in middle if abs(c["gap"]) > 2 * c["gap_error"]]
    record = {
        "cases": len(cases),
        "truth_error": round(float(np.median([c["gap_error"] for c in cases])), 4),
        "clear": {
            "cases": len(clear),
            "auc": _auc(np.array([c["gap"] for c, _ in clear]), np.array([p for _, p in clear])),
        },
        "families": carried["n_families"],
        "helped": {m: _share(cases, m, lambda g: g > MARGIN) for m in ("logistic", "trees")},
        "hurt": {m: _share(cases, m, lambda g: g < -MARGIN) for m in ("logistic", "trees")},
        "signals": signals,
        "bands": bands,
        "criteria": criteria,
    }
    return record, carried


def _share(cases: Sequence[Case], model: str, holds: Callable[[float], bool]) -> float:
    return round(float(np.mean([holds(c["gap"]) for c in cases if c["model"] == model])), 3)


def _row(
    name: str,
    model: str,
    cases: Sequence[Case],
    told: np.ndarray,
    signal: np.ndarray | None = None,
) -> dict[str, Any]:
    """Return how well a signal ranks cases (raw, if given), and what its policy costs."""
    gaps, sizes = np.array([c["gap"] for c in cases]), np.array([c["n"] for c in cases])
    ranked = told if signal is None else signal
    areas = {"all": _auc(gaps, ranked)}
    areas |= {str(n): _auc(gaps[sizes == n], ranked[sizes == n]) for n in SIZES}
    harm, regret = _policy(cases, told)
    return {
        "signal": name,
        "model": model,
        "cases": len(cases),
        "auc": areas,
        "harm": harm,
        "regret": regret,
    }


def _auc(gaps: np.ndarray, told: np.ndarray) -> float | None:
    gaps, told = gaps[np.isfinite(told)], told[np.isfinite(told)]
    # A constant ranks nothing.
    if len(np.unique(gaps > 0)) < 2 or len(np.unique(told)) < 2:
        return None
    return round(float(roc_auc_score(gaps > 0, told)), 3)


def _policy(cases: Sequence[Case], told: np.ndarray) -> tuple[float, float]:
    """Return how often the best source harms, and the share of the oracle gain that is lost."""
    tasks: dict[tuple, list[int]] = {}
    for i, c in enumerate(cases):
        tasks.setdefault((c["family"], c["target"], c["n"], c["draw"], c["model"]), []).append(i)
    harm, gained, possible = [], 0.0, 0.0
    for places in tasks.values():
        best = max(places, key=lambda i: told[i])
        gap = cases[best]["gap"] if told[best] > WORTH_USING else 0.0
        harm.append(gap < -MARGIN)
        gained += gap
        possible += max(0.0, *(cases[i]["gap"] for i in places))
    return round(float(np.mean(harm)), 4), round(1.0 - gained / max(possible, 1e-12), 3)


def _largest(cases: Sequence[Case]) -> np.ndarray:
    return np.array([0.5 + c["n_source"] / 1e6 for c in cases])


def _static(cases: Sequence[Case]) -> np.ndarray:
    """Return how often sources helped at that size in the other families."""
    families, sizes = np.array([c["family"] for c in cases]), np.array([c["n"] for c in cases])
    helped = np.array([c["gap"] > 0 for c in cases])
    return np.array([
        helped[(families != f) & (sizes == n)].mean() for f, n in zip(families, sizes, strict=True)
    ])  # fmt: skip


def _learned(cases: Sequence[Case], signal: Signal) -> np.ndarray:
    """Return probabilities that a signal gives by a logistic curve of the other families."""
    values = [signal(c) for c in cases]
    has = np.array([value is not None for value in values])
    filled = np.array([0.0 if value is None else float(value) for value in values])
    size = np.log([c["n"] / 100 for c in cases])
    X = np.column_stack([filled, filled * size, size, has])
    y, families = np.array([c["gap"] > 0 for c in cases]), np.array([c["family"] for c in cases])
    told = np.full(len(cases), 0.5)
    for family in np.unique(families):
        out = families == family
        if len(np.unique(y[~out])) == 2:
            curve = make_pipeline(StandardScaler(), LogisticRegression())
            told[out] = curve.fit(X[~out], y[~out]).predict_proba(X[out])[:, 1]
    return told


def _raw(cases: Sequence[Case], signal: Signal) -> np.ndarray:
    values = [signal(c) for c in cases]
    return np.array([np.nan if value is None else float(value) for value in values])


def _pooled(case: Case) -> float | None:
    return None if case["pooled"] is None else case["pooled"][0]


def _measured(cases: Sequence[Case]) -> list[GapLaw]:
    """Return laws of other families' constants, weighed with gaps measured in ten folds."""
    from dataclasses import replace

    from benchmarks.predict_transfer.fitting import terms

    pattern = compare_scores([0.5, 0.6, 0.7], [0.6, 0.6, 0.7])
    laws = []
    by_family: dict[str, Constants] = {
        f: fitted([c for c in cases if c["family"] != f]) for f in {c["family"] for c in cases}
    }
    for case in cases:
        constants = by_family[case["family"]]
        X, S = terms([case])
        law = GapLaw(float(X[0] @ constants.centre), float(np.exp(S[0] @ constants.scale)))
        estimate, error = case["pooled"]
        laws.append(law.measured(replace(pattern, estimate=estimate, error=error)))
    return laws


def _bands(
    model: str, budget: str, what: str, cases: Sequence[Case], told: np.ndarray
) -> list[dict[str, Any]]:
    gaps = np.array([c["gap"] for c in cases])
    true = gaps > MARGIN if what == "helps" else gaps < -MARGIN
    rows = []
    for low, high in pairwise(BANDS):
        inside = (told >= low) & ((told < high) | (high == 1.0))
        if inside.any():
            rows.append({
                "model": model, "budget": budget, "what": what, "low": low, "high": high,
                "cases": int(inside.sum()), "mean": round(float(told[inside].mean()), 3),
                "share": round(float(true[inside].mean()), 3),
            })  # fmt: skip
    return rows


def _carried(cases: Sequence[Case], helps: np.ndarray) -> list[dict[str, float]]:
    rows = _bands("", "", "helps", cases, helps)
    return [{k: row[k] for k in ("low", "high", "cases", "share")} for row in rows]
