"""Columns cut into subgroups that a user would name so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap.analysis.subgroups import group_rows
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError, DataError


def problem_of(n: int = 60, *, groups: object = None, **columns: object):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=n), **columns})
    y = rng.normal(size=n)
    other = X.assign(x=rng.normal(size=n)).iloc[rng.permutation(n)]
    return make_problem(X, y, sources={"b": (other, y)}, groups=groups, metric="mse", margin=0.1,
                keep=list(columns))  # fmt: skip


def sizes(grouping) -> dict[str, int]:
    return {group.name: int(group.rows.sum()) for group in grouping.subgroups}


def test_numbers_are_cut_at_terciles_and_named_by_their_ranges():
    grouping = group_rows(problem_of(age=np.arange(60.0)), ["age"])
    assert sizes(grouping) == {"age ≤ 19.67": 20, "19.67 < age ≤ 39.33": 20, "age > 39.33": 20}


def test_dates_are_cut_like_numbers_and_named_as_dates():
    grouping = group_rows(problem_of(), {"seen": pd.date_range("2024-01-01", periods=60)})
    assert list(sizes(grouping)) == [
        "seen ≤ 2024-01-20", "2024-01-20 < seen ≤ 2024-02-09", "seen > 2024-02-09"
    ]  # fmt: skip


def test_a_few_different_numbers_are_categories():
    grouping = group_rows(problem_of(smokes=np.arange(60) % 2), ["smokes"])
    assert sizes(grouping) == {"smokes = 0": 30, "smokes = 1": 30}


def test_rare_values_are_taken_together():
    town = ["a"] * 30 + ["b"] * 15 + ["c"] * 8 + ["d"] * 7
    assert sizes(group_rows(problem_of(town=town), ["town"])) == {
        "town = a": 30, "town = b": 15, "town = other": 15
    }  # fmt: skip


def test_a_group_of_nine_is_named_and_not_judged():
    sex = ["f"] * 9 + ["m"] * 51
    grouping = group_rows(problem_of(sex=sex), ["sex"])
    assert sizes(grouping) == {"sex = m": 51}
    assert [(small.subgroup, small.n_rows) for small in grouping.too_small] == [("sex = f", 9)]


def test_groups_of_rows_count_once():
    grouping = group_rows(
        problem_of(
            sex=["f"] * 30 + ["m"] * 30, groups=np.r_[np.arange(30) // 6, np.arange(30) + 9]
        ),
        ["sex"],
    )
    assert (list(sizes(grouping)), grouping.too_small[0].subgroup) == (["sex = m"], "sex = f")


def test_missing_values_are_a_group_of_their_own():
    age = np.where(np.arange(60) < 12, np.nan, np.arange(60.0))
    assert sizes(group_rows(problem_of(), {"age": age}))["age missing"] == 12


def test_arrays_that_are_no_columns_can_be_named():
    grouping = group_rows(problem_of(), {"site": np.repeat(["n", "s"], 30)})
    assert sizes(grouping) == {"site = n": 30, "site = s": 30}


def test_a_constant_or_a_column_of_ids_makes_no_subgroups():
    problem = problem_of(one=["a"] * 60, ids=[f"row{i}" for i in range(60)])
    grouping = group_rows(problem, ["one", "ids"])
    assert (grouping.subgroups, len(grouping.notes)) == ((), 2)


def test_a_misspelled_column_is_answered_with_the_nearest():
    with pytest.raises(ConfigurationError) as caught:
        group_rows(problem_of(sex=["f", "m"] * 30), ["sexx"])
    assert "'sex'" in str(caught.value.hint)


def test_an_array_of_another_length_is_refused():
    with pytest.raises(DataError, match="59 values for 60"):
        group_rows(problem_of(), {"site": ["a"] * 59})


def test_a_search_is_the_default_from_200_rows_on_and_can_be_declined():
    assert group_rows(problem_of(60), "auto") is None
    assert group_rows(problem_of(200), "auto").find
    assert group_rows(problem_of(200), None) is None
    assert group_rows(problem_of(60), "find").find
    assert group_rows(problem_of(200), "none") is None
    column = group_rows(problem_of(none=["f", "m"] * 30), "none")
    assert sizes(column) == {"none = f": 30, "none = m": 30}
