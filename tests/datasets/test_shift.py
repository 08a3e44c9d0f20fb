"""Synthetic problems: exact risks, exact gaps, and the null between help and harm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from transfergap.datasets import ShiftProblem, make_shift, null_shift
from transfergap.errors import DataError

N_MONTE_CARLO = 200_000
ALPHA = 1e-6  # chance that a correct risk fails one of these tests, were the seed not fixed


def score_of(n_features: int, seed: int) -> tuple[Any, float]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=n_features), float(rng.normal())


def fresh_rows(problem: ShiftProblem) -> tuple[Any, Any]:
    return problem.population.draw(N_MONTE_CARLO, shift=0.0, rng=np.random.default_rng(99))


def assert_mean(losses: Any, expected: float) -> None:
    """The mean of many losses is normal: allow the two-sided quantile of ALPHA."""
    standard_error = losses.std(ddof=1) / np.sqrt(len(losses))
    assert abs(losses.mean() - expected) < stats.norm.isf(ALPHA / 2) * standard_error


def assert_share(hits: Any, expected: float) -> None:
    """The count of hits is binomial: allow its central 1 - ALPHA."""
    low, high = stats.binom.interval(1 - ALPHA, len(hits), expected)
    assert low <= hits.sum() <= high


@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_squared_risk_agrees_with_monte_carlo(noise: float) -> None:
    problem = make_shift(noise=noise, random_state=1)
    coef, intercept = score_of(10, 2)
    X, y = fresh_rows(problem)
    assert_mean((X @ coef + intercept - y) ** 2, problem.risk(coef, intercept, loss="squared"))


@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_binary_risks_agree_with_monte_carlo(noise: float) -> None:
    problem = make_shift(task="binary", noise=noise, random_state=1)
    coef, intercept = score_of(10, 2)
    X, y = fresh_rows(problem)
    score = X @ coef + intercept
    assert_share((score > 0) != (y == 1), problem.risk(coef, intercept, loss="zero_one"))
    log_losses = np.logaddexp(0.0, np.where(y == 1, -score, score))
    assert_mean(log_losses, problem.risk(coef, intercept, loss="log"))
    positive, negative = score[y == 1], score[y == 0]
    n_pairs = min(len(positive), len(negative))
    inverted = positive[:n_pairs] < negative[:n_pairs]
    assert_share(inverted, problem.risk(coef, intercept, loss="auc"))


@pytest.mark.parametrize("scale", [0.01, 1.0, 30.0])
def test_log_risk_agrees_with_adaptive_quadrature_even_for_steep_scores(scale: float) -> None:
    problem = make_shift(task="binary", random_state=4)
    coef = scale * problem.population.beta  # type: ignore[attr-defined]
    losses = []
    for mean in (scale + 0.3, scale - 0.3):
        integral, _ = integrate.quad(
            lambda z, m=mean: np.logaddexp(0.0, -z) * stats.norm.pdf(z, m, scale),
            mean - 12 * scale,
            mean + 12 * scale,
            points=[0.0, mean],
            epsabs=1e-12,
            limit=400,
        )
        losses.append(integral)
    assert problem.risk(coef, 0.3, loss="log") == pytest.approx(np.mean(losses), abs=1e-9)


def test_the_true_coefficients_leave_only_the_noise() -> None:
    problem = make_shift(noise=0.7, random_state=5)
    beta = problem.population.beta  # type: ignore[attr-defined]
    assert problem.risk(beta, 0.0, loss="squared") == pytest.approx(0.49, abs=1e-12)


def test_a_constant_score_is_at_chance() -> None:
    problem = make_shift(task="binary")
    zero = np.zeros((1, 10))
    assert problem.risk(zero, [3.0], loss="zero_one") == 0.5
    assert problem.risk(zero, [3.0], loss="auc") == 0.5
    assert problem.risk(zero, [0.0], loss="log") == pytest.approx(np.log(2))


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_only_the_source_moves_with_the_shift(task: Any) -> None:
    near, far = make_shift(task=task), make_shift(task=task, shift=2.0)
    np.testing.assert_array_equal(near.X, far.X)
    np.testing.assert_array_equal(near.y, far.y)
    moved = [part for part in (0, 1) if not np.array_equal(*source_parts(near, far, part))]
    assert moved == ([1] if task == "regression" else [0])


def source_parts(near: ShiftProblem, far: ShiftProblem, part: int) -> tuple[Any, Any]:
    return near.sources["source"][part], far.sources["source"][part]


def test_directions_have_the_lengths_that_the_shift_is_measured_in() -> None:
    regression = make_shift(random_state=2).population
    binary = make_shift(random_state=2, task="binary").population
    index = np.arange(10)
    S = 0.3 ** np.abs(index[:, None] - index)
    beta, u = regression.beta, regression.u  # type: ignore[attr-defined]
    np.testing.assert_allclose([beta @ S @ beta, u @ S @ u], 1.0)
    beta, u = binary.beta, binary.u  # type: ignore[attr-defined]
    np.testing.assert_allclose([beta @ beta, u @ u, 1.0 + beta @ u], 1.0)


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_the_same_seed_gives_the_same_problem_and_another_does_not(task: Any) -> None:
    first, again, other = (make_shift(task=task, random_state=seed) for seed in (3, 3, 4))
    assert first.X.tobytes() == again.X.tobytes() != other.X.tobytes()
    assert first.draw_target(8)[0].tobytes() == again.draw_target(8)[0].tobytes()
    assert first.draw_target(8)[0].tobytes() != first.draw_target(9)[0].tobytes()


def alone(X: Any, y: Any, Xs: Any, ys: Any) -> tuple[Any, float]:
    return np.linalg.solve(X.T @ X + np.eye(X.shape[1]), X.T @ y), 0.0


def pooled(X: Any, y: Any, Xs: Any, ys: Any) -> tuple[Any, float]:
    return alone(np.vstack([X, Xs]), np.concatenate([y, ys]), Xs, ys)


def test_a_source_like_the_target_helps_and_a_distant_one_hurts() -> None:
    for shift, sign in ((0.0, 1), (3.0, -1)):
        problem = make_shift(n_target=40, shift=shift)
        gap, standard_error = problem.expected_gap(alone, pooled, loss="squared", n_draws=200)
        assert sign * gap > 4 * standard_error


def test_identical_arms_have_a_gap_of_exactly_zero() -> None:
    gap = make_shift(n_target=40).expected_gap(alone, alone, loss="squared", n_draws=5)
    assert gap == (0.0, 0.0)


def test_swapping_control_and_treatment_flips_the_sign() -> None:
    problem = make_shift(n_target=40)
    forward, _ = problem.expected_gap(alone, pooled, loss="squared", n_draws=20)
    backward, _ = problem.expected_gap(pooled, alone, loss="squared", n_draws=20)
    assert forward == -backward


def test_at_the_null_shift_fresh_targets_show_no_gap() -> None:
    def make(shift: float) -> ShiftProblem:
        return make_shift(n_target=40, n_features=5, shift=shift, random_state=2)

    n_draws = 500
    shift = null_shift(make, alone, pooled, loss="squared", n_draws=n_draws)
    gap, standard_error = make(shift).expected_gap(
        alone, pooled, loss="squared", n_draws=n_draws, random_state=1
    )
    # Both the null and the fresh gap carry the error of n_draws draws, hence the factor sqrt(2).
    assert abs(gap) < stats.norm.isf(ALPHA / 2) * np.sqrt(2.0) * standard_error


def test_there_is_no_null_where_the_source_never_helps_or_never_hurts() -> None:
    def make(shift: float) -> ShiftProblem:
        return make_shift(n_target=40, shift=shift)

    with pytest.raises(DataError, match="does not help even at shift 0"):
        null_shift(make, alone, alone, loss="squared", n_draws=5)
    with pytest.raises(DataError, match="still helps at shift"):
        null_shift(make, alone, pooled, loss="squared", n_draws=20, largest=0.01)


@pytest.mark.parametrize(
    "options",
    [
        {"n_target": 0},
        {"n_source": 0},
        {"n_features": 0},
        {"n_features": 1, "task": "binary"},
        {"noise": 0.0},
        {"shift": np.nan},
        {"task": "ranking"},
    ],
)
def test_an_impossible_problem_is_refused(options: Any) -> None:
    with pytest.raises(DataError):
        make_shift(**options)


def test_a_loss_that_does_not_fit_the_task_is_refused() -> None:
    with pytest.raises(DataError, match="squared"):
        make_shift().risk(np.zeros(10), 0.0, loss="log")
    with pytest.raises(DataError, match="zero_one"):
        make_shift(task="binary").risk(np.zeros(10), 0.0, loss="squared")


@pytest.mark.parametrize("coef", [np.zeros(9), np.zeros((2, 10)), np.full(10, np.nan)])
def test_a_score_of_another_size_or_not_finite_is_refused(coef: Any) -> None:
    with pytest.raises(DataError):
        make_shift().risk(coef, 0.0, loss="squared")
