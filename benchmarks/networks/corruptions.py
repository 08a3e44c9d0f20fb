"""What can be wrong with a source: ways to change rows, each a function of rows and a generator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.networks.pair import Rows

Corruption = Callable[[Rows, np.random.Generator], Rows]
NOISY_SHARE = 0.5


def as_is(rows: Rows, rng: np.random.Generator) -> Rows:
    return rows


def noisy_labels(rows: Rows, rng: np.random.Generator) -> Rows:
    """Half of the rows get the label of some other row."""
    y = rows.y.copy()
    chosen = rng.random(len(y)) < NOISY_SHARE
    y[chosen] = rng.permutation(y)[chosen]
    return Rows(rows.X, y, rows.units)


def random_labels(rows: Rows, rng: np.random.Generator) -> Rows:
    return Rows(rows.X, rng.permutation(rows.y), rows.units)


def permuted_classes(rows: Rows, rng: np.random.Generator) -> Rows:
    """Every class bears the name of the next: all is learnt, and all of it is wrong."""
    return Rows(rows.X, (rows.y + 1) % (rows.y.max() + 1), rows.units)


def few_classes(rows: Rows, rng: np.random.Generator) -> Rows:
    """Only the lower half of the classes is there."""
    return rows.take(np.flatnonzero(rows.y <= rows.y.max() // 2))


def shuffled_columns(rows: Rows, rng: np.random.Generator) -> Rows:
    """The columns, or pixels, stand in another order: the same in every draw."""
    order = np.random.default_rng(7).permutation(rows.X.shape[1])
    return Rows(rows.X[:, order], rows.y, rows.units)


def on_images(change: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> Corruption:
    """Return the corruption that applies ``change`` to images of shape (n, side, side)."""

    def changed(rows: Rows, rng: np.random.Generator) -> Rows:
        side = round(rows.X.shape[1] ** 0.5)
        images = change(rows.X.reshape(-1, side, side))
        flat = np.ascontiguousarray(images.reshape(len(rows), -1), dtype=np.float32)
        return Rows(flat, rows.y, rows.units)

    return changed


IMAGES: dict[str, Corruption] = {
    "inverted": on_images(lambda x: 1 - x),
    "rotated": on_images(lambda x: np.rot90(x, axes=(1, 2))),
    "mirrored": on_images(lambda x: x[:, :, ::-1]),
    "upside down": on_images(lambda x: x[:, ::-1, :]),
    "blurred": on_images(lambda x: ndimage.gaussian_filter(x, (0, 1.5, 1.5))),
    "moved": on_images(lambda x: np.roll(x, x.shape[2] // 4, axis=2)),
}
LABELS: dict[str, Corruption] = {
    "noisy labels": noisy_labels,
    "random labels": random_labels,
    "permuted classes": permuted_classes,
    "few classes": few_classes,
    "shuffled pixels": shuffled_columns,
}
