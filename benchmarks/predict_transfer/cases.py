"""Cases: what a target sample says of a source, and the gap that other draws measured."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from benchmarks.predict_transfer.rivals import SourceModels, rivals
from benchmarks.safe_transfer.bundled_sets import digits
from benchmarks.safe_transfer.domains import DataSet
from benchmarks.safe_transfer.encoder import Encoder
from benchmarks.safe_transfer.later_sets import apart_sets, choosing_sets
from benchmarks.safe_transfer.shared_sets import shared_sets
from benchmarks.safe_transfer.tasks import drawn_rows, usable_sources
from transfergap.analysis.ranking.evidence import FittedEvidence, closed_form_evidence
from transfergap.data.problem import Problem, Sample
from transfergap.data.validation import make_problem
from transfergap.learners import EstimatorLearner
from transfergap.learners.protocol import AnyTrainingSet

SIZES = (20, 50, 100, 300)
# Of target samples; of these, those whose evidence is measured, and of these, those with pooled
# fits in folds.
N_DRAWS, N_PREDICTING, N_FOLDED = 20, 4, 1
MOST_TARGETS, MOST_SOURCES, MOST_ROWS, MOST_POOL = 2, 4, 400, 1200
FEWEST_TESTED = 100

# Drawn by hand before anything was fitted: constants come from these, and only from these.
CHOOSING = ("beijing12", "bike2", "cps_region", "crime_states", "digits_odd", "landmine29")
JUDGING = (
    "adult_origin", "breast_cohorts", "diabetes130", "flights_carrier", "heart4", "injury2",
    "sentiment_vader4", "student", "taiwan_credit", "wine2",
)  # fmt: skip


def data_sets() -> dict[str, Callable[[], DataSet]]:
    """Return how to load each set of two classes."""
    every = {**shared_sets(), **choosing_sets(), **apart_sets()}
    every["digits_odd"] = lambda: digits("digits_odd", lambda digit: digit % 2 == 1)
    return {name: every[name] for name in (*CHOOSING, *JUDGING)}


def models() -> dict[str, Any]:
    return {
        "logistic": LogisticRegression(max_iter=300),
        "trees": HistGradientBoostingClassifier(
            max_iter=30, max_leaf_nodes=8, min_samples_leaf=5, learning_rate=0.15
        ),
    }


@dataclass(frozen=True)
class FixedSources:
    """A learner that trains on the same source alone only once."""

    inner: EstimatorLearner
    models: dict[int, Any]

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        sources = getattr(training_set, "sources", ())
        if len(training_set.target) or len(sources) != 1:
            return self.inner.train(training_set, seed=seed)
        key = id(sources[0].y)
        if key not in self.models:
            self.models[key] = self.inner.train(training_set, seed=seed)
        return self.models[key]


@dataclass(frozen=True)
class Place:
    """A target domain, rows that may be drawn, and fixed sources."""

    family: str
    target: str
    X: np.ndarray
    y: np.ndarray
    sources: dict[str, tuple[np.ndarray, np.ndarray]]

    def rng(self, *numbers: int) -> np.random.Generator:
        return np.random.default_rng(
            [zlib.crc32(f"{self.family}/{self.target}".encode()), *numbers]
        )

    def draw(self, n: int, number: int) -> np.ndarray:
        return drawn_rows(self.y, n, kind="binary", rng=self.rng(1, n, number))


def places(name: str) -> Iterator[Place]:
    """Yield targets of a set with their sources; rows are drawn once."""
    data = data_sets()[name]()
    rng = np.random.default_rng([zlib.crc32(name.encode()), 0])
    large = [t for t, d in data.domains.items() if len(d.y) >= 2 * min(SIZES) + FEWEST_TESTED]
    chosen = 0
    for target in rng.permutation(large):
        others = usable_sources(data, str(target))
        others = {k: d for k, d in others.items() if min((d.y == 0).sum(), (d.y == 1).sum()) > 2}
        if chosen == MOST_TARGETS or not others:
            continue
        chosen += 1
        domain = data.domains[str(target)]
        pool = rng.permutation(len(domain.y))[:MOST_POOL]
        names = sorted(rng.permutation(sorted(others))[:MOST_SOURCES].tolist())
        parts = {k: others[k].rows(rng.permutation(len(others[k].y))[:MOST_ROWS]) for k in names}
        encoder = Encoder.fit(np.vstack([domain.X[pool], *(p.X for p in parts.values())]))
        sources = {k: (encoder.encode(p.X), p.y) for k, p in parts.items()}
        yield Place(name, str(target), encoder.encode(domain.X[pool]), domain.y[pool], sources)


def cases(place: Place, model: str) -> Iterator[dict[str, Any]]:
    """Yield a record for each size, draw and source."""
    n_rows = len(place.y)
    asked = {name: SourceModels.of(*rows) for name, rows in place.sources.items()}
    estimator = models()[model]
    for n in (n for n in SIZES if n_rows >= 2 * n + FEWEST_TESTED):
        draws = [place.draw(n, number) for number in range(N_DRAWS)]
        scores = scored(place, estimator, draws)
        base: Problem | None = None
        trained: dict[int, Any] = {}
        for number in range(N_PREDICTING):
            drawn = Sample(place.X[draws[number]], place.y[draws[number]])
            if base is None:
                base = make_problem(drawn.X, drawn.y, sources=place.sources)
            learner = FixedSources(EstimatorLearner(estimator), trained)
            found = evidence(replace(base, target=drawn), learner, number, folded=number < N_FOLDED)
            truth = measured(place, scores, draws, number)
            for name, record in found.items():
                record |= rivals(drawn, place.sources[name], asked[name], number)
                yield {
                    "family": place.family, "target": place.target, "source": name, "n": n,
                    "model": model, "draw": number, **record, **truth[name],
                }  # fmt: skip


def evidence(problem: Problem, learner: Any, seed: int, *, folded: bool) -> dict[str, dict]:
    """Return what a sample says of each source, by its name."""
    closed = {e.source: e for e in closed_form_evidence(problem, seed=seed)}
    fits = FittedEvidence(problem, learner, seed)
    arms = [f"{name} only" for name in closed]
    arms += [f"{name} pooled" for name in closed] if folded else []
    gaps = fits.gaps(arms)
    control, area = control_score(problem, fits), source_areas(problem, fits)

    def both(gap: Any) -> list[float] | None:
        return None if gap is None else [gap.estimate, gap.error]

    return {
        name: {
            "n_source": e.n_rows,
            "columns": problem.n_features,
            "one_in": [e.one_in.estimate, e.one_in.error],
            "alone": [e.alone.estimate, e.alone.error],
            "siblings": None if e.siblings is None else e.siblings.estimate,
            "only": both(gaps.get(f"{name} only")),
            "pooled": both(gaps.get(f"{name} pooled")),
            "control": control,
            "area": area.get(name),
        }
        for name, e in closed.items()
    }


def control_score(problem: Problem, fits: FittedEvidence) -> float | None:
    """Return the control's area in folds, the mean over those that have one."""
    areas = []
    for trial in fits._trials.values():
        if trial.cell.arm != "control" or not hasattr(trial, "outputs"):
            continue
        y = problem.target.y[fits._design([]).held_out(trial.cell.split)]
        if 0 < (y == 1).sum() < len(y):
            areas.append(float(areas_of(trial.outputs.ravel()[None, :], y)[0]))
    return float(np.mean(areas)) if areas else None


