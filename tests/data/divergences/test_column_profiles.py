"""Target against sources, column by column: bins, missing values, distances by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap.data.divergences.column_profiles import (
    MOST_COLUMNS,
    profile_columns,
    profile_labels,
)


def column(profile, name):
    return next(c for c in profile.columns if c.name == name)


def test_levels_are_counted_and_what_is_missing_is_a_share():
    here = pd.DataFrame({"sex": ["f", "f", "m", None]})
    there = pd.DataFrame({"sex": ["m", "m", "x", "f"]})
    sex = column(profile_columns(here, {"b": there}, name="a"), "sex")
    assert (sex.kind, sex.bins) == ("levels", ("f", "m", "x"))
    assert [file.counts for file in sex.files] == [(2, 1, 0), (1, 2, 1)]
    assert [file.missing for file in sex.files] == [0.25, 0.0]
    # Shares with the missing last: (.5, .25, 0, .25) and (.25, .5, .25, 0).
    assert [file.distance for file in sex.files] == [0.0, 0.5]


def test_numbers_of_few_values_are_levels_in_their_order():
    here, there = (pd.DataFrame({"grade": values}) for values in ([2.0, 1, 1], [-9.0, 10, 2]))
    grade = column(profile_columns(here, {"b": there}, name="a"), "grade")
    assert grade.bins == ("-9", "1", "2", "10")
    assert [file.counts for file in grade.files] == [(0, 2, 1, 0), (1, 0, 1, 1)]


def test_bins_lie_between_the_percentiles_and_hold_every_value():
    rng = np.random.default_rng(0)
    X = np.r_[rng.uniform(0, 100, 999), 1e9][:, None]
    profile = profile_columns(X, {"b": X[:500]}, name="a")
    [file, other] = profile.columns[0].files
    assert (sum(file.counts), sum(other.counts)) == (1000, 500)
    assert float(profile.columns[0].bins[-1]) < 100
    # Uniform rows: twelve bins of 83, within four standard errors.
    assert all(abs(n - 1000 / 12) < 4 * np.sqrt(1000 / 12) for n in file.counts)


def test_the_most_unlike_columns_stand_first_and_the_rest_is_counted():
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(200, 40)), rng.normal(size=(150, 40))
    Z[:, 17] += 5
    profile = profile_columns(X, {f"s{k}": Z for k in range(9)}, name="a")
    assert profile.columns[0].name == "17" and profile.columns[0].files[1].distance > 0.8
    assert (len(profile.columns), profile.n_columns) == (MOST_COLUMNS, 40)
    assert (len(profile.files), profile.n_sources) == (6, 9)


@pytest.mark.parametrize(
    "there", [{}, {"other": [1.0, 2.0]}, {"x": [np.nan, np.nan]}, {"x": [np.inf, 1.0]}]
)
def test_odd_columns_are_profiled(there):
    here = pd.DataFrame({"x": np.arange(20.0), "empty": [None] * 20, "flag": [True, False] * 10})
    profile = profile_columns(here, {"b": pd.DataFrame(there)}, name="a")
    assert [c.name for c in profile.columns] and column(profile, "empty").files[0].counts == ()
    if "x" not in there:
        assert column(profile, "x").files[1].missing == 1.0


def test_texts_and_sparse_rows_have_no_columns():
    from scipy import sparse

    assert profile_columns(["a", "b"], {"b": ["c"]}, name="a") is None
    assert profile_columns(sparse.eye(3).tocsr(), {}, name="a") is None


def test_the_order_of_rows_changes_nothing():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=90), "c": rng.choice(list("abcdefgh"), 90)})
    shuffled = frame.sample(frac=1, random_state=0)
    assert profile_columns(frame, {"b": shuffled}, name="a") == profile_columns(
        shuffled, {"b": frame}, name="a"
    )


def test_labels_are_levels_of_classes_and_amounts_otherwise():
    classes = profile_labels([0, 0, 1, 1], {"b": [0, 1, 1, 1]}, classes=True)
    assert (classes.kind, classes.bins) == ("levels", ("1", "0"))
    assert [file.counts for file in classes.files] == [(2, 2), (3, 1)]
    assert [file.distance for file in classes.files] == [0.0, 0.25]
    amounts = profile_labels(np.arange(50.0), {"b": np.arange(50.0) + 100}, classes=False)
    assert (amounts.kind, amounts.files[1].distance) == ("numbers", pytest.approx(1.0, abs=0.1))
