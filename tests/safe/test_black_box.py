"""The black-box route: what it fits, what it guards against, and what it says of failures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.estimator_checks import check_estimator

from transfergap import SafeTransferClassifier, SafeTransferRegressor
from transfergap.data.encoding import summarize
from transfergap.datasets import make_shift
from transfergap.errors import ConfigurationError, DataError
from transfergap.safe.black_box import planned_fits

TREE = DecisionTreeRegressor(max_depth=3)
TREES = HistGradientBoostingRegressor(max_iter=30, max_leaf_nodes=7, min_samples_leaf=5)


class Counting(RegressorMixin, BaseEstimator):
    """Predicts the mean of what it saw, and counts its fits for all clones together."""

    def __init__(self, log=None):
        self.log = log

    def __sklearn_clone__(self):
        return Counting(self.log)

    def fit(self, X, y):
        self.log.append(len(y))
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


class Brittle(ClassifierMixin, BaseEstimator):
    """Logistic regression that refuses large tables."""

    def __init__(self, most=100, silent=False):
        self.most = most
        self.silent = silent

    def fit(self, X, y):
        if len(y) > self.most and not self.silent:
            raise MemoryError("too many rows for me")
        self.inner_ = LogisticRegression().fit(X, y)
        self.classes_ = self.inner_.classes_
        self.n_ = len(y)
        return self

    def predict(self, X):
        return self.inner_.predict(X)

    def predict_proba(self, X):
        shares = self.inner_.predict_proba(X)
        return np.full_like(shares, np.nan) if self.n_ > self.most else shares


def numbers(n, seed, *, flip=1.0, noise=0.5):
    """Return rows whose label is a product and a step, which no line follows."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    y = flip * (np.where(X[:, 0] * X[:, 1] > 0, 1.0, -1.0) + (X[:, 2] > 0.3))
    return X, y + noise * rng.normal(size=n)


def line(n, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 8))
    return X, X @ np.linspace(-1, 1, 8) + 0.3 * rng.normal(size=n)


def classes(n, seed, k=2):
    X, y = numbers(n, seed)
    return X, np.digitize(y, np.quantile(y, np.linspace(0, 1, k + 1)[1:-1]))


def error(model, X, y):
    return float(np.mean((y - model.predict(X)) ** 2))


# Fits


@pytest.mark.parametrize("n_sources", [0, 1, 3])
def test_a_fast_fit_takes_six_fits_and_one_a_source(n_sources):
    log = []
    sources = {f"s{k}": numbers(40 + k, k) for k in range(n_sources)}
    model = SafeTransferRegressor(Counting(log)).fit(*numbers(30, 9), sources=sources)
    assert model.n_fits_ == len(log) == n_sources + 6
    assert sorted(log) == [24] * 5 + [30] + [40 + k for k in range(n_sources)]


def test_a_thorough_fit_adds_three_pools_of_six_fits():
    log = []
    sources = {f"s{k}": numbers(40 + k, k) for k in range(4)}
    model = SafeTransferRegressor(Counting(log), effort="thorough")
    model.fit(*numbers(30, 9), sources=sources)
    assert model.n_fits_ == len(log) == 4 + 24


def test_the_same_seed_gives_the_same_model_and_the_estimator_stays_unfitted():
    tree = DecisionTreeRegressor(max_features=1)
    X, y = numbers(40, 0)
    fits = [
        SafeTransferRegressor(tree, random_state=seed).fit(X, y, sources={"a": numbers(80, 1)})
        for seed in (3, 3, 4)
    ]
    first, again, other = (fit.predict(X) for fit in fits)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not hasattr(tree, "tree_")


# The guard


@pytest.mark.parametrize("n_sources", [0, 2])
def test_without_sources_or_with_infinite_caution_the_model_is_the_control(n_sources):
    sources = {f"s{k}": numbers(100, k) for k in range(n_sources)}
    caution = "low" if n_sources == 0 else float("inf")
    model = SafeTransferRegressor(TREE, caution=caution).fit(*numbers(40, 9), sources=sources)
    X = numbers(50, 10)[0]
    assert np.array_equal(model.predict(X), model.control_.predict(X))
    assert model.mixing_weight_ == 0.0 and model.member_weights_["control"] == 1.0
    assert set(model.source_influence_.values()) <= {0.0}
    assert model.n_fits_ == 6


