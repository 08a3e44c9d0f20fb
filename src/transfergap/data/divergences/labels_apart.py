"""Source labels of another meaning: reversed, exchanged, or in another unit."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.class_names import chance_of, naming
from transfergap.data.divergences.columns_apart import KNOWN_FACTORS
from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import Problem, Sample
from transfergap.data.splitting.groups import group_numbers
from transfergap.data.task import find_task
from transfergap.stats import can_rank, macro_auc_rows

Floats = NDArray[np.float64]

FEWEST_ROWS = 20  # of either side
MOST_ROWS = 2000  # chosen by hand: bounds the cost of the ridge fits
CONTROL_AUC = 0.65  # below it a target's labels cannot tell a reversed source from a useless one
CONTROL_CORRELATION = 0.35  # about that of a binary label at this AUC
# Limits set on simulated sources (clean, noisy, another rule, reversed): docs/decisions/0025.
SURE = 2.8  # standard errors by which the source's model must point the wrong way
AS_GOOD = 0.07  # of AUC, accuracy or correlation that the corrected labels may fall short
LEAST_FACTOR = 1.6  # between units; 1.609 kilometres are a mile
_NEAR = 0.12  # in logarithms: a factor between units in use
_AGREE = 0.30  # in logarithms: how far slope, spread and residual may differ about a factor
_OFFSET = 3.0  # standard deviations of the target's labels
# of the ridge models: half-decades from nearly none to nearly constant
_PENALTIES = np.logspace(-1, 4, 11)
_N_FOLDS = 5  # by convention (Hastie et al. 2009, section 7.10: five or ten)
# One-sided error of SURE standard errors, as for two classes: P(z > 2.8) = .0026.
_CHANCE = 0.0025
MORE = 0.1  # of accuracy by which a control that judges namings beats the commonest class
_MOST_CLASSES = 8  # chosen by hand: the correction for k! namings grows with them


@dataclass(frozen=True)
class LabelsApart:
    """A likely error in the labels of a source.

    Parameters
    ----------
    kind : {"reversed", "exchanged", "unit"}
    score : {"AUC", "accuracy", "correlation"}
    alone : float
        Of the source's model on the target's rows.
    corrected : float
        The same once the labels are corrected.
    control : float
        Of a model of the target's other rows.
    factor, level : float
        A source's label is about ``factor * target's label + level``; 1 and 0 for classes.
    pairs : tuple of (str, str)
        The target's label for each label of the source, where classes are exchanged.
    """

    kind: Literal["reversed", "exchanged", "unit"]
    score: Literal["AUC", "accuracy", "correlation"]
    alone: float
    corrected: float
    control: float
    factor: float = 1.0
    level: float = 0.0
    pairs: tuple[tuple[str, str], ...] = ()


def all_labels_apart(
    problem: Problem, *, seed: int, names: Collection[str] | None = None
) -> dict[str, LabelsApart]:
    """Return the sources whose labels seem reversed, exchanged or in another unit.

    All are looked at, or those of some names.
    """
    target = _thinned(problem.target, seed)
    if len(target) < FEWEST_ROWS or problem.sources == {}:
        return {}
    comparisons = {
        name: labels_apart(target, source.sample, problem.task, seed=seed)
        for name, source in problem.sources.items()
        if names is None or name in names
    }
    return {name: apart for name, apart in comparisons.items() if apart is not None}


def labels_apart(target: Sample, source: Sample, task: str, *, seed: int) -> LabelsApart | None:
    """Compare a source model's predictions with the target's labels.

    ``None`` where they agree, or may.

    Parameters
    ----------
    target, source : Sample
        With the same columns, and classes of the target only.
    task : {"binary", "multiclass", "regression"}
    seed : int
        Of folds, and of the rows taken where there are thousands.

    Notes
    -----
    Ours. A ridge model of the source predicts the target's rows. Labels are reversed if it is worse
    than a coin by 2.8 standard errors, and its turned predictions are nearly as good as those of a
    model of the target's own left-out rows; a source of another rule fails the second test. A unit
    is another one if the predictions are as closely related to the target's labels as the control's
    are, while slope, spread and residuals all differ by one factor.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(200, 2)), rng.normal(size=200)
    >>> y = y + 3 * X[:, 0]
    >>> halves = Sample(X[:80], y[:80]), Sample(X[80:], 1000 * y[80:])
    >>> apart = labels_apart(*halves, "regression", seed=0)
    >>> apart.kind, round(apart.factor, -2)
    ('unit', 1000.0)
    """
    target, source = _thinned(target, seed), _thinned(source, seed)
    if min(len(target), len(source)) < FEWEST_ROWS or len(np.unique(source.y)) < 2:
        return None
    view = fit_view(target.X, [source.X], seed=seed)
    target_rows, source_rows = view.of(target.X), view.of(source.X)
    fits = _Fits(target, target_rows, source.y, source_rows, seed)
    kind = find_task(task)
    if not kind.has_classes:
        return _numbers_apart(fits) if kind.is_quantity else None
    if kind.has_two_classes:
        return _reversed(fits)
    return _exchanged(fits)


@dataclass(frozen=True)
class _Fits:
    """Models of source and target in one space of numbers."""

    target: Sample
    target_rows: Floats
    labels: NDArray[Any]
    source_rows: Floats
    seed: int

    @property
    def n_effective(self) -> int:
        """Return how many independent target rows there are: groups count once."""
        groups = self.target.groups
        return len(self.target) if groups is None else len(np.unique(groups))

    def of_source(self, responses: Floats) -> Floats:
        """Return a source model's predictions for the target's rows."""
        predicted: Floats = _fitted(self.source_rows, responses).predict(self.target_rows)
        return predicted.reshape(len(self.target_rows), -1)

    def of_target(self, responses: Floats) -> Floats:
        """Return what models of the other target rows say of each."""
        return _left_out(self.target_rows, responses, self.target.groups, self.seed)

    def of_source_itself(self, responses: Floats) -> Floats:
        """Return what models of the other source rows say of each."""
        return _left_out(self.source_rows, responses, None, self.seed)


def _fitted(X: Floats, responses: Floats) -> Any:
    from sklearn.linear_model import RidgeCV

    return RidgeCV(_PENALTIES).fit(X, responses)


def _left_out(X: Floats, responses: Floats, groups: NDArray[Any] | None, seed: int) -> Floats:
    from sklearn.model_selection import GroupKFold, KFold

    n_groups = len(X) if groups is None else len(np.unique(groups))
    n_folds = min(_N_FOLDS, n_groups)
    splitter: Any = KFold(n_folds, shuffle=True, random_state=seed)
    if groups is not None:
        groups, splitter = group_numbers(groups), GroupKFold(n_folds)
    predicted = np.zeros((len(X), 1 if responses.ndim == 1 else responses.shape[1]))
    for train, test in splitter.split(X, groups=groups):
        model = _fitted(X[train], responses[train])
        predicted[test] = model.predict(X[test]).reshape(len(test), -1)
    return predicted


def _reversed(fits: _Fits) -> LabelsApart | None:
    classes = np.unique(fits.target.y)
    target_signs = np.where(fits.target.y == classes[1], 1.0, -1.0)
    source_signs = np.where(fits.labels == classes[1], 1.0, -1.0)
    n_positive = int((target_signs > 0).sum())
    # Fewer than three of a class: their AUC is noise.
    if min(n_positive, len(target_signs) - n_positive) < 3 or len(np.unique(source_signs)) < 2:
        return None
    alone = _auc(fits.of_source(source_signs), target_signs)
    if alone > 0.5 - SURE * _error_of_auc(target_signs, fits.n_effective):
        return None
    # A source of labels dealt out at random points anywhere, so half the time the wrong way.
    itself = _auc(fits.of_source_itself(source_signs), source_signs)
    if itself < 0.5 + SURE * _error_of_auc(source_signs, len(source_signs)):
        return None
    control = _auc(fits.of_target(target_signs), target_signs)
    if control < CONTROL_AUC or 1.0 - alone < control - AS_GOOD:
        return None
    return LabelsApart("reversed", "AUC", alone, 1.0 - alone, control)


def _error_of_auc(signs: Floats, n: int) -> float:
    """Return the standard error of an AUC of one half.

    Mann and Whitney (1947); rows of a group count once in ``n``.
    """
    share = float((signs > 0).mean())
    return math.sqrt((n + 1) / (12 * max(share * n, 1) * max((1 - share) * n, 1)))


def _auc(scores: Floats, signs: Floats) -> float:
    labels, one = (signs > 0).astype(np.intp), np.zeros(len(signs), np.intp)
    assert can_rank(labels, one)
    return float(macro_auc_rows(scores, labels, one).mean())


def _exchanged(fits: _Fits) -> LabelsApart | None:
    """Return whether another naming of the source's classes fits the target's labels."""
    classes = np.unique(fits.target.y)
    k = len(classes)
    if k > _MOST_CLASSES:
        return None
    truth = np.searchsorted(classes, fits.target.y)
    source_flags = np.where(fits.labels[:, None] == classes[None, :], 1.0, -1.0)
    scores = fits.of_source(source_flags)
    names = naming(scores, truth)
    if names is None or chance_of(names, scores, truth, fits.n_effective) > _CHANCE:
        return None
    if not _tells_classes(fits.of_source_itself(source_flags), source_flags):
        return None
    predicted = scores.argmax(axis=1)
    right, renamed = predicted == truth, names[predicted] == truth
    target_flags = np.where(truth[:, None] == np.arange(k)[None, :], 1.0, -1.0)
    control = float((fits.of_target(target_flags).argmax(axis=1) == truth).mean())
    commonest = float(np.bincount(truth).max() / len(truth))
    corrected = float(renamed.mean())
    if control < commonest + MORE or corrected < control - AS_GOOD:
        return None
    moved = [(i, j) for i, j in enumerate(names) if i != j]
    pairs = tuple((str(classes[i]), str(classes[j])) for i, j in moved)
    alone = float(right.mean())
    return LabelsApart("exchanged", "accuracy", alone, corrected, control, pairs=pairs)


def _tells_classes(scores: Floats, flags: Floats) -> bool:
    """Return whether held-out scores tell classes better than chance."""
    of_class = scores[flags > 0]
    gains = of_class - scores.mean(axis=1)
    return float(gains.mean()) > SURE * float(gains.std()) / math.sqrt(len(gains))


def _numbers_apart(fits: _Fits) -> LabelsApart | None:
    """Return whether source labels are the target's times a factor.

    A constant offset may be added.
    """
    y, z = fits.target.y.astype(float), fits.labels.astype(float)
    if min(y.std(), z.std()) == 0.0:
        return None
    p = fits.of_source(z)[:, 0]
    fitted = fits.of_target(y)[:, 0]
    alone, control = _correlation(p, y), _correlation(fitted, y)
    strength = abs(alone)
    if control < CONTROL_CORRELATION or strength < control - AS_GOOD:
        return None
    # Fisher's z of the correlation.
    if math.atanh(min(strength, 0.999999)) * math.sqrt(max(fits.n_effective - 3, 1)) < SURE:
        return None
    factor, agree = _factor(fits, y, z, p, fitted)
    if not agree:
        return None
    sign = math.copysign(1.0, alone)
    if 1 / LEAST_FACTOR < factor < LEAST_FACTOR:
        level = float(p.mean() - sign * y.mean())
        if alone < 0:
            return LabelsApart("reversed", "correlation", alone, strength, control, -1.0, level)
        if abs(level) < _OFFSET * float(y.std()):
            return None
        return LabelsApart("unit", "correlation", alone, strength, control, 1.0, level)
    factor, level = _with_level(sign * factor, y, p)
    return LabelsApart("unit", "correlation", alone, strength, control, factor, level)


def _with_level(factor: float, y: Floats, p: Floats) -> tuple[float, float]:
    """Return factor and offset.

    Without an offset, the ratio of means, where that agrees.
    """
    if abs(y.mean()) > 2.0 * y.std() and p.mean() / y.mean() * factor > 0:
        ratio = float(p.mean() / y.mean())
        if abs(math.log(ratio / factor)) <= _AGREE:
            return _unit_near(ratio), 0.0
    level = float(p.mean() - factor * y.mean())
    if abs(level) > 0.5 * abs(factor) * float(y.std()):
        return factor, level
    return _unit_near(factor), 0.0


def _unit_near(factor: float) -> float:
    """Return the nearest factor between two units in use, if near."""
    factors = [f for unit in KNOWN_FACTORS for f in (unit, 1.0 / unit)]
    near = min(factors, key=lambda f: abs(math.log(abs(factor) / f)))
    return math.copysign(near, factor) if abs(math.log(abs(factor) / near)) <= _NEAR else factor


def _factor(fits: _Fits, y: Floats, z: Floats, p: Floats, fitted: Floats) -> tuple[float, bool]:
    """Return the factor of the source's labels, and whether estimates agree."""
    centred = p - p.mean()
    slope = abs(float(centred @ (y - y.mean()) / max(float(centred @ centred), 1e-300)))
    noise_ratio = float(np.std(z - fits.of_source_itself(z)[:, 0])) / max(
        float(np.std(y - fitted)), 1e-300
    )
    logs = np.log(np.maximum([1.0 / max(slope, 1e-300), z.std() / y.std(), noise_ratio], 1e-300))
    middle = float(np.median(logs))
    return math.exp(middle), bool(np.abs(logs - middle).max() <= _AGREE)


def _correlation(a: Floats, b: Floats) -> float:
    if a.std() == 0.0 or b.std() == 0.0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _thinned(sample: Sample, seed: int) -> Sample:
    if len(sample) <= MOST_ROWS:
        return sample
    chosen = np.random.default_rng([seed, 124]).permutation(len(sample))[:MOST_ROWS]
    return sample.rows(np.sort(chosen))
