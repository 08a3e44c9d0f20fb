"""One person is one group, however a file writes the number."""

import numpy as np
import pandas as pd
import pytest

from transfergap.data.groups import checked_groups, groups_alike
from transfergap.data.problem import Sample
from transfergap.data.sources import TaskSource
from transfergap.data.validation import make_problem
from transfergap.errors import DataError

PERSONS = np.repeat(np.arange(1, 31), 2)
TEXTS = np.array([str(k) for k in PERSONS])


def posed(ours, theirs, *, task=None):
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(60, 3)), rng.normal(size=(60, 3))
    y = np.arange(60) % 2
    sources = {"b": Sample(Z, y, groups=theirs)}
    if task is not None:
        sources["task"] = TaskSource(Z, y, groups=task)
    return make_problem(X, y, sources=sources, groups=ours)


WRITTEN = {
    "numbers": PERSONS,
    "fractions": PERSONS.astype(float),
    "text": TEXTS,
    "text of fractions": np.array([f"{k}.0" for k in PERSONS]),
    "blanks": np.array([f" {k} " for k in PERSONS]),
    "zeros": np.array([f"{k:04d}" for k in PERSONS]),
    "objects": PERSONS.astype(object),
    "nullable": pd.Series(PERSONS, dtype="Int64"),
    "category": pd.Series(TEXTS, dtype="category"),
    "beside others": np.array([*(f"{k:04d}" for k in PERSONS[:-2]), "B12", "B12"]),
}


@pytest.mark.parametrize("ours", WRITTEN)
@pytest.mark.parametrize("theirs", WRITTEN)
def test_persons_are_recognised_in_any_spelling(ours, theirs):
    n_shared = 30 - ("beside others" in (ours, theirs)) * (ours != theirs)
    checked = {name: checked_groups(WRITTEN[name], 60, name) for name in {ours, theirs}}
    alike = groups_alike(checked)
    assert len(set(alike[ours].tolist()) & set(alike[theirs].tolist())) == n_shared


@pytest.mark.parametrize("theirs", WRITTEN)
def test_rows_of_a_tested_person_are_no_training_rows(theirs):
    problem = posed(PERSONS, WRITTEN[theirs])
    assert problem.sources["b"].facts.n_shared_groups == 30 - (theirs == "beside others")
    tested = problem.target.rows(np.arange(10)).groups
    assert len(problem.sources["b"].sample.without_groups(tested)) == 50


def test_a_task_is_kept_apart_by_persons_too():
    problem = posed(PERSONS, TEXTS, task=WRITTEN["zeros"])
    rest = problem.others["task"].without_rows_of(problem.target.rows(np.arange(10)))
    assert len(rest.y) == 50


def test_zeros_that_tell_two_groups_apart_are_kept():
    alike = groups_alike({"the target": np.array(["7", "007", "8"]), "b": np.array(["007", "9"])})
    assert alike["the target"].tolist() == ["7", "007", "8"]
    assert alike["b"].tolist() == ["007", "9"]


def test_numbers_everywhere_stay_numbers():
    assert posed(PERSONS, PERSONS.astype(float)).target.groups.dtype.kind == "i"


@pytest.mark.parametrize(
    "theirs", [np.array([f"P{k:03d}" for k in PERSONS]), np.array([f"pat-{k}" for k in PERSONS])]
)
def test_numbers_beside_names_with_the_same_digits_are_asked_about(theirs):
    with pytest.raises(DataError, match="written in two ways") as caught:
        posed(PERSONS, theirs)
    assert caught.value.hint


def test_case_alone_is_asked_about():
    with pytest.raises(DataError, match="written in two ways"):
        posed(np.array([f"p{k}" for k in PERSONS]), np.array([f"P{k}" for k in PERSONS]))


def test_other_people_are_other_people():
    other = np.array([f"B{k}" for k in PERSONS])
    problem = posed(np.array([f"A{k}" for k in PERSONS]), other)
    assert problem.sources["b"].facts.n_shared_groups == 0
    assert posed(PERSONS, PERSONS + 100).sources["b"].facts.n_shared_groups == 0


def test_groups_of_a_source_have_no_part_without_groups_of_the_target():
    assert posed(None, PERSONS).sources["b"].sample.groups is None


@pytest.mark.parametrize(
    ("groups", "said"),
    [([1, 2], "groups for 3 rows"), ([1, None, 2], "1 rows of the target have no group")],
)
def test_wrong_groups_are_refused(groups, said):
    with pytest.raises(DataError, match=said):
        checked_groups(groups, 3, "the target")
