"""In-context learners of tables: training rows are a context of limited size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from transfergap.data.problem import Sample, TrainingSet
from transfergap.errors import ConfigurationError
from transfergap.learners.estimator import EstimatorLearner
from transfergap.learners.protocol import AnyTrainingSet, describe

# What its authors state for TabPFN 2 (Hollmann et al. 2025, abstract and methods).
_ROWS, _COLUMNS, _CLASSES = 10_000, 500, 10


@dataclass(frozen=True)
class InContextLearner:
    """Tabular model that reads training rows as a context.

    TabPFN and TabICL are such models.

    Parameters
    ----------
    estimator : classifier or regressor with scikit-learn's interface
        With its weights: give a model that finds its file by itself, for nothing is fetched here.
        It is cloned before each fit.
    max_rows, max_columns, max_classes : int
        Limits of the context; those of TabPFN 2 by default.

    Notes
    -----
    Target rows come first: sources get the places that are left, in proportion to their rows, drawn
    at random by the seed. Without the limit a large source would push the target out of the
    context, or make the model fail. More target rows than places are drawn too.

    References
    ----------
    Hollmann et al. (2025), Accurate predictions on small data with a tabular foundation model.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> X, y = np.arange(8.0)[:, None], np.arange(8) % 2
    >>> learner = InContextLearner(KNeighborsClassifier(1), max_rows=5)
    >>> model = learner.train(TrainingSet(Sample(X[:3], y[:3]), (Sample(X, y),)), seed=0)
    >>> model.n_samples_fit_
    5
    """

    estimator: Any
    max_rows: int = _ROWS
    max_columns: int = _COLUMNS
    max_classes: int = _CLASSES

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Fit the estimator on as many rows as its context holds.

        Raises
        ------
        ConfigurationError
            For more columns or classes than the context holds.
        """
        context = self.context(training_set, seed=seed)
        self._check(context)
        return EstimatorLearner(self.estimator).train(context, seed=seed)

    def context(self, training_set: AnyTrainingSet, *, seed: int) -> AnyTrainingSet:
        """Return the training set within the limit of rows."""
        rng = np.random.default_rng([seed, 61])
        target = _drawn(training_set.target, self.max_rows, rng)
        if not isinstance(training_set, TrainingSet):
            return replace(training_set, target=target)
        sources = training_set.sources
        counts = _shares([len(s) for s in sources], self.max_rows - len(target))
        drawn = tuple(_drawn(s, n, rng) for s, n in zip(sources, counts, strict=True))
        return replace(training_set, target=target, sources=drawn)

    def describe(self) -> str:
        """Return the estimator and its limit of rows."""
        return f"{describe(self.estimator)} with {self.max_rows:,} rows of context"

    def _check(self, context: AnyTrainingSet) -> None:
        samples = [context.target, *getattr(context, "sources", ())]
        widths = [s.X.shape[1] for s in samples if hasattr(s.X, "shape") and len(s)]
        if max(widths, default=0) > self.max_columns:
            raise ConfigurationError(
                f"The rows have {max(widths)} columns, and the context holds {self.max_columns}.",
                hint="leave columns out, or set max_columns if the model takes more",
            )
        if not hasattr(self.estimator, "predict_proba"):
            return
        classes = np.unique(np.concatenate([np.asarray(s.y) for s in samples if len(s)]))
        if len(classes) > self.max_classes:
            raise ConfigurationError(
                f"There are {len(classes)} classes, and the context holds {self.max_classes}.",
                hint="set max_classes if the model takes more, or use another model",
            )


def _drawn(sample: Sample, n_rows: int, rng: np.random.Generator) -> Sample:
    if len(sample) <= n_rows:
        return sample
    return sample.rows(np.sort(rng.choice(len(sample), n_rows, replace=False)))


def _shares(counts: list[int], n_places: int) -> list[int]:
    """Return places in proportion to rows, by largest remainders."""
    total = sum(counts)
    if total <= n_places:
        return counts
    exact = np.array(counts) * n_places / total
    places = np.floor(exact).astype(int)
    order = np.argsort(places - exact, kind="stable")
    places[order[: n_places - int(places.sum())]] += 1
    return [int(n) for n in places]
