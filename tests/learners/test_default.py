"""The default model, by the kind of columns."""

import numpy as np
import pandas as pd
import pytest

from transfergap import audit
from transfergap.auditing.safe_model import safe_learner
from transfergap.data.encoding.table_encoder import TableEncoder
from transfergap.data.validation import make_problem
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
        np.array([f"word{k} and word{k % 7}" for k in range(200)], dtype=object),
    ],
)
def test_texts_get_skrubs_encoders_and_are_not(column):
    problem = posed(kind=column)
    model = default_estimator(problem)
    assert not is_linear(model, problem.all_rows)
    fitted = model.fit(problem.target.X, problem.target.y)
    assert fitted.predict(problem.target.X).shape == problem.target.y.shape
    assert safe_learner(EstimatorLearner(model), problem).estimator is model


DAYS = pd.Series(pd.date_range("2020-01-01", periods=200, freq="7h"))


@pytest.mark.parametrize(
    "dates",
    [
        DAYS,
        DAYS.dt.tz_localize("Asia/Tokyo"),
        DAYS.where(np.arange(200) % 5 > 0),
        pd.Series([day.date() for day in DAYS.to_list()], dtype=object),
    ],
)
def test_dates_are_one_number(dates):
    problem = posed(kind=dates.to_numpy() if dates.dtype == object else dates)
    model = default_estimator(problem)
    assert isinstance(model.steps[0][1], TableEncoder)
    assert is_linear(model, problem.all_rows)
    encoded = model[:-1].fit_transform(problem.target.X)
    names = [name for name in model[:-1].get_feature_names_out() if "missing" not in name]
    assert names == ["x", "kind"]
    there = problem.target.X["kind"].notna().to_numpy()
    assert (np.diff(encoded[there, 1]) >= 0).all()


def test_a_date_in_each_row_costs_the_control_nothing():
    rng = np.random.default_rng(7)
    X = pd.DataFrame(rng.normal(size=(320, 6))).add_prefix("x")
    y = (X @ [1.2, -1, 0.8, 0, 0, 0.5] + rng.logistic(size=320) > 0).astype(int).to_numpy()
    X["at"] = pd.date_range("2023-03-01", periods=320, freq="5h")
    scores = []
    for table in (X, X.drop(columns="at")):
        target = table.iloc[:120], y[:120]
        source = table.iloc[120:].reset_index(drop=True), y[120:]
        study = audit(None, *target, sources={"b": source}, arms=["b pooled"],
                      effort="quick", explain="none")  # fmt: skip
        scores.append(study.to_frame().set_index("arm").score["control"])
    assert scores[0] == pytest.approx(scores[1], abs=0.01)


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
