"""Columns chosen: those that predict, or that tell no domain."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import Sample, stack_rows
from transfergap.errors import DataError
from transfergap.learners import Learner
from transfergap.learners.mitigations.mitigation import Facts, Mitigation, put_together, sources_of
from transfergap.learners.mitigations.models import AdaptedModel, takes_classes
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class KeptColumns:
    """Positions of retained columns, and the callable that selects them.

    Examples
    --------
    >>> KeptColumns((0, 2))(np.array([[1, 2, 3]])).tolist()
    [[1, 3]]
    """

    positions: tuple[int, ...]

    def __call__(self, X: Any) -> Any:
        """Return the kept columns of ``X``."""
        if hasattr(X, "iloc"):
            return X.iloc[:, list(self.positions)]
        return X[:, list(self.positions)]


def as_numbers(samples: Sequence[Sample]) -> tuple[list[Any], NDArray[np.intp]]:
    """Return rows as numbers, target first, with each number's column.

    Raises
    ------
    DataError
        For texts, which have no columns to choose from.
    """
    first = samples[0].X
    if isinstance(first, list):
        raise DataError(
            "Texts have no columns to choose from.",
            hint="turn them into columns first, or weigh rows instead",
        )
    if hasattr(first, "tocsr"):
        return [sample.X for sample in samples], np.arange(first.shape[1])
    view = fit_view(first, [sample.X for sample in samples[1:]])
    return [view.of(sample.X) for sample in samples], np.array(view.columns, np.intp)


def fitted_on(
    learner: Learner, train: AnyTrainingSet, retained: NDArray[np.bool_], *, seed: int
) -> Any:
    """Fit the learner on some columns.

    The model takes rows with all columns.
    """
    if retained.all():
        return learner.train(train, seed=seed)
    change = KeptColumns(tuple(int(j) for j in np.flatnonzero(retained)))
    narrow = [replace(s, X=change(s.X)) for s in (train.target, *sources_of(train))]
    return AdaptedModel(learner.train(put_together(narrow[0], narrow[1:]), seed=seed), change)


def smallest_by_column(
    values: NDArray[np.float64], columns: NDArray[np.intp], n_columns: int
) -> NDArray[np.float64]:
    """Return each column's smallest value; infinity where it has none."""
    smallest = np.full(n_columns, np.inf)
    np.minimum.at(smallest, columns, values)
    return smallest


