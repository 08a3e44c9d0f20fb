"""What a source is worth in labelled target rows, against what it was made to be worth."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from transfergap import audit
from transfergap.analysis.curves import Worth
from transfergap.datasets import make_shift


def worth_of(shift, n_source=300, n_target=120):
    problem = make_shift(n_target=n_target, n_source=n_source, shift=shift, random_state=5)
    result = audit(
        Ridge(),
        problem.X,
        problem.y,
        sources=problem.sources,
        metric="mse",
        margin=0.05,
        arms=["source pooled"],
    )
    curve = result.learning_curve(["source pooled"]).curves[0]
    return curve.worth, curve.says


def test_a_source_of_the_targets_kind_is_worth_rows_and_a_far_one_costs_some():
    near, words = worth_of(0.0)
    far, _ = worth_of(1.2)
    assert near.at == far.at == 108
    assert near.rows is None or near.rows > 20
    assert near.low is not None
    assert near.low > 0
    assert near.high is None or near.high > 250
    assert far.rows < -30
    assert far.high < 0
    assert "worth" in words


@pytest.mark.parametrize(
    ("worth", "words"),
    [
        (Worth(85.2, 12.0, None, 90.0), "+85 target rows [+12, beyond what can be said]"),
        (Worth(-40.0, -70.0, -8.0, 90.0), "-40 target rows [-70, -8]"),
        (Worth(None, None, None, 90.0), "more than can be said target rows"),
        (Worth(None, None, None, 90.0, fewer=True), "less than no target rows"),
    ],
)
def test_a_worth_in_words(worth, words):
    assert str(worth).startswith(words)


def test_ends_are_rows_on_top_of_those_trained_on():
    """A control of loss 1 + 60 / m is as good as an arm of loss 1.4 with 150 rows: 60 more."""
    from transfergap.stats import crossing, fitted_curve

    sizes = np.array([20.0, 45.0, 90.0])
    lead = (1 + 60 / sizes) - 1.4 + 1e-9 * np.random.default_rng(0).normal(size=(10, 3))
    coefficients, covariance = fitted_curve(sizes, lead, test_to_train=0.1)
    root = crossing(sizes, coefficients, covariance, df=9)
    assert root.size - 90 == pytest.approx(60, abs=1e-3)
