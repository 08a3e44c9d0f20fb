"""Rows of the user with labels drawn from a known law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import DataSource, Problem
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.errors import ConfigurationError, DataError

Floats = NDArray[np.float64]

# Penalties that are tried for the law; by hand, from almost none to almost everything.
_PENALTIES = np.logspace(-2, 4, 13)
# Least size of what the columns explain, so that a drift of such a law is something: in standard
# deviations of numbers, in logits of classes. By hand.
_LEAST_SIGNAL, _LEAST_LOGIT = 0.3, 0.5
_MOST_REDRAWS = 50  # of labels that lack a class; beyond, the class is too rare to be planned for


@dataclass(frozen=True)
class Scenario:
    """Planted difference of every source from the target.

    Parameters
    ----------
    name : str
    drift : float
        How far labels of sources follow another law, in units of what the columns explain in the
        target; 0 is the target's law.
    flipped : float
        Share of source rows with a wrong label, in [0, 1]: another class, or the number mirrored
        at the mean.
    """

    name: str
    drift: float = 0.0
    flipped: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.drift) and self.drift >= 0 and 0 <= self.flipped <= 1):
            raise ConfigurationError(
                f"Scenario {self.name!r} has drift {self.drift:g} and flipped {self.flipped:g}.",
                hint="a drift is 0 or more, a share of flipped labels is from 0 to 1",
            )


@dataclass(frozen=True, eq=False)
class LabelLaw:
    """Linear law of the target's labels, and how it can drift.

    Parameters
    ----------
    target : ndarray, shape (n_rows, n_scores)
        Expected numbers, or scores of classes (logits), of the target's rows.
    sources : mapping of str to (scores, drift)
        Of each source's rows: scores by the target's law, and by how much a drift of 1 moves them.
    errors : ndarray
        Left-out residuals, from which errors of numbers are drawn; empty for classes.
    """

    target: Floats
    sources: Mapping[str, tuple[Floats, Floats]]
    errors: Floats


def learn_law(problem: Problem, *, seed: int = 0) -> LabelLaw:
    """Learn a linear law of the target's labels.

    Numbers: ridge, its penalty chosen by leave-one-out. Classes: logistic regression, its penalty
    chosen by five folds.
    """
    samples = {name: source.sample for name, source in problem.sources.items()}
    view = fit_view(problem.target.X, [sample.X for sample in samples.values()], seed=seed)
    Z = view.of(problem.target.X)
    rng = np.random.default_rng([seed, 1])
    scores, errors, least_signal = _fitted(problem, Z)
    target = scores(Z)
    size = np.maximum(target.std(axis=0), least_signal)
    turned = rng.normal(size=(Z.shape[1], target.shape[1]))
    unit = size / np.maximum((Z @ turned).std(axis=0), np.finfo(float).tiny)
    rows = {name: view.of(sample.X) for name, sample in samples.items()}
    return LabelLaw(
        target,
        {name: (scores(part), part @ turned * unit) for name, part in rows.items()},
        errors,
    )


def _fitted(problem: Problem, Z: Floats) -> tuple[Any, Floats, float]:
    """Return a scoring function, residuals, and the least signal."""
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict

    y = problem.target.y
    if len(problem.classes) == 0:
        y = np.asarray(y, float)
        ridge = RidgeCV(_PENALTIES)
        errors = y - cross_val_predict(ridge, Z, y, cv=N_FOLDS)
        model = ridge.fit(Z, y)
        return lambda X: model.predict(X)[:, None], errors, _LEAST_SIGNAL * float(y.std())
    labels = np.searchsorted(problem.classes, y)
    n_parts = max(min(5, int(np.bincount(labels).min())), 2)
    search = GridSearchCV(
        LogisticRegression(max_iter=1000),
        {"C": 1.0 / _PENALTIES[::3]},
        scoring="neg_log_loss",
        cv=StratifiedKFold(n_parts),
    ).fit(Z, labels)

    def logits(X: Floats) -> Floats:
        logs = search.predict_log_proba(X)
        centred: Floats = logs - logs.mean(axis=1, keepdims=True)
        return centred

    return logits, np.empty(0), _LEAST_LOGIT


def planted(problem: Problem, law: LabelLaw, scenario: Scenario, *, seed: int) -> Problem:
    """Return the problem with labels drawn from the law.

    Rows, groups, weights and folds stay as they are. The same seed draws the same errors in every
    scenario.
    """
    rng = np.random.default_rng([seed, 2])
    y = _with_all_classes(problem, law, rng)
    sources: dict[str, DataSource] = {}
    for name, source in problem.sources.items():
        scores, moved = law.sources[name]
        stream = np.random.default_rng([seed, 3, len(sources)])
        labels = _drawn(problem, scores + scenario.drift * moved, law.errors, stream)
        wrong = stream.random(len(labels)) < scenario.flipped
        labels = np.where(wrong, _flipped(problem, labels, stream), labels)
        sources[name] = replace(source, sample=replace(source.sample, y=labels))
    return replace(problem, target=replace(problem.target, y=y), sources=sources)


def _with_all_classes(problem: Problem, law: LabelLaw, rng: np.random.Generator) -> NDArray[Any]:
    """Return target labels with enough rows of each class for the folds."""
    real = problem.target.y
    for _ in range(_MOST_REDRAWS):
        y = _drawn(problem, law.target, law.errors, rng)
        if len(problem.classes) == 0:
            return y
        enough = [min(N_FOLDS, int((real == label).sum())) for label in problem.classes]
        if all((y == label).sum() >= n for label, n in zip(problem.classes, enough, strict=True)):
            return y
    raise DataError(
        "A class of the target is so rare that drawn labels lack it.",
        hint="plan with more target rows of the rarest class",
    )


def _drawn(
    problem: Problem, scores: Floats, errors: Floats, rng: np.random.Generator
) -> NDArray[Any]:
    if len(problem.classes) == 0:
        real = np.asarray(problem.target.y, float)
        numbers = scores[:, 0] + rng.choice(errors, size=len(scores))
        # Labels keep their range: a loss may not take counts below zero.
        numbers = np.clip(numbers, real.min(), real.max())
        whole: NDArray[Any] = np.round(numbers)
        return whole if np.all(real == np.round(real)) else numbers
    # Gumbel's trick: the largest of log-probability and noise is a draw.
    noise = rng.gumbel(size=scores.shape)
    drawn: NDArray[Any] = problem.classes[np.argmax(log_softmax(scores, axis=1) + noise, axis=1)]
    return drawn


def _flipped(problem: Problem, labels: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    n = len(problem.classes)
    if n == 0:
        mirrored: NDArray[Any] = 2.0 * labels.mean() - labels
        return mirrored
    other = (np.searchsorted(problem.classes, labels) + rng.integers(1, n, len(labels))) % n
    wrong: NDArray[Any] = problem.classes[other]
    return wrong
