"""A kind of labels that the library does not have: one file, one registration, and it is audited.

Rows are persons, followed over a few periods. A label t says that the event came in period t, a
label -t that the person was last seen in period t without it (censored). The model is that of
discrete hazards: Singer and Willett (1993), It's About Time, section 3.
"""

import pickle
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from transfergap import audit, load_audit
from transfergap.data.metric import Metric, fitted_to, metric_named
from transfergap.data.splitting.folds import fold_numbers
from transfergap.data.task import REGRESSION, Task, find_task, register_task, task_names
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError, DataError, MetricError

PERIODS = 4


class Hazards(BaseEstimator):
    """Predict the chance of the event in each period, if it has not come before."""

    def fit(self, X, y, sample_weight=None):
        weights = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight)
        lasted = np.abs(np.asarray(y, int))
        person = np.repeat(np.arange(len(X)), lasted)
        period = np.concatenate([np.arange(t) for t in lasted])
        happened = (period == lasted[person] - 1) & (np.asarray(y)[person] > 0)
        self.model_ = LogisticRegression().fit(
            self._columns(np.asarray(X)[person], period), happened, weights[person]
        )
        return self

    def predict(self, X):
        columns = [self._columns(np.asarray(X), np.full(len(X), t)) for t in range(PERIODS)]
        return np.column_stack([self.model_.predict_proba(c)[:, 1] for c in columns])

    def _columns(self, X, period):
        return np.column_stack([np.eye(PERIODS)[period], X])


class TimeToEvent(Task):
    """Labels are periods of the event, or minus those of the last look."""

    __slots__ = ()

    default_metric = "hazard_loss"

    def check(self, y, origin):
        if not np.isin(np.abs(y), np.arange(1, PERIODS + 1)).all():
            raise DataError(f"A label of {origin} is no period.", hint=f"use 1 to {PERIODS}")

    def strata(self, y, classes):
        return (y > 0).astype(np.intp)

    def smallest_stratum(self, y, classes):
        return int(min((y > 0).sum(), (y < 0).sum()))

    def default_model(self, *, balanced=False):
        return Hazards()

    def summary(self, y, classes):
        return f"{int((y > 0).sum())} events"


@dataclass(frozen=True)
class HazardLoss:
    """Minus the log likelihood of a row."""

    kind: ClassVar[str] = "loss"
    zero_one: ClassVar[bool] = False
    wrong_above: ClassVar[None] = None
    closed_form: ClassVar[None] = None

    def outputs(self, model, X, y, classes, weights):
        return _minus_log_likelihood(model.predict(X), y)

    def losses(self, outputs, y, whole):
        return outputs

    def constant(self, whole, classes):
        periods = np.arange(1, PERIODS + 1)
        at_risk = (np.abs(whole.y)[:, None] >= periods).sum(axis=0)
        events = (whole.y[:, None] == periods).sum(axis=0)
        hazards = np.clip(events / np.maximum(at_risk, 1), 1e-6, 1 - 1e-6)
        return _minus_log_likelihood(np.tile(hazards, (len(whole.y), 1)), whole.y)

    def bound(self, whole):
        return None


def _minus_log_likelihood(hazards, y):
    lasted = np.abs(y.astype(int))
    survived = np.log1p(-hazards) * (np.arange(1, PERIODS + 1) < lasted[:, None])
    last = hazards[np.arange(len(y)), lasted - 1]
    return -survived.sum(axis=1) - np.log(np.where(y > 0, last, 1.0 - last))


TIME_TO_EVENT = register_task(TimeToEvent("time-to-event"))
HAZARD_LOSS = Metric(
    "hazard_loss", "hazard loss", "nats", "loss", frozenset({TIME_TO_EVENT}), -1, HazardLoss()
)


