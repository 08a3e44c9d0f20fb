"""How often is "hurts a subgroup" said where none gains or loses, and how often where one does?

Criterion, fixed before the run: a false "hurts" in any subgroup of any arm, and likewise a false
"helps", in at most 5 % of the runs of every null design, up to the binomial error of the draws
(99.99 % bound). In a null design the true gap is zero in every subgroup: either the source is
shifted by just so much that what it brings and what it spoils cancel (``null_shift``), and the
subgroups have nothing to do with rows or labels; or both arms are the same random procedure, and
the subgroups are those of the columns, or are found. Power is measured on a planted subgroup whose
labels are shifted in the target and not in the source.

    python -m benchmarks.subgroup_claims --quick      200 draws a design
    python -m benchmarks.subgroup_claims              500 draws a design

Writes benchmarks/results/subgroup_claims.json.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

from benchmarks.false_claims import (
    PENALTY,
    clustered,
    most_claims,
    train_random_stump,
    train_random_subspace,
    train_signs,
)
from benchmarks.record import write_record
from transfergap.analysis.assessment import assess_trials
from transfergap.analysis.subgroups import Subgroups, group_rows
from transfergap.data.validation import make_problem
from transfergap.datasets import make_shift
from transfergap.experiment.design import Arm, ControlArm, Design
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.learners import EstimatorLearner, FunctionLearner
from transfergap.stats.gap import Verdict

HARM_SHARE = 0.3  # of the target rows, in the planted subgroup


@dataclass(frozen=True)
class Nobody:
    """A design in which no subgroup gains or loses."""

    name: str
    model: Any
    metric: str
    task: str
    n: int
    shift: float | None  # None: both arms are the same random procedure
    found: bool = False
    group_size: int = 1


NULLS = (
    Nobody("closed form, ridge, squared loss, n = 60", Ridge(PENALTY), "mse", "regression", 60,
           0.5093),
    Nobody("closed form, ridge, RMSE, n = 60", Ridge(PENALTY), "rmse", "regression", 60, 0.5093),
    Nobody("closed form, ridge, R2, n = 300", Ridge(PENALTY), "r2", "regression", 300, 0.2622),
    Nobody("closed form, logistic, log loss, n = 120", LogisticRegression(), "log_loss", "binary",
           120, 0.6685),
    Nobody("jackknife, least squares, accuracy, n = 60", FunctionLearner(train_signs), "accuracy",
           "binary", 60, 0.8472),
    Nobody("jackknife, least squares, accuracy, n = 200", FunctionLearner(train_signs), "accuracy",
           "binary", 200, 0.5864),
    Nobody("DeLong, least squares, ROC AUC, n = 100", FunctionLearner(train_signs), "roc_auc",
           "binary", 100, 0.6704),
    Nobody("DeLong, random stumps, ROC AUC, n = 300", FunctionLearner(train_random_stump),
           "roc_auc", "binary", 300, None),
    Nobody("jackknife, random stumps, accuracy, n = 60", FunctionLearner(train_random_stump),
           "accuracy", "binary", 60, None),
    Nobody("jackknife, random subspaces, squared loss, n = 120",
           FunctionLearner(train_random_subspace), "mse", "regression", 120, None),
    Nobody("jackknife, random subspaces, squared loss, 40 groups of 4",
           FunctionLearner(train_random_subspace), "mse", "regression", 160, None, group_size=4),
    Nobody("found, random stumps, accuracy, n = 200", FunctionLearner(train_random_stump),
           "accuracy", "binary", 200, None, found=True),
    Nobody("found, random subspaces, squared loss, n = 200",
           FunctionLearner(train_random_subspace), "mse", "regression", 200, None, found=True),
    Nobody("found, random stumps, ROC AUC, n = 300", FunctionLearner(train_random_stump), "roc_auc",
           "binary", 300, None, found=True),
)  # fmt: skip


@dataclass(frozen=True)
class Somebody:
    """A design in which the labels of a planted subgroup are shifted by ``harm`` in the target."""

    name: str
    n: int
    harm: float
    metric: str = "mse"
    found: bool = False


HARMS = tuple(
    Somebody(f"planted, {metric}, {'found' if found else 'named'}, n = {n}, shift {harm}", n, harm,
             metric, found)
    for metric, harm in (("mse", 0.5), ("mse", 1.0), ("accuracy", 0.5), ("accuracy", 1.0))
    for found in (False, True)
    for n in ((200, 400) if found else (100, 200, 400))
)  # fmt: skip


def audited(X, y, sources, model, metric, asked, seed, *, groups=None, n_arms=1) -> Subgroups:
    """Audit without verdict on anything but the subgroups."""
    problem = make_problem(X, y, sources=sources, metric=metric, margin=1e-9, groups=groups)
    learner = model if isinstance(model, FunctionLearner) else EstimatorLearner(model)
    arms = tuple(Arm(f"pooled {i}", ("source",), learner) for i in range(n_arms))
    design = Design(problem, ControlArm(learner), arms, seed=seed)
    store = TrialStore()
    run_trials(design, store)
    result = assess_trials(design, store.trials(), subgroups=group_rows(problem, asked))
    store.close()
    assert result.subgroups is not None
    return result.subgroups


def null_draw(design: Nobody, seed: int) -> Subgroups:
    base = make_shift(
        n_target=design.n, shift=design.shift or 0.0, task=design.task, random_state=5
    )
    X, y = base.draw_target(seed)
    rng = np.random.default_rng([seed, 3])
    groups = None
    if design.group_size > 1:
        X, y, groups = clustered(X, y, design.group_size, seed)
    asked: Any = "find"
    if not design.found:
        same_procedure = design.shift is None
        number = X[:, 0] if same_procedure else rng.normal(size=len(X))
        asked = {"kind": rng.choice(["a", "b", "c"], p=[0.5, 0.3, 0.2], size=len(X)),
                 "number": number}  # fmt: skip
    return audited(X, y, base.sources, design.model, design.metric, asked, seed, groups=groups)


def harm_draw(design: Somebody, seed: int) -> tuple[bool, bool]:
    """Return whether the planted subgroup was said to be hurt, and whether another was."""
    rng = np.random.default_rng([seed, 4])
    beta = rng.normal(size=6) / np.sqrt(6)

    def draw(n, harm):
        X = rng.normal(size=(n, 6))
        hit = (rng.random(n) < HARM_SHARE).astype(float)
        score = X @ beta + harm * hit + rng.normal(size=n)
        y = score if design.metric == "mse" else (score > 0).astype(int)
        return np.column_stack([X, hit]), y

    X, y = draw(design.n, -design.harm)
    sources = {"source": draw(600, design.harm)}
    asked: Any = "find" if design.found else {"hit": X[:, 6].astype(int)}
    model = Ridge(PENALTY) if design.metric == "mse" else LogisticRegression()
    seen = audited(X, y, sources, model, design.metric, asked, seed)
    hurt = [gap.subgroup for gap in seen.gaps if gap.verdict is Verdict.HURTS]
    planted = [name for name in hurt if "hit = 1" in name or "x6 >" in name]
    return bool(planted), len(hurt) > len(planted)


def null_rates(design: Nobody, *, n_draws: int, seed: int) -> dict[str, Any]:
    """Return how many runs said "hurts" or "helps" of some subgroup, and what intervals covered."""
    hurts = helps = n_looks = covered = low_misses = 0
    for draw in range(n_draws):
        gaps = null_draw(design, seed + draw).gaps
        verdicts = {gap.verdict for gap in gaps}
        hurts += Verdict.HURTS in verdicts
        helps += Verdict.HELPS in verdicts
        n_looks += len(gaps)
        covered += sum(gap.gap.low <= 0.0 <= gap.gap.high for gap in gaps)
        low_misses += sum(gap.gap.high < 0 for gap in gaps)
    return {
        "design": design.name,
        "n_draws": n_draws,
        "hurts_a_subgroup": hurts,
        "helps_a_subgroup": helps,
        "looks_a_run": n_looks / n_draws,
        "coverage": covered / max(n_looks, 1),
        "below_zero": low_misses / max(n_looks, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="200 draws a design")
    parser.add_argument("--only", default="", help="designs whose name holds this")
    options = parser.parse_args()
    n_draws = 200 if options.quick else 500
    rows, good = [], True
    for design in (d for d in NULLS if options.only in d.name):
        started = time.process_time()
        row = null_rates(design, n_draws=n_draws, seed=20_000_000)
        row["cpu_s"] = round(time.process_time() - started, 1)
        good &= max(row["hurts_a_subgroup"], row["helps_a_subgroup"]) <= most_claims(n_draws)
        rows.append(row)
        print(
            f"{design.name:<62} hurts {row['hurts_a_subgroup'] / n_draws:6.2%}"
            f"  helps {row['helps_a_subgroup'] / n_draws:6.2%}  covers {row['coverage']:6.1%}"
            f"  looks a run {row['looks_a_run']:.1f}",
            flush=True,
        )
    power = []
    for harm in (h for h in HARMS if options.only in h.name):
        told = [harm_draw(harm, 30_000_000 + draw) for draw in range(n_draws // 5)]
        planted, others = (float(np.mean([pair[i] for pair in told])) for i in (0, 1))
        power.append({"design": harm.name, "n_draws": len(told), "found": planted,
                      "others": others})  # fmt: skip
        print(f"{harm.name:<62} told {planted:6.1%}  others {others:6.1%}", flush=True)
    if not options.quick and not options.only:
        criterion = {"at_most": 0.05, "bound": most_claims(n_draws) / n_draws}
        write_record(
            "subgroup_claims",
            {"criterion": criterion, "passed": good, "rows": rows, "power": power},
        )
    print("passed" if good else "FAILED", f"at most {most_claims(n_draws) / n_draws:.2%}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
