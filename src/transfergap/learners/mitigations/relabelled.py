"""Source labels moved towards the target's: the repair of concept shift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.features import fit_view
from transfergap.data.predictions import probabilities
from transfergap.data.problem import Sample, TrainingSet
from transfergap.errors import TransferGapError
from transfergap.learners.mitigations.likely_labels import shared_out
from transfergap.learners.mitigations.mitigation import Facts, SourceChange
from transfergap.learners.mitigations.models import takes_classes

Floats = NDArray[np.float64]
# decades from nearly none to nearly constant; RidgeCV chooses
_PENALTIES = tuple(10.0**k for k in range(-1, 6))
FEWEST_ROWS = 10  # chosen by hand


@dataclass(frozen=True)
class Relabelled(SourceChange):
    """Correct each source's labels by its model's errors on the target.

    Parameters
    ----------
    learner : Learner
        Must take sample weights for classes.

    Notes
    -----
    A model of the source alone predicts the target's training rows; a ridge regression of the part
    it misses on its own prediction and the columns, with a penalty chosen by leave-one-out, is the
    correction, and is added to the source's labels. Numbers are moved; a class becomes a share of
    each class, written as one weighted row a class. With a level, a scale or a reversed sign this
    is recalibration; with slopes it is the bias correction of transfer learning for linear models.
    Assumes that what differs between the domains is simpler than what they share. Costs one fit a
    source more. Hurts where the target is too small to tell what differs.

    References
    ----------
    Bastani (2021), Predicting with Proxies, section 3 (correction of a source estimate); Zhang et
    al. (2013), Domain Adaptation under Target and Conditional Shift, section 4 (location, scale).

    Examples
    --------
    >>> from transfergap.data.problem import TrainingSet
    >>> from sklearn.linear_model import LinearRegression
    >>> from transfergap.learners import EstimatorLearner
    >>> x = np.arange(20.0)[:, None]
    >>> target, source = Sample(x, x[:, 0]), Sample(x, -x[:, 0])
    >>> learner = Relabelled(EstimatorLearner(LinearRegression()))
    >>> learner.train(TrainingSet(target, (source,)), seed=0).predict([[10.0]]).round(1)
    array([10.])
    """

    facts: ClassVar[Facts] = Facts(
        assumes="what differs between the domains is simpler than what they share",
        cost="2 fits with one source",
        source="Bastani (2021), Predicting with Proxies, section 3",
        weighs=True,
    )

    def changed_source(self, source: Sample, target: Sample, seed: int) -> Sample:
        """Return the source with corrected labels."""
        if min(len(source), len(target)) < FEWEST_ROWS:
            return source
        if not takes_classes(self.learner, target.y):
            model = self.learner.train(TrainingSet(target.rows(np.arange(0)), (source,)), seed=seed)
            target_predictions, source_predictions = (
                np.asarray(model.predict(s.X), float)[:, None] for s in (target, source)
            )
            labels = np.asarray(source.y, float)[:, None]
            moved = labels + correction(
                target, source, target_predictions, source_predictions, target.y[:, None], seed=seed
            )
            return Sample(source.X, moved[:, 0], source.weights)
        return self._shared_out(source, target, seed)

    def _shared_out(self, source: Sample, target: Sample, seed: int) -> Sample:
        classes = np.unique(np.concatenate([target.y, source.y]))
        if len(np.unique(source.y)) < 2:
            return source
        model = self.learner.train(TrainingSet(target.rows(np.arange(0)), (source,)), seed=seed)
        try:
            target_shares, source_shares = (
                probabilities(model, s.X, classes) for s in (target, source)
            )
        except TransferGapError:  # a model without probabilities: its choice counts as certain
            target_shares, source_shares = (
                _onehot(model.predict(s.X), classes) for s in (target, source)
            )
        target_labels = _onehot(target.y, classes)
        shares = _onehot(source.y, classes)
        shares = shares + correction(
            target, source, target_shares, source_shares, target_labels, seed=seed
        )
        shares = np.clip(shares, 0.0, None)
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
        return shared_out(source, classes, shares)


def correction(
    target: Sample,
    source: Sample,
    target_predictions: Floats,
    source_predictions: Floats,
    target_labels: Floats,
    *,
    seed: int,
) -> Floats:
    """Return the correction of source labels, shape (n_source_rows, n_responses).

    Parameters
    ----------
    target, source : Sample
    target_predictions, source_predictions : ndarray, shape (n_rows, n_responses)
        Predictions of the source's model for target and source rows.
    target_labels : ndarray, shape (n_target_rows, n_responses)
        The target's labels.
    seed : int
    """
    from sklearn.linear_model import RidgeCV

    view = fit_view(target.X, [source.X], seed=seed)
    centre, spread = target_predictions.mean(axis=0), target_predictions.std(axis=0)
    spread = np.where(spread > 1e-12, spread, 1.0)
    rows = [
        # Predictions and columns on one scale, so that one penalty serves both.
        np.column_stack([(p - centre) / spread, np.clip(view.of(s.X), -8.0, 8.0)])
        for p, s in ((target_predictions, target), (source_predictions, source))
    ]
    model = RidgeCV(_PENALTIES).fit(rows[0], np.asarray(target_labels, float) - target_predictions)
    out: Floats = np.asarray(model.predict(rows[1]), float).reshape(source_predictions.shape)
    return out


def _onehot(y: NDArray[Any], classes: NDArray[Any]) -> Floats:
    shares: Floats = (np.asarray(y)[:, None] == classes).astype(float)
    return shares
