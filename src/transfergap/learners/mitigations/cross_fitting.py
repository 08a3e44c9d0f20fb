"""Folds within the training target, and models fitted without each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample
from transfergap.data.splitting.groups import group_numbers
from transfergap.learners import Learner, fit_all, most_at_once
from transfergap.learners.mitigations.mitigation import others_of, put_together, sources_of
from transfergap.learners.mitigations.models import row_losses
from transfergap.learners.protocol import AnyTrainingSet

N_FOLDS = 5  # by convention (Hastie et al. 2009, section 7.10)


def inner_folds(target: Sample, *, seed: int, n_folds: int = N_FOLDS) -> NDArray[np.intp] | None:
    """Return each target row's fold; ``None`` where rows cannot be split.

    Labels that occur often are spread evenly; rows of one group stay together.

    Parameters
    ----------
    target : Sample
    seed : int
        Another seed, another partition.
    n_folds : int
        At most; there are never more folds than rows or groups.

    Returns
    -------
    ndarray or None
        ``None`` where there are fewer than two rows or groups, or where a model without some fold
        would see one label only: it could judge nothing.

    Examples
    --------
    >>> target = Sample(np.zeros((4, 1)), np.array([0, 0, 1, 1]))
    >>> folds = inner_folds(target, seed=0, n_folds=2)
    >>> sorted(folds[:2].tolist()), sorted(folds[2:].tolist())
    ([0, 1], [0, 1])
    """
    # A stream apart from the model's, which has the plain seed.
    rng = np.random.default_rng([seed, 17])
    n = len(target)
    units = np.arange(n)
    if target.groups is not None:
        units = group_numbers(target.groups)
    n_units = len(np.unique(units))
    n_folds = min(n_folds, n_units)
    if n_folds < 2:
        return None
    order = rng.permutation(n_units)
    labels = np.unique(target.y, return_inverse=True)[1].ravel()
    if target.groups is None and labels.max() + 1 <= max(2, n // n_folds):
        order = order[np.argsort(labels[order], kind="stable")]  # labels in turn: spread evenly
    fold_of_unit = np.empty(n_units, np.intp)
    fold_of_unit[order] = np.arange(n_units) % n_folds
    folds = fold_of_unit[units]
    # A model of one class, or of one number, cannot be compared.
    if any(len(np.unique(target.y[folds != k])) < 2 for k in range(n_folds)):
        return None
    return folds


def without_fold(train: AnyTrainingSet, tested: NDArray[np.bool_]) -> AnyTrainingSet:
    """Return the training set less the tested rows.

    Source rows of a group that is tested are left out as well, and so is what another task holds of
    tested rows.
    """
    target, sources = train.target, sources_of(train)
    if target.groups is not None:
        sources = tuple(source.without_groups(target.groups[tested]) for source in sources)
    fold = target.rows(tested)
    non_tabular = tuple(extra.without_rows_of(fold) for extra in others_of(train))
    return put_together(target.rows(~tested), sources, non_tabular)


def cross_fitted(
    learner: Learner, train: AnyTrainingSet, folds: NDArray[np.intp], *, seed: int
) -> Iterator[tuple[NDArray[np.bool_], Any]]:
    """Yield each fold's mask and the model fitted without it."""
    masks = [folds == k for k in range(int(folds.max()) + 1)]
    if most_at_once(learner) == 1:
        for tested in masks:
            yield tested, learner.train(without_fold(train, tested), seed=seed)
        return
    parts = [without_fold(train, tested) for tested in masks]
    yield from zip(masks, fit_all(learner, parts, seeds=[seed] * len(parts)), strict=True)


def held_out_losses(
    learner: Learner,
    trains: Sequence[AnyTrainingSet],
    folds: Sequence[NDArray[np.intp]],
    *,
    seeds: Sequence[int],
) -> list[NDArray[np.float64]]:
    """Return each target row's loss, predicted without its fold.

    Parameters
    ----------
    learner : Learner
    trains : sequence of TargetSet or TrainingSet
    folds : sequence of ndarray
        The fold of each target row, for every training set.
    seeds : sequence of int
        One for each training set.
    """
    parts: list[AnyTrainingSet] = []
    places: list[tuple[int, NDArray[np.bool_]]] = []
    for i, (train, fold_of) in enumerate(zip(trains, folds, strict=True)):
        for k in range(int(fold_of.max()) + 1):
            parts.append(without_fold(train, fold_of == k))
            places.append((i, fold_of == k))
    losses = [np.empty(len(train.target)) for train in trains]
    labels = [
        np.unique(np.concatenate([t.target.y, *(s.y for s in sources_of(t))])) for t in trains
    ]
    models = fit_all(learner, parts, seeds=[seeds[i] for i, _ in places])
    for (i, tested), model in zip(places, models, strict=True):
        losses[i][tested] = row_losses(model, trains[i].target.rows(tested), labels[i])
    return losses