def test_great_caution_gives_the_control_of_a_classifier_to_the_last_bit():
    model = SafeTransferClassifier(DecisionTreeClassifier(max_depth=2), caution=4.0)
    model.fit(*classes(40, 9), sources={"a": classes(100, 1)})
    X = classes(50, 10)[0]
    assert model.mixing_weight_ == 0.0
    assert np.array_equal(model.predict_proba(X), model.control_.predict_proba(X))


def test_the_control_never_sees_a_source():
    X, y = numbers(40, 9)
    alone = SafeTransferRegressor(TREE).fit(X, y, sources={"a": numbers(100, 1)})
    beside = SafeTransferRegressor(TREE).fit(X, y, sources={"a": numbers(100, 1, flip=-5.0)})
    new = numbers(50, 10)[0]
    assert np.array_equal(alone.control_.predict(new), beside.control_.predict(new))


def test_the_control_follows_the_line_where_trees_are_worse_and_trees_where_a_line_is():
    for make, other in ((line, TREE), (numbers, Ridge())):
        X, y = make(150, 9)
        new, truth = make(2000, 10)
        control = SafeTransferRegressor(TREES).fit(X, y).control_
        assert error(control, new, truth) < 0.8 * error(other.fit(X, y), new, truth)


def test_trees_of_good_sources_help_where_no_line_could():
    X, y = numbers(40, 9)
    new, truth = numbers(2000, 10)
    sources = {f"s{k}": numbers(300, k) for k in range(3)}
    model = SafeTransferRegressor(TREES).fit(X, y, sources=sources)
    linear = SafeTransferRegressor().fit(X, y, sources=sources)
    assert error(model, new, truth) < 0.7 * error(model.control_, new, truth)
    assert error(model, new, truth) < 0.7 * error(linear, new, truth)
    assert model.expected_gain_.estimate > 0 and model.expected_gain_.unit == "R2"
    assert 0.2 < sum(model.source_influence_.values()) <= 1.0 + 1e-9
    assert sum(model.member_weights_.values()) == pytest.approx(1.0)


def test_a_hundred_thousand_reversed_rows_cost_less_than_a_twentieth_of_the_variance():
    X, y = numbers(60, 9)
    new, truth = numbers(2000, 10)
    flipped = numbers(100_000, 1, flip=-1.0)
    model = SafeTransferRegressor(TREE).fit(X, y, sources={"flipped": flipped})
    harm = (error(model, new, truth) - error(model.control_, new, truth)) / truth.var()
    assert harm < 0.05


# Odd sources


def test_a_source_may_lack_a_class_of_the_target():
    X, y = classes(60, 0, k=3)
    Xs, ys = classes(200, 1, k=3)
    sources = {"two": (Xs[ys < 2], ys[ys < 2]), "three": classes(200, 2, k=3)}
    model = SafeTransferClassifier(DecisionTreeClassifier(max_depth=4)).fit(X, y, sources=sources)
    shares = model.predict_proba(classes(500, 3, k=3)[0])
    assert shares.shape == (500, 3) and np.allclose(shares.sum(axis=1), 1.0)
    assert model.n_fits_ == 8 and model.report_.notes == ()


def test_twenty_rows_with_one_of_a_class_are_fitted():
    X = numbers(20, 0)[0]
    y = np.array(["no"] * 19 + ["yes"])
    model = SafeTransferClassifier(LogisticRegression()).fit(X, y, sources={"a": (X[::-1], y)})
    assert model.n_fits_ == 6  # the fold that holds the single "yes" leaves one class: no fit
    assert np.isfinite(model.predict_proba(X)).all()


def test_a_source_of_one_class_is_named_and_serves_the_linear_models_only():
    X, y = classes(40, 0)
    sources = {"ones": (classes(30, 1)[0], np.ones(30, int)), "good": classes(100, 2)}
    model = SafeTransferClassifier(LogisticRegression()).fit(X, y, sources=sources)
    assert model.n_fits_ == 7
    (note,) = model.report_.notes
    assert "'ones'" in note and "one class" in note
    assert "'ones'" in str(model.report_)


@pytest.mark.parametrize("silent", [False, True])
def test_a_source_that_fails_is_named_with_its_reason_and_the_others_stay(silent):
    X, y = classes(40, 0)
    sources = {"large": classes(150, 1), "good": classes(90, 2)}
    model = SafeTransferClassifier(Brittle(silent=silent)).fit(X, y, sources=sources)
    (note,) = model.report_.notes
    assert "'large'" in note
    assert ("not finite" if silent else "MemoryError: too many rows for me") in note
    assert model.source_influence_["good"] >= 0.0


