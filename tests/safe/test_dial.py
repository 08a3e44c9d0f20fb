"""The dial: what is trusted, and how it moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from transfergap.errors import ConfigurationError
from transfergap.safe.dial import Theta, caution_level, theta_posterior, trusted_share


def theta(mean=1.0, spread=0.3, wrong=0.1):
    return Theta(np.array([1 - wrong, wrong]), np.array([mean, 0.0]), np.array([spread, 1.0]), 0.1)


def test_no_difference_no_trust():
    y = np.arange(5.0)
    assert theta_posterior(y, y * 0, y * 0, np.ones(5)) is None
    assert trusted_share(None, 0.0) == 0.0


def test_infinite_caution_is_the_control():
    assert trusted_share(theta(), float("inf")) == 0.0


@given(st.floats(-2, 3), st.floats(0.05, 3), st.floats(0, 4), st.floats(0, 4))
@settings(max_examples=60, deadline=None)
def test_more_caution_never_trusts_more(mean, spread, a, b):
    low, high = sorted((a, b))
    one = theta(mean, spread)
    assert trusted_share(one, high) <= trusted_share(one, low) + 1e-9


@pytest.mark.parametrize(
    ("caution", "most"), [(1.0, 0.1587), (1.64, 0.0505), (2.33, 0.0099), (0.0, 0.5)]
)
def test_sources_that_contradict_each_other_are_left_where_caution_forbids_the_doubt(caution, most):
    one = theta(mean=1.2)
    assert trusted_share(one, caution, doubt=0.99 * most) == trusted_share(one, caution) > 0.4
    assert trusted_share(one, caution, doubt=1.01 * most) == 0.0


def test_a_quantile_inverts_the_distribution():
    one = theta(mean=0.4, spread=0.7, wrong=0.3)
    for level in (0.01, 0.5, 0.99):
        x = one.quantile(level)
        assert one.shares @ stats.norm.cdf((x - one.means) / one.spreads) == pytest.approx(level)


def test_left_out_rows_that_contradict_the_blend_are_heard():
    rng = np.random.default_rng(0)
    control = rng.normal(size=400)
    step = rng.normal(size=400)
    for truth, believed in ((1.0, 1.0), (-1.0, -1.0)):
        y = control + truth * step + rng.normal(size=400)
        found = theta_posterior(y, control, control + step, np.ones(400))
        assert found is not None
        assert found.mean == pytest.approx(believed, abs=0.2)
        assert (trusted_share(found, 1.0) > 0.5) == (truth > 0)


def test_rows_that_come_in_groups_say_less():
    rng = np.random.default_rng(1)
    control, step = rng.normal(size=30), rng.normal(size=30)
    y = control + step + 2.0 * rng.normal(size=30)
    copied = [np.repeat(part, 10) for part in (y, control, control + step, np.ones(30))]
    alone = theta_posterior(y, control, control + step, np.ones(30))
    naive = theta_posterior(*copied)
    grouped = theta_posterior(*copied, groups=np.repeat(np.arange(30), 10))
    assert naive.spreads[0] < 0.6 * alone.spreads[0]
    assert grouped.spreads[0] == pytest.approx(alone.spreads[0], rel=0.35)


@pytest.mark.parametrize("caution", ["careful", -1.0, float("nan"), True, None])
def test_an_impossible_caution_is_refused(caution):
    with pytest.raises(ConfigurationError) as caught:
        caution_level(caution)
    assert "low" in caught.value.hint


def test_rows_that_are_predicted_to_the_last_bit_divide_nothing_by_zero():
    y = np.array([1.0, -1.0, 1.0, -1.0])
    found = theta_posterior(y, 0.5 * y, y, np.ones(4))
    assert found is not None
    assert found.mean == pytest.approx(1.0, abs=1e-3)
