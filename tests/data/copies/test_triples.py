"""Copies in files with a unit of its own for every column: three rows tell it, the fourth shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap.data.copies import decide, search_rows
from transfergap.data.copies.comparable import ComparableColumn
from transfergap.data.copies.lines import rescaled_by
from transfergap.data.copies.triples import aligned_by_triples, corresponding_rows

SCALINGS = {
    "standardised": lambda d: (d - d.mean()) / d.std(),
    "to [0, 1]": lambda d: (d - d.min()) / (d.max() - d.min()),
    "standardised, four decimals": lambda d: ((d - d.mean()) / d.std()).round(4),
    "standardised, single precision": lambda d: ((d - d.mean()) / d.std()).astype("float32"),
}


def measured(n, rng, shift=0.0):
    """Return rows of seven measurements with all digits of a double, on no grid, and two codes."""
    latent = rng.normal(size=(n, 1))
    values = np.exp(0.4 * (rng.normal(size=(n, 7)) + latent) + shift)
    rows = pd.DataFrame({f"x{k}": values[:, k] for k in range(7)})
    return rows.assign(ward=rng.integers(0, 4, n), sex=rng.integers(0, 2, n))


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("share", [0.1, 0.3, 1.0])
def test_copies_in_measurements_that_each_file_scaled_by_itself(scaling, share):
    rng = np.random.default_rng(5)
    target, others = measured(100, rng), measured(120, rng, shift=0.5)
    n_copies = round(100 * share)
    source = pd.concat([others, target[:n_copies]], ignore_index=True)
    labels = rng.integers(0, 2, 100)
    source_labels = np.append(rng.integers(0, 2, 120), labels[:n_copies])
    scale = SCALINGS[scaling]
    search = search_rows(scale(target), scale(source))
    removed = decide(search, labels, source_labels).removed
    assert removed[120:].mean() >= 0.99
    assert not removed[:120].any()
    assert len(search.units) >= 6  # a smallest and a largest value may be the same in both


@pytest.mark.parametrize("scaling", SCALINGS)
def test_other_measurements_that_each_file_scaled_by_itself_stay(scaling):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        target, source = measured(100, rng), measured(120, rng, shift=0.5)
        scale = SCALINGS[scaling]
        search = search_rows(scale(target), scale(source))
        labels = rng.integers(0, 2, 100), rng.integers(0, 2, 120)
        assert not decide(search, *labels).removed.any()
        assert search.units == ()


def test_rows_correspond_by_hand():
    # Row 0 is (1, 2, 0), and 100 x + 5, -3 x + 1, x / 4 make (105, -5, 0) of it; so do the others.
    target = np.array(
        [[1.0, 2, 0], [2.5, 7, 3.1], [4, 1, 0.4], [7.1, 3, 8.8], [11, 9, 2.3], [13.7, 4.4, 5]]
    )
    source = target * [100.0, -3.0, 0.25] + [5.0, 1.0, 0.0]
    strangers = np.array([[17.0, 3.2, 0.1], [555.0, 9.9, 0.9], [823.0, -40.0, 1.7]])
    rows, partners = corresponding_rows(target, np.vstack([strangers, source]))
    assert rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert partners.tolist() == [3, 4, 5, 6, 7, 8]
    # Three pairs settle a unit and a zero; only a fourth one is evidence.
    assert corresponding_rows(target, np.vstack([strangers, source[:3]])) is None


def test_no_rows_correspond_by_chance():
    found = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        target, source = rng.normal(size=(60, 3)), rng.normal(size=(90, 3))
        digits = [16, 3, 2, 16][seed % 4]
        found += corresponding_rows(target.round(digits), source.round(digits)) is not None
    assert found == 0  # one in a thousand is the bound; the draws are fixed


def test_a_column_of_strangers_and_texts_have_no_say():
    rng = np.random.default_rng(1)
    target, others = measured(80, rng), measured(80, rng)
    copies = target.assign(x3=others["x3"], note="none")
    source = pd.concat([others.assign(note="none"), copies], ignore_index=True)
    scaled = [
        SCALINGS["standardised"](frame.drop(columns="note")).assign(note=frame["note"])
        for frame in (target.assign(note="none"), source)
    ]
    labels = rng.integers(0, 2, 80)
    removed = decide(
        search_rows(*scaled), labels, np.append(rng.integers(0, 2, 80), labels)
    ).removed
    assert removed[80:].mean() >= 0.99
    assert not removed[:80].any()


def test_values_rounded_after_the_change_are_compared_in_coarser_steps():
    # Twice the target and a little: 0.0004 off, so three decimals are left of four.
    target = np.array([0.1012, 0.2345, 0.3456, 0.4571, 0.7777])
    column = ComparableColumn("x", target, 2 * target + [0, 4e-4, -4e-4, 0, 4e-4])
    rows = np.arange(5)
    (rescaled,), units = rescaled_by([column], (rows, rows), {0: 1e-4}, error=0.01)
    assert np.array_equal(rescaled.target, rescaled.source)
    assert rescaled.target.tolist() == [0.101, 0.234, 0.346, 0.457, 0.778]
    assert units[0][0] == "x" and units[0][1].startswith("times 0.49")
    # Without that allowance the line is none.
    assert rescaled_by([column], (rows, rows), {0: 1e-4})[1] == ()


@pytest.mark.parametrize("n_columns", [0, 1])
def test_one_column_shows_no_rows_to_correspond(n_columns):
    rng = np.random.default_rng(0)
    values = rng.normal(size=30)
    columns = [ComparableColumn("x", values, 3 * values + 1)] * n_columns
    assert aligned_by_triples(columns, np.arange(30)) == (columns, ())
