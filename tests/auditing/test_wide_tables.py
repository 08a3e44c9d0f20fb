"""Tables of more columns than rows: the same answers, at a cost that grows with the columns."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, RidgeCV

from transfergap.data.encoding.features import in_span
from transfergap.data.problem import Sample
from transfergap.learners.mitigations import density_ratios, held_out_labels, likely_labels


def wide(n_columns, seed=0):
    rng = np.random.default_rng(seed)
    samples = []
    for n_rows in (60, 90):
        X = rng.normal(size=(n_rows, n_columns))
        samples.append(Sample(X, (X[:, 0] + X[:, 1] + rng.normal(size=n_rows) > 0).astype(int)))
    return samples


@pytest.mark.parametrize("n_columns", [20, 200])
def test_models_with_a_ridge_penalty_predict_the_same_in_fewer_coordinates(n_columns):
    target, source = wide(n_columns)
    fewer = in_span(target.X, source.X)
    assert fewer[0].shape == (60, min(n_columns, 150))
    for model in (LogisticRegression(solver="newton-cholesky"), RidgeCV([0.1, 10.0, 1e3])):
        here = model.fit(source.X, source.y)
        wanted = getattr(here, "decision_function", here.predict)(target.X)
        there = model.fit(fewer[1], source.y)
        scores = getattr(there, "decision_function", there.predict)(fewer[0])
        np.testing.assert_allclose(scores, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("n_columns", [80, 160])
@pytest.mark.parametrize("classes", [True, False])
def test_ratios_and_doubts_are_the_same_in_fewer_coordinates(monkeypatch, n_columns, classes):
    target, source = wide(n_columns)

    def measured():
        ratio = density_ratios.density_ratio(target.X, source.X, seed=0)
        return ratio, *likely_labels.suspicion(target, source, classes=classes)

    fewer = measured()
    monkeypatch.setattr(held_out_labels, "_remembered", {})
    for module in (density_ratios, held_out_labels):
        monkeypatch.setattr(module, "in_span", lambda *parts: list(parts))
    for one, other in zip(fewer, measured(), strict=True):
        # The solver stops at a gradient of 1e-4, which fewer coordinates reach elsewhere.
        np.testing.assert_allclose(one, other, rtol=0.02, atol=0.02)
