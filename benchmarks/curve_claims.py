"""How often are claims made of learning curves where nothing is gained; how many seeds see a gap?

Criterion, fixed before the run: each direction of each metric in at most 5 % of draws of every null
in which control and arm are the same random procedure, up to the binomial error of the draws
(99.99 % bound), at 5, 10 and 20 seeds (interquartile means from 10, as in an audit). Two more nulls
have equal means and different shapes: there the rates of the two metrics that are judged are
reported, and held to the criterion where the shape is symmetric; rare failures of one arm alone are
known to exceed it, and the table says by how much.

Beside them, and held to nothing, stands the percentile bootstrap of the interquartile mean, which
is what is usual (Agarwal et al. 2021).

Runs of real agents are imitated by curves that rise from 0 to a height at a speed, with noise in
each evaluation; heights are steady, bimodal (half of the runs never learn), skewed, or fail in one
run of five. Runs of one seed share a fifth of the variance of their noise.

    python -m benchmarks.curve_claims --quick      300 draws a cell
    python -m benchmarks.curve_claims              2,000 draws a cell

Writes benchmarks/results/curve_claims.json, from which docs/agents.md takes its tables.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.record import write_record
from transfergap.analysis.training_curves import (
    AGENT_METRICS,
    CurveMetric,
    TrainingRuns,
    finals,
    judge_curves,
)

Floats = NDArray[np.float64]
Heights = Callable[[np.random.Generator, int], Floats]
STEPS = np.linspace(0.0, 100.0, 21)
SEEDS = (5, 10, 20)
POWER_SEEDS = (5, 10, 20, 40)
SIZES = (0.5, 1.0, 1.5, 2.0)
MEANS = (CurveMetric.AREA, CurveMetric.FINAL)
_NOISE, _SHARED = 0.05, 0.2
_RESAMPLES = 400


def steady(rng: np.random.Generator, n: int) -> Floats:
    return 0.6 + 0.1 * rng.normal(size=n)


def bimodal(rng: np.random.Generator, n: int) -> Floats:
    return np.where(rng.random(n) < 0.5, 0.75, 0.0)


def failing(rng: np.random.Generator, n: int) -> Floats:
    return np.where(rng.random(n) < 0.8, 0.75, 0.0)


def skewed(rng: np.random.Generator, n: int) -> Floats:
    return 0.3 * np.exp(0.8 * rng.normal(size=n))


def gambling(rng: np.random.Generator, n: int) -> Floats:
    return np.where(rng.random(n) < 0.5, 1.2, 0.0)


@dataclass(frozen=True)
class Null:
    """Heights of the control's and the arm's runs, whose means are equal."""

    name: str
    control: Heights
    arm: Heights

    @property
    def is_exchange(self) -> bool:
        """Whether control and arm are the same procedure."""
        return self.control is self.arm


NULLS = (
    Null("steady", steady, steady),
    Null("half of the runs never learn", bimodal, bimodal),
    Null("one run of five fails", failing, failing),
    Null("skewed", skewed, skewed),
    Null("steady against half of the runs", steady, gambling),
    Null("steady against one failure in five", steady, failing),
)


def curves(rng: np.random.Generator, heights: Floats, shared: Floats) -> Floats:
    """Return noisy curves that rise to ``heights``, shape (n_seeds, n_steps)."""
    n = len(heights)
    speed = 20.0 * np.exp(0.5 * (_SHARED**0.5 * shared + (1 - _SHARED) ** 0.5 * rng.normal(size=n)))
    rise = 1.0 - np.exp(-STEPS / speed[:, None])
    rise /= rise[:, -1:]  # heights are reached at the end, so that final means are equal too
    return heights[:, None] * rise + _NOISE * rng.normal(size=(n, len(STEPS)))


def drawn(
    rng: np.random.Generator, control: Heights, arm: Heights, n: int, gain: float = 0.0
) -> TrainingRuns:
    """Return paired runs of ``n`` seeds; ``gain`` lifts the arm's heights."""
    shared = rng.normal(size=n)
    made = {
        "control": curves(rng, control(rng, n), shared),
        "arm": curves(rng, arm(rng, n) + gain, shared),
    }
    return TrainingRuns(
        "control", STEPS, {name: dict(enumerate(scores)) for name, scores in made.items()}
    )


