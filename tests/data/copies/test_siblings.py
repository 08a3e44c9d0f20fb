"""Target rows that stand several times in a source are copies, for their siblings are no chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap.data.copies import search_rows
from transfergap.data.copies.decision import decide, labels_agree


def people(rng, n):
    return pd.DataFrame({
        "age": rng.integers(18, 90, n), "weight": rng.normal(75, 12, n).round(1),
        "height": rng.normal(170, 9, n).round(), "dose": rng.gamma(2, 10, n).round(2),
        "ward": rng.choice(list("abcde"), n), "sex": rng.choice(["f", "m"], n),
    })  # fmt: skip


def n_removed(target, source, target_labels, source_labels):
    return int(decide(search_rows(target, source), target_labels, source_labels).removed.sum())


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("column", ["weight", "dose"])
@pytest.mark.parametrize("n_strangers", [0, 200])
def test_copies_of_which_each_stands_several_times(times, column, n_strangers):
    rng = np.random.default_rng(times)
    X, y = people(rng, 100), rng.integers(0, 2, 100)
    source = pd.concat([X] * times, ignore_index=True)
    source[column] = rng.permutation(source[column].to_numpy())
    source = pd.concat([source, people(rng, n_strangers)], ignore_index=True)
    labels = np.append(np.tile(y, times), rng.integers(0, 2, n_strangers))
    removed = decide(search_rows(X, source), y, labels).removed
    assert removed[: 100 * times].mean() >= (0.98 if column == "weight" else 0.9)
    assert removed[100 * times :].sum() <= 1


def test_persons_who_are_measured_twice_in_a_source_are_no_copies_of_the_target_s():
    """Days that both files have in common: siblings, but nearly all labels are not the same."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        day = people(rng, 60)
        target, source = (day.sample(n, replace=True, random_state=seed) for n in (50, 200))
        parts = [part.assign(dose=rng.gamma(2, 10, len(part)).round(2)).reset_index(drop=True)
                 for part in (target.drop_duplicates(), source)]  # fmt: skip
        labels = [(part.age + rng.normal(0, 20, len(part)) > 54).to_numpy() for part in parts]
        assert n_removed(*parts, *labels) == 0


def test_siblings_are_pairs_that_agree_with_one_row():
    rng = np.random.default_rng(0)
    X = people(rng, 40)
    twice = pd.concat([X, X], ignore_index=True)
    twice["dose"] = rng.gamma(2, 10, 80).round(2)
    others = people(rng, 30)
    pairs = pd.concat([others, others], ignore_index=True)
    pairs["dose"] = rng.gamma(2, 10, 60).round(2)
    search = search_rows(X, pd.concat([twice, pairs], ignore_index=True))
    apart = search.without_siblings()
    before, after = (
        {tuple(sorted(pair)) for pair in found.twins[1].rows.tolist()} for found in (search, apart)
    )
    siblings = {(k, k + 40) for k in range(40)} & before
    strangers = {(k, k + 30) for k in range(80, 110)} & before
    # Pairs of strangers of the target stay: they are how often rows of one file agree.
    assert len(siblings) > 10 and len(siblings & after) <= 2  # of little evidence each
    assert len(strangers) > 5 and strangers <= after
    assert search_rows(X, others).without_siblings().twins == ()


def test_the_share_of_labels_that_must_agree():
    y = np.tile([0, 1], 50)
    spoilt = np.where(np.arange(100) < 10, 1 - y, y)  # 80 % of the error of guessing is explained
    assert labels_agree(y, spoilt) and labels_agree(y, spoilt, 0.8)
    assert not labels_agree(y, spoilt, 0.81)
    amounts = np.linspace(0.0, 9.0, 100)
    mixed = np.where(np.arange(100) < 30, 100.0 - amounts, amounts)  # 70 of 100 are equal
    assert labels_agree(amounts, mixed) and not labels_agree(amounts, mixed, 0.7)
