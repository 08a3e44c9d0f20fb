"""Errors of other libraries whose cause their message shows."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from transfergap import audit
from transfergap.analysis.estimation.failure_causes import likely_cause
from transfergap.errors import LearnerError
from transfergap.report.brief.actions import actions
from transfergap.stats.gap import Verdict


class Raising(ClassifierMixin, BaseEstimator):
    """Raises what another library does, where there are sources or always."""

    def __init__(self, message="", above=0):
        self.message = message
        self.above = above

    def fit(self, X, y):
        if len(y) > self.above:
            raise ValueError(self.message)
        self.classes_, self.first_ = np.unique(y), y[0]
        return self

    def predict(self, X):
        return np.full(len(X), self.first_)


XGBOOST = "Invalid classes inferred from unique values of `y`.  Expected: [0 1], got ['a' 'b']"
LIGHTGBM = "Do not support special JSON characters in feature name."
X = np.random.default_rng(0).normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)
OTHERS = np.random.default_rng(1).normal(size=(60, 2))


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (XGBOOST, "numbered from 0"),
        (LIGHTGBM, "rename the columns"),
        ("feature_names must be string, and may not contain [, ] or <", "rename the columns"),
        ("DataFrame.dtypes for data must be int, float, bool or category.", "encode them"),
        ("pandas dtypes must be int, float or bool.", "encode them"),
        ("OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", "smaller batches"),
    ],
)
def test_messages_of_boosting_and_torch_are_known(error, word):
    assert word in likely_cause(error)


def raised(work):
    with pytest.raises(Exception) as caught:
        work()
    return f"{type(caught.value).__name__}: {caught.value}"


TABLE = pd.DataFrame({"a": X[:, 0], "b": np.where(Y, "x", "y")})
ENCODED = make_pipeline(make_column_transformer((OneHotEncoder(), ["b"])), LogisticRegression())


@pytest.mark.parametrize(
    ("work", "word"),
    [
        (lambda: torch.nn.Embedding(3, 4)(torch.zeros(3, 2)), "x.long()"),
        (lambda: torch.nn.Linear(2, 2)(torch.zeros(3, 2, dtype=torch.float64)), "x.float()"),
        (lambda: GridSearchCV(LogisticRegression(), {"C": [1]}, cv=GroupKFold(2)).fit(X, Y),
         "groups="),
        (lambda: CalibratedClassifierCV(LogisticRegression(), cv=5).fit(X, np.arange(60) < 3),
         "fewer"),
        (lambda: LogisticRegression().fit(np.full((60, 2), np.nan), Y), "imputer"),
        (lambda: LogisticRegression().fit(TABLE, Y), "encode them"),
        (lambda: ENCODED.fit(TABLE[:9], Y[:9]).predict(TABLE.assign(b="z")), "handle_unknown"),
    ],
)  # fmt: skip
def test_errors_as_they_are_raised_here_are_known(work, word):
    assert word in likely_cause(raised(work))


def test_others_are_not_guessed():
    assert likely_cause("ValueError: something is wrong") is None


def test_the_error_of_a_failed_control_names_the_cause():
    with pytest.raises(LearnerError) as caught:
        audit(Raising(XGBOOST), X, Y, sources={"b": (OTHERS, Y)}, arms=["b pooled"])
    assert "numbered from 0" in caught.value.hint and "retry" in caught.value.hint


def test_the_finding_of_a_failed_arm_names_the_cause():
    model = Raising(LIGHTGBM, above=60)
    study = audit(
        model, X, Y, sources={"b": (OTHERS, Y)}, metric="accuracy", effort="quick",
        explain="none", arms=["b pooled", "b only"],
    )  # fmt: skip
    (found,) = [f for f in study.findings if f.code == "TG302"]
    assert found.subject == "b pooled" and "rename the columns" in found.fix


@pytest.mark.parametrize("fails_without_source", [True, False])
def test_folds_that_are_left_by_failures_decide_nothing(fails_without_source):
    """A squared logarithmic error fails where a prediction is negative, as the control's are."""
    rng = np.random.default_rng(0)
    X, Z = (pd.DataFrame(rng.normal(size=(n, 2)), columns=list("ab")) for n in (120, 200))
    y, z = (5 * np.exp(0.8 * rows.a + 0.4 * rng.normal(size=len(rows))) for rows in (X, Z))
    lift = 8.0 if fails_without_source else -1.5
    result = audit(
        Ridge(), X, y, sources={"b": (Z, z + lift)}, metric="neg_root_mean_squared_log_error",
        arms=["b pooled"], margin=0.01, effort="quick", explain="none",
    )  # fmt: skip
    outcome = result["b pooled"]
    assert outcome.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert outcome.outlook is None and outcome.rows_to_settle is None
    assert any("nothing is claimed" in f.says for f in result.findings if f.code == "TG302")
    assert not any(text.startswith("Use") for text in actions(result.result))


def test_a_metric_of_probabilities_without_any_says_what_to_choose():
    advice = likely_cause("MetricError: Perceptron has no predict_proba, which this metric needs.")
    assert advice is not None and "metric='accuracy'" in advice