def claims(runs: TrainingRuns) -> dict[CurveMetric, int]:
    """Return +1 for a claim of help, -1 for one of harm, 0 for none, by metric; uncorrected."""
    told = judge_curves(runs, margin=1e-9, lowest=-1.0)
    found = {}
    for g in told.gaps:
        if g.gap is not None and "a verdict needs" not in g.note:
            found[g.metric] = int(g.gap.p_helps < 0.05) - int(g.gap.p_hurts < 0.05)
    return found


def bootstrap_claim(rng: np.random.Generator, runs: TrainingRuns) -> int:
    """Return what the percentile bootstrap over seeds claims of the interquartile mean."""
    pairs = runs.pairs("arm")
    control, arm = (finals(scores, STEPS) for scores in (pairs.control, pairs.treated))
    chosen = rng.integers(len(control), size=(_RESAMPLES, len(control)))
    gaps = stats.trim_mean(arm[chosen], 0.25, axis=1) - stats.trim_mean(
        control[chosen], 0.25, axis=1
    )
    low, high = np.quantile(gaps, [0.05, 0.95])
    return int(low > 0) - int(high < 0)


def null_rates(null: Null, n_seeds: int, *, n_draws: int, seed: int) -> dict[str, Any]:
    """Return how often each metric claims help, and harm, where there is none."""
    rng = np.random.default_rng([seed, n_seeds])
    draws = [drawn(rng, null.control, null.arm, n_seeds) for _ in range(n_draws)]
    made = [claims(runs) for runs in draws]
    metrics = AGENT_METRICS if null.is_exchange else MEANS
    resampled = [bootstrap_claim(rng, runs) for runs in draws] if null.is_exchange else []
    return {
        "null": null.name,
        "n_seeds": n_seeds,
        "n_draws": n_draws,
        "helps": _counts(made, metrics, 1),
        "hurts": _counts(made, metrics, -1),
        "bootstrap": [resampled.count(1), resampled.count(-1)],
    }


def _counts(
    made: list[dict[CurveMetric, int]], metrics: tuple[CurveMetric, ...], sign: int
) -> dict[str, int]:
    seen = [m for m in metrics if any(m in claim for claim in made)]
    return {str(m): sum(claim.get(m) == sign for claim in made) for m in seen}


def power(size: float, n_seeds: int, *, n_draws: int, seed: int) -> dict[str, Any]:
    """Return how often a gain is seen, in units of the spread of paired differences."""
    rng = np.random.default_rng([seed, n_seeds, int(10 * size)])
    spread = 0.1 * np.sqrt(2.0)  # of the heights of steady runs: most of that of the differences
    made = [claims(drawn(rng, steady, steady, n_seeds, gain=size * spread)) for _ in range(n_draws)]
    shown = (CurveMetric.FINAL, CurveMetric.MIDDLE, CurveMetric.IMPROVEMENT)
    return {
        "size": size, "n_seeds": n_seeds, "n_draws": n_draws,
        "helps": _counts(made, shown, 1),
    }  # fmt: skip


def most_claims(n_draws: int, *, alpha: float = 1e-4) -> int:
    """Return the most claims of one direction that 5 % can give, but for one time in 1/alpha."""
    return int(stats.binom.ppf(1.0 - alpha, n_draws, 0.05))


def is_held(row: dict[str, Any], null: Null) -> bool:
    """Return whether a row keeps to the criterion; rare failures of one arm have none."""
    if null.arm is failing and not null.is_exchange:
        return True
    bound = most_claims(row["n_draws"])
    return all(n <= bound for side in ("helps", "hurts") for n in row[side].values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="300 draws a cell")
    n_draws = 300 if parser.parse_args().quick else 2000
    rows, held = [], True
    for null in NULLS:
        for n_seeds in SEEDS:
            row = null_rates(null, n_seeds, n_draws=n_draws, seed=100_000)
            held &= is_held(row, null)
            rows.append(row)
            print(null.name, n_seeds, row["helps"], row["hurts"], flush=True)
    seen = [
        power(size, n_seeds, n_draws=n_draws, seed=200_000)
        for size in SIZES
        for n_seeds in POWER_SEEDS
    ]
    for row in seen:
        print(row["size"], row["n_seeds"], row["helps"], flush=True)
    bound = most_claims(n_draws) / n_draws
    write_record(
        "curve_claims",
        {"criterion": {"held": held, "bound": bound}, "rows": rows, "power": seen},
    )
    print("criterion held" if held else "CRITERION BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
