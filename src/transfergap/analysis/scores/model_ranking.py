"""A ranking of pretrained models by their features, as a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.algebra import Algebra
from transfergap.analysis.scores.comparison import (
    Comparison,
    Folds,
    HeldOutValues,
    Outcome,
    compare_all,
)
from transfergap.analysis.scores.cross_validation import cross_validate, cross_validate_pairs
from transfergap.analysis.scores.feature_scores import FeatureScores, ProbeScore, scores_of
from transfergap.analysis.scores.labels import Quantities, Responses
from transfergap.analysis.scores.one_pass import OnePass, one_pass
from transfergap.analysis.scores.ridge_probe import choose_ridge, closed_form_outputs
from transfergap.analysis.scores.row_values import RowValues, row_values
from transfergap.analysis.scores.static_baseline import Prior, prior_places, prior_text, static_pick
from transfergap.stats import is_skewed

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RankedModel:
    """A model's place in a ranking, with its scores.

    Parameters
    ----------
    name : str
    place : int
        One more than the number of models that are better by a claim: ties share a place.
    probe : ProbeScore
        Of the ridge probe, with an interval that counts fits to other rows.
    scores : FeatureScores
    prior : float or None
        Place in the user's ranking, or number of parameters.
    is_raw : bool
        Whether these are the raw inputs.
    """

    name: str
    place: int
    probe: ProbeScore
    scores: FeatureScores
    prior: float | None = None
    is_raw: bool = False


@dataclass(frozen=True)
class ModelRanking:
    """Pretrained models ranked by a probe of their features, before any training.

    Parameters
    ----------
    metric : str
    n_rows : int
    label_text : str
        Kind of labels in words.
    margin : float
    models : tuple of RankedModel
        Best probe first, raw inputs among them.
    comparisons : tuple of Comparison
        All pairs.
    static_pick : str or None
        What the static baseline would take: the first of the user's ranking, or the model with
        most parameters.
    prior_text : str
        Words for that baseline; empty without.
    raw_text : str
        Words for what the raw inputs are; empty without.
    """

    metric: str
    n_rows: int
    label_text: str
    margin: float
    models: tuple[RankedModel, ...]
    comparisons: tuple[Comparison, ...]
    static_pick: str | None = None
    prior_text: str = ""
    raw_text: str = ""

    @property
    def best(self) -> RankedModel:
        """Return the model with the best probe."""
        return self.models[0]

    @property
    def raw(self) -> RankedModel | None:
        """Return the raw inputs, where they were given."""
        return next((model for model in self.models if model.is_raw), None)

    def model(self, name: str) -> RankedModel:
        """Return a model by name."""
        return next(model for model in self.models if model.name == name)

    def compared(self, first: str, second: str) -> Comparison:
        """Return the comparison of two models, seen from the first."""
        for pair in self.comparisons:
            if (pair.first, pair.second) == (first, second):
                return pair
            if (pair.first, pair.second) == (second, first):
                return pair.reversed()
        raise KeyError((first, second))

    def not_apart(self, name: str) -> tuple[Comparison, ...]:
        """Return comparisons of a model that cannot be decided."""
        pairs = [self.compared(name, m.name) for m in self.models if m.name != name]
        return tuple(pair for pair in pairs if pair.outcome is Outcome.CANNOT_TELL)


@dataclass(frozen=True)
class Target:
    """Labels, folds and groups that all features share.

    Parameters
    ----------
    labels : Responses
    folds : ndarray of int, shape (n_rows,)
    clusters : ndarray of int, shape (n_rows,), optional
    label_text : str
    """

    labels: Responses
    folds: NDArray[np.intp]
    clusters: NDArray[np.intp] | None
    label_text: str


@dataclass(frozen=True)
class Candidate:
    """Features of one model, checked.

    Parameters
    ----------
    name : str
    X : ndarray, shape (n_rows, n_columns)
    probabilities : ndarray, optional
        Of the model's own classes: for LEEP and NCE.
    raw_text : str
        Words for raw inputs; empty for models.
    """

    name: str
    X: Any
    probabilities: Floats | None = None
    raw_text: str = ""


def rank_features(
    candidates: Sequence[Candidate],
    target: Target,
    *,
    metric: str | None = None,
    margin: float = 0.01,
    prior: Prior | None = None,
    seed: int = 0,
    algebra: Algebra | None = None,
) -> ModelRanking:
    """Rank sets of features by a probe, and compare all pairs.

    Parameters
    ----------
    candidates : sequence of Candidate
    target : Target
    metric : {"accuracy", "balanced_accuracy", "r2"}, optional
    margin : float
    prior : sequence of str or mapping of str to float, optional
        The static baseline: names, best first; or numbers of parameters.
    seed : int
    algebra : Algebra, optional

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import ClassCodes
    >>> rng = np.random.default_rng(0)
    >>> codes, noise = np.arange(100) % 2, rng.normal(size=(100, 3))
    >>> target = Target(ClassCodes(codes, 2), np.arange(100) // 2 % 10, None, "2 classes")
    >>> ranking = rank_features(
    ...     [Candidate("poor", noise), Candidate("good", noise + 5 * codes[:, None])], target
    ... )
    >>> [(model.name, model.place) for model in ranking.models]
    [('good', 1), ('poor', 2)]
    """
    score = row_values(target.labels, metric)
    values, scores, skewed, order = [], {}, False, np.arange(len(target.folds))
    for candidate in candidates:
        read = one_pass(candidate.X, target.labels, target.folds, algebra=algebra)
        held_out, scores[candidate.name], is_skewed_fit = _evaluated(
            read, candidate, target, score, seed
        )
        values.append(held_out)
        skewed, order = skewed or is_skewed_fit, read.rows.order
    # Rows of all sets stand in one order: by fold, then by class.
    clusters = None if target.clusters is None else target.clusters[order]
    folds = Folds(target.folds[order], score.is_right_or_wrong, skewed, clusters)
    comparisons = compare_all(values, folds, margin=margin)
    places = prior_places(prior, [c.name for c in candidates if not c.raw_text])
    models = [
        _ranked(value, folds, comparisons, scores[value.name], places.get(value.name), candidate)
        for value, candidate in zip(values, candidates, strict=True)
    ]
    return ModelRanking(
        metric=score.name,
        n_rows=len(order),
        label_text=target.label_text,
        margin=margin,
        models=tuple(sorted(models, key=lambda m: (-m.probe.value, m.name))),
        comparisons=comparisons,
        static_pick=static_pick(prior, places),
        prior_text=prior_text(prior),
        raw_text=next((c.raw_text for c in candidates if c.raw_text), ""),
    )


def _evaluated(
    read: OnePass, candidate: Candidate, target: Target, score: RowValues, seed: int
) -> tuple[HeldOutValues, FeatureScores, bool]:
    """Return values a row, all scores, and whether residuals are skewed."""
    ordered, ridge = score.of_labels(read.labels), choose_ridge(read)
    single = cross_validate(read, ridge, ordered)
    held_out = HeldOutValues(
        candidate.name, single["ridge"], cross_validate_pairs(read, ridge, ordered)
    )
    skewed = False
    if isinstance(read.labels, Quantities):
        residuals = read.labels.values - closed_form_outputs(read, ridge)
        skewed = any(is_skewed(column) for column in residuals.T)
    scores = scores_of(
        read,
        candidate.X,
        target.labels,
        score,
        ridge,
        seed=seed,
        probabilities=candidate.probabilities,
        values=single,
    )
    return held_out, scores, skewed


def _ranked(
    values: HeldOutValues,
    folds: Folds,
    comparisons: Sequence[Comparison],
    scores: FeatureScores,
    prior: float | None,
    candidate: Candidate,
) -> RankedModel:
    gap = folds.gap(values.single, values.double)
    n_better = sum(
        (pair.first == values.name and pair.outcome is Outcome.WORSE)
        or (pair.second == values.name and pair.outcome is Outcome.BETTER)
        for pair in comparisons
    )
    probe = ProbeScore(gap.estimate, gap.low, gap.high, len(values.single))
    return RankedModel(
        values.name, n_better + 1, probe, scores, prior, is_raw=bool(candidate.raw_text)
    )
