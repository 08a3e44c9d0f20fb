"""All scores of one set of features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.analysis.scores.algebra import Algebra
from transfergap.analysis.scores.cross_validation import cross_validate
from transfergap.analysis.scores.gbc import gbc
from transfergap.analysis.scores.h_score import shrinkage_h_score
from transfergap.analysis.scores.labels import Responses
from transfergap.analysis.scores.leep import leep
from transfergap.analysis.scores.logme import logme
from transfergap.analysis.scores.nce import nce
from transfergap.analysis.scores.nearest_neighbours import neighbour_values
from transfergap.analysis.scores.one_pass import OnePass, one_pass
from transfergap.analysis.scores.ridge_probe import choose_ridge, closed_form_outputs
from transfergap.analysis.scores.row_values import RowValues
from transfergap.analysis.scores.sfda import sfda
from transfergap.analysis.scores.transrate import transrate
from transfergap.stats import cluster_variance
from transfergap.stats.gap import LEVEL

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ProbeScore:
    """A probe's score on rows that it was not fitted to.

    Parameters
    ----------
    value : float
    low, high : float
        Interval of level 0.90, at the number of rows that the probe was trained on.
    n_rows : int
        Rows that were judged.
    """

    value: float
    low: float
    high: float
    n_rows: int

    @classmethod
    def of_rows(cls, values: Floats, clusters: NDArray[np.intp] | None = None) -> ProbeScore:
        """Return the mean of values a row, with its interval.

        It holds for these fits; how far fits to other rows would differ is not in it.
        """
        n = len(values) if clusters is None else len(np.unique(clusters))
        half = float(stats.t.ppf(0.5 + LEVEL / 2, max(n - 1, 1)))
        half *= float(np.sqrt(cluster_variance(values, clusters)))
        mean = float(values.mean())
        return cls(mean, mean - half, mean + half, len(values))


@dataclass(frozen=True)
class FeatureScores:
    """Scores of one set of features; ``None`` where one is not defined.

    Parameters
    ----------
    n_rows, n_columns : int
    ridge : ProbeScore
        By cross-validation; the one to rank by.
    ridge_closed_form : ProbeScore
        Of one fit to all rows: leave-one-out where rows are few, generalised cross-validation else.
    lda, centroid : ProbeScore or None
        By cross-validation; classes only.
    neighbours : ProbeScore or None
        Of a sample of rows.
    logme : float
    h_score, transrate, gbc, sfda : float or None
        Classes only.
    leep, nce : float or None
        Only where a source model's probabilities are there.
    """

    n_rows: int
    n_columns: int
    ridge: ProbeScore
    ridge_closed_form: ProbeScore
    lda: ProbeScore | None
    centroid: ProbeScore | None
    neighbours: ProbeScore | None
    logme: float
    h_score: float | None = None
    transrate: float | None = None
    gbc: float | None = None
    sfda: float | None = None
    leep: float | None = None
    nce: float | None = None


def score_features(
    X: Any,
    labels: Responses,
    folds: NDArray[np.intp],
    score: RowValues,
    *,
    seed: int = 0,
    algebra: Algebra | None = None,
    probabilities: Floats | None = None,
    neighbours: bool = True,
) -> FeatureScores:
    """Score one set of features by everything that one pass gives.

    Parameters
    ----------
    X : array, shape (n_rows, n_columns)
    labels : Responses
    folds : ndarray of int, shape (n_rows,)
    score : RowValues
        Of the same labels in the order of ``X``.
    seed : int
        Draws the sample of nearest neighbours.
    algebra : Algebra, optional
    probabilities : ndarray, shape (n_rows, n_source_classes), optional
        Probabilities by a source classifier: for LEEP and NCE.
    neighbours : bool
        Whether the nearest neighbours are searched.

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import ClassCodes
    >>> from transfergap.analysis.scores.row_values import row_values
    >>> labels = ClassCodes(np.arange(60) % 2, 2)
    >>> X = np.random.default_rng(0).normal(size=(60, 3)) + 9 * labels.codes[:, None]
    >>> scores = score_features(X, labels, np.arange(60) // 2 % 5, row_values(labels, None))
    >>> scores.ridge.value, scores.lda.value, scores.neighbours.value
    (1.0, 1.0, 1.0)
    """
    read = one_pass(X, labels, folds, algebra=algebra)
    return scores_of(
        read,
        X,
        labels,
        score,
        choose_ridge(read),
        seed=seed,
        probabilities=probabilities,
        neighbours=neighbours,
    )


def scores_of(
    read: OnePass,
    X: Any,
    labels: Responses,
    score: RowValues,
    ridge: float,
    *,
    seed: int,
    probabilities: Floats | None = None,
    neighbours: bool = True,
    values: dict[str, Floats] | None = None,
) -> FeatureScores:
    """Score features that were read already.

    Parameters
    ----------
    read, X, labels, score, seed, probabilities, neighbours
        As of :func:`score_features`.
    ridge : float
    values : dict of str to ndarray, optional
        Of :func:`~transfergap.analysis.scores.cross_validation.cross_validate`, where it has run.
    """
    ordered = score.of_labels(read.labels)
    if values is None:
        values = cross_validate(read, ridge, ordered)
    probes = {name: ProbeScore.of_rows(v) for name, v in values.items()}
    closed = ordered.values(closed_form_outputs(read, ridge), slice(0, read.n_rows))
    near = None
    if neighbours:
        near = ProbeScore.of_rows(
            neighbour_values(X, labels, score, rng=np.random.default_rng(seed))
        )
    has_classes = labels.has_classes
    source = None if not has_classes else probabilities
    return FeatureScores(
        n_rows=read.n_rows,
        n_columns=read.rows.n_dimensions,
        ridge=probes["ridge"],
        ridge_closed_form=ProbeScore.of_rows(closed),
        lda=probes.get("lda"),
        centroid=probes.get("centroid"),
        neighbours=near,
        logme=logme(read),
        h_score=shrinkage_h_score(read) if has_classes else None,
        transrate=transrate(read) if has_classes else None,
        gbc=gbc(read) if has_classes else None,
        sfda=sfda(read) if has_classes else None,
        leep=None if source is None else leep(source, labels.sort_key),
        nce=None if source is None else nce(source.argmax(axis=1), labels.sort_key),
    )
