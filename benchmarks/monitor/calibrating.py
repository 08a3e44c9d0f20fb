"""From traces to early signs, and from the calibration families to a logistic model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.monitor.traces import N_LOOKS, Trace
from transfergap.torch.monitors.calibration import SIGNS, EarlySigns, Model, early_signs

SHARES = (0.1, 0.2, 0.5)  # of the training: a model for each
WATCHED = (0.1, 0.15, 0.2)  # looks that may warn, in the stated rates
JUDGED_AT = 0.2
WHOLE = 1.0  # how far the held-out rows could tell, if one waited to the end
FALSE_ALARMS = 0.10  # at most, ...
FAMILIES_KEPT = 0.8  # ... in this share of the calibration families
NOISE = 2.0  # standard errors of a gap from its test rows, within which it is no harm or help


def table_of(traces: Iterable[Trace], n_held: int | None = None) -> pd.DataFrame:
    """Return one row a run and share, with its signs, its outcome and what else may rank it."""
    shares = sorted({*SHARES, *WATCHED, WHOLE})
    return pd.DataFrame([row for trace in traces for row in _rows(trace, shares, n_held)])


def _rows(trace: Trace, shares: list[float], n_held: int | None) -> Iterable[dict[str, Any]]:
    gap, error = trace.loss
    outcome = {
        "kind": "fine-tuning" if trace.way == "fine-tuning" else "co-training",
        "way": trace.way,
        "name": trace.name,
        "family": trace.family,
        "part": trace.part,
        "n_target": trace.n_target,
        "n_steps": trace.n_steps,
        "seed": trace.seed,
        "gap": gap,
        "harmed": gap < 0,
        "clear": abs(gap) > NOISE * error,
        "accuracy_harmed": trace.accuracy[0] < 0,
        "accuracy_clear": abs(trace.accuracy[0]) > NOISE * trace.accuracy[1],
        "last_harmed": trace.last_loss[0] < 0,
        "last_clear": abs(trace.last_loss[0]) > NOISE * trace.last_loss[1],
        "cosine": -trace.cosine,
        "look_ahead": -trace.look_ahead,
    }
    for share in shares:
        looks = slice(0, round(share * N_LOOKS) + 1)
        held, control = (np.asarray(losses[looks, :n_held], dtype=float)
                         for losses in (trace.held, trace.control_held))  # fmt: skip
        signs = early_signs(held, control)
        ratio = float(np.log(held[-1].mean() / control[-1].mean()))
        own = dict(zip(SIGNS, signs.values))
        yield {"share": share, **outcome, **own, "ratio": ratio}


def fitted(rows: pd.DataFrame, share: float) -> Model:
    """Fit the model of one kind and share; every family counts the same."""
    at = rows[np.isclose(rows["share"], share)]
    sizes = at.groupby("family")["family"].transform("size")
    regression = make_pipeline(StandardScaler(), LogisticRegression())
    weights = (1 / sizes / (1 / sizes).mean()).to_numpy()
    regression.fit(
        at[list(SIGNS)].to_numpy(), at["harmed"], logisticregression__sample_weight=weights
    )
    scaler, logistic = regression[0], regression[-1]
    slopes = logistic.coef_[0] / scaler.scale_
    intercept = float(logistic.intercept_[0] - slopes @ scaler.mean_)
    return Model(share, intercept, tuple(float(slope) for slope in slopes))


def with_probability(rows: pd.DataFrame, models: tuple[Model, ...]) -> pd.DataFrame:
    """Return the rows with the probability that a monitor would have told at their share."""
    told = []
    for row in rows.itertuples():
        model = [m for m in models if m.share <= row.share + 1e-9][-1]  # type: ignore[operator]
        told.append(model.probability(EarlySigns(row.standing, row.start)))  # type: ignore[arg-type]
    return rows.assign(probability=told)


def left_out(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with probabilities from models that never saw their family."""
    parts = []
    for family, own in rows.groupby("family"):
        others = rows[rows["family"] != family]
        parts.append(with_probability(own, tuple(fitted(others, share) for share in SHARES)))
    return pd.concat(parts)


def highest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a run: its outcome, and the highest probability by a fifth of the training."""
    run = ["way", "name", "n_target", "n_steps", "seed"]
    seen = rows[[any(np.isclose(share, WATCHED)) for share in rows["share"]]]
    first = seen.groupby(run).agg("first").drop(columns="probability")
    return first.join(seen.groupby(run)["probability"].max()).reset_index()


def threshold_of(calibrating: pd.DataFrame) -> float:
    """Return the threshold that keeps false alarms to a tenth in four of five families.

    Families differ more than chance: a rate over all runs, or a mean over families, would say
    little of the next family. So each family has the least threshold from which at most a tenth of
    its harmless runs is warned of, and the one that is enough for four fifths of them is taken.
    """
    runs = highest(calibrating)
    own = [
        np.quantile(harmless["probability"], 1 - FALSE_ALARMS, method="higher")
        for _, harmless in runs[~runs["harmed"]].groupby("family")
    ]
    return float(np.nextafter(np.quantile(own, FAMILIES_KEPT, method="higher"), 1.0))
