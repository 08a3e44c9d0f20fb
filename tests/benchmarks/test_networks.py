"""The bank of pairs: rows are kept apart, draws repeat, and the split of families is a rule."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.networks import (
    CALIBRATION,
    JUDGED,
    absent_families,
    auxiliaries,
    pairs,
    part_of,
)
from benchmarks.networks.families import REAL
from benchmarks.networks.images import mnist
from benchmarks.networks.simulated import POPULATIONS
from benchmarks.networks.tables import domains

ALWAYS = ("simulated_plain", "simulated_rare", "scans", "mnist", "texts")


@pytest.fixture(scope="module")
def bank():
    return pairs(ALWAYS)


def test_there_are_enough_pairs_even_without_the_shared_tables(bank):
    assert len(bank) >= 36
    assert len({pair.name for pair in bank}) == len(bank)
    digits = auxiliaries(("scans", "mnist", "simulated_plain"))
    assert len(digits) >= 30
    assert len({task.name for task in digits}) == len(digits)


def test_the_parts_hold_every_family_once():
    assert sorted(CALIBRATION + JUDGED) == sorted((*POPULATIONS, *REAL))
    assert JUDGED[0] == min(REAL) and part_of("simulated_wide") == "calibration"
    with pytest.raises(ValueError, match="no part"):
        part_of("unknown")


@pytest.mark.parametrize(
    "family",
    [pytest.param(f, marks=[pytest.mark.slow] if f in ("scans", "mnist") else []) for f in ALWAYS],
)
def test_training_held_out_and_test_rows_are_apart(bank, family):
    pair = next(pair for pair in bank if pair.family == family)
    rows = pair.target_rows()
    data = pair.load(3, pair.sizes[-1])
    # Texts and digits may be equal twice in the data; rows are told apart by their place.
    place = {row.tobytes(): k for k, row in enumerate(rows.X)}
    parts = [{place[x.tobytes()] for x in part.X} for part in (data.target, data.held, data.test)]
    distinct = len(place) == len(rows)
    assert not distinct or sum(map(len, parts)) == len(set().union(*parts))
    assert len(data.target) == pair.sizes[-1] and len(data.held) == 200
    for part in (data.source, data.target, data.held, data.test):
        assert part.X.dtype == np.float32 and part.y.dtype == np.int64
        assert np.isfinite(part.X).all() and part.y.max() < data.n_classes


# Texts and pictures are drawn slowly.
@pytest.mark.parametrize(
    "at", [0, 7, 14, *(pytest.param(at, marks=pytest.mark.slow) for at in (21, 35)), 28, 42, 49]
)
def test_a_seed_gives_the_same_draw_and_another_does_not(bank, at):
    pair = bank[at]
    one, same, other = (pair.load(seed, 100) for seed in (1, 1, 2))
    for part in ("source", "target", "held", "test"):
        np.testing.assert_array_equal(getattr(one, part).X, getattr(same, part).X)
        np.testing.assert_array_equal(getattr(one, part).y, getattr(same, part).y)
    assert (one.target.X != other.target.X).any()
    np.testing.assert_array_equal(one.test.X, other.test.X)


def test_no_mnist_image_is_in_both_pools():
    first, second = ({x.tobytes() for x in mnist(pool)[0]} for pool in (0, 1))
    assert first.isdisjoint(second)


def test_a_size_without_enough_rows_is_refused(bank):
    with pytest.raises(ValueError, match="no draw of 1000 rows"):
        bank[0].load(0, 1000)


@pytest.mark.skipif("student" in absent_families(), reason="../shared/data is not there")
def test_a_source_holds_no_pupil_of_its_target():
    for pair in pairs(("student",)):
        rows = pair.source_rows(np.random.default_rng(0))
        assert set(rows.units).isdisjoint(pair.target_rows().units)
    assert len(domains("student")) == 4


def test_auxiliary_outputs_are_classes_or_standardised_numbers():
    for task in auxiliaries(("scans",)):
        data = task.load(0, 100)
        assert len(data.X) == len(data.y) and data.X.dtype == np.float32
        if data.kind == "classes":
            assert set(np.unique(data.y)) <= set(range(data.n_outputs))
        else:
            assert data.y.shape == (len(data.X), data.n_outputs)
            np.testing.assert_allclose(data.y.mean(axis=0), 0, atol=1e-4)


def test_turned_images_are_turned_as_their_labels_say():
    task = next(t for t in auxiliaries(("scans",)) if t.name.endswith("with turns"))
    data = task.load(0, 100)
    upright = data.main.source
    first = np.random.default_rng(6).permutation(len(upright))[0]
    image = np.rot90(upright.X[first].reshape(8, 8), data.y[0])
    np.testing.assert_array_equal(data.X[0].reshape(8, 8), image)
