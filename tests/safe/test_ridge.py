"""Ridge by closed form against refits, and against extended precision."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from tests.safe.tasks import rows, task_of

from transfergap.safe.ridge import INTERCEPT, PENALTIES, control_fit, ridge_path


def chosen_penalty(X, y, left_out_of):
    """Brute force: the penalty whose refits without each unit are best, and their predictions."""
    found = [(np.mean((y - p) ** 2), p) for p in (left_out_of(penalty) for penalty in PENALTIES)]
    return min(found, key=lambda pair: pair[0])


def refits(X, y, units):
    def left_out_of(penalty):
        predicted = np.empty(len(y))
        for unit in units:
            kept = np.setdiff1d(np.arange(len(y)), unit)
            # The centre stays that of all rows' fit: a free intercept is refitted, slopes shrink.
            model = Ridge(alpha=penalty).fit(X[kept, :-1], y[kept])
            predicted[unit] = model.predict(X[unit, :-1])
        return predicted

    return left_out_of


@pytest.mark.parametrize(("n", "p"), [(30, 5), (25, 40), (12, 3)])
def test_the_control_leaves_rows_out_as_refits_do(n, p):
    rng = np.random.default_rng(n)
    X, y = rows(n, rng.normal(size=p) / np.sqrt(p), rng=rng, level=3.0)
    fit = control_fit(task_of((X, y)))
    loss, predicted = chosen_penalty(X, y, refits(X, y, [[i] for i in range(n)]))
    assert np.allclose(fit.left_out[:, 0], predicted, rtol=0, atol=1e-8)
    assert np.mean((y - fit.left_out[:, 0]) ** 2) == pytest.approx(loss, rel=1e-9)


def test_groups_are_left_out_together():
    rng = np.random.default_rng(3)
    X, y = rows(24, rng.normal(size=4), rng=rng)
    groups = np.repeat(np.arange(6), 4)
    fit = control_fit(task_of((X, y), groups=groups))
    _, predicted = chosen_penalty(
        X, y, refits(X, y, [np.flatnonzero(groups == g) for g in range(6)])
    )
    assert np.allclose(fit.left_out[:, 0], predicted, rtol=0, atol=1e-8)


def test_a_row_of_weight_two_is_the_row_given_twice():
    rng = np.random.default_rng(4)
    X, y = rows(20, rng.normal(size=3), rng=rng)
    copies = np.ones(20)
    copies[:5] = 2.0
    weighted = control_fit(task_of((X, y), weights=copies, copies=copies))
    twice = control_fit(task_of((np.vstack([X, X[:5]]), np.append(y, y[:5]))))
    assert np.allclose(weighted.coefficients, twice.coefficients, atol=1e-10)
    assert np.allclose(weighted.left_out, twice.left_out[:20], atol=1e-10)


def test_a_pool_is_ridge_on_stacked_rows():
    rng = np.random.default_rng(5)
    target, source = rows(30, np.ones(4), rng=rng), rows(50, np.ones(4), rng=rng)
    task = task_of(target, [source])
    fit = ridge_path(task, task.grams, task.moments[0])
    X, y = np.vstack([target[0], source[0]]), np.concatenate([target[1], source[1]])
    scale = np.ones(5)
    scale[-1] = INTERCEPT**-0.5
    refitted = [
        scale * Ridge(alpha=penalty, fit_intercept=False).fit(X * scale, y).coef_
        for penalty in PENALTIES
    ]
    assert min(np.abs(fit.coefficients[0] - beta).max() for beta in refitted) < 1e-9


def exact_control(X, y, penalty):
    """Ridge with a free intercept in extended precision, by elimination."""
    wide = np.longdouble
    Z, t = X[:, :-1].astype(wide), y.astype(wide)
    centre, level = Z.mean(axis=0), t.mean()
    Z, t = Z - centre, t - level
    A, b = Z.T @ Z + wide(penalty) * np.eye(Z.shape[1], dtype=wide), Z.T @ t
    for i in range(len(b)):  # Gauss without pivots: A is positive definite
        for j in range(i + 1, len(b)):
            factor = A[j, i] / A[i, i]
            A[j] -= factor * A[i]
            b[j] -= factor * b[i]
    slopes = np.zeros(len(b), dtype=wide)
    for i in reversed(range(len(b))):
        slopes[i] = (b[i] - A[i, i + 1 :] @ slopes[i + 1 :]) / A[i, i]
    return np.append(slopes, level - centre @ slopes).astype(float)


@pytest.mark.parametrize("kind", ["plain", "wild scales", "collinear", "constant", "far from zero"])
def test_coefficients_agree_with_extended_precision(kind):
    rng = np.random.default_rng(6)
    X, y = rows(40, rng.normal(size=6), rng=rng)
    if kind == "wild scales":  # beyond what the encoder lets through
        X[:, :-1] *= np.logspace(-4, 4, 6)
    if kind == "collinear":
        X[:, 1] = X[:, 0] + X[:, 2]
    if kind == "constant":
        X[:, 3] = 0.25
    if kind == "far from zero":
        X[:, :-1] += 1e4
    task = task_of((X, y))
    fit = control_fit(task)
    exact = [X @ exact_control(X, y, penalty) for penalty in task.breadth * PENALTIES]
    assert min(np.abs(X @ fit.coefficients[0] - one).max() for one in exact) < 1e-8
