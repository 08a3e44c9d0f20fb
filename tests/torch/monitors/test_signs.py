"""Early signs and gradients: worked by hand, and their laws."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from transfergap.torch.monitors.calibration import (
    KINDS,
    EarlySigns,
    Model,
    calibration,
    early_signs,
)
from transfergap.torch.monitors.signals import source_signals

LOSS_ARRAYS = arrays(np.float64, (4, 10), elements=st.floats(0, 50))


def test_signs_worked_by_hand():
    control = np.array([[2.0, 2, 2, 2], [1, 1, 1, 1], [1, 2, 1, 2]])
    treated = np.array([[1.0, 1, 1, 1], [1.5, 2.5, 1.5, 2.5], [2, 2, 2, 2]])
    signs = early_signs(treated, control)
    # Lowest: 1 at the start, against 1 at the second look; no difference at all.
    assert signs == EarlySigns(0.0, pytest.approx(np.log(0.5)))
    worse = early_signs(treated + np.array([[9], [0], [9]]), control)
    differences = np.array([0.5, 1.5, 0.5, 1.5])
    score = 1.0 / (differences.std(ddof=1) / 2)
    assert worse.standing == pytest.approx(np.arcsinh(score))
    assert worse.start == pytest.approx(np.log(10 / 2))


@given(LOSS_ARRAYS, LOSS_ARRAYS)
def test_signs_are_finite_bounded_and_turn_with_the_arms(treated, control):
    one, other = early_signs(treated, control), early_signs(control, treated)
    assert np.isfinite(one.values).all() and np.isfinite(other.values).all()
    assert one.start == pytest.approx(-other.start)
    assert one.standing == pytest.approx(-other.standing)
    assert abs(one.start) <= 2


@given(LOSS_ARRAYS, st.floats(0.1, 10))
def test_the_unit_of_the_loss_does_not_matter(losses, factor):
    control = losses[::-1] + 1
    one = early_signs(losses + 1, control)
    other = early_signs((losses + 1) * factor, control * factor)
    np.testing.assert_allclose(one.values, other.values, rtol=1e-6, atol=1e-6)


def test_differences_of_rounding_are_none():
    control = np.full((4, 10), 1.0)
    treated = np.where(np.arange(10) == 3, 1.0, 1.0 + 2.0**-52) * control
    assert early_signs(treated, control).standing == 0.0
    assert early_signs(treated + 1e-6, control).standing > 0.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.1, 0.2, 0.5, 1.0])
def test_worse_standing_and_worse_start_are_more_likely_harm(kind, share):
    model = calibration(kind).model_at(share)
    told = [model.probability(EarlySigns(s, s / 4)) for s in (-4.0, -1.0, 0.0, 1.0, 4.0)]
    assert told == sorted(told) and told[0] < 0.2 and told[-1] > 0.7


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shipped_keeps_its_promises(kind):
    found = calibration(kind)
    assert found.model_at(0.099) is None and found.model_at(0.15) is found.models[0]
    assert [b.low for b in found.bins] == sorted(b.low for b in found.bins)
    assert all(0 <= b.n_harmed <= b.n_runs for b in found.bins)
    assert found.false_alarms.low <= found.false_alarms.share <= found.false_alarms.high
    assert found.bin_of(1.0) == found.bins[-1] and found.bin_of(0.0) == found.bins[0]


def test_extreme_scores_are_probabilities_still():
    model = Model(0.1, 0.0, (1e6, 0.0))
    told = [model.probability(EarlySigns(standing, 0)) for standing in (-9.0, 9.0)]
    assert told == [pytest.approx(0), pytest.approx(1)]


def test_cosine_and_look_ahead_worked_by_hand():
    model = torch.nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[1.0, 2.0]]))
    # Held-out loss w1^2 + w2^2, gradient (2, 4); the source's is w1, gradient (1, 0).
    (signal,) = source_signals(
        model, lambda: (model.weight**2).sum(), {"a": lambda m: m.weight[0, 0]}, rate=0.5
    )
    assert signal.cosine == pytest.approx(2 / 20**0.5)
    assert signal.look_ahead == pytest.approx(1 - (0.5**2 + 4) / 5)
    assert model.weight.grad is None and model.weight.tolist() == [[1.0, 2.0]]


def test_parameters_that_only_one_loss_reaches_do_not_count():
    model = torch.nn.ModuleDict({k: torch.nn.Linear(2, 1, bias=False) for k in ("a", "b")})
    X = torch.ones(1, 2)
    (apart,) = source_signals(
        model, lambda: model["a"](X).square().sum(), {"b": lambda m: m["b"](X).sum()}, rate=0.1
    )
    assert (apart.cosine, apart.look_ahead) == (0.0, pytest.approx(0.0))
