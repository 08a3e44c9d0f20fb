"""Groups reach splitters inside a model, and models that have their methods once fitted."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier
from sklearn.feature_selection import RFECV
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    BaseCrossValidator,
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    StratifiedGroupKFold,
    check_cv,
)
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from transfergap import Sample, audit
from transfergap.data.problem import TargetSet, TrainingSet, stack_samples
from transfergap.errors import LearnerError
from transfergap.learners import EstimatorLearner
from transfergap.learners.estimator import with_group_splits

RNG = np.random.default_rng(5)
X, Z = RNG.normal(size=(60, 3)), RNG.normal(size=(80, 3))
A, B = X[:, 0] + 0.5 * RNG.normal(size=60), Z[:, 0] + 0.5 * RNG.normal(size=80)
PATIENTS = np.arange(60) // 3


class Watched(GroupKFold):
    """Notes which groups it was given."""

    seen = []  # noqa: RUF012

    def split(self, X, y=None, groups=None):
        Watched.seen.append(np.asarray(groups))
        return super().split(X, y, groups)


class Mine(BaseCrossValidator):
    """A splitter of a user's own."""

    def get_n_splits(self, X=None, y=None, groups=None):
        return 2

    def split(self, X, y=None, groups=None):
        if groups is None:
            raise ValueError("groups, please")
        odd = np.asarray(groups) % 2 == 1
        for test in (odd, ~odd):
            yield np.flatnonzero(~test), np.flatnonzero(test)


class Asking(ClassifierMixin, BaseEstimator):
    """A model whose fit takes groups."""

    def fit(self, X, y, groups=None):
        self.groups_ = groups
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


class AdaptiveLogistic(ClassifierMixin, BaseEstimator):
    """A model of one's own that takes any splitter as scikit-learn's do."""

    def __init__(self, cv=None):
        self.cv = cv

    def fit(self, X, y):
        n_parts = sum(1 for _ in check_cv(self.cv, y).split(X, y))
        self.model_ = LogisticRegression(C=1.0 / n_parts).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)


def search(cv):
    return GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=cv)


