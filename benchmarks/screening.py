"""Do verdicts keep their error rates where the sources were chosen on the tested rows?

Fifty sources of 60 rows, fixed, each with a true expected gap of exactly zero: the slopes of each
are moved in a direction of their own until the exact risk of ridge regression with and without it
is the same on average over target samples (bisection on common samples; sources fixed). Then fresh
target samples are drawn; every draw is screened in closed form (8 or 16 of 50 sources), the sources
that are left are audited (mean squared error, closed form), and each claim is false.

Criteria, fixed before the run:

1. "helps" for any of the sources that were tried in at most 5 % of draws, and "hurts" as well, up
   to the binomial error of the draws (99.99 % bound).
2. Beside it, for information: the same without counting the sources that were not tried, and with
   all fifty tried.

    python -m benchmarks.screening             some minutes on one core
    python -m benchmarks.screening --quick     a few draws; writes nothing
    python -m benchmarks.screening --time      CPU seconds of `screen`; writes nothing

Writes benchmarks/results/screening.json, from which docs/which_sources.md takes its table.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import stats
from sklearn.linear_model import Ridge

from benchmarks.record import write_record
from transfergap import screen
from transfergap.analysis.estimation import estimate_gaps
from transfergap.analysis.ranking import untried_sources
from transfergap.data.problem import Problem, Sample
from transfergap.data.validation import make_problem
from transfergap.experiment.arms import default_arms
from transfergap.experiment.design import ControlArm, Design, Split
from transfergap.experiment.trial import attempt
from transfergap.learners import EstimatorLearner
from transfergap.stats.gap import Gap, Verdict, judge

N_SOURCES, N_ROWS, N_TARGET, P = 50, 60, 60, 6
NOISE, MARGIN = 1.0, 0.01
N_COMMON, N_STEPS = 4000, 20
N_DRAWS, N_QUICK = 1500, 20
N_TRIED = (8, 16)
LEVEL, BOUND = 0.05, 0.9999
TIMED = ((100, 100, 20), (100, 400, 20), (300, 1000, 10))  # target rows, source rows, columns
PENALTIES = np.diag([1.0] * P + [0.0])  # Ridge(alpha=1) leaves the intercept free
Rows = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class World:
    """A target law, and fixed sources whose true gap is zero."""

    slopes: np.ndarray
    sources: dict[str, Rows]

    @cached_property
    def checked(self) -> Problem:
        """Return a problem whose sources have passed intake, once for all draws."""
        target = rows(np.random.default_rng(0), N_TARGET, self.slopes)
        return make_problem(*target, sources=self.sources, metric="mse", margin=MARGIN)

    def problem(self, rng: np.random.Generator) -> Problem:
        return replace(self.checked, target=Sample(*rows(rng, N_TARGET, self.slopes)))


def rows(rng: np.random.Generator, n: int, slopes: np.ndarray) -> Rows:
    X = rng.normal(size=(n, P))
    return X, X @ slopes + NOISE * rng.normal(size=n)


def sums(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Gram and moment with a column of ones, of many samples at once."""
    design = np.concatenate([X, np.ones((*X.shape[:-1], 1))], axis=-1)
    turned = np.swapaxes(design, -1, -2)
    return turned @ design, (turned @ y[..., None])[..., 0]


def risk(gram: np.ndarray, moment: np.ndarray, slopes: np.ndarray) -> float:
    """Return the mean exact excess risk of ridge regression over samples."""
    fitted = np.linalg.solve(gram + PENALTIES, moment[..., None])[..., 0]
    return float(((fitted - np.append(slopes, 0.0)) ** 2).sum(axis=-1).mean())


def world(seed: int) -> World:
    """Return fifty sources, each as far as makes its expected gap zero."""
    rng = np.random.default_rng([seed, 0])
    slopes = 0.5 * rng.normal(size=P)
    # Left-out rows are predicted by models of one row fewer.
    X = rng.normal(size=(N_COMMON, N_TARGET - 1, P))
    gram, moment = sums(X, X @ slopes + NOISE * rng.normal(size=X.shape[:2]))
    control = risk(gram, moment, slopes)
    sources = {}
    for k in range(N_SOURCES):
        Z, noise = rng.normal(size=(N_ROWS, P)), NOISE * rng.normal(size=N_ROWS)
        direction = rng.normal(size=P)
        direction /= np.linalg.norm(direction)

        def labels(far: float, Z=Z, noise=noise, direction=direction) -> np.ndarray:
            return Z @ (slopes + far * direction) + noise

        near, far = 0.0, 4.0
        for _ in range(N_STEPS):
            middle = (near + far) / 2
            more = sums(Z, labels(middle))
            helps = risk(gram + more[0], moment + more[1], slopes) < control
            near, far = (middle, far) if helps else (near, middle)
        sources[f"s{k}"] = (Z, labels((near + far) / 2))
    return World(slopes, sources)


