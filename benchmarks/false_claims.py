"""How often are "helps" and "hurts" said where nothing is gained or lost?

Criterion, fixed before the run: each of the two in at most 5 % of draws of every null design, up to
the binomial error of the draws (99.99 % bound). A null design is a simulated problem whose true
expected gap is zero: the source is shifted by just so much that what it brings and what it spoils
cancel (``null_shift``; exact population risks), or both arms are the same random procedure, or
labels are noise, of which all models are equally bad in AUC and accuracy.

    python -m benchmarks.false_claims --quick      200 draws a design
    python -m benchmarks.false_claims              2,000 draws a design
    python -m benchmarks.false_claims --only ridge      of some designs; the others as stored

Writes benchmarks/results/false_claims.json, from which docs/methods.md takes its table.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression, Ridge

from benchmarks.record import RESULTS, write_record
from benchmarks.verdicts.populations import make_problem_of, ridge_null
from transfergap.analysis.estimation import estimate_gaps
from transfergap.data.validation import make_problem
from transfergap.datasets import make_shift, null_shift
from transfergap.experiment.design import Arm, ControlArm, Design, Effort
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.learners import EstimatorLearner, FunctionLearner
from transfergap.stats.gap import LEVEL, Verdict

PENALTY = 1.0
SEARCH_SEED, N_SEARCH = 77, 4000


class LinearModel:
    """A linear score as a regressor and as a classifier of 0 and 1."""

    def __init__(self, coef: np.ndarray, intercept: float, *, classify: bool) -> None:
        self.coef, self.intercept, self.classify = coef, intercept, classify

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        return X @ self.coef + self.intercept

    def predict(self, X: np.ndarray) -> np.ndarray:
        score = self.decision_function(X)
        return (score > 0).astype(int) if self.classify else score


def ridge_solution(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Ridge with a free intercept; labels 0 and 1 become -1 and 1."""
    centre, level = X.mean(axis=0), y.mean()
    Z = X - centre
    coef = np.linalg.solve(Z.T @ Z + PENALTY * np.eye(Z.shape[1]), Z.T @ (y - level))
    return coef, float(level - centre @ coef)


def signed(y: np.ndarray) -> np.ndarray:
    return 2.0 * y - 1.0


def alone_ridge(X, y, Xs, ys):
    return ridge_solution(X, y)


def pooled_ridge(X, y, Xs, ys):
    return ridge_solution(np.vstack([X, Xs]), np.concatenate([y, ys]))


def alone_signs(X, y, Xs, ys):
    return ridge_solution(X, signed(y))


def pooled_signs(X, y, Xs, ys):
    return ridge_solution(np.vstack([X, Xs]), signed(np.concatenate([y, ys])))


def alone_logistic(X, y, Xs, ys):
    model = LogisticRegression().fit(X, y)
    return model.coef_[0], float(model.intercept_[0])


def pooled_logistic(X, y, Xs, ys):
    return alone_logistic(np.vstack([X, Xs]), np.concatenate([y, ys]), None, None)


def train_ridge(target, sources, *, seed):
    X, y = stacked(target, sources)
    return LinearModel(*ridge_solution(X, y), classify=False)


def train_signs(target, sources, *, seed):
    X, y = stacked(target, sources)
    return LinearModel(*ridge_solution(X, signed(y)), classify=True)


def train_mean(target, sources, *, seed):
    X, y = stacked(target, sources)
    return LinearModel(np.zeros(X.shape[1]), float(y.mean()), classify=False)


def train_random_stump(target, sources, *, seed):
    """The best cut of one feature drawn at random: another draw in each arm, the sources unused."""
    rng = np.random.default_rng([seed, len(sources)])
    feature = int(rng.integers(target.X.shape[1]))
    values, sign = target.X[:, feature], signed(target.y)
    order = np.argsort(values)
    balance = np.cumsum(sign[order])[:-1]
    best = int(np.argmax(np.abs(balance)))
    cut = 0.5 * (values[order][best] + values[order][best + 1])
    coef = np.zeros(target.X.shape[1])
    coef[feature] = -1.0 if balance[best] > 0 else 1.0
    return LinearModel(coef, -cut * coef[feature], classify=True)


