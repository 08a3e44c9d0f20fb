"""Columns whose relation to the label differs, set aside.

The repair of shortcuts of one site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.features import View, fit_view
from transfergap.data.problem import Sample, TrainingSet
from transfergap.learners.mitigations.common_columns import NeutralColumns, neutral, typical_values
from transfergap.learners.mitigations.density_ratios import density_ratio
from transfergap.learners.mitigations.mitigation import Facts, Mitigation
from transfergap.learners.mitigations.models import AdaptedModel, takes_classes
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]
_RARE = 0.001  # of Fisher's z, divided by the relations tested (Bonferroni)
_CLEAR = 2.5  # standard errors: below it the target's own relation may be none
FEWEST_ROWS = 20  # chosen by hand: of fewer no correlation is known well enough


@dataclass(frozen=True)
class SharedFeatures(Mitigation):
    """Set aside columns that predict a source's label, but not the target's.

    Parameters
    ----------
    learner : Learner

    Notes
    -----
    A column is set aside where its correlation with the label in a source is clearly stronger than
    in the target (Fisher's z, p below .001 over the number of columns), also among source rows that
    are weighted to look like the target's, and none can be told from zero in the target (below 2.5
    standard errors); it is made constant in training and in rows to be
    predicted. Assumes that the other columns suffice. Costs nothing extra. Hurts where the column
    is useful here only together with others.

    References
    ----------
    Ours; the aim is that of Peters, Buehlmann and Meinshausen (2016), Causal Inference by Using
    Invariant Prediction, section 1.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from transfergap.learners import EstimatorLearner
    >>> rng = np.random.default_rng(0)
    >>> here, there = rng.normal(size=(50, 2)), rng.normal(size=(50, 2))
    >>> train = TrainingSet(Sample(here, here[:, 0]), (Sample(there, there[:, 1]),))
    >>> learner = SharedFeatures(EstimatorLearner(LinearRegression()))
    >>> learner.train(train, seed=0).change.columns
    (1,)
    """

    facts: ClassVar[Facts] = Facts(
        assumes="the other columns suffice",
        cost="1 fit",
        source="ours; cf. Peters et al. (2016), Invariant Prediction, section 1",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Fit the inner learner with the set-aside columns constant."""
        if not isinstance(training_set, TrainingSet):
            return self.learner.train(training_set, seed=seed)
        unshared: set[int] = set()
        classes = takes_classes(self.learner, training_set.target.y)
        for source in training_set.sources:
            unshared |= set(unshared_columns(training_set.target, source, classes=classes))
        if not unshared:
            return self.learner.train(training_set, seed=seed)
        columns = tuple(sorted(unshared))
        values = typical_values(training_set.target.X, columns)
        parts = [
            _blind(sample, columns, values)
            for sample in (training_set.target, *training_set.sources)
        ]
        model = self.learner.train(TrainingSet(parts[0], tuple(parts[1:])), seed=seed)
        return AdaptedModel(model, NeutralColumns(columns, values))


def unshared_columns(target: Sample, source: Sample, *, classes: bool) -> tuple[int, ...]:
    """Return columns whose relation to the label differs between domains.

    None for texts and sparse rows, which have no columns to compare.
    """
    if isinstance(target.X, list) or hasattr(target.X, "tocsr"):
        return ()
    if min(len(target), len(source)) < FEWEST_ROWS:
        return ()
    view = fit_view(target.X, [source.X])
    target_relation, source_relation = (
        label_correlations(view, s, target, classes=classes) for s in (target, source)
    )
    far = _far(target_relation, source_relation, len(target), float(len(source)))
    useless = np.abs(np.arctanh(target_relation)) * np.sqrt(max(len(target) - 3, 1)) < _CLEAR
    far &= useless & (np.abs(source_relation) > np.abs(target_relation))
    if far.any():  # a curve seen from another side is no other relation: look where both have rows
        weights = density_ratio(target.X, source.X, seed=0)
        alike = label_correlations(view, source.weighted(weights), target, classes=classes)
        # Kish's effective number of rows (1965).
        effective = float(weights.sum()) ** 2 / float(weights @ weights)
        far &= _far(target_relation, alike, len(target), effective)
    return tuple(sorted({view.columns[j] for j in np.flatnonzero(far.any(axis=1))}))


def _far(
    target_relation: Floats, source_relation: Floats, n_target: int, n_source: float
) -> NDArray[np.bool_]:
    """Return where correlations differ beyond chance, by Fisher's z."""
    from scipy.stats import norm

    # Fisher (1915): the variance of z is 1 / (n - 3).
    error = np.sqrt(1.0 / max(n_target - 3, 1) + 1.0 / max(n_source - 3.0, 1.0))
    z = np.abs(np.arctanh(target_relation) - np.arctanh(source_relation)) / error
    far: NDArray[np.bool_] = z > norm.isf(_RARE / 2.0 / max(target_relation.size, 1))
    return far


def label_correlations(view: View, sample: Sample, target: Sample, *, classes: bool) -> Floats:
    """Return each number's weighted correlation with the label or classes.

    Returns
    -------
    ndarray, shape (n_numbers, n_responses)
        In (-1, 1); 0 where either is constant.
    """
    # The clip of encoded columns: one outlier must not make a correlation.
    rows = np.clip(view.of(sample.X), -8.0, 8.0)
    if not classes:
        responses = np.asarray(sample.y, float)[:, None]
    else:
        labels = np.unique(target.y)
        responses = (np.asarray(sample.y)[:, None] == labels[1 if len(labels) == 2 else 0 :]) * 1.0
    parts = []
    weights = sample.weights_or_ones
    root = np.sqrt(weights / weights.sum())[:, None]
    for values in (rows, responses):
        centred = root * (values - np.average(values, axis=0, weights=weights))
        length = np.sqrt((centred**2).sum(axis=0))
        parts.append(np.where(length > 1e-12, centred / np.maximum(length, 1e-12), 0.0))
    correlations: Floats = np.clip(parts[0].T @ parts[1], -0.999, 0.999)
    return correlations


def _blind(sample: Sample, columns: tuple[int, ...], values: tuple[Any, ...]) -> Sample:
    return Sample(neutral(sample.X, columns, values), sample.y, sample.weights, sample.groups)
