"""Labels that go together within units are found beyond columns, as seldom by chance as said."""

import numpy as np
import pytest
from scipy import stats
from scipy.stats import binom

from transfergap.analysis.checks.unit_effects import unit_effect

N_UNITS, SIZE = 25, 4
UNIT = np.repeat(np.arange(N_UNITS), SIZE)
LEFT = np.flatnonzero(np.arange(len(UNIT)) % SIZE < SIZE - 1)


def columns(rng, n_traits, n_visits=2):
    """Traits of a unit stay, and others change from row to row."""
    return np.hstack(
        [rng.normal(size=(N_UNITS, n_traits))[UNIT], rng.normal(size=(len(UNIT), n_visits))]
    )


@pytest.mark.parametrize("n_traits", [0, 2, 10])
@pytest.mark.parametrize("kind", ["normal", "heavy", "classes"])
def test_rows_that_are_independent_given_the_columns_pass_the_bound_as_seldom_as_said(
    kind, n_traits
):
    rng, n_draws, chance = np.random.default_rng(n_traits), 1000, 0.05
    passed = 0
    for _ in range(n_draws):
        X = columns(rng, n_traits)
        mean = X.sum(axis=1) / np.sqrt(X.shape[1])
        y = {
            "normal": lambda: mean + rng.normal(size=len(X)),  # noqa: B023
            "heavy": lambda: mean + rng.standard_t(2, size=len(X)),  # noqa: B023
            "classes": lambda: (mean + rng.logistic(size=len(X)) > 0).astype(float),  # noqa: B023
        }[kind]()
        effect, bound = unit_effect(X, y, LEFT, LEFT + 1, chance=chance)
        passed += effect > bound
    assert passed <= binom.isf(1e-3, n_draws, chance)


def test_a_planted_correlation_comes_back():
    rng, effects = np.random.default_rng(5), []
    for _ in range(200):
        y = rng.normal(size=N_UNITS)[UNIT] + rng.normal(size=len(UNIT))
        effects.append(unit_effect(columns(rng, 3), y, LEFT, LEFT + 1, chance=0.001)[0])
    in_ranks = 6 / np.pi * np.arcsin(0.5 / 2)  # of a normal pair with a correlation of 0.5
    # four standard errors of a mean whose draws spread by 0.12
    assert np.mean(effects) == pytest.approx(in_ranks, abs=4 * 0.12 / np.sqrt(200))


def test_the_analysis_of_variance_by_hand():
    # Two rows of each of 24 units, no column: one-way analysis of variance on the ranks.
    y = np.array([1.0, 2, 4, 3, 9, 7, 5, 6, 12, 11, 8, 10])
    y = np.concatenate([y, y[::-1] + 20, y + 0.5, y[::-1] + 20.5])
    rows = np.arange(0, 48, 2)
    ranks = stats.rankdata(y).reshape(24, 2)
    ratio = 2 * ranks.mean(axis=1).var(ddof=1) / ranks.var(axis=1, ddof=1).mean()
    effect, bound = unit_effect(np.empty((48, 0)), y, rows, rows + 1, chance=0.01)
    assert effect == pytest.approx((ratio - 1) / (ratio + 1))
    limit = stats.f.isf(0.01, 23, 24)
    assert bound == pytest.approx((limit - 1) / (limit + 1))


def test_labels_that_are_those_of_the_unit_have_the_correlation_one():
    rng = np.random.default_rng(6)
    y = rng.normal(size=N_UNITS)[UNIT]
    assert unit_effect(rng.normal(size=(100, 2)), y, LEFT, LEFT + 1, chance=0.001)[0] == 1.0


def test_columns_in_any_unit_and_doubled_columns_change_nothing():
    rng = np.random.default_rng(8)
    X = columns(rng, 3)
    y = rng.normal(size=N_UNITS)[UNIT] + rng.normal(size=len(UNIT))
    plain = unit_effect(X, y, LEFT, LEFT + 1, chance=0.001)
    more = np.column_stack([X * [1e6, 1e-3, 1, 1, 1e6] + 7.3, X[:, 0] - X[:, 3], np.full(100, 0.1)])
    assert unit_effect(more, y, LEFT, LEFT + 1, chance=0.001) == pytest.approx(plain, rel=1e-4)


def test_too_many_columns_leave_nothing_to_say():
    rng = np.random.default_rng(7)
    y = rng.normal(size=len(UNIT))
    assert unit_effect(columns(rng, N_UNITS), y, LEFT, LEFT + 1, chance=0.05) is None
    assert unit_effect(columns(rng, 0, 90), y, LEFT, LEFT + 1, chance=0.05) is None
    assert unit_effect(columns(rng, 0, 201), y, LEFT, LEFT + 1, chance=0.05) is None
    assert unit_effect(columns(rng, 2), np.zeros(len(UNIT)), LEFT, LEFT + 1, chance=0.05) is None
    none = np.empty(0, np.intp)
    assert unit_effect(columns(rng, 2), y, none, none, chance=0.05) is None
