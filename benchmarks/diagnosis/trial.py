"""One planted problem: its true harm, what the audit names, and what an association would."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.diagnosis.association import named_by_association
from benchmarks.diagnosis.planting import Planted, planted
from benchmarks.diagnosis.populations import draw_base
from transfergap.analysis.repairs.repair import Cause
from transfergap.auditing.audit import make_design, run_design
from transfergap.data.problem import Problem, Sample, TargetSet, TrainingSet
from transfergap.data.validation import make_problem
from transfergap.learners import EstimatorLearner, Learner, default_estimator
from transfergap.stats.gap import Verdict

CODES = {
    Cause.MEASUREMENT: "measurement",
    Cause.LABEL_SHARES: "label shares",
    Cause.COVARIATES: "covariates",
    Cause.CONCEPT: "concept",
    Cause.LABEL_NOISE: "label noise",
    Cause.SWAMPING: "swamping",
    Cause.CAPACITY: "capacity",
    Cause.SHORTCUT: "shortcut",
    Cause.COPIES: "copies",
}
SIZES = (200, 500, 1000)
BIG_SIZES = (100, 130, 200)  # target and source together have about as many rows as columns
N_FEATURES = 300
SCREEN = 2.2  # standard errors of the gap on 200 rows: less is hardly ever visible


def examined(
    base_name: str, causes: tuple[str, ...], *, n_target: int, seed: tuple[int, ...]
) -> dict[str, Any] | None:
    """Return what was found in one problem; ``None`` where the cause does not apply or harm.

    Clean problems are never screened.
    """
    rng = np.random.default_rng(seed)
    base = draw_base(base_name, rng)
    if base.task == "regression" and "label shares" in causes:
        return None
    sizes = BIG_SIZES if "capacity" in causes else SIZES
    made = planted(base, causes, n_target=n_target, n_source=int(rng.choice(sizes)), rng=rng)
    if len(made.y_source) < 40 or (base.task == "binary" and len(set(made.y_source)) < 2):
        return None
    numbers = base.task == "regression"
    metric = "mse" if numbers else str(rng.choice(["log_loss", "log_loss", "roc_auc"]))
    problem = _posed(made, made.X, made.y, metric)
    fresh = _posed(made, made.X_test, made.y_test, metric).target
    estimator = big_model(problem) if made.big_model else default_estimator(problem)
    learner = EstimatorLearner(estimator)
    harm, error = true_harm(problem, learner, fresh)
    if causes and harm < SCREEN * error:
        return None
    design = make_design(
        estimator, problem, arms=["b pooled"], random_state=int(rng.integers(2**31))
    )
    study = run_design(design)
    arm = next(a for a in study.result.arms if a.arm == "b pooled")
    visible = study.result.smallest_visible_gap
    named, sure = [], []
    for explanation in study.result.explanations:
        named = [CODES[Cause(code)] for code in explanation.causes]
        sure = [CODES[Cause(code)] for code in explanation.sure]
    harmed = visible is not None and harm > visible
    guess = ""
    if harmed or not causes:
        guess = named_by_association(problem, learner, seed=0)
    return {
        "base": base.name,
        "causes": causes,
        "metric": metric,
        "harm": harm,
        "harmed": harmed,
        "hurts": arm.verdict is Verdict.HURTS,
        "named": named,
        "sure": sure,
        "association": guess,
        "association_sign": bool(guess),
    }


def _posed(made: Planted, X: Any, y: Any, metric: str) -> Problem:
    sources = {"b": (made.X_source, made.y_source)}
    return make_problem(X, y, sources=sources, metric=metric, margin=0.01)


def big_model(problem: Problem) -> Any:
    """Return a model with more features than the target has rows, and no penalty."""
    from sklearn.kernel_approximation import RBFSampler
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    last = LinearRegression()
    if problem.task != "regression":
        last = LogisticRegression(C=1e6, max_iter=2000)
    width = 0.3 / max(problem.n_features or 1, 1)
    features = RBFSampler(gamma=width, n_components=N_FEATURES, random_state=0)
    return make_pipeline(StandardScaler(), features, last)


def true_harm(problem: Problem, learner: Learner, fresh: Sample) -> tuple[float, float]:
    """Return what the source costs on fresh target rows, and the error of that on 200 rows."""
    sources = tuple(source.sample for source in problem.sources.values())
    metric = problem.metric
    parts = []
    for train in (TargetSet(problem.target), TrainingSet(problem.target, sources)):
        model = learner.train(train, seed=0)
        out = metric.outputs(model, fresh.X, fresh.y, problem.classes)
        if metric.kind == "ranking":
            from transfergap.stats import macro_auc_rows

            place = np.searchsorted(problem.classes, fresh.y)
            parts.append(1.0 - macro_auc_rows(out, place))
        else:
            parts.append(metric.losses(out, fresh.y, problem.target.y))
    difference = parts[1] - parts[0]
    return float(difference.mean()), float(difference.std() / np.sqrt(len(problem.target)))
