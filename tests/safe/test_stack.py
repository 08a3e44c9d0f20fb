"""Stacks leave rows out exactly: their closed form is the stack solved again."""

from __future__ import annotations

import numpy as np
import pytest

from transfergap.safe.stack import INTERCEPT, TargetRows, shrunk_stack


def brute_force(scores, responses, weights, prior, penalty, left):
    """Solve the stack without the rows ``left`` by stacked least squares."""
    n_models, n_responses = len(scores), responses.shape[1]
    rows, targets = [], []
    for i in range(len(responses)):
        for r in range(n_responses):
            level = np.eye(n_responses)[r]
            root = np.sqrt(weights[i] - left[i])
            rows.append(root * np.concatenate([[s[i, r] for s in scores], level]))
            targets.append(root * responses[i, r])
    centre = np.concatenate([prior, np.zeros(n_responses)])
    spread = np.sqrt(penalty * np.concatenate([np.ones(n_models), np.full(n_responses, INTERCEPT)]))
    A = np.vstack([rows, np.diag(spread)])
    b = np.concatenate([targets, spread * centre])
    return np.linalg.lstsq(A, b, rcond=None)[0]


@pytest.mark.parametrize("n_models", [1, 3])
@pytest.mark.parametrize("n_responses", [1, 3])
@pytest.mark.parametrize("how", ["rows", "copies", "groups"])
def test_leaving_rows_out_of_a_stack_equals_solving_it_again(n_models, n_responses, how):
    rng = np.random.default_rng(n_models + n_responses)
    n = 12
    responses = rng.normal(size=(n, n_responses))
    scores = [responses + rng.normal(size=responses.shape) for _ in range(n_models)]
    copies = rng.integers(1, 4, n).astype(float) if how == "copies" else None
    groups = np.arange(n) // 3 if how == "groups" else None
    rows = TargetRows(np.zeros((n, 1)), np.zeros(n), responses, copies, groups)
    prior = np.full(n_models, 1.0 / n_models)
    stack = shrunk_stack(scores, rows, prior=prior, penalties=np.array([2.0]))
    full = brute_force(scores, responses, rows.weights, prior, 2.0, np.zeros(n))
    assert np.allclose(np.concatenate([stack.weights, stack.intercept]), full)
    for i in range(n):
        left = (groups == groups[i]) * 1.0 if how == "groups" else np.eye(n)[i]
        again = brute_force(scores, responses, rows.weights, prior, 2.0, left)
        told = np.array([s[i] for s in scores]).T @ again[:n_models] + again[n_models:]
        assert np.allclose(stack.left_out[i], told)


def test_a_stack_under_a_huge_penalty_is_its_prior():
    responses = np.random.default_rng(0).normal(size=(20, 1))
    rows = TargetRows(np.zeros((20, 1)), np.zeros(20), responses)
    stack = shrunk_stack(
        [responses, -responses], rows, prior=np.array([0.3, 0.7]), penalties=np.array([1e9])
    )
    assert np.allclose(stack.weights, [0.3, 0.7], atol=1e-6)
    assert np.allclose(stack.left_out, -0.4 * responses, atol=1e-6)