def train_random_subspace(target, sources, *, seed):
    """Ridge on half of the features drawn at random: another draw in each arm."""
    rng = np.random.default_rng([seed, len(sources)])
    n = target.X.shape[1]
    chosen = rng.permutation(n)[: n // 2]
    part, intercept = ridge_solution(target.X[:, chosen], target.y)
    coef = np.zeros(n)
    coef[chosen] = part
    return LinearModel(coef, intercept, classify=False)


def stacked(target, sources):
    X = np.vstack([target.X, *(source.X for source in sources)])
    return X, np.concatenate([target.y, *(source.y for source in sources)])


@dataclass(frozen=True)
class Noise:
    """Rows whose labels nobody can learn: the gap in AUC or accuracy of any two models is zero."""

    n_target: int
    n_columns: int
    seed: int
    n_source: int = 200

    @property
    def sources(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        return {"source": self._rows(self.n_source, [self.seed, 1])}

    def draw_target(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        return self._rows(self.n_target, [seed, 2])

    def _rows(self, n: int, seed: list[int]) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        return rng.normal(size=(n, self.n_columns)), rng.integers(0, 2, n)


@dataclass(frozen=True)
class Means:
    """Numbers around a mean, and a source whose mean is off by what its rows save in variance.

    Of the mean of m rows, the risk is 1/m; pooled with n source rows it is w^2/m + (1 - w)^2 d^2
    with w = m / (m + n). At d^2 = (1/m) (1 + w) / (1 - w) they are equal.
    """

    n_target: int
    n_source: int
    seed: int

    @property
    def sources(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        rng = np.random.default_rng([self.seed, 1])
        m = 0.9 * self.n_target  # rows that a fold trains on
        w = m / (m + self.n_source)
        y = rng.normal(size=self.n_source)
        shift = np.sqrt((1 + w) / (1 - w) / m)
        return {"source": (rng.normal(size=(self.n_source, 1)), y - y.mean() + shift)}

    def draw_target(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([seed, 2])
        return rng.normal(size=(self.n_target, 1)), rng.normal(size=self.n_target)


@dataclass(frozen=True)
class NullDesign:
    """One design whose true expected gap is zero.

    ``shift`` is what ``null_shift`` gives with seed 77 and 4,000 draws (``--search`` finds it);
    ``None`` where both arms are the same random procedure.
    """

    name: str
    model: Any
    metric: str
    task: str
    n: int
    shift: float | None
    effort: str = "full"
    fits: tuple[Callable[..., Any], Callable[..., Any]] | None = None
    loss: str = ""
    group_size: int = 1
    seed: int = 5
    law: str = "gaussian"  # of the errors
    drawn: Noise | Means | None = None  # in place of a problem that is shifted

    def problem_at(self, shift: float) -> Any:
        if self.drawn is not None:
            return self.drawn
        if self.law != "gaussian":
            return make_problem_of(self.law, n_target=self.n, shift=shift, seed=self.seed)
        return make_shift(n_target=self.n, shift=shift, task=self.task, random_state=self.seed)

    def searched(self) -> float:
        assert self.fits is not None
        if self.law != "gaussian":  # rare rows decide, which no search meets often enough
            return ridge_null(self.problem_at, penalty=PENALTY)
        return null_shift(
            self.problem_at, *self.fits, loss=self.loss, n_draws=N_SEARCH, random_state=SEARCH_SEED
        )


DESIGNS = (
    NullDesign("closed form, ridge, squared loss, n = 60", Ridge(PENALTY), "mse", "regression", 60,
               0.5093, fits=(alone_ridge, pooled_ridge), loss="squared"),
    NullDesign("closed form, ridge, squared loss, n = 300", Ridge(PENALTY), "r2", "regression", 300,
               0.2622, fits=(alone_ridge, pooled_ridge), loss="squared"),
    NullDesign("closed form, ridge, errors of t with 3 df, n = 60", Ridge(PENALTY), "mse",
               "regression", 60, 0.5007, fits=(alone_ridge, pooled_ridge), loss="squared",
               law="t3"),
    NullDesign("closed form, ridge, errors of t with 3 df, n = 120", Ridge(PENALTY), "mse",
               "regression", 120, 0.3574, fits=(alone_ridge, pooled_ridge), loss="squared",
               law="t3"),
    NullDesign("closed form, logistic, log loss, n = 120", LogisticRegression(), "log_loss",
               "binary", 120, 0.6685, fits=(alone_logistic, pooled_logistic), loss="log"),
    NullDesign("jackknife, least squares, accuracy, n = 60", FunctionLearner(train_signs),
               "accuracy", "binary", 60, 0.8472, fits=(alone_signs, pooled_signs),
               loss="zero_one"),
    NullDesign("jackknife, least squares, accuracy, n = 200", FunctionLearner(train_signs),
               "accuracy", "binary", 200, 0.5864, fits=(alone_signs, pooled_signs),
               loss="zero_one"),
    NullDesign("quick, least squares, accuracy, n = 60", FunctionLearner(train_signs),
               "accuracy", "binary", 60, 0.8472, "quick", (alone_signs, pooled_signs), "zero_one"),
    NullDesign("jackknife, ridge, squared loss, n = 60", FunctionLearner(train_ridge), "rmse",
               "regression", 60, 0.5093, fits=(alone_ridge, pooled_ridge), loss="squared"),
    NullDesign("DeLong, least squares, ROC AUC, n = 100", FunctionLearner(train_signs), "roc_auc",
               "binary", 100, 0.6704, fits=(alone_signs, pooled_signs), loss="auc"),
    NullDesign("DeLong, labels of noise, ROC AUC, n = 100", FunctionLearner(train_signs), "roc_auc",
               "binary", 100, None, drawn=Noise(100, 5, seed=5)),
    NullDesign("DeLong, labels of noise, ROC AUC, n = 300", FunctionLearner(train_signs), "roc_auc",
               "binary", 300, None, drawn=Noise(300, 5, seed=5)),
    NullDesign("DeLong, labels of noise, one column, ROC AUC, n = 60",
               FunctionLearner(train_signs), "roc_auc", "binary", 60, None,
               drawn=Noise(60, 1, seed=5)),
    NullDesign("jackknife, labels of noise, accuracy, n = 100", FunctionLearner(train_signs),
               "accuracy", "binary", 100, None, drawn=Noise(100, 5, seed=5)),
    NullDesign("jackknife, random stumps, accuracy, n = 60", FunctionLearner(train_random_stump),
               "accuracy", "binary", 60, None),
    NullDesign("jackknife, random subspaces, squared loss, 30 groups of 4",
               FunctionLearner(train_random_subspace), "mse", "regression", 120, None,
               group_size=4),
)  # fmt: skip


# Known to claim too often, and not mended: the gap is a square of what a model of one number is off
# by, so it is flat where the target happens to look like the source, and no derivative shows it.
EXCEEDING = (
    NullDesign("jackknife, a mean, squared loss, n = 40", FunctionLearner(train_mean), "mse",
               "regression", 40, None, drawn=Means(40, 80, seed=5)),
    NullDesign("jackknife, a mean, squared loss, n = 300", FunctionLearner(train_mean), "mse",
               "regression", 300, None, drawn=Means(300, 600, seed=5)),
)  # fmt: skip


@dataclass(frozen=True)
class Claims:
    """Counts over the draws of one design; ``covered``: intervals that hold the true gap, zero."""

    n_draws: int
    verdicts: Counter[str]
    covered: int

    def share(self, verdict: Verdict) -> float:
        return self.verdicts[verdict] / self.n_draws


def claims(design: NullDesign, *, n_draws: int, seed: int) -> Claims:
    """Audit fresh targets of a null design and count what is said."""
    base = design.problem_at(design.shift or 0.0)
    verdicts: Counter[str] = Counter()
    covered = 0
    for draw in range(n_draws):
        X, y = base.draw_target(seed + draw)
        groups = None
        if design.group_size > 1:
            X, y, groups = clustered(X, y, design.group_size, seed + draw)
        gap = audited(design, X, y, base.sources, groups, draw)
        verdicts[gap.verdict(1e-9)] += 1
        covered += gap.low <= 0.0 <= gap.high
    return Claims(n_draws, verdicts, covered)


def clustered(X, y, size, seed):
    """Give rows of a group a common shift of features and label: repeated measurements."""
    rng = np.random.default_rng([seed, 9])
    groups = np.arange(len(X)) // size
    n = groups[-1] + 1
    return X + rng.normal(size=(n, X.shape[1]))[groups], y + rng.normal(size=n)[groups], groups


def audited(design, X, y, sources, groups, draw):
    problem = make_problem(X, y, sources=sources, metric=design.metric, margin=1e-9, groups=groups)
    model = design.model
    learner = model if isinstance(model, FunctionLearner) else EstimatorLearner(model)
    plan = Design(
        problem,
        ControlArm(learner),
        (Arm("pooled", ("source",), learner),),
        Effort(design.effort),
        draw,
    )
    store = TrialStore()
    run_trials(plan, store)
    gap = estimate_gaps(plan, store.trials())["pooled"].gap
    store.close()
    assert gap is not None
    return gap


def most_claims(n_draws: int, *, alpha: float = 1e-4) -> int:
    """Return the most claims of one direction that 5 % can give, but for one time in 1/alpha."""
    return int(stats.binom.ppf(1.0 - alpha, n_draws, 0.05))


def stored(key: str) -> list[dict[str, Any]]:
    """Return the rows of the last full run."""
    path = RESULTS / "false_claims.json"
    if not path.is_file():
        return []
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")).get(key, [])
    return rows


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    places = {design.name: place for place, design in enumerate((*DESIGNS, *EXCEEDING))}
    rows = [row for row in rows if row["design"] in places]
    return sorted(rows, key=lambda row: places[row["design"]])


def row_of(design: NullDesign, n_draws: int) -> dict[str, Any]:
    """Count the claims of one design, and print their rates."""
    started = time.process_time()
    found = claims(design, n_draws=n_draws, seed=10_000_000)
    helps, hurts = found.share(Verdict.HELPS), found.share(Verdict.HURTS)
    covers = found.covered / n_draws
    rates = f"helps {helps:6.2%}  hurts {hurts:6.2%}  covers {covers:6.1%}"
    print(f"{design.name:<62} {rates}", flush=True)
    return {
        "design": design.name,
        "n_draws": n_draws,
        "helps": helps,
        "hurts": hurts,
        "coverage": covers,
        "cpu_s": round(time.process_time() - started, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="200 draws a design; no record")
    parser.add_argument("--draws", type=int, default=2000, help="of each design")
    parser.add_argument("--search", action="store_true", help="only print the null shifts")
    parser.add_argument("--only", default="", help="of this name; the record keeps other rows")
    options = parser.parse_args()
    if options.search:
        for design in DESIGNS:
            if design.fits is not None:
                found = design.searched()
                gap = design.problem_at(found).expected_gap(
                    *design.fits, loss=design.loss, n_draws=N_SEARCH, random_state=SEARCH_SEED + 1
                )
                print(
                    f"{design.name}: {found:.4f}, gap on other draws {gap[0]:.5f} +- {gap[1]:.5f}"
                )
        return 0
    n_draws = 200 if options.quick else options.draws
    rows = [row_of(design, n_draws) for design in DESIGNS if options.only in design.name]
    exceeding = [row_of(design, n_draws) for design in EXCEEDING if options.only in design.name]
    if not options.quick:
        rows, exceeding = (
            in_order([*part, *(row for row in stored(key) if options.only not in row["design"])])
            for key, part in (("rows", rows), ("exceeding", exceeding))
        )
    good = all(
        max(row["helps"], row["hurts"]) * row["n_draws"] <= most_claims(row["n_draws"])
        for row in rows
    )
    fewest = min(row["n_draws"] for row in rows)
    criterion = {"at_most": 0.05, "bound": most_claims(fewest) / fewest, "level": LEVEL}
    if not options.quick:
        record = {"criterion": criterion, "passed": good, "rows": rows, "exceeding": exceeding}
        write_record("false_claims", record)
    print("passed" if good else "FAILED", "at most", f"{criterion['bound']:.2%}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