def also(*case):
    """Return a case of the slow job: one of its kind runs by default."""
    return pytest.param(*case, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("model", "classes"),
    [
        (search(GroupKFold(2)), True),
        also(search(StratifiedGroupKFold(2)), True),
        (search(Mine()), True),
        also(make_pipeline(StandardScaler(), search(GroupKFold(3))), True),
        also(make_pipeline(RFECV(LogisticRegression(), cv=GroupKFold(2)), LogisticRegression()),
             True),
        (AdaptiveLogistic(cv=GroupKFold(2)), True),
        also(CalibratedClassifierCV(LogisticRegression(), cv=GroupKFold(2)), True),
        (StackingClassifier([("k", KNeighborsClassifier())], cv=GroupKFold(2)), True),
        (TransformedTargetRegressor(GridSearchCV(Ridge(), {"alpha": [1, 9]}, cv=GroupKFold(2))),
         False),
    ],
)  # fmt: skip
def test_models_with_folds_by_group_are_audited(model, classes):
    y, z = (A > 0, B > 0) if classes else (A, B)
    study = audit(
        model, X, y, groups=PATIENTS, sources={"b": Sample(Z, z, groups=900 + np.arange(80) // 4)},
        metric="accuracy" if classes else "r2", effort="quick", explain="none",
        arms=["b pooled"],
    )  # fmt: skip
    frame = study.to_frame()
    assert not study.result.failures and np.isfinite(frame.estimate[1:]).all()


def test_a_search_gets_the_groups_of_target_and_source_and_one_a_row_without():
    Watched.seen.clear()
    target = Sample(X, A > 0, groups=np.array([f"p{k}" for k in PATIENTS]))
    with_groups = Sample(Z[:4], B[:4] > 0, groups=np.array(["p0", "p1", "q", "q"]))
    without = Sample(Z[4:9], B[4:9] > 0)
    EstimatorLearner(search(Watched(3))).train(TrainingSet(target, (with_groups, without)), seed=0)
    (groups,) = Watched.seen
    assert (groups[:60] == groups[:60:3].repeat(3)).all()
    assert len(np.unique(groups[:60])) == 20
    assert groups[60] == groups[0] and groups[61] == groups[3]  # patients of the target too
    assert groups[62] == groups[63] and groups[62] not in groups[:62]
    assert len(np.unique(groups[64:])) == 5 and not np.isin(groups[64:], groups[:64]).any()


def test_a_search_in_the_control_keeps_groups_together():
    Watched.seen.clear()
    model = EstimatorLearner(make_pipeline(StandardScaler(), search(Watched(3)))).train(
        TargetSet(Sample(X, A > 0, groups=PATIENTS)), seed=0
    )
    np.testing.assert_array_equal(Watched.seen[0], PATIENTS)
    for train, test in model[-1].cv:
        assert not np.isin(PATIENTS[train], PATIENTS[test]).any()


def test_other_splitters_and_rows_without_groups_are_left_alone():
    plain = search(KFold(3))
    sample = Sample(X, A > 0, groups=PATIENTS)
    assert with_group_splits(plain, sample).cv is plain.cv
    grouped = search(GroupKFold(3))
    assert with_group_splits(grouped, Sample(X, A > 0)).cv is grouped.cv
    inside = search(LeaveOneGroupOut())
    outside = GridSearchCV(inside, {"estimator__C": [1]}, cv=2)  # asks the inner one for fewer rows
    assert with_group_splits(outside, sample).estimator.cv is inside.cv


def test_a_fit_that_takes_groups_gets_them():
    sample = Sample(X, A > 0, groups=PATIENTS)
    model = EstimatorLearner(make_pipeline(StandardScaler(), Asking())).train(
        TargetSet(sample), seed=0
    )
    np.testing.assert_array_equal(model[-1].groups_, PATIENTS)
    repeated = sample.weighted(np.full(60, 2.0))
    model = EstimatorLearner(Asking()).train(TargetSet(repeated), seed=0)
    np.testing.assert_array_equal(np.bincount(model.groups_), np.full(20, 6))


def test_stacked_samples_without_groups_have_none():
    sample = Sample(X, A)
    assert stack_samples([sample, sample]).groups is None


@pytest.mark.parametrize(
    ("model", "labels"),
    [
        also(StackingClassifier([("k", KNeighborsClassifier()), ("l", LogisticRegression())], cv=2),
             "classes"),
        (StackingClassifier([("l", LogisticRegression())], KNeighborsClassifier(), cv=2),
         "classes"),
        also(StackingRegressor([("k", KNeighborsRegressor()), ("r", Ridge())], cv=2), "numbers"),
        (make_pipeline(StandardScaler(), StackingRegressor([("r", Ridge())], cv=2)), "numbers"),
        (VotingClassifier([("k", KNeighborsClassifier())], voting="soft"), "classes"),
        also(GridSearchCV(StackingClassifier([("k", KNeighborsClassifier())], cv=2),
                          {"k__n_neighbors": [1, 3]}, cv=2), "classes"),
    ],
)  # fmt: skip
def test_models_that_have_their_methods_once_fitted_are_models(model, labels):
    y, z = (A > 0, B > 0) if labels == "classes" else (A, B)
    study = audit(
        model, X, y, sources={"b": (Z, z)}, metric="accuracy" if labels == "classes" else "r2",
        effort="quick", arms=["b pooled"], explain="none",
    )  # fmt: skip
    frame = study.to_frame()
    assert not study.result.failures and np.isfinite(frame.estimate[1])


@pytest.mark.parametrize("model", [StandardScaler(), make_pipeline(StandardScaler())])
def test_what_never_predicts_is_no_model(model):
    with pytest.raises(LearnerError, match="predict"):
        audit(model, X, A, sources={"b": (Z, B)})
