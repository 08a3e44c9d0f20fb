"""How far the blend is trusted, and what it promises: worked by hand, by integration, by refits."""

import numpy as np
import pytest
from scipy import stats
from tests.safe.test_stack import brute_force

from transfergap.errors import ConfigurationError
from transfergap.safe.dial import CAUTION, Theta, caution_level, theta_posterior, trusted_share
from transfergap.safe.promise import ExpectedGain, expected_gain
from transfergap.safe.stack import TargetRows, shrunk_stack


def normal(mean, spread, distance=0.4):
    return Theta(np.array([1.0]), np.array([mean]), np.array([spread]), distance)


def mixture(shares, means, spreads):
    return Theta(np.array(shares), np.array(means), np.array(spreads), 0.1)


# the posterior


def test_levels_of_caution_are_points_of_the_normal():
    # upper tails of 16, 5 and 1 %
    assert CAUTION == {"low": 1.0, "medium": 1.64, "high": 2.33}
    assert stats.norm.sf([1.0, 1.64, 2.33]) == pytest.approx([0.159, 0.05, 0.01], abs=1e-3)


@pytest.mark.parametrize(
    ("caution", "number"),
    [("low", 1.0), ("high", 2.33), (0, 0.0), (0.0, 0.0), (np.float32(0.5), 0.5),
     (np.int64(3), 3.0), (float("inf"), float("inf"))],
)  # fmt: skip
def test_caution_is_a_word_or_a_number_from_zero(caution, number):
    assert caution_level(caution) == number


@pytest.mark.parametrize("caution", [True, False, -0.1, "Low", [1.0], float("nan")])
def test_other_cautions_are_refused(caution):
    with pytest.raises(ConfigurationError):
        caution_level(caution)


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (0.05, 0.8 - 1.644854 * 0.2),
        (0.5, 0.8),
        (0.99, 0.8 + 2.326348 * 0.2),
        (1e-100, 0.8 - 21.273453 * 0.2),
        (0.0, -np.inf),
        (-0.1, -np.inf),
        (1.0, np.inf),
        (1.1, np.inf),
    ],
)
def test_quantiles_of_one_normal(level, expected):
    assert normal(0.8, 0.2).quantile(level) == pytest.approx(expected, rel=1e-6)


def test_a_quantile_of_a_wide_normal():
    assert normal(0.8, 5.0).quantile(1e-100) == pytest.approx(0.8 - 21.273453 * 5.0)


def test_a_quantile_beyond_what_a_float_resolves_is_forty_spreads_away():
    short = mixture([0.5, 0.5 - 1e-12], [0.0, 1.0], [0.5, 0.1])  # adds up to a little less than 1
    assert short.quantile(1.0 - 1e-14) == 20.0


def test_the_mean_weighs_components():
    assert mixture([0.75, 0.25], [1.0, -1.0], [0.1, 0.2]).mean == 0.5


def integrated(y, control, blend, weights, error=None):
    """Shares, means and spreads of the two components, by integrating prior times likelihood.

    Prior: 0.9 N(1, 0.1^2 + (0.7 e)^2) + 0.1 N(0, 1); likelihood: the estimate has error e.
    """
    step = blend - control
    information = (weights * step**2).sum()
    estimate = (weights * (y - control) * step).sum() / information
    if error is None:
        squares = [np.average((y - other) ** 2, weights=weights) for other in (control, blend)]
        error = np.sqrt(min(squares) / information)
    grid = np.linspace(-12, 12, 200_001)
    priors = [
        0.9 * stats.norm.pdf(grid, 1.0, np.sqrt(0.1**2 + (0.7 * error) ** 2)),
        0.1 * stats.norm.pdf(grid, 0.0, 1.0),
    ]
    parts = [prior * stats.norm.pdf(estimate, grid, error) for prior in priors]
    totals = np.array([part.sum() for part in parts])
    means = np.array([(grid * part).sum() for part in parts]) / totals
    squares = np.array([(grid**2 * part).sum() for part in parts]) / totals
    return totals / totals.sum(), means, np.sqrt(squares - means**2)


def left_out_rows(seed, n=40, truth=1.0, noise=2.0):
    rng = np.random.default_rng(seed)
    control, step = rng.normal(size=n), rng.normal(size=n)
    y = control + truth * step + noise * rng.normal(size=n)
    return y, control, control + step


