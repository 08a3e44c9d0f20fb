"""Sources spoilt on purpose: labels turned, permuted or partly redrawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.safe_transfer.domains import Kind

NOISE_SHARE = 0.4

Labels = np.ndarray
Spoil = Callable[[Labels, Kind, np.random.Generator], Labels]


def flipped(y: Labels, kind: Kind, rng: np.random.Generator) -> Labels:
    """Turn 0 and 1, call each class by the next one's name, or mirror numbers at their mean."""
    if kind == "classes":
        classes, places = np.unique(y, return_inverse=True)
        return np.roll(classes, -1)[places]
    return 1.0 - y if is_binary(y) else 2.0 * y.mean() - y


def shuffled(y: Labels, kind: Kind, rng: np.random.Generator) -> Labels:
    return rng.permutation(y)


def noisy(y: Labels, kind: Kind, rng: np.random.Generator) -> Labels:
    """Turn 40 % of binary labels; redraw 40 % of others from the source's own."""
    chosen = rng.permutation(len(y))[: round(NOISE_SHARE * len(y))]
    spoilt = y.copy()
    spoilt[chosen] = 1.0 - y[chosen] if is_binary(y) else rng.permutation(y[chosen])
    return spoilt


def is_binary(y: Labels) -> bool:
    return bool(np.isin(y, (0.0, 1.0)).all())


def a_third(n_sources: int) -> int:
    return max(1, round(n_sources / 3))


def a_majority(n_sources: int) -> int:
    return -(-2 * n_sources // 3)


CORRUPTIONS: dict[str, tuple[Spoil, Callable[[int], int]]] = {
    "flipped": (flipped, a_third),
    "shuffled": (shuffled, a_third),
    "noise": (noisy, a_third),
    "majority_flipped": (flipped, a_majority),
}


def corrupt(
    labels: list[Labels], condition: str, *, kind: Kind = "binary", rng: np.random.Generator
) -> tuple[list[Labels], frozenset[int]]:
    """Spoil the labels of some sources and return all labels with the spoilt sources' places."""
    if condition == "natural":
        return labels, frozenset()
    spoil, n_spoilt_of = CORRUPTIONS[condition]
    spoilt = frozenset(rng.permutation(len(labels))[: n_spoilt_of(len(labels))].tolist())
    return [spoil(y, kind, rng) if k in spoilt else y for k, y in enumerate(labels)], spoilt