@dataclass(frozen=True)
class SelectedFeatures(Mitigation):
    """Keep columns related to the label in target and sources alike.

    Parameters
    ----------
    learner : Learner
    share : float
        Share of the columns that is kept, at least one column.

    Notes
    -----
    Each column is tested separately, in the target and in all sources together, by the F test of
    its numbers (for classes: analysis of variance; for numbers: correlation). Columns are ranked by
    the larger of the two p-values, so that both must be small. Assumes that what matters shows
    column by column. Costs one fit. Hurts where columns matter only together, or in the target
    only, and where all columns carry something. It uses target labels, so no closed form sees
    through it. A pipeline that names columns must do without those that are dropped. Texts are
    refused.

    References
    ----------
    Ours, after Uguroglu and Carbonell (2011), Feature Selection for Transfer Learning, section 3;
    the F test as in Guyon and Elisseeff (2003), An Introduction to Variable and Feature Selection,
    section 2.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.learners import EstimatorLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> train = TrainingSet(Sample(X[:20], X[:20, 0]), (Sample(X[20:], X[20:, 0]),))
    >>> model = SelectedFeatures(EstimatorLearner(Ridge())).train(train, seed=0)
    >>> model.change.positions
    (0,)
    """

    share: float = 0.5
    facts: ClassVar[Facts] = Facts(
        assumes="what matters shows column by column, in target and sources alike",
        cost="1 fit, and two F tests a column",
        source="ours; cf. Uguroglu & Carbonell (2011), Feature Selection for Transfer Learning",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the chosen columns."""
        sources = sources_of(training_set)
        if not sources or not len(training_set.target):
            return self.learner.train(training_set, seed=seed)
        numbers, columns = as_numbers([training_set.target, *sources])
        n_columns = int(training_set.target.X.shape[1])
        classes = takes_classes(self.learner, training_set.target.y)
        source_labels = np.concatenate([source.y for source in sources])
        # The weaker of both sides: a column must count in target and sources.
        worse = np.maximum(
            smallest_by_column(
                _p_values(numbers[0], training_set.target.y, classes), columns, n_columns
            ),
            smallest_by_column(
                _p_values(stack_rows(numbers[1:]), source_labels, classes), columns, n_columns
            ),
        )
        retained = np.zeros(n_columns, bool)
        n_kept = max(round(self.share * n_columns), 1)
        # A stable sort: of equal columns the first are kept on every platform.
        retained[np.argsort(worse, kind="stable")[:n_kept]] = True
        return fitted_on(self.learner, training_set, retained, seed=seed)


def _p_values(numbers: Any, y: NDArray[Any], classes: bool) -> NDArray[np.float64]:
    """Return each number's p-value; 1 without evidence."""
    from sklearn.feature_selection import f_classif, f_regression

    labels = np.unique(y)
    if len(labels) < 2 or len(y) < 3 or (classes and len(labels) == len(y)):
        return np.ones(numbers.shape[1])
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # constant columns: handled below
        warnings.simplefilter("ignore")
        _, p_values = (f_classif if classes else f_regression)(numbers, y)
    return np.asarray(np.nan_to_num(p_values, nan=1.0), float)


Floats = NDArray[np.float64]
LARGE_EFFECT = 0.714  # the AUC of two normal samples that are 0.8 standard deviations apart


@dataclass(frozen=True)
class InvariantFeatures(Mitigation):
    """Drop the columns by which single rows of target and sources differ.

    Parameters
    ----------
    learner : Learner
    largest_auc : float
        A column goes if, against any source, the ROC AUC of its numbers for "is this row the
        target's?", folded to [0.5, 1], is above this. The default is what Cohen calls a large
        effect. At least one column stays: the one that tells least.

    Notes
    -----
    Assumes that what differs between the domains is not what decides the label. Costs one fit, and
    sorting every column. Hurts where a column differs just because the label depends on it. A
    column is tested separately, so differences in the dependence of columns are missed. Labels
    are not used. A pipeline that names columns must do without those that are dropped. Texts are
    refused.

    References
    ----------
    Ours, after Ben-David, Blitzer, Crammer and Pereira (2007), Analysis of Representations for
    Domain Adaptation, the distance A; the effect size is that of Cohen (1988), Statistical Power
    Analysis, section 2.2.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.learners import EstimatorLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> moved = Sample(X[20:] + [0, 9], X[20:, 0])
    >>> train = TrainingSet(Sample(X[:20], X[:20, 0]), (moved,))
    >>> InvariantFeatures(EstimatorLearner(Ridge())).train(train, seed=0).change.positions
    (0,)
    """

    largest_auc: float = LARGE_EFFECT
    facts: ClassVar[Facts] = Facts(
        assumes="what differs between the domains is not what decides the label",
        cost="1 fit, and the ranks of every column",
        source="ours; cf. Ben-David et al. (2007), Analysis of Representations",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the columns that tell no domain."""
        sources = sources_of(training_set)
        if not sources or not len(training_set.target):
            return self.learner.train(training_set, seed=seed)
        numbers, columns = as_numbers([training_set.target, *sources])
        aucs = np.max([_aucs(numbers[0], part) for part in numbers[1:]], axis=0)
        by_column = -smallest_by_column(-aucs, columns, int(training_set.target.X.shape[1]))
        # A column without numbers tells nothing: -infinity.
        retained = by_column <= self.largest_auc
        # A model needs a column: the one that differs least.
        if not retained.any():
            retained[int(by_column.argmin())] = True
        return fitted_on(self.learner, training_set, retained, seed=seed)


def _aucs(target: Any, source: Any) -> Floats:
    """Return each number's folded AUC; 0.5 for a single row."""
    from scipy.stats import rankdata

    n, m = target.shape[0], source.shape[0]
    if min(n, m) < 2:
        return np.full(target.shape[1], 0.5)
    aucs = np.empty(target.shape[1])
    for j in range(target.shape[1]):
        ranks = rankdata(np.concatenate([_column(target, j), _column(source, j)]))
        # Mann and Whitney (1947), from the sum of ranks; ties count half.
        aucs[j] = (ranks[:n].sum() - n * (n + 1) / 2) / (n * m)
    return np.maximum(aucs, 1.0 - aucs)


def _column(X: Any, j: int) -> Floats:
    column = X[:, [j]]
    return np.asarray(column.toarray() if hasattr(column, "toarray") else column, float).ravel()