def gaps_of(problem: Problem) -> dict[str, Gap]:
    """Return the gap of every source's pooled arm, in closed form."""
    learner = EstimatorLearner(Ridge())
    arms = [a for a in default_arms(list(problem.sources), learner) if a.name.endswith("pooled")]
    design = Design(problem, ControlArm(learner), tuple(a for a in arms if len(a.sources) == 1))
    cells = [cell for cell in design.cells() if cell.split == Split("loo")]
    trials = [trial for cell in cells for trial in attempt(design, [cell])]
    estimates = estimate_gaps(design, trials)
    return {a.sources[0]: estimates[a.name].gap for a in design.treatments}


def claims(gaps: Sequence[Gap], n_more: int) -> set[Verdict]:
    return set(judge(list(gaps), MARGIN, n_more=n_more))


def draw(places: World, seed: int, number: int) -> dict[str, set[Verdict]]:
    """Return the verdicts of one target sample, by the rule that chose and counted sources."""
    problem = places.problem(np.random.default_rng([seed, 1, number]))
    gaps = gaps_of(problem)
    verdicts = {"all": claims(list(gaps.values()), 0)}
    for n_tried in N_TRIED:
        untried = untried_sources(problem, limit=n_tried, seed=number)
        chosen = [gap for name, gap in gaps.items() if name not in untried]
        verdicts[f"{n_tried} counted"] = claims(chosen, len(untried))
        verdicts[f"{n_tried} not counted"] = claims(chosen, 0)
    return verdicts


def summary(drawn: Sequence[dict[str, set[Verdict]]]) -> dict:
    """Return the shares of draws with a false claim."""
    rows_of = []
    for rule in drawn[0]:
        counts = Counter(verdict for one in drawn for verdict in one[rule])
        rows_of.append({
            "rule": rule,
            "helps": round(counts[Verdict.HELPS] / len(drawn), 4),
            "hurts": round(counts[Verdict.HURTS] / len(drawn), 4),
        })  # fmt: skip
    bound = float(stats.binom.ppf(BOUND, len(drawn), LEVEL)) / len(drawn)
    counted = [
        row for row in rows_of if row["rule"].endswith(" counted") and "not" not in row["rule"]
    ]
    return {
        "draws": len(drawn),
        "sources": N_SOURCES,
        "rows": rows_of,
        "criterion": {"level": LEVEL, "bound": round(bound, 4)},
        "holds": all(max(row["helps"], row["hurts"]) <= bound for row in counted),
    }


def timed() -> None:
    """Print the CPU seconds of screening 200 sources of growing size."""
    rng = np.random.default_rng(0)

    def rows(n: int, p: int, far: float) -> Rows:
        X = rng.normal(size=(n, p))
        slopes = np.ones(p) + far * rng.normal(size=p)
        return X, (X @ slopes + rng.normal(size=n) > 0).astype(int)

    for n_target, n_rows, p in TIMED:
        target = rows(n_target, p, 0.0)
        sources = {f"s{k}": rows(n_rows, p, k % 4 / 2) for k in range(200)}
        start = time.process_time()
        screen(*target, sources=sources)
        print(f"{n_target} target rows, 200 sources of {n_rows} rows, {p} columns:"
              f" {time.process_time() - start:.1f} s")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--time", action="store_true")
    options = parser.parse_args()
    if options.time:
        timed()
        return 0
    places = world(options.seed)
    drawn = []
    for number in range(N_QUICK if options.quick else N_DRAWS):
        drawn.append(draw(places, options.seed, number))
        if number % 200 == 199:
            print(f"{number + 1} draws", file=sys.stderr)
    record = summary(drawn) | {"seed": options.seed}
    for row in record["rows"]:
        print(f"{row['rule']:15} helps {row['helps']:.1%}  hurts {row['hurts']:.1%}")
    print(f"bound {record['criterion']['bound']:.1%}, holds {record['holds']}")
    if not options.quick:
        write_record("screening", record)
    return 0 if record["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