def source_areas(problem: Problem, fits: FittedEvidence) -> dict[str, float]:
    """Return the area of each source's model on all target rows."""
    return {
        trial.cell.arm.removesuffix(" only"): float(
            areas_of(trial.outputs.ravel()[None, :], problem.target.y)[0]
        )
        for trial in fits._trials.values()
        if trial.cell.split.kind == "whole" and hasattr(trial, "outputs")
    }


def scored(place: Place, estimator: Any, draws: list[np.ndarray]) -> np.ndarray:
    """Return each row's score, shape (n_draws, 1 + n_sources, n_rows); the control comes first."""
    from sklearn.base import clone

    scores = np.empty((len(draws), 1 + len(place.sources), len(place.y)))
    for i, train in enumerate(draws):
        X, y = place.X[train], place.y[train]
        for j, (more, labels) in enumerate([(X[:0], y[:0]), *place.sources.values()]):
            fitted = clone(estimator).fit(np.vstack([X, more]), np.append(y, labels))
            scores[i, j] = fitted.predict_proba(place.X)[:, 1]
    return scores


def areas_of(scores: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return areas under the ROC curve of several scores of the same rows."""
    ranks = rankdata(scores, axis=1)
    n_positive = int((y == 1).sum())
    excess = ranks[:, y == 1].sum(axis=1) - n_positive * (n_positive + 1) / 2
    return excess / (n_positive * (len(y) - n_positive))


def measured(place: Place, scores: np.ndarray, draws: list[np.ndarray], number: int) -> dict:
    """Return the mean gap of other draws, on rows that this draw did not see."""
    gaps, controls = [], []
    for i, train in enumerate(draws):
        if i == number:
            continue
        tested = np.setdiff1d(np.arange(len(place.y)), np.append(train, draws[number]))
        y = place.y[tested]
        if 0 < (y == 1).sum() < len(y):
            areas = areas_of(scores[i][:, tested], y)
            gaps.append(areas[1:] - areas[0])
            controls.append(areas[0])
    found = np.array(gaps)
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    return {
        name: {"gap": float(found[:, k].mean()), "gap_error": float(error[k])}
        for k, name in enumerate(place.sources)
    }