def persons(n, *, effect, seed):
    """Draw persons whose hazard of 0.3 has log odds moved by two of eleven columns."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 11))
    hazard = 1 / (1 + np.exp(0.85 - effect * (X[:, 0] - X[:, 1])))
    comes = rng.geometric(hazard)
    looked = rng.integers(1, PERIODS + 1, n)
    return X, np.where(comes <= looked, comes, -looked)


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("runs") / "hazards"


@pytest.fixture(scope="module")
def result(run_dir):
    X, y = persons(50, effect=1.2, seed=0)
    sources = {
        "same": persons(500, effect=1.2, seed=1),
        "turned": persons(500, effect=-1.2, seed=2),
    }
    options = {"metric": HAZARD_LOSS, "margin": 0.02, "run_dir": run_dir, "effort": "race"}
    return audit(Hazards(), X, y, sources=sources, **options)


def test_the_loss_of_hazards_is_right_by_hand():
    class Told:
        def predict(self, X):
            return np.tile([0.5, 0.25, 0.2, 0.1], (len(X), 1))

    y = np.array([1, 2, -2, 4])
    losses = HAZARD_LOSS.outputs(Told(), np.zeros((4, 1)), y, np.empty(0))
    chances = [0.5, 0.5 * 0.25, 0.5 * 0.75, 0.5 * 0.75 * 0.8 * 0.1]
    assert losses == pytest.approx(-np.log(chances))


def test_an_audit_tells_the_source_that_helps_from_the_one_that_hurts(result):
    assert result.target.task == "time-to-event"
    arms = {arm.arm: arm for arm in result.arms}
    assert str(arms["same pooled"].verdict) == "helps"
    assert str(arms["turned pooled"].verdict) == "hurts"


def test_no_trial_fails_and_no_check_breaks(result):
    assert all(arm.n_failed == 0 for arm in result.arms)
    assert result.result.failures == ()
    assert not [note for note in result.result.method_notes if "failed" in note]
    assert "hazard loss" in str(result) and "hazard loss" in result._repr_html_()


def test_arms_of_squared_loss_are_not_planned(result):
    assert not [arm.arm for arm in result.arms if arm.arm.startswith("safe")]
    assert result.result.ranking is None


def test_a_result_in_a_file_is_the_same(result, run_dir):
    assert load_audit(run_dir).result == result.result


def test_the_default_model_and_the_folds_are_those_of_the_task():
    X, y = persons(60, effect=1.0, seed=3)
    X[0, 0] = np.nan  # the default learner is the task's model behind the usual preparation
    sources = {"b": persons(90, effect=1.0, seed=4)}
    problem = make_problem(X, y, sources=sources, metric=HAZARD_LOSS, margin=0.1)
    folds = fold_numbers(problem, seed=0)
    events = np.bincount(folds, weights=y > 0)
    assert events.max() - events.min() <= 1  # stratified by event
    planned = audit(None, X, y, sources=sources, metric=HAZARD_LOSS, margin=0.1, arms=["b pooled"],
                    effort="quick", explain="none")  # fmt: skip
    assert planned.arms[1].n_failed == 0


def test_labels_that_are_no_periods_are_refused():
    X, y = persons(60, effect=1.0, seed=3)
    with pytest.raises(DataError, match="target 'target' is no period"):
        make_problem(X, y * 2, sources={"b": (X, y)}, metric=HAZARD_LOSS, margin=0.1)
    with pytest.raises(DataError, match="source 'b' is no period"):
        make_problem(X, y, sources={"b": (X, y * 2)}, metric=HAZARD_LOSS, margin=0.1)


def test_a_metric_of_numbers_is_for_numbers_still():
    X, y = persons(60, effect=1.0, seed=3)
    sources = {"b": persons(90, effect=1.0, seed=4)}
    problem = make_problem(X, y + 0.5, sources=sources, metric="r2")
    assert problem.task is REGRESSION
    with pytest.raises(MetricError, match="'r2' is for regression labels"):
        fitted_to(metric_named("r2"), "time-to-event", np.empty(0))


def test_a_task_is_registered_once_and_found_by_name():
    assert register_task(TimeToEvent("time-to-event")) == "time-to-event"
    assert find_task("time-to-event") is TIME_TO_EVENT
    assert task_names()[0] == "time-to-event"
    with pytest.raises(ConfigurationError, match="already"):
        register_task(TimeToEvent("regression"))
    with pytest.raises(ConfigurationError, match="no task called 'survival'"):
        find_task("survival")


@pytest.mark.parametrize("name", ["binary", "multiclass", "regression", "time-to-event"])
def test_a_task_is_its_name(name):
    task = find_task(name)
    copy = pickle.loads(pickle.dumps(task))  # noqa: S301 (our own bytes)
    assert (task, repr(task), f"{task}") == (name, repr(name), name)
    assert hash(task) == hash(name)
    assert type(copy) is type(task)
