"""Networks of the bank, and gaps of ways of training over paired seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from torch import nn

from benchmarks.networks.pair import Rows
from transfergap.data.problem import Sample, TargetSet
from transfergap.learners import Learner, fit_all
from transfergap.learners.mitigations import Gated
from transfergap.learners.protocol import AnyTrainingSet
from transfergap.stats import discoveries
from transfergap.torch import Network

STEPS = 300
CAUTIONS = (0.0, 0.5, 1.0, 1.64)  # of the guard, in standard errors
SIGNIFICANT = 0.05
HARM = 0.01  # a gap below minus this is more than a point


def perceptron(n_features: int) -> Callable[[int], nn.Module]:
    """Return what makes the bank's network: two hidden layers of 64."""

    def make(n_outputs: int) -> nn.Module:
        return nn.Sequential(
            nn.Linear(n_features, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(),
            nn.Linear(64, n_outputs),
        )  # fmt: skip

    return make


def network(n_features: int) -> Network:
    """Return the model under audit."""
    return Network(perceptron(n_features), steps=STEPS, device="cpu")


def sample(rows: Rows) -> Sample:
    """Return rows as the learners read them."""
    return Sample(rows.X, rows.y, groups=rows.units)


def accuracies(
    learner: Learner, trains: Sequence[AnyTrainingSet], tests: Sequence[Rows]
) -> NDArray[np.float64]:
    """Return the accuracy on the test rows of a model for each training set; seeds count up."""
    models = fit_all(learner, trains, seeds=list(range(len(trains))))
    return np.array([accuracy(m, rows) for m, rows in zip(models, tests, strict=True)])


def accuracy(model: Any, rows: Rows) -> float:
    """Return the share of rows that a model gets right."""
    return float(np.mean(model.predict(rows.X) == rows.y))


def gaps_of_ways(
    ways: Mapping[str, Callable[[Network], Learner]],
    tried: Sequence[str],
    guarded: Sequence[str],
    trains: Sequence[AnyTrainingSet],
    tests: Sequence[Rows],
) -> dict[str, NDArray[np.float64]]:
    """Return gaps to the control in accuracy, a number a training set, and those of the guard.

    The guard has either the gap of the way that it guards, or none.
    """
    net = network(trains[0].target.X.shape[1])
    control = accuracies(net, [TargetSet(train.target) for train in trains], tests)
    found = {way: accuracies(ways[way](net), trains, tests) - control for way in tried}
    for way in guarded:
        leads = np.array(Gated(ways[way](net)).leads(trains, seeds=list(range(len(trains)))))
        for caution in CAUTIONS:
            found[f"gated {way}, caution {caution:g}"] = np.where(leads > caution, found[way], 0.0)
    return found


@dataclass(frozen=True)
class GapRow:
    """Gaps of one way of training on one problem, a number a seed."""

    problem: str
    family: str
    part: str
    way: str
    gaps: tuple[float, ...]

    @property
    def mean(self) -> float:
        return float(np.mean(self.gaps))

    @property
    def p_hurts(self) -> float:
        """One-sided p-value of a paired t over seeds; 1 where no seed differs."""
        gaps = np.array(self.gaps)
        spread = gaps.std(ddof=1)
        if spread == 0:
            return 1.0 if gaps[0] >= 0 else 0.5 ** len(gaps)
        return float(stats.t.cdf(gaps.mean() / (spread / np.sqrt(len(gaps))), len(gaps) - 1))


def summary(rows: Sequence[GapRow], plain: Sequence[GapRow]) -> dict[str, Any]:
    """Return what a way of training did over problems, beside the plain way.

    ``kept`` is the sum of its gaps over the sum of the plain way's gaps, on problems where the
    plain way gained; the interval resamples families and problems within them.
    """
    gaps = np.array([row.mean for row in rows])
    p_values = np.array([row.p_hurts for row in rows])
    base = {row.problem: row.mean for row in plain}
    gains = np.array([base[row.problem] for row in rows])
    families = np.array([row.family for row in rows])
    return {
        "problems": len(rows),
        "mean_gap": float(gaps.mean()),
        "mean_gap_interval": _resampled(families, lambda i: float(gaps[i].mean())),
        "harmed_more_than_a_point": float((gaps < -HARM).mean()),
        "harmed_interval": _resampled(families, lambda i: float((gaps[i] < -HARM).mean())),
        "harmed_significantly": int((p_values < SIGNIFICANT).sum()),
        "harmed_after_correction": int(discoveries(p_values, rate=0.10).sum()),
        "helped_more_than_a_point": float((gaps > HARM).mean()),
        "worst": float(gaps.min()),
        "kept": _kept(gaps, gains),
        "kept_interval": _resampled(families, lambda i: _kept(gaps[i], gains[i])),
    }


def _kept(gaps: NDArray[np.float64], gains: NDArray[np.float64]) -> float:
    won = gains > 0
    return float(gaps[won].sum() / gains[won].sum()) if won.any() else float("nan")


def _resampled(
    families: NDArray[np.str_], statistic: Callable[[NDArray[np.intp]], float]
) -> list[float]:
    """Return a 90 % interval over families and problems within them."""
    rng = np.random.default_rng(0)
    names = np.unique(families)
    places = {name: np.flatnonzero(families == name) for name in names}
    drawn = []
    for _ in range(500):
        chosen = rng.choice(names, len(names))
        index = np.concatenate([rng.choice(places[name], len(places[name])) for name in chosen])
        drawn.append(statistic(index))
    low, high = np.nanpercentile(drawn, [5, 95])
    return [float(low), float(high)]
