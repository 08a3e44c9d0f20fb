"""The default model, by the kind of columns."""

import numpy as np
import pandas as pd
import pytest

from transfergap.data.encoding.table_encoder import TableEncoder
from transfergap.data.validation import make_problem
from transfergap.experiment.arms import safe_learner
from transfergap.learners import EstimatorLearner, default_estimator
from transfergap.learners.default import MOST_LEVELS
from transfergap.learners.linear import is_linear


def posed(**columns):
    n = len(next(iter(columns.values())))
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=n), **columns})
    y = (X["x"] + rng.normal(size=n) > 0).astype(int).to_numpy()
    half = n // 2
    return make_problem(
        X.iloc[:half],
        y[:half],
        sources={"b": (X.iloc[half:].reset_index(drop=True), y[half:])},
        metric="roc_auc",
    )


def levels(n_levels, n=200):
    return np.array([f"level {k % n_levels}" for k in range(n)], dtype=object)


def test_numbers_and_categories_get_our_encoder_and_are_linear():
    problem = posed(kind=levels(3))
    model = default_estimator(problem)
    assert isinstance(model.steps[0][1], TableEncoder)
    assert is_linear(model)
    assert safe_learner(EstimatorLearner(model), problem).estimator is None


@pytest.mark.parametrize(
    "column",
    [
        levels(MOST_LEVELS + 1),
        pd.date_range("2020-01-01", periods=200).to_numpy(),
        np.array([f"word{k} and word{k % 7}" for k in range(200)], dtype=object),
    ],
)
def test_texts_and_dates_get_skrubs_encoders_and_are_not(column):
    problem = posed(kind=column)
    model = default_estimator(problem)
    assert not is_linear(model, problem.all_rows)
    fitted = model.fit(problem.target.X, problem.target.y)
    assert fitted.predict(problem.target.X).shape == problem.target.y.shape
    assert safe_learner(EstimatorLearner(model), problem).estimator is model


def test_as_many_levels_as_skrub_takes_for_categories_are_categories():
    assert isinstance(default_estimator(posed(kind=levels(MOST_LEVELS))).steps[0][1], TableEncoder)


def test_a_table_vectorizer_is_asked_what_it_does_with_these_columns():
    from sklearn.linear_model import LogisticRegression
    from skrub import tabular_pipeline

    model = tabular_pipeline(LogisticRegression())
    assert not is_linear(model)  # it may choose anything
    assert is_linear(model, posed(kind=levels(3)).all_rows)
    assert not is_linear(model, posed(kind=levels(MOST_LEVELS + 1)).all_rows)
    assert not is_linear(model, posed(kind=pd.date_range("2020", periods=200)).all_rows)
