"""Copies of three to eight rows, some of which have little evidence of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap.data.copies import decide, search_rows
from transfergap.data.copies.decision import clearance, labels_agree
from transfergap.data.copies.links import CopySearch, Links, Twins, no_links


def heaped(n, rng, width):
    """Rows of amounts: each value is 0 in three of ten rows, else of hundreds."""
    values = rng.integers(1, 400, size=(n, width)) * (rng.random((n, width)) > 0.3)
    return pd.DataFrame(values).add_prefix("c")


def found(target, copies, strangers, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, len(target))
    source = pd.concat([strangers, copies], ignore_index=True)
    source_labels = np.r_[rng.integers(0, 2, len(strangers)), labels[copies.index]]
    removed = decide(search_rows(target, source), labels, source_labels).removed
    return removed[len(strangers) :].mean(), int(removed[: len(strangers)].sum())


@pytest.mark.parametrize("width", [10, 12])
@pytest.mark.parametrize("n_changed", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_a_copy_with_little_evidence_is_found_by_its_neighbours(width, n_changed, seed):
    rng = np.random.default_rng([seed, width])
    target, strangers = heaped(60, rng, width), heaped(150, rng, width)
    target.iloc[2, 3:] = np.where(
        np.arange(width - 3) < 3, target.iloc[2, 3:], 0
    )  # of the third, most values are common
    names = [f"c{k}" for k in range(n_changed)]
    copies = target.iloc[:3].assign(**{name: 999 + np.arange(3) for name in names})
    assert found(target, copies, strangers, seed) == (1.0, 0)


@pytest.mark.parametrize("seed", range(4))
def test_copies_that_agree_in_a_changed_column_by_chance_are_found_too(seed):
    rng = np.random.default_rng(seed)
    target, strangers = (pd.DataFrame(rng.normal(size=(n, 8))).add_prefix("x") for n in (100, 300))
    for frame in (target, strangers):
        frame["sex"], frame["smokes"] = rng.integers(0, 2, (2, len(frame)))
    copies = target.iloc[:8].copy()
    for name in ("sex", "smokes"):
        copies[name] = rng.permutation(copies[name].to_numpy())
    copies["x0"] = rng.normal(size=8)
    assert found(target, copies, strangers) == (1.0, 0)


def test_labels_of_three_pairs_that_mirror_each_other_prove_nothing():
    assert not labels_agree(np.array([0, 1, 1]), np.array([1, 0, 0]))
    assert not labels_agree(np.array([0, 1, 1]), np.array([0, 1, 0]))
    assert labels_agree(np.array([0, 1, 1]), np.array([0, 1, 1]))


def test_other_codes_of_few_labels_and_mirrored_codes_of_many_agree():
    assert labels_agree(np.array(["m", "f", "m"]), np.array(["male", "female", "male"]))
    many = np.arange(20) % 2
    assert labels_agree(many, 1 - many)


@pytest.mark.parametrize(
    ("excess", "best_twin", "bits"),
    [
        ([3.8, 11.3, 15.6], None, (7.8 + 15.3 + 16) / 3),  # the mean, at most 16 a pair
        ([47.5, 48.4, 4.1], None, (16 + 16 + 8.1) / 3),
        ([47.5, 48.4, 4.1], 5.0, 8.1),  # rows of one file are alike: the worst pair counts
        ([20.0, 21.0, 22.0], 30.0, 24.0),
    ],
)
def test_few_pairs_pass_in_the_mean_only_where_no_rows_of_a_file_are_alike(excess, best_twin, bits):
    rows, here = np.arange(3), np.array([False, True, True])
    links = Links(rows, rows, np.array(excess), np.tile(here, (3, 1)))
    elsewhere = no_links(3)
    if best_twin is not None:
        differ_elsewhere = np.array([[True, False, True]])
        elsewhere = Links(rows[:1], rows[:1], np.array([best_twin]), differ_elsewhere)
    twins = Twins(elsewhere.excess, elsewhere.agree, 90.0, 0.0, 90.0)
    search = CopySearch(links, rows, rows, twins=(twins,))
    assert clearance(search, links, ~here) == pytest.approx(bits)
