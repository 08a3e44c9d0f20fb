"""Leaves are described in the words of the user's columns, and never judged by what found them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap.analysis.subgroups.found import found_subgroups, halved
from transfergap.data.validation import make_problem

N = 400


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    age = rng.integers(18, 90, N).astype(float)
    age[:40] = np.nan
    return pd.DataFrame({
        "age": age,
        "town": rng.choice(["north", "south", "west"], N),
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, N), unit="D"),
    })  # fmt: skip


def halves_of(X: object):
    y = np.random.default_rng(1).normal(size=N)
    other = X.sample(frac=1.0, random_state=0).reset_index(drop=True)
    other["age"] = other["age"] + 0.5
    problem = make_problem(X, y, sources={"b": (other, y)}, metric="mse", margin=0.1)
    return halved(problem, None, seed=3)


@pytest.mark.parametrize(
    ("hit", "words"),
    [
        (lambda X: X["age"] > 60, "age > 60"),
        (lambda X: X["town"] == "west", "town = west"),
        (lambda X: X["since"] > "2021-05-31", "since > 2021-"),
        (lambda X: X["age"].isna(), "age missing"),
    ],
    ids=["numbers", "categories", "dates", "missing"],
)
def test_a_leaf_says_what_is_in_it(hit, words):
    X = table()
    halves = halves_of(X)
    differences = np.where(hit(X), -1.0, 0.0) + 0.01 * np.random.default_rng(2).normal(size=N)
    groups = found_subgroups(halves, differences)
    worst = min(groups, key=lambda group: differences[group.rows].mean())
    assert words in worst.name
    assert differences[worst.rows].mean() < -0.9


def test_leaves_part_the_judging_half():
    halves = halves_of(table())
    groups = found_subgroups(halves, np.random.default_rng(4).normal(size=N))
    assert (np.sum([group.rows for group in groups], axis=0) == ~halves.finds).all()


def test_constant_differences_have_no_subgroups():
    assert found_subgroups(halves_of(table()), np.zeros(N)) == ()


def test_rows_of_a_group_stay_in_one_half():
    X = table()
    y = np.zeros(N) + np.arange(N)
    problem = make_problem(
        X, y, sources={"b": (X.sample(frac=1.0, random_state=1), y)}, metric="mse", margin=0.1
    )
    clusters = np.arange(N) // 5
    finds = halved(problem, clusters, seed=0).finds
    assert all(len(set(finds[clusters == c])) == 1 for c in range(N // 5))
    assert 0.4 < finds.mean() < 0.6


def test_texts_and_few_rows_are_not_searched():
    texts = [f"word{i % 7} text {i}" for i in range(N)]
    y = np.arange(N) % 2
    others = ([text + " more" for text in texts], y)
    problem = make_problem(texts, y, sources={"b": others}, metric="accuracy")
    assert "texts" in halved(problem, None, seed=0)
