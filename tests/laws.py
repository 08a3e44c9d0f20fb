"""Laws that every estimator of a paired gap obeys, as assertions that each one's test chooses from.

An estimator comes as a function of the losses of the two arms and of the order of the rows, so that
whatever else it is given (folds, clusters, places in time) can be put in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class Estimated(Protocol):
    """What the laws read: a ``PairedEstimate``, or a ``Gap``."""

    @property
    def estimate(self) -> float: ...

    @property
    def error(self) -> float: ...


Estimator = Callable[[Floats, Floats, Rows], Estimated]


def errors_of(made: Estimated) -> tuple[float, float]:
    """Return the two errors, or the half-width of the wide interval of a gap."""
    if hasattr(made, "equivalence_error"):
        return made.error, made.equivalence_error
    return made.error, made.equivalence_high - made.estimate


def assert_swap(estimator: Estimator, control: Floats, treated: Floats) -> None:
    """Swapping the arms turns the sign and nothing else."""
    rows = np.arange(len(control))
    there, back = estimator(control, treated, rows), estimator(treated, control, rows)
    assert back.estimate == pytest.approx(-there.estimate)
    assert errors_of(back) == pytest.approx(errors_of(there))


def assert_zero(estimator: Estimator, control: Floats) -> None:
    """Equal arms have a gap of exactly zero, without any error."""
    made = estimator(control, control.copy(), np.arange(len(control)))
    assert (made.estimate, made.error) == (0.0, 0.0)


def assert_scale(estimator: Estimator, control: Floats, treated: Floats) -> None:
    """Losses in another unit give the estimate and both errors in that unit."""
    rows = np.arange(len(control))
    one, three = estimator(control, treated, rows), estimator(3 * control, 3 * treated, rows)
    assert three.estimate == pytest.approx(3 * one.estimate)
    assert errors_of(three) == pytest.approx([3 * error for error in errors_of(one)])


def assert_permutation(estimator: Estimator, control: Floats, treated: Floats) -> None:
    """The order in which rows (folds, pairs) come changes nothing."""
    mixed = np.random.default_rng(0).permutation(len(control))
    one = estimator(control, treated, np.arange(len(control)))
    other = estimator(control[mixed], treated[mixed], mixed)
    assert other.estimate == pytest.approx(one.estimate)
    assert errors_of(other) == pytest.approx(errors_of(one))


def assert_moves_with_the_data(estimator: Estimator, control: Floats, treated: Floats) -> None:
    """A gain that is added to every difference moves the estimate by it, and no error."""
    rows = np.arange(len(control))
    one, more = estimator(control, treated, rows), estimator(control, treated - 0.25, rows)
    assert more.estimate == pytest.approx(one.estimate + 0.25)
    assert errors_of(more) == pytest.approx(errors_of(one))


def assert_spread_widens(estimator: Estimator, control: Floats, treated: Floats) -> None:
    """Differences twice as far from their mean give errors twice as large."""
    rows, differences = np.arange(len(control)), control - treated
    wide = control - (2 * differences - differences.mean())
    one, more = estimator(control, treated, rows), estimator(control, wide, rows)
    assert more.estimate == pytest.approx(one.estimate)
    assert errors_of(more) == pytest.approx([2 * error for error in errors_of(one)])


def assert_laws(estimator: Estimator, control: Floats, treated: Floats) -> None:
    """All of them."""
    assert_zero(estimator, control)
    for law in (assert_swap, assert_scale, assert_permutation, assert_moves_with_the_data,
                assert_spread_widens):  # fmt: skip
        law(estimator, control, treated)
