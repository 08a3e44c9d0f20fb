"""Copies in files that were each scaled by themselves: whole rows tell what columns do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap.data.copies import decide, search_rows
from transfergap.data.copies.alignment import Grid, _one_number, aligned
from transfergap.data.copies.comparable import ComparableColumn

SCALINGS = {
    "standardised": lambda d: (d - d.mean()) / d.std(),
    "to [0, 1]": lambda d: (d - d.min()) / (d.max() - d.min()),
    "by median and quartiles": lambda d: (d - d.median()) / (d.quantile(0.75) - d.quantile(0.25)),
    "standardised, four decimals": lambda d: ((d - d.mean()) / d.std()).round(4),
}


def written(n, rng, shift=0.0):
    """Return rows of ten measurements in figures as people write them."""
    latent = rng.normal(size=(n, 1))
    values = rng.normal(size=(n, 10)) + 0.6 * latent + shift
    return pd.DataFrame(
        {f"x{k}": (40 + 9 * (1 + k % 3) * values[:, k]).round() / 10 for k in range(10)}
    )


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("share", [0.05, 0.3, 1.0])
def test_copies_in_files_that_were_scaled_by_themselves(scaling, share):
    rng = np.random.default_rng(2)
    target, others = written(150, rng), written(250, rng, shift=0.7)
    n_copies = round(150 * share)
    source = pd.concat([others, target[:n_copies]], ignore_index=True)
    labels = rng.integers(0, 2, 150)
    source_labels = np.append(rng.integers(0, 2, 250), labels[:n_copies])
    scale = SCALINGS[scaling]
    search = search_rows(scale(target), scale(source))
    removed = decide(search, labels, source_labels).removed
    assert removed[250:].mean() >= 0.99
    assert not removed[:250].any()


@pytest.mark.parametrize("n_draws", [2, pytest.param(10, marks=pytest.mark.slow)])
@pytest.mark.parametrize("scaling", SCALINGS)
def test_other_rows_in_files_that_were_scaled_by_themselves_stay(scaling, n_draws):
    for seed in range(n_draws):
        rng = np.random.default_rng(seed)
        target, source = written(150, rng), written(250, rng, shift=0.7)
        scale = SCALINGS[scaling]
        search = search_rows(scale(target), scale(source))
        labels = rng.integers(0, 2, 150), rng.integers(0, 2, 250)
        assert not decide(search, *labels).removed.any()
        assert search.units == ()


def test_a_grid_by_hand():
    # Tenths of 4, 5, 7 and 11, less 0.55, over 0.25: steps of 0.4 from -0.6.
    grid = Grid.of((np.array([0.7, 0.4, 1.1, 0.5, np.nan]) - 0.55) / 0.25)
    assert (grid.first, grid.step) == pytest.approx((-0.6, 0.4))
    assert grid.places(np.array([-0.6, 1.0, 0.2])) == pytest.approx([0, 4, 2])
    # The smallest gap is two steps, the next one three.
    assert Grid.of(np.array([0.0, 2.0, 5.0, 9.0, 11.0])).step == pytest.approx(1.0)
    assert Grid.of(np.random.default_rng(0).normal(size=40)) is None
    assert Grid.of(np.zeros(9)) is None


@pytest.mark.parametrize("side", [5, 10**9])  # of a box whose cells have a number, or too many
def test_rows_of_counts_are_numbered_alike_and_in_order(side):
    steps = np.array([[0, side, 1], [0, side, 0], [side, 0, side], [0, side, 1], [0, 0, side]])
    numbers = _one_number(steps)
    assert numbers[0] == numbers[3]
    assert [int(row) for row in np.argsort(numbers, kind="stable")] == [4, 1, 0, 3, 2]


def test_a_conversion_leads_back_to_what_was_written():
    rng = np.random.default_rng(5)
    target = written(60, rng)
    source = pd.concat([target, written(60, rng)], ignore_index=True)
    columns = [
        ComparableColumn(name, target[name].to_numpy(), (source[name].to_numpy() - 3.2) / 1.7)
        for name in target
    ]
    changed, units = aligned(columns, np.arange(120))
    assert dict(units) == dict.fromkeys(target, "times 1.7 plus 3.2")
    for column, name in zip(changed, target, strict=True):
        np.testing.assert_array_equal(column.source[:60], target[name])
