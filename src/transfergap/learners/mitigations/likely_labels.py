"""Source labels replaced by those that are likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.features import fit_view, in_span
from transfergap.data.problem import Sample, stack_rows, take_rows
from transfergap.learners.mitigations.held_out_labels import (
    FAR,
    N_FOLDS,
    held_out_residuals,
    held_out_shares,
    small_model,
)
from transfergap.learners.mitigations.mitigation import Facts, SourceChange
from transfergap.learners.mitigations.models import takes_classes

Floats = NDArray[np.float64]


def shared_out(
    source: Sample, classes: NDArray[Any], shares: Floats, *, min_weight: float = 1e-6
) -> Sample:
    """Repeat each row for its classes, weighted by their shares.

    Parameters
    ----------
    source : Sample
    classes : ndarray, shape (n_classes,)
    shares : ndarray, shape (n_rows, n_classes)
        At least 0; they need not add up to 1.
    min_weight : float
        Rows that weigh no more are left out.

    Examples
    --------
    >>> row = Sample(np.array([[5.0]]), np.array([0]))
    >>> both = shared_out(row, np.array([0, 1]), np.array([[0.25, 0.75]]))
    >>> both.y.tolist(), both.weights.tolist()
    ([0, 1], [0.25, 0.75])
    """
    source_weights = source.weights_or_ones
    weights = (shares * source_weights[:, None]).T.ravel()
    rows = stack_rows([source.X] * len(classes))
    every = Sample(rows, np.repeat(classes, len(source)), weights)
    return every.rows(np.flatnonzero(weights > min_weight))


FEWEST_ROWS = 20  # chosen by hand: with fewer no rate of confusion can be estimated


@dataclass(frozen=True)
class LikelyLabels(SourceChange):
    """Trust source labels as far as source and target back them.

    In the source, the other rows back a label.

    Parameters
    ----------
    learner : Learner
        Must take sample weights for classes.

    Notes
    -----
    Numbers: rows far from the prediction of a cross-fitted, trimmed ridge regression of the source
    are dropped, the farthest first, and only the surplus over the target's own share of such rows.
    Classes: a model of a noisy source is right on the target but too timid. The rates at which
    labels are confused are those that make it fit the target's labels best; every source row then
    counts for each class as much as its label, its columns and these rates make that class likely,
    and the whole source for what confused labels still tell (for two classes: 1 minus both rates,
    squared). A source that is consistent in itself loses little, however much it differs from the
    target. Assumes that wrong labels are a minority and hit the rows of a class alike. Costs six
    small fits a source. Hurts where the source is rich in rare, right cases.

    References
    ----------
    Natarajan et al. (2013), Learning with Noisy Labels, section 2 (rates of confusion by class);
    Patrini et al. (2017), Making Deep Neural Networks Robust to Label Noise, section 4. Rates from
    a trusted target are ours.

    Examples
    --------
    >>> from transfergap.data.problem import TrainingSet
    >>> from transfergap.learners import FunctionLearner
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(100, 1))
    >>> y = x[:, 0] + 0.1 * rng.normal(size=100)
    >>> spoilt = np.where(np.arange(100) < 20, y + 5.0, y)
    >>> n_rows = FunctionLearner(lambda target, sources: len(sources[0]))
    >>> learner = LikelyLabels(n_rows)
    >>> learner.train(TrainingSet(Sample(x, y), (Sample(x, spoilt),)), seed=0)
    80
    """

    facts: ClassVar[Facts] = Facts(
        assumes="wrong labels are a minority and hit the rows of a class alike",
        cost="1 fit and six small ones a source",
        source="Natarajan et al. (2013), Learning with Noisy Labels, section 2",
        weighs=True,
    )

    def changed_source(self, source: Sample, target: Sample, seed: int) -> Sample:
        """Return the source with likely labels."""
        if min(len(source), len(target)) < FEWEST_ROWS:
            return source
        if takes_classes(self.learner, target.y):
            return _weighed(source, target, seed)
        target_doubt, source_doubt = suspicion(target, source, classes=False)
        # Only what the source has more of far rows than the target: those are noise, the rest is
        # the model's.
        surplus = float(np.mean(source_doubt > 0)) - float(np.mean(target_doubt > 0))
        n_dropped = int(surplus * len(source))
        if n_dropped < 1:
            return source
        return source.rows(np.sort(np.argsort(source_doubt)[: len(source) - n_dropped]))


def _weighed(source: Sample, target: Sample, seed: int) -> Sample:
    """Repeat each source row for every possible class, weighted."""
    classes, place, counts = np.unique(source.y, return_inverse=True, return_counts=True)
    has_class = np.isin(target.y, classes)
    if len(classes) < 2 or counts.min() < N_FOLDS or has_class.sum() < FEWEST_ROWS:
        return source
    view = fit_view(target.X, [source.X], seed=seed)
    rows = in_span(view.of(source.X), view.of(take_rows(target.X, has_class)))
    target_shares = small_model().fit(rows[0], place).predict_proba(rows[1])
    rates = confusion_rates(target_shares, np.searchsorted(classes, target.y[has_class]))
    if rates.max() <= 0.0:
        return source
    source_shares = held_out_shares(source)
    confusion = confusion_matrix(rates)
    # The inverse confusion takes noisy class shares to clean ones (Natarajan et al. 2013).
    clean = np.clip(source_shares @ np.linalg.inv(confusion), 1e-3, None)
    likely = clean * confusion[:, place].T
    likely /= likely.sum(axis=1, keepdims=True)
    # What confused labels still tell of the right ones.
    certainty = float(np.linalg.det(confusion)) ** 2
    return shared_out(source, classes, certainty * likely, min_weight=1e-3)


def confusion_rates(p: Floats, place: NDArray[np.intp]) -> Floats:
    """Estimate label confusion from a noisy model on clean rows.

    Parameters
    ----------
    p : ndarray, shape (n_rows, n_classes)
        Predictions of a model of noisy rows for clean rows.
    place : ndarray of int, shape (n_rows,)
        Their classes.

    Returns
    -------
    ndarray, shape (n_classes,)
        In [0, 0.45]; the wrong labels of a class are spread evenly over the others. The rates with
        the largest likelihood.

    Examples
    --------
    >>> truth = np.random.default_rng(0).random(4000) < 0.5
    >>> timid = np.where(truth, 0.7, 0.3)
    >>> confusion_rates(np.column_stack([1 - timid, timid]), truth.astype(int)).round(1)
    array([0.3, 0.3])
    """
    from scipy.optimize import minimize

    n_classes = p.shape[1]

    def loss(rates: Floats) -> float:
        clean = np.clip(p @ np.linalg.inv(confusion_matrix(rates)), 1e-3, 1.0)
        clean /= clean.sum(axis=1, keepdims=True)
        likelihood = float(np.log(clean[np.arange(len(place)), place]).mean())
        return 1e-3 * float(rates.sum()) - likelihood  # of equally likely rates the smallest

    # A tenth: inside the bounds, and on neither.
    start = np.full(n_classes, 0.1)
    # Below a half, or labels would be exchanged and the confusion could not be inverted.
    best = minimize(loss, start, method="L-BFGS-B", bounds=[(0.0, 0.45)] * n_classes)
    # One wrong label in a hundred is not told from none; chosen by hand.
    rates: Floats = np.where(best.x < 0.01, 0.0, best.x)
    return rates if best.fun < loss(np.zeros(n_classes)) else np.zeros(n_classes)


def confusion_matrix(rates: Floats) -> Floats:
    """Return P(label k | class c), shape (n_classes, n_classes), rows c."""
    n_classes = len(rates)
    matrix: Floats = np.tile((rates / (n_classes - 1))[:, None], (1, n_classes))
    matrix[np.diag_indices(n_classes)] = 1.0 - rates
    return matrix


def suspicion(target: Sample, source: Sample, *, classes: bool) -> tuple[Floats, Floats]:
    """Return how suspect each label is within its domain.

    Returns
    -------
    (ndarray, ndarray)
        Target rows, source rows; above 0 is suspect, larger is more so.
    """
    if not classes:
        residuals = [held_out_residuals(sample) for sample in (target, source)]
        # 1.4826 makes the median deviation a standard deviation under normality.
        spread = 1.4826 * float(np.median(np.abs(residuals[0])))
        spread = spread if spread > 0 else float(np.std(residuals[0])) or 1.0
        return residuals[0] / spread - FAR, residuals[1] / spread - FAR
    return _doubt(target), _doubt(source)


def _doubt(sample: Sample) -> Floats:
    """Return the lead of the likeliest other class over the label.

    Only where that class is as likely as it usually is among its rows; negative elsewhere.
    """
    classes, place, counts = np.unique(sample.y, return_inverse=True, return_counts=True)
    if len(classes) < 2 or counts.min() < N_FOLDS:
        return np.full(len(sample), -1.0)
    p = held_out_shares(sample)
    rows = np.arange(len(sample))
    # Confident learning's thresholds (Northcutt et al. 2021): a class's mean
    # probability.
    usual = np.array([p[place == c, c].mean() for c in range(len(classes))])
    above = p - usual
    above[rows, place] = -np.inf
    rival = above.argmax(axis=1)
    doubt: Floats = p[rows, rival] - p[rows, place]
    return np.where(above[rows, rival] >= 0, doubt, np.minimum(doubt, -1e-9))
