"""Ways of judging a source that look at scores of folds and splits, as is done by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold, StratifiedShuffleSplit

from benchmarks.verdicts.rules import Interval, K, autorank_rule, correlated_t, t_over
from transfergap.data.problem import Problem, Sample, TargetSet, TrainingSet
from transfergap.learners.protocol import Learner

N_SEEDS = 10
VALUED_SHARE = 0.3  # held out by pyDVL's own examples
SPLIT_SHARE = 0.2  # held out by insurance-transfer, and by most


@dataclass(frozen=True)
class FoldScores:
    """What one source's pooled model gained over the control.

    ``folds``: scores, shape (2, K), of two partitions; ``splits``: of ten random 80/20 splits;
    ``deviance``: the mean log loss lost on the first of these; ``value``: the source's Shapley
    value on one 70/30 split.
    """

    folds: np.ndarray
    splits: np.ndarray
    deviance: float
    value: float


@dataclass(frozen=True)
class Judgement:
    """A number that says how good a source looks, and what is claimed of it."""

    value: float
    claim: str | None  # "helps", "hurts" or none


def score(problem: Problem, model, rows: Sample) -> float:
    """Return AUC for two classes, else accuracy."""
    if len(problem.classes) > 2:
        return float(np.mean(model.predict(rows.X) == rows.y))
    shares = model.predict_proba(rows.X)
    column = list(model.classes_).index(problem.classes[1])
    return float(roc_auc_score(rows.y == problem.classes[1], shares[:, column]))


def log_loss(model, rows: Sample) -> float:
    """Return the mean log loss; probabilities below 1e-10 are clipped, as insurance-transfer's."""
    shares = model.predict_proba(rows.X)
    place = {label: column for column, label in enumerate(model.classes_)}
    said = [shares[i, place[y]] if y in place else 0.0 for i, y in enumerate(rows.y.tolist())]
    return float(-np.log(np.maximum(said, 1e-10)).mean())


class Fits:
    """The learner on parts of the target, with any of the sources."""

    def __init__(self, problem: Problem, learner: Learner, seed: int) -> None:
        self.problem, self.learner, self.seed = problem, learner, seed

    def model(self, index: np.ndarray, sources: tuple[str, ...] = ()):
        target = self.problem.target.rows(index)
        if not sources:
            return self.learner.train(TargetSet(target), seed=self.seed)
        samples = self.problem.source_samples(sources)
        return self.learner.train(TrainingSet(target, samples), seed=self.seed)

    def scores(self, train: np.ndarray, test: np.ndarray, arms) -> np.ndarray:
        rows = self.problem.target.rows(test)
        return np.array([score(self.problem, self.model(train, arm), rows) for arm in arms])


def fold_scores(problem: Problem, learner: Learner, seed: int) -> dict[str, FoldScores]:
    """Return the evidence of every source, all on the same splits."""
    fits = Fits(problem, learner, seed)
    names, y = tuple(problem.sources), problem.target.y
    arms = ((), *((name,) for name in names))
    empty = np.zeros(len(y))
    # scikit-learn cannot stratify where every class has fewer rows than there are folds.
    kind = StratifiedKFold if np.unique(y, return_counts=True)[1].max() >= K else KFold
    folds = [
        fits.scores(train, test, arms)
        for r in range(2)
        for train, test in kind(K, shuffle=True, random_state=seed + r).split(empty, y)
    ]
    of_splits = _splits(y, N_SEEDS, SPLIT_SHARE, seed)
    splits = [fits.scores(train, test, arms) for train, test in of_splits]
    train, test = of_splits[0]
    losses = [log_loss(fits.model(train, arm), problem.target.rows(test)) for arm in arms]
    values = shapley_values(fits, names, *_splits(y, 1, VALUED_SHARE, seed)[0])
    gains = np.array(folds) - np.array(folds)[:, :1]
    split_gains = np.array(splits) - np.array(splits)[:, :1]
    return {
        name: FoldScores(
            gains[:, k].reshape(2, K), split_gains[:, k], losses[0] - losses[k], values[name]
        )
        for k, name in enumerate(names, start=1)
    }


def shapley_values(
    fits: Fits, names: tuple[str, ...], train: np.ndarray, test: np.ndarray
) -> dict[str, float]:
    """Return each source's exact Shapley value, of at most two, on top of the target's rows."""
    alone = fits.scores(train, test, ((), *((name,) for name in names), names))
    nothing, single, everything = alone[0], dict(zip(names, alone[1:-1], strict=True)), alone[-1]
    if len(names) == 1:
        return {names[0]: float(everything - nothing)}
    first, second = names
    other = {first: second, second: first}
    return {
        name: float(0.5 * (single[name] - nothing + everything - single[other[name]]))
        for name in names
    }


def _splits(y: np.ndarray, n: int, share: float, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    rare = np.unique(y, return_counts=True)[1].min() < 2
    labels = np.zeros(len(y)) if rare else y  # scikit-learn cannot split a class of one row
    drawn = StratifiedShuffleSplit(n, test_size=share, random_state=seed)
    return list(drawn.split(np.zeros(len(y)), labels))


def by_sign(value: float) -> Judgement:
    return Judgement(value, "helps" if value > 0 else "hurts" if value < 0 else None)


def by_interval(made: Interval) -> Judgement:
    return Judgement(made.estimate, "helps" if made.helps else "hurts" if made.hurts else None)


def _two_errors(e: FoldScores) -> Judgement:
    gaps = e.folds[0]
    mean, error = float(gaps.mean()), float(gaps.std(ddof=1) / np.sqrt(K))
    return Judgement(mean, by_sign(mean).claim if abs(mean) > 2 * error else None)


# Name, rule, fits an arm.
FOLD_RULES: tuple[tuple[str, Callable[[FoldScores], Judgement], int], ...] = (
    ("sign of one split", lambda e: by_sign(float(e.splits[0])), 1),
    ("sign of the mean over ten folds", lambda e: by_sign(float(e.folds[0].mean())), 10),
    ("mean over ten folds beyond 2 standard errors", _two_errors, 10),
    ("t over ten seeds", lambda e: by_interval(t_over(e.splits)), 10),
    ("autorank's rule on ten folds", lambda e: by_interval(autorank_rule(e.folds[0])), 10),
    ("baycomp's correlated t", lambda e: by_interval(correlated_t(e.folds.ravel())), 20),
    ("insurance-transfer's rule", lambda e: by_sign(e.deviance), 1),
    ("pyDVL's group value", lambda e: by_sign(e.value), 2),
)
