"""Folds of a splitter: taken as they are, if they can be."""

import numpy as np
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneOut,
    PredefinedSplit,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedKFold,
    TimeSeriesSplit,
)

from transfergap.data.splitting.order import splitter_folds
from transfergap.errors import ConfigurationError, DataError

Y = np.arange(60) % 2
SPLITTERS = [
    KFold(6),
    StratifiedKFold(5, shuffle=True, random_state=0),
    TimeSeriesSplit(5, gap=2),
    PredefinedSplit(np.arange(60) % 4),
    RepeatedKFold(n_splits=4, n_repeats=3, random_state=0),
    ShuffleSplit(7, test_size=0.25, random_state=1),
    [(range(30), range(30, 45)), (range(45), range(45, 60))],
    [(np.arange(60) < 30, np.arange(60) >= 40), (np.arange(60) < 40, np.arange(60) >= 50)],
]


@pytest.mark.parametrize("cv", SPLITTERS, ids=lambda cv: type(cv).__name__)
def test_no_row_is_tested_twice_in_one_repeat_and_none_is_trained_on_and_tested(cv):
    splitting = splitter_folds(cv, Y)
    for repeat in splitting.repeats:
        tested = np.concatenate([fold.tested for fold in repeat])
        assert len(set(tested.tolist())) == len(tested)
        for fold in repeat:
            assert not set(fold.trained.tolist()) & set(fold.tested.tolist())


@pytest.mark.parametrize(
    ("cv", "n_repeats", "n_disjoint"),
    [
        (KFold(6), 1, 6),
        (RepeatedKFold(n_splits=4, n_repeats=3, random_state=0), 3, 4),
        (ShuffleSplit(30, test_size=0.25, random_state=1), 30, 4),
        (TimeSeriesSplit(5), 1, 5),
    ],
)
def test_repeats_bring_no_degrees_of_freedom(cv, n_repeats, n_disjoint):
    splitting = splitter_folds(cv, Y)
    assert len(splitting.repeats) == n_repeats
    assert splitting.n_disjoint == n_disjoint


def test_a_row_whose_group_is_tested_is_kept_out_of_training_and_counted():
    groups = np.arange(60) // 2
    splitting = splitter_folds(KFold(4, shuffle=True, random_state=0), Y, groups=groups)
    for fold in splitting.folds:
        assert not np.isin(groups[fold.trained], groups[fold.tested]).any()
    assert "times a row was kept out" in splitting.description
    apart = splitter_folds(GroupKFold(4), Y, groups=groups)
    assert "kept out" not in apart.description


@pytest.mark.parametrize(
    ("cv", "words"),
    [
        ([(range(30), range(29, 40)), (range(30), range(40, 60))], "trains on 1 of the 11 rows"),
        (KFold(5, shuffle=True), "draws other folds"),
        ("time", "no splitter"),
        (5, "no splitter"),
        ([([0, 1], [70]), ([0, 1], [2])], "positions"),
        ([([0.5, 1], [2]), ([0, 1], [2])], "positions"),
        ([(range(30), range(30, 60))], "has 1 fold"),
        ([range(30), range(30, 60), range(5)], "pairs of rows"),
    ],
)
def test_what_is_no_fair_test_is_refused_with_a_hint(cv, words):
    with pytest.raises(ConfigurationError) as raised:
        splitter_folds(cv, Y)
    assert words in raised.value.message
    assert raised.value.hint


def test_a_fit_for_each_of_many_rows_is_refused():
    with pytest.raises(ConfigurationError, match="folds"):
        splitter_folds(LeaveOneOut(), np.arange(500) % 2)


def test_a_fold_without_rows_is_refused():
    with pytest.raises(DataError, match="no row to train on"):
        splitter_folds([([], [1, 2]), ([1], [2])], Y)