def test_a_target_that_fails_raises():
    with pytest.raises(MemoryError, match="too many rows"):
        SafeTransferClassifier(Brittle(most=10)).fit(*classes(40, 0), sources={"a": classes(9, 1)})


def test_summaries_serve_the_linear_models_and_are_named():
    X, y = line(60, 0)
    first = SafeTransferRegressor().fit(X, y)
    Xs, ys = line(300, 1)
    summary = summarize(Xs, ys, encoder=first.encoder_)
    model = SafeTransferRegressor(TREE).fit(X, y, sources={"far": summary, "near": line(80, 2)})
    assert model.n_fits_ == 7
    (note,) = model.report_.notes
    assert "'far'" in note and "summaries" in note
    assert model.source_influence_["far"] > 0.0


@pytest.mark.parametrize("effort", ["full", "thorough"])
def test_summaries_alone_leave_six_fits(effort):
    X, y = line(60, 0)
    summary = summarize(*line(300, 1), encoder=SafeTransferRegressor().fit(X, y).encoder_)
    model = SafeTransferRegressor(TREE, effort=effort).fit(X, y, sources={"far": summary})
    assert model.n_fits_ == 6 and np.isfinite(model.predict(X)).all()


def test_an_estimator_of_the_other_kind_is_refused():
    with pytest.raises(ConfigurationError, match="predicts classes"):
        SafeTransferRegressor(DecisionTreeClassifier()).fit(*numbers(30, 0))
    X, y = classes(30, 0)
    with pytest.raises(DataError, match="one class only"):
        SafeTransferClassifier(DecisionTreeClassifier()).fit(X, y, sample_weight=y * 1.0)


# Containers and weights


def table(n, seed):
    X, y = numbers(n, seed)
    kinds = np.array(["red", "green", "blue"])[np.digitize(X[:, 0], [-0.5, 0.5])]
    frame = pd.DataFrame({"kind": kinds, "size": X[:, 1], "age": X[:, 2]})
    return frame, (y > 0).astype(int)


def test_a_pipeline_gets_data_frames_with_categories_as_they_are():
    pipeline = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), ["kind"]), remainder="passthrough"
        ),
        DecisionTreeClassifier(max_depth=3),
    )
    frame, y = table(60, 0)
    other, labels = table(200, 1)
    model = SafeTransferClassifier(pipeline).fit(
        frame, y, sources={"a": (other[["age", "kind", "size"]], labels.astype(str))}
    )
    assert model.n_fits_ == 7 and model.report_.notes == ()
    assert model.predict_proba(table(20, 2)[0]).shape == (20, 2)


def test_texts_and_sparse_rows_reach_the_estimator():
    rng = np.random.default_rng(0)

    def texts(n):
        y = rng.integers(0, 2, n)
        words = [" ".join(rng.choice(["up", "good"] if v else ["down", "bad"], 3)) for v in y]
        return [f"{text} day {i}" for i, text in enumerate(words)], y

    pipeline = make_pipeline(CountVectorizer(), MultinomialNB())
    model = SafeTransferClassifier(pipeline).fit(*texts(30), sources={"a": texts(60)})
    new, truth = texts(50)
    assert (model.predict(new) == truth).mean() > 0.9

    X, y = classes(40, 0)
    rows = sparse.csr_array(np.where(X > 0, X, 0.0))
    fitted = SafeTransferClassifier(DecisionTreeClassifier(max_depth=2)).fit(
        rows, y, sources={"a": (rows, y)}
    )
    assert np.allclose(fitted.predict_proba(rows), fitted.predict_proba(rows.tocsr()))


@pytest.mark.parametrize(
    "estimator", [DecisionTreeClassifier(max_depth=2), KNeighborsClassifier(3)]
)
def test_a_row_of_weight_zero_is_as_if_it_were_not_given(estimator):
    X, y = classes(50, 0)
    weight = np.ones(50)
    weight[40:] = 0.0
    sources = {"a": classes(100, 1)}
    weighted = SafeTransferClassifier(estimator).fit(X, y, sources=sources, sample_weight=weight)
    fewer = SafeTransferClassifier(estimator).fit(X[:40], y[:40], sources=sources)
    assert np.allclose(weighted.predict_proba(X), fewer.predict_proba(X))


