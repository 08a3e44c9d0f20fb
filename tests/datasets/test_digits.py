"""Digits: scans and shrunken MNIST."""

from __future__ import annotations

import numpy as np
import pytest

from transfergap.datasets import load_digits
from transfergap.datasets._dataset import read_arrays


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_no_scan_is_in_both_the_target_and_more_scans(seed: int) -> None:
    data = load_digits(n_target=1397, random_state=seed)
    target = {row.tobytes() for row in data.X}
    further = {row.tobytes() for row in data.sources["more_scans"][0]}
    # No two scans are alike, so equal rows would be the same scan.
    assert len(target) == 1397
    assert len(further) == 400
    assert not target & further


def test_pixels_are_on_the_scale_of_the_scans() -> None:
    data = load_digits()
    for X in [data.X, *(X for X, _ in data.sources.values())]:
        assert X.min() == 0.0
        assert 15.0 < X.max() <= 16.0


def test_the_bundle_holds_a_hundred_mnist_images_of_each_digit() -> None:
    mnist = read_arrays("mnist8x8.npz")
    assert mnist["framed"].shape == mnist["cropped"].shape == (1000, 64)
    assert mnist["framed"].dtype == mnist["cropped"].dtype == np.uint8
    assert np.bincount(mnist["y"]).tolist() == [100] * 10
    assert len(np.unique(mnist["row"])) == 1000


def test_cropped_images_touch_all_four_edges_and_framed_ones_none() -> None:
    data = load_digits()
    framed = data.sources["mnist"][0].reshape(-1, 8, 8)
    cropped = data.sources["mnist_cropped"][0].reshape(-1, 8, 8)
    edges = [np.s_[:, 0, :], np.s_[:, -1, :], np.s_[:, :, 0], np.s_[:, :, -1]]
    for edge in edges:
        assert (cropped[edge].max(axis=1) > 0).all()
        assert framed[edge].mean() < 0.1 < cropped[edge].mean()


def test_both_mnist_sources_hold_the_same_digits_in_the_same_order() -> None:
    data = load_digits(random_state=3)
    np.testing.assert_array_equal(data.sources["mnist"][1], data.sources["mnist_cropped"][1])


def test_the_sources_do_not_depend_on_the_size_of_the_target() -> None:
    small, large = load_digits(n_target=10), load_digits(n_target=200)
    for name in small.sources:
        np.testing.assert_array_equal(small.sources[name][0], large.sources[name][0])
    np.testing.assert_array_equal(small.X, large.X[:10])
