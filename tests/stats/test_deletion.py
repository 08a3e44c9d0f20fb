"""Rows and groups left out in closed form are those of fits without them."""

from __future__ import annotations

import numpy as np
import pytest

from transfergap.stats.deletion import groups_by_size, without_groups, without_rows

GROUPS = np.array([4, 0, 4, 1, 2, 2, 0, 4, 3, 1])
PENALTY = 0.7


def problem(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.2, 3.0, 10)
    return rng.normal(size=(10, 3)), rng.normal(size=(10, 2)), weights


def residuals_of_refits(X: np.ndarray, y: np.ndarray, w: np.ndarray, groups) -> np.ndarray:
    out = np.empty_like(y)
    for group in np.unique(groups):
        kept, left = groups != group, groups == group
        normal = (X[kept] * w[kept, None]).T @ X[kept] + PENALTY * np.eye(X.shape[1])
        out[left] = y[left] - X[left] @ np.linalg.solve(
            normal, (X[kept] * w[kept, None]).T @ y[kept]
        )
    return out


def fitted(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inverse = np.linalg.inv((X * w[:, None]).T @ X + PENALTY * np.eye(X.shape[1]))
    plain = X @ inverse @ X.T
    return y - (plain * w) @ y, plain


def test_rows_left_out_are_refits_without_them():
    X, y, w = problem()
    residuals, plain = fitted(X, y, w)
    deleted = without_rows(residuals, np.diag(plain) * w)
    np.testing.assert_allclose(deleted, residuals_of_refits(X, y, w, np.arange(10)), rtol=1e-10)


def test_groups_left_out_are_refits_without_them():
    X, y, w = problem()
    residuals, plain = fitted(X, y, w)
    deleted = without_groups(
        residuals,
        groups_by_size(GROUPS),
        lambda rows: plain[rows[:, :, None], rows[:, None, :]],
        w,
    )
    np.testing.assert_allclose(deleted, residuals_of_refits(X, y, w, GROUPS), rtol=1e-9)


def test_every_penalty_in_front_is_left_out_for_itself():
    X, y, w = problem()
    residuals, plain = fitted(X, y, w)
    both = without_groups(
        np.stack([residuals, 2 * residuals]),
        groups_by_size(GROUPS),
        lambda rows: np.stack([plain[rows[:, :, None], rows[:, None, :]]] * 2),
        w,
    )
    np.testing.assert_allclose(both[1], 2 * both[0], rtol=1e-12)


def test_a_row_without_weight_keeps_its_residual():
    X, y, w = problem()
    w[[0, 2]] = 0.0
    residuals, plain = fitted(X, y, w)
    deleted = without_groups(
        residuals,
        groups_by_size(np.array([0, 1, 0, 2, 3, 4, 5, 6, 7, 8])),
        lambda rows: plain[rows[:, :, None], rows[:, None, :]],
        w,
    )
    np.testing.assert_allclose(deleted[[0, 2]], residuals[[0, 2]], rtol=1e-6)


@pytest.mark.parametrize("groups", [np.arange(3), np.zeros(3, dtype=int)])
def test_rows_that_the_fit_reproduces_stay_finite(groups):
    deleted = without_groups(
        np.full((3, 1), 1e-17),
        groups_by_size(groups),
        lambda rows: np.stack([np.eye(rows.shape[1])] * len(rows)),
    )
    assert np.isfinite(deleted).all()
    assert np.abs(deleted).max() < 1e-6


def test_every_row_stands_in_one_group_of_its_size():
    members = groups_by_size(GROUPS)
    assert [rows.shape for rows in members] == [(1, 1), (3, 2), (1, 3)]
    assert sorted(np.concatenate([rows.ravel() for rows in members])) == list(range(10))