@pytest.mark.parametrize("truth", [1.0, 0.2, -1.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_posterior_is_prior_times_likelihood(truth, weighted):
    y, control, blend = left_out_rows(0, truth=truth)
    weights = np.linspace(0.5, 2.0, 40) if weighted else np.ones(40)
    found = theta_posterior(y, control, blend, weights)
    shares, means, spreads = integrated(y, control, blend, weights)
    assert found.shares == pytest.approx(shares, rel=1e-6)
    assert found.means == pytest.approx(means, rel=1e-6)
    assert found.spreads == pytest.approx(spreads, rel=1e-6)
    assert found.distance == pytest.approx(np.average((blend - control) ** 2, weights=weights))


def sandwich(y, control, blend, weights, owners):
    """Variance of the estimate from totals of groups of the score of theta."""
    step = blend - control
    score = weights * (y - blend) * step
    totals = [score[owners == owner].sum() for owner in np.unique(owners)]
    return np.sum(np.square(totals)) / (weights * step**2).sum() ** 2


def test_groups_are_the_units_where_that_widens():
    y, control, blend = (np.repeat(part, 4) for part in left_out_rows(1, n=15))
    weights, owners = np.linspace(0.5, 2.0, 60), np.repeat(np.arange(15), 4)
    error = np.sqrt(sandwich(y, control, blend, weights, owners))
    found = theta_posterior(y, control, blend, weights, owners)
    assert found.spreads == pytest.approx(
        integrated(y, control, blend, weights, error)[2], rel=1e-6
    )
    # Alternating errors cancel in a group: the plain error is the larger one.
    y = blend + np.where(np.arange(60) % 2, 1.0, -1.0) / (blend - control) / weights
    plain = theta_posterior(y, control, blend, weights)
    assert theta_posterior(y, control, blend, weights, owners).spreads == pytest.approx(
        plain.spreads
    )


@pytest.mark.parametrize("grouped", [False, True])
def test_a_row_of_several_responses_is_one_observation(grouped):
    y, control, blend = (part.reshape(20, 3) for part in left_out_rows(2, n=60))
    y, step = y - blend, (blend - control)[:, :1]
    blend = control + step
    y = blend + y[:, :1]  # errors and steps go together: a row says a third of three
    weights = np.repeat(np.linspace(0.5, 2.0, 20)[:, None], 3, axis=1)
    owners = np.arange(20) // 2 if grouped else np.arange(20)
    flat = [part.ravel() for part in (y, control, blend, weights)]
    step = flat[2] - flat[1]
    assert sandwich(*flat, np.repeat(owners, 3)) > 1.5 * sandwich(*flat, np.arange(60))
    squares = [np.average((flat[0] - other) ** 2, weights=flat[3]) for other in flat[1:3]]
    plain = min(squares) / (flat[3] * step**2).sum()
    clustered = sandwich(*flat, np.repeat(owners, 3))
    found = theta_posterior(y, control, blend, weights, owners if grouped else None)
    expected = integrated(*flat, np.sqrt(max(plain, clustered)))
    assert found.spreads == pytest.approx(expected[2], rel=1e-6)
    assert found.shares == pytest.approx(expected[0], rel=1e-6)


@pytest.mark.parametrize("doubt", [0.0, 0.2, -0.1])
def test_doubt_is_the_share_of_a_reversed_blend(doubt):
    y, control, blend = left_out_rows(3)
    plain = theta_posterior(y, control, blend, np.ones(40))
    found = theta_posterior(y, control, blend, np.ones(40), doubt=doubt)
    if doubt <= 0:
        assert np.array_equal(found.shares, plain.shares)
        return
    assert found.shares == pytest.approx([*(0.8 * plain.shares), 0.2])
    assert found.means == pytest.approx([*plain.means, -1.0])
    assert found.spreads == pytest.approx([*plain.spreads, 0.5])
    assert found.distance == plain.distance


@pytest.mark.parametrize(("squared", "differ"), [(1.5e-18, True), (0.7e-18, False), (0.0, False)])
def test_a_blend_within_a_billionth_of_the_control_is_the_control(squared, differ):
    for size in (1.0, 10.0, -0.1):  # of the response
        y, step = np.array([size]), abs(size) * np.sqrt([squared])
        found = theta_posterior(y, np.zeros(1), step, np.ones(1))
        assert (found is not None) is differ


def test_without_any_response_equal_models_are_one():
    assert theta_posterior(np.zeros(3), np.ones(3), np.ones(3), np.ones(3)) is None


# what is trusted


@pytest.mark.parametrize(
    ("theta", "caution", "share"),
    [
        (normal(0.8, 0.01), 0.0, 0.8),  # the best guess
        (normal(1.4, 0.01), 0.0, 1.0),  # never more than all
        (normal(1.4, 0.01), 1.0, 0.75),  # 1 - caution / 4
        (normal(1.4, 0.01), 3.6, 0.1),
        (normal(-0.5, 0.01), 0.0, 0.0),
        (normal(-0.5, 0.01), 1.0, 0.0),
        (normal(0.5, 0.3), 1.0, 0.5),  # the best guess, however unsure it is
        (normal(0.5, 0.3), 2.4, 0.4),
        (normal(1.4, 0.01), 4.0, 0.0),
        (normal(1.4, 0.01), 5.0, 0.0),
        (None, 0.0, 0.0),
        (mixture([0.4, 0.6], [1.2, 0.0], [1e-3, 1e-3]), 0.0, 0.48),  # the mean counts
    ],
)
def test_the_share_of_the_blend(theta, caution, share):
    assert trusted_share(theta, caution) == pytest.approx(share, abs=2e-4)


# what is promised


def test_a_promise_by_hand():
    # risk falls by distance (2 alpha theta - alpha^2): 0.4 / 2 * (2 * 0.5 * 0.8 - 0.25) = 0.11;
    # the ends are 1.644854 spreads of 0.2 away, twice
    made = expected_gain(normal(0.8, 0.2), 0.5, unit="R2", variance=2.0)
    half = 0.2 * 2 * 0.5 * 2 * 1.644854 * 0.2
    assert (made.estimate, made.low, made.high) == pytest.approx(
        (0.11, 0.11 - half, 0.11 + half), abs=1e-6
    )
    assert str(made) == "+0.110 [−0.022, +0.242] R2"


def test_a_promise_from_a_skewed_posterior_keeps_its_skew():
    theta = mixture([0.9, 0.1], [1.0, -2.0], [0.1, 0.1])
    made = expected_gain(theta, 1.0, unit="Brier", variance=2.0)
    low = theta.mean + 2 * (theta.quantile(0.05) - theta.mean)
    high = theta.mean + 2 * (theta.quantile(0.95) - theta.mean)
    assert (made.estimate, made.low, made.high) == pytest.approx(
        # 0.1 / 2 (2 theta - 1)
        (0.1 * (theta.mean - 0.5), 0.1 * (low - 0.5), 0.1 * (high - 0.5))
    )
    assert made.unit == "Brier"


def test_no_more_is_promised_than_there_is():
    made = expected_gain(normal(0.8, 50.0, distance=4.0), 1.0, unit="R2", variance=0.25)
    assert (made.low, made.high) == (-10.0, 10.0)
    assert made.estimate == pytest.approx(16 * 0.6)
    brier = expected_gain(normal(0.8, 50.0, distance=4.0), 1.0, unit="Brier", variance=4.0)
    assert (brier.low, brier.high) == (-1.0, 1.0)


@pytest.mark.parametrize(("theta", "alpha"), [(None, 0.5), (normal(0.8, 0.2), 0.0), (None, 0.0)])
def test_the_control_promises_nothing(theta, alpha):
    made = expected_gain(theta, alpha, unit="R2", variance=1.0)
    assert made == ExpectedGain(0.0, 0.0, 0.0, "R2")


# stacks


def stack_rows(n_responses, *, copies=None, groups=None, n=12):
    rng = np.random.default_rng(n_responses)
    responses = rng.normal(size=(n, n_responses)) + 0.7
    scores = [responses + rng.normal(size=responses.shape) for _ in range(2)]
    return scores, TargetRows(np.zeros((n, 1)), np.zeros(n), responses, copies, groups)


@pytest.mark.parametrize("n_responses", [1, 2])
@pytest.mark.parametrize("how", ["rows", "copies", "groups", "copies in groups"])
def test_penalties_are_averaged_by_their_left_out_loss(n_responses, how):
    copies = np.linspace(0.4, 3.0, 12) if "copies" in how else None
    groups = np.array([0, 1, 2] * 4) if "groups" in how else None
    scores, rows = stack_rows(n_responses, copies=copies, groups=groups)
    prior, penalties = np.array([0.6, 0.1]), np.array([0.5, 4.0, 30.0])
    w = np.ones(12) if copies is None else copies
    solutions, left, losses = [], [], []
    for penalty in penalties:
        solutions.append(brute_force(scores, rows.responses, w, prior, penalty, np.zeros(12)))
        out = np.empty_like(rows.responses)
        for i in range(12):
            # one copy of the row is left out, or what there is of it; or all rows of its group
            gone = np.minimum(w, 1.0) * np.eye(12)[i]
            gone = w * (groups == groups[i]) if groups is not None else gone
            again = brute_force(scores, rows.responses, w, prior, penalty, gone)
            out[i] = np.array([s[i] for s in scores]).T @ again[:2] + again[2:]
        left.append(out)
        errors = ((rows.responses - out) ** 2).mean(axis=1)
        losses.append(np.average(errors, weights=w))
        assert rows.loss(out) == pytest.approx(losses[-1])
    # exp(-0.15 n (loss - least) / (2 least)), the library's rate
    least = min(losses)
    shares = np.exp(-0.15 * w.sum() * (np.array(losses) - least) / (2 * least))
    shares /= shares.sum()
    assert rows.shares(left) == pytest.approx(shares)
    made = shrunk_stack(scores, rows, prior=prior, penalties=penalties)
    expected = shares @ np.array(solutions)
    assert made.weights == pytest.approx(expected[:2])
    assert made.intercept == pytest.approx(expected[2:])
    assert made.left_out == pytest.approx(np.tensordot(shares, np.array(left), axes=1))


def test_an_intercept_bears_a_tenth_of_the_penalty():
    # one model that says nothing: the intercept is sum y / (n + 0.1 penalty)
    y = np.array([[1.0], [2.0], [4.0]])
    rows = TargetRows(np.zeros((3, 1)), np.zeros(3), y)
    made = shrunk_stack([np.zeros((3, 1))], rows, prior=np.zeros(1), penalties=np.array([20.0]))
    assert made.intercept == pytest.approx([7 / 5])
    assert made.weights == pytest.approx([0.0])
    assert made.left_out.ravel() == pytest.approx([6 / 4, 5 / 4, 3 / 4])