def test_a_row_of_weight_two_is_the_row_given_twice():
    X, y = classes(40, 0)
    counts = np.where(np.arange(40) % 3 == 0, 2, 1)
    sources = {"a": classes(100, 1)}
    tree = DecisionTreeClassifier(max_depth=2)
    weighted = SafeTransferClassifier(tree).fit(X, y, sources=sources, sample_weight=counts)
    twice = SafeTransferClassifier(tree).fit(
        np.repeat(X, counts, axis=0), np.repeat(y, counts), sources=sources
    )
    assert np.allclose(weighted.predict_proba(X), twice.predict_proba(X), atol=1e-6)


def test_weights_of_a_source_reach_its_model():
    X, y = numbers(40, 0)
    Xs, ys = numbers(200, 1)
    wrong = np.concatenate([ys, -5.0 * ys])
    both, weights = np.vstack([Xs, Xs]), np.repeat([1.0, 0.0], 200)
    plain = SafeTransferRegressor(TREE).fit(X, y, sources={"a": (Xs, ys)})
    weighted = SafeTransferRegressor(TREE).fit(X, y, sources={"a": (both, wrong, weights)})
    assert np.allclose(weighted.predict(Xs), plain.predict(Xs))


@pytest.mark.parametrize("estimator", [LogisticRegression(), DecisionTreeClassifier()])
def test_missing_values_are_taken_where_the_estimator_takes_them(estimator):
    tags = SafeTransferClassifier(estimator).__sklearn_tags__().input_tags
    assert tags.allow_nan == estimator.__sklearn_tags__().input_tags.allow_nan


# scikit-learn's own checks


@pytest.mark.parametrize(
    "model",
    [
        SafeTransferClassifier(DecisionTreeClassifier(max_depth=3)),
        pytest.param(
            SafeTransferRegressor(DecisionTreeRegressor(max_depth=3)), marks=pytest.mark.slow
        ),
    ],
    ids=["classifier", "regressor"],
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_checks_pass_around_a_tree(model):
    found = list(check_estimator(model, on_fail=None, on_skip=None))
    odd = {result["check_name"] for result in found if result["status"] != "passed"}
    assert odd <= {"check_array_api_input"}


def test_labels_that_trees_know_by_heart_are_fitted_and_rows_stay_finite():
    rng = np.random.default_rng(0)

    def sample(n):
        X = rng.normal(size=(n, 4))
        return X, (X[:, 0] > 0.3).astype(int) + (X[:, 1] > 0.5)

    X, y = sample(40)
    model = SafeTransferClassifier(DecisionTreeClassifier(max_depth=2, random_state=0))
    model.fit(X, y, sources={"b": sample(100)})
    assert 0 < model.credibility_ <= 1
    assert np.isfinite(list(model.source_rows_.values())).all()


def test_fits_are_counted_as_they_are_planned(capsys):
    shift = make_shift(n_target=60, n_source=60, task="binary", random_state=1)
    sources = {"b": shift.sources["source"], "c": shift.sources["source"]}
    for effort in ("full", "thorough"):
        model = SafeTransferClassifier(
            DecisionTreeClassifier(max_depth=2, random_state=0), effort=effort, verbose=1
        ).fit(shift.X, shift.y, sources=sources)
        assert model.n_fits_ == planned_fits(2, effort)
        last = capsys.readouterr().err.splitlines()[-1]
        assert last == f"100 %  {model.n_fits_}/{model.n_fits_} fits"


def test_a_line_beside_trees_stays_within_a_quarter_of_the_labels_range():
    """By hand: the line's half is cut off first, so half of a tree's 0 pulls the mean inside."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 12))
    y = np.where(np.arange(20) % 2, 1.0, -1.0) + X[:, 0]
    model = SafeTransferRegressor(Counting([])).fit(X, y)
    far = 200.0 * X
    low, high = model.control_.bounds
    predicted = model.control_.predict(far)
    share = abs(predicted - y.mean()).max() / max(high - y.mean(), y.mean() - low)
    assert 0.05 < share < 0.95  # not the bound itself: the constant's half counts
    inner = model.control_.model
    line = next(part for part in getattr(inner, "inner", inner).parts if hasattr(part, "bounds"))
    spread, centre = model.encoder_.labels.scale, model.encoder_.labels.centre
    scores = line.scores(far)[:, 0] * spread + centre
    assert scores.min() == pytest.approx(low) and scores.max() == pytest.approx(high)
    assert SafeTransferClassifier(DecisionTreeClassifier()).fit(X, y > 0).control_.bounds is None
