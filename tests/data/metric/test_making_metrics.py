"""Metrics of one's own: computed as themselves, with the right direction, or refused at once."""

import functools

import numpy as np
import pytest
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge

from transfergap import Metric, audit, make_metric
from transfergap.data.metric import fitted_to, metric_named
from transfergap.errors import MetricError


class Fixed(ClassifierMixin, BaseEstimator):
    """A model whose probabilities are the first column."""

    classes_ = np.array(["no", "yes"])

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])

    def predict(self, X):
        return self.classes_[(X[:, 0] > 0.5).astype(int)]


LABELS = np.array(["yes", "no", "yes", "no"])
ROWS = np.array([[0.9], [0.6], [0.4], [0.1]])
CLASSES = np.array(["no", "yes"])


def fitted(metric, **options):
    return fitted_to(metric_named(metric), "binary", CLASSES, y=LABELS, **options)


def value(metric, **options):
    metric = fitted(metric, **options)
    outputs = metric.outputs(Fixed(), ROWS, LABELS, CLASSES)
    if metric.kind == "scorer":
        return outputs[0]
    return metric.score(metric.losses(outputs, LABELS, LABELS).mean())


def test_a_metric_without_functions_is_refused_with_the_way_to_make_one():
    with pytest.raises(MetricError, match="does not say how it is computed") as caught:
        Metric("hinge", "hinge loss", "hinge", "loss", frozenset({"binary"}), -1)
    assert "make_metric" in caught.value.hint


def test_a_computation_of_another_kind_is_refused():
    good = metric_named("accuracy")
    with pytest.raises(MetricError, match="of kind 'ranking'"):
        Metric("x", "x", "x", "ranking", good.tasks, 1, good.computation)


def absolute(y_true, p):
    return np.abs((y_true == "yes") - p)


def missed(y_true, y_pred):
    return 3.0 * ((y_true == "yes") & (y_pred == "no"))


def right(y_true, y_pred):
    return (y_true == y_pred).astype(float)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (make_metric(loss=absolute, response="predict_proba"), (0.1 + 0.6 + 0.6 + 0.1) / 4),
        (make_metric("missed", loss=missed), 3 / 4),
        (make_metric(loss=right, greater_is_better=True), 2 / 4),
    ],
)
def test_losses_of_ones_own_are_what_they_compute(metric, expected):
    assert metric.kind == "loss"
    assert value(metric) == pytest.approx(expected)


def test_the_direction_of_row_values_is_followed():
    gains = make_metric(loss=right, greater_is_better=True)
    assert gains.gain(of=0.9, over=0.5) > 0
    rows = gains.losses(np.array([1.0, 0.0]), LABELS[:2], LABELS[:2])
    assert rows[0] < rows[1]
    assert make_metric(loss=missed).gain(of=0.9, over=0.5) < 0


def test_probabilities_are_those_of_the_positive_class():
    metric = make_metric(loss=lambda y, p: p, response="predict_proba")
    assert value(metric, positive="yes") == pytest.approx(0.5)
    assert value(metric, positive="no") == pytest.approx(0.5)
    first = fitted(metric, positive="no").outputs(Fixed(), ROWS, LABELS, CLASSES)
    np.testing.assert_allclose(first, 1 - ROWS[:, 0])


def expense(y_true, y_pred):
    return float(np.mean(np.where(y_true == "yes", 4, 1) * (y_true != y_pred)))


def with_model(model, X, y):
    return float(model.predict_proba(X)[:, 1].mean())


def any_words(a, b):
    return float(np.mean(a == b))


@pytest.mark.parametrize(
    ("metric", "name", "sign", "expected"),
    [
        (metrics.matthews_corrcoef, "matthews_corrcoef", 1, 0.0),
        (metrics.hamming_loss, "hamming_loss", -1, 0.5),
        (metrics.make_scorer(metrics.hamming_loss, greater_is_better=False), "hamming_loss", -1,
         0.5),
        (metrics.make_scorer(metrics.fbeta_score, beta=2), "fbeta_score", 1, 0.5),
        (metrics.make_scorer(expense, greater_is_better=False), "expense", -1, 1.25),
        (expense, "expense", 1, 1.25),
        (make_metric(score=expense, greater_is_better=False), "expense", -1, 1.25),
        (make_metric("my cost", score=expense), "my cost", 1, 1.25),
        (functools.partial(metrics.fbeta_score, beta=2, pos_label="yes"), "fbeta_score", 1, 0.5),
        (with_model, "with_model", 1, 0.5),
        (any_words, "any_words", 1, 0.5),
        ("matthews_corrcoef", "matthews_corrcoef", 1, 0.0),
        (metrics.d2_log_loss_score, "d2_log_loss_score", 1,
         metrics.d2_log_loss_score(LABELS, np.column_stack([1 - ROWS, ROWS]))),
    ],
)  # fmt: skip
def test_scorers_and_functions_are_taken_with_their_direction(metric, name, sign, expected):
    made = metric_named(metric)
    assert (made.name, made.kind) == (name, "scorer")
    assert np.sign(made.gain(of=1.0, over=0.0)) == sign
    assert value(metric) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (metrics.accuracy_score, "accuracy"),
        (metrics.balanced_accuracy_score, "balanced_accuracy"),
        (metrics.log_loss, "log_loss"),
        (metrics.roc_auc_score, "roc_auc"),
        (metrics.f1_score, "f1"),
        (metrics.recall_score, "recall"),
        (metrics.average_precision_score, "average_precision"),
        (metrics.mean_squared_error, "mse"),
        (metrics.mean_absolute_error, "mae"),
        (metrics.r2_score, "r2"),
        (metrics.mean_poisson_deviance, "poisson"),
    ],
)
def test_functions_that_we_know_are_ours(function, name):
    assert metric_named(function).name == name


def test_an_unknown_function_says_that_larger_is_taken_for_better():
    assert "larger counts as better" in metric_named(expense).note
    assert not make_metric(score=expense, greater_is_better=True).note
    assert not metric_named(metrics.hamming_loss).note


def test_the_report_says_how_a_function_was_read():
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(60, 2)), rng.normal(size=(90, 2))
    y, z = (np.where(rows[:, 0] + rng.normal(size=len(rows)) > 0, "yes", "no") for rows in (X, Z))
    study = audit(
        LogisticRegression(), X, y, sources={"b": (Z, z)}, metric=expense, effort="quick",
        arms=["b pooled"], explain="none",
    )  # fmt: skip
    assert any("less counts as better" in note for note in study.result.method_notes)
    assert study.result.metric_title == "expense (less is better)"
    assert not study.result.failures


def share_wrong(y_true, y_pred):
    return float(np.mean(y_true != y_pred))


def share_right(y_true, y_pred):
    return float(np.mean(y_true == y_pred))


def miss(y_true, y_pred):
    return float(np.mean(np.abs(y_true - y_pred)))


def n_flagged(y_true, y_pred):
    return float(np.sum(y_pred == y_pred.max()))


def right_rows(y_true, y_pred):
    return (y_true == y_pred).astype(float)


@pytest.mark.parametrize(
    ("metric", "sign"),
    [
        (share_wrong, -1),
        (share_right, 1),
        (n_flagged, 1),  # the same for every order of predictions: nothing tells
        (lambda y_true, y_pred: float(np.mean(y_true != y_pred)), -1),
        (functools.partial(share_wrong), -1),
        (make_metric(score=share_wrong, greater_is_better=True), 1),  # what is stated stays
    ],
)
def test_perfect_predictions_tell_which_way_a_function_is_better(metric, sign):
    y = np.random.default_rng(0).integers(0, 2, 40)
    assert fitted_to(metric_named(metric), "binary", np.array([0, 1]), y=y).sign == sign


def test_the_direction_of_an_error_of_numbers_is_found():
    y = np.random.default_rng(0).normal(size=40)
    assert fitted_to(metric_named(miss), "regression", np.array([]), y=y).sign == -1


@pytest.mark.parametrize(
    ("metric", "is_turned"),
    [
        (make_metric(score=share_wrong, greater_is_better=True), True),
        (make_metric(loss=right_rows, greater_is_better=False), True),
        (metrics.make_scorer(share_wrong), True),
        (metrics.make_scorer(share_wrong, greater_is_better=False), False),
        (make_metric(loss=right_rows, greater_is_better=True), False),
        (share_wrong, False),
        ("accuracy", False),
        (metrics.hamming_loss, False),
    ],
)
def test_a_stated_direction_that_perfect_predictions_contradict_is_found(metric, is_turned):
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(60, 2)), rng.normal(size=(90, 2))
    y, z = ((rows[:, 0] + rng.normal(size=len(rows)) > 0).astype(int) for rows in (X, Z))
    result = audit(
        LogisticRegression(), X, y, sources={"b": (Z, 1 - z)}, metric=metric, effort="quick",
        arms=["b pooled"], explain="none",
    )  # fmt: skip
    assert ("TG315" in [finding.code for finding in result.findings]) is is_turned
    if not is_turned:
        assert result["b pooled"].gap.estimate < 0  # reversed labels hurt, by any metric


def one_number(y_true, y_pred):
    return 0.5


def raises(y_true, y_pred):
    raise TypeError("needs y_score")


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        (make_metric(loss=one_number), "gave shape"),
        (make_metric(score=right), "gave shape"),
        (make_metric(score=raises), "needs y_score"),
        (make_metric(score=lambda y, p: "high"), "not a number"),
    ],
)
def test_what_would_fail_in_every_trial_fails_at_once(metric, words):
    with pytest.raises(MetricError, match=words) as caught:
        fitted(metric)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "either a loss or a score"),
        ({"loss": right, "score": right}, "either a loss or a score"),
        ({"loss": right, "response": "proba"}, "no response 'proba'"),
    ],
)
def test_senseless_makings_are_refused(arguments, words):
    with pytest.raises(MetricError, match=words):
        make_metric(**arguments)


def test_a_loss_of_ones_own_has_an_interval_from_rows():
    rng = np.random.default_rng(1)
    X, Z = rng.normal(size=(80, 3)), rng.normal(size=(200, 3))
    y, z = X[:, 0] + 0.3 * rng.normal(size=80), Z[:, 0] + 0.3 * rng.normal(size=200)
    own = make_metric("squares", loss=lambda y, p: (y - p) ** 2, in_label_units=True)
    options = {"sources": {"b": (Z, z)}, "effort": "quick", "arms": ["b pooled"],
               "explain": "none", "margin": 0.02}  # fmt: skip
    made = audit(Ridge(), X, y, metric=own, **options).to_frame().set_index("arm")
    ours = audit(Ridge(), X, y, metric="mse", **options).to_frame().set_index("arm")
    assert made.score["control"] == pytest.approx(ours.score["control"], rel=0.1)  # folds, not rows
    assert made.estimate["b pooled"] > 0


def test_a_known_score_keeps_its_name_where_the_scorer_has_none():
    assert metric_named(metrics.get_scorer("neg_mean_squared_log_error")).name == (
        "mean_squared_log_error"
    )
    assert metric_named("neg_mean_squared_log_error").gain(of=1.0, over=2.0) > 0


@pytest.mark.parametrize("name", ["f1", "precision", "recall", "jaccard"])
@pytest.mark.parametrize("positive", ["no", "yes"])
def test_scores_of_text_labels_are_of_the_class_that_was_chosen(name, positive):
    function = getattr(metrics, f"{name}_score")
    expected = function(LABELS, Fixed().predict(ROWS), pos_label=positive)
    assert value(name, positive=positive) == pytest.approx(expected)
    assert fitted(name, positive=positive).title.endswith(f" of '{positive}'")


def test_average_precision_is_of_the_class_that_was_chosen():
    for positive, scores in (("yes", ROWS[:, 0]), ("no", 1 - ROWS[:, 0])):
        expected = metrics.average_precision_score(positive == LABELS, scores)
        assert value("average_precision", positive=positive) == pytest.approx(expected)


def test_scorers_of_scikit_learn_are_told_the_positive_class():
    scorer = metrics.make_scorer(metrics.f1_score)
    assert fitted(scorer, positive="no").title == "f1_score of 'no'"
    named = metrics.make_scorer(metrics.f1_score, pos_label="no")
    assert fitted(named).title == "f1_score of 'no'"
    assert fitted(named).positive == "no"
    with pytest.raises(MetricError, match="is made for 'no'"):
        fitted(named, positive="yes")


def test_a_partial_function_keeps_the_class_that_it_names():
    one = functools.partial(metrics.fbeta_score, beta=2, pos_label="no")
    assert value(one) == pytest.approx(
        metrics.fbeta_score(LABELS, Fixed().predict(ROWS), beta=2, pos_label="no")
    )
    assert fitted(one).title == "fbeta_score of 'no'"


def test_an_edited_function_is_another_design():
    from transfergap.experiment.run_directory import _computation

    def scored(body):
        place = {}
        exec(f"def mine(y_true, y_pred):\n    return {body}", place)
        return place["mine"]

    for wrap in (metric_named, lambda f: make_metric(loss=f), lambda f: metric_named(
        metrics.make_scorer(f))):  # fmt: skip
        texts = {_computation(wrap(scored(body))) for body in ("0.5", "0.5", "y_true.mean()")}
        assert len(texts) == 2


@pytest.mark.parametrize("labels", [[0, 1], [1.0, 2.0], ["0", "1"]])
def test_the_positive_class_may_be_given_as_text(labels):
    metric = fitted_to(metric_named("f1"), "binary", np.array(labels), positive=str(labels[0]))
    assert metric.positive == labels[0]


def test_the_default_is_the_larger_label():
    assert fitted("f1").positive == "yes"


def test_an_unknown_positive_class_names_the_classes():
    with pytest.raises(MetricError, match="no class 'maybe'") as caught:
        fitted("f1", positive="maybe")
    assert "no, yes" in caught.value.hint
    with pytest.raises(MetricError, match="3 classes"):
        fitted_to(metric_named("f1"), "multiclass", np.arange(3), positive=1)
    with pytest.raises(MetricError, match="numbers"):
        fitted_to(metric_named("mse"), "regression", np.empty(0), positive=1)


def test_a_metric_by_another_type_is_refused():
    with pytest.raises(MetricError, match="is a int"):
        metric_named(3)


def test_a_model_that_always_says_no_has_no_f1():
    X = np.zeros((20, 1))
    y = np.array(["a"] * 15 + ["b"] * 5)
    metric = fitted_to(metric_named("f1"), "binary", np.array(["a", "b"]))
    model = DummyClassifier().fit(X, y)
    assert metric.outputs(model, X, y, np.array(["a", "b"]))[0] == 0.0


def test_no_metric_goes_by_the_name_of_another():
    with pytest.raises(MetricError, match="that of another metric"):
        make_metric("accuracy", loss=missed)

    def recall(y_true, y_pred):
        return 0.5

    assert metric_named(recall).name == "custom recall"
    same = make_metric("accuracy", score=metrics.accuracy_score)
    assert same.computation == metric_named("accuracy").computation


@pytest.mark.parametrize("name", ["f1_macro", "f1_weighted", "recall_macro", "jaccard_macro"])
@pytest.mark.parametrize("positive", [None, "no"])
def test_averages_over_classes_are_of_no_class(name, positive):
    metric = fitted(name, positive=positive)
    assert metric.title == name
    assert not metric.tells_classes_apart
    plain = metrics.get_scorer(name)
    assert value(name, positive=positive) == pytest.approx(
        plain._score_func(LABELS, Fixed().predict(ROWS), **plain._kwargs)
    )


def test_a_partial_function_that_averages_is_of_no_class():
    one = functools.partial(metrics.f1_score, average="macro")
    assert fitted(one).title == "f1_score"
    assert not fitted(one).tells_classes_apart
    assert value(one) == pytest.approx(
        metrics.f1_score(LABELS, Fixed().predict(ROWS), average="macro")
    )


def test_an_average_precision_of_two_classes_is_of_one_whatever_its_average():
    scorer = metrics.make_scorer(
        metrics.average_precision_score, response_method="predict_proba", average="macro"
    )
    expected = metrics.average_precision_score(LABELS == "no", 1 - ROWS[:, 0])
    assert value(scorer, positive="no") == pytest.approx(expected)
    assert fitted(scorer, positive="no").tells_classes_apart


GRADES = np.array(["low", "mid", "high"])


@pytest.mark.parametrize(
    "metric",
    [
        "quadratic_kappa",
        metrics.make_scorer(metrics.cohen_kappa_score, weights="linear"),
        functools.partial(metrics.cohen_kappa_score, weights="quadratic"),
    ],
)
def test_texts_have_no_order_for_a_weighted_kappa(metric):
    y = GRADES[np.arange(12) % 3]
    with pytest.raises(MetricError, match=r"order of the classes.*: high, low, mid") as caught:
        fitted_to(metric_named(metric), "multiclass", np.unique(y), y=y)
    assert "numbers in their order" in caught.value.hint
    with pytest.raises(MetricError):  # '10' sorts before '9'
        fitted_to(metric_named(metric), "multiclass", np.array(["10", "8", "9"]))
    for classes in (np.arange(3), np.array(["1", "2", "3"])):
        made = fitted_to(metric_named(metric), "multiclass", classes)
        assert ", ".join(map(str, classes)) in made.note
    two = fitted_to(metric_named(metric), "binary", np.array(["high", "low"]))
    assert "order" not in two.note  # two classes are as far apart in any order


@pytest.mark.parametrize("options", [{}, {"weights": "linear", "labels": list(GRADES)}])
def test_a_kappa_without_weights_or_with_a_stated_order_takes_texts(options):
    scorer = metrics.make_scorer(metrics.cohen_kappa_score, **options)
    assert fitted_to(metric_named(scorer), "multiclass", np.sort(GRADES)).name == (
        "cohen_kappa_score"
    )


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        (make_metric("p", loss=lambda y, p: np.full(len(y), np.nan)), "gave 4 of 4 values"),
        (make_metric("p", score=lambda y, p: np.inf), "gave inf"),
    ],
)
def test_values_that_are_not_finite_are_blamed_on_the_function(metric, words):
    with pytest.raises(MetricError, match=words):
        fitted(metric)
    unfitted = metric.computation.outputs
    if metric.kind == "scorer":
        with pytest.raises(MetricError, match="The metric"):
            unfitted(Fixed(), ROWS, LABELS, CLASSES, None)


def test_predictions_that_are_not_finite_are_blamed_on_the_model():
    class Broken(Fixed):
        def predict(self, X):
            return np.full(len(X), np.nan)

    metric = metric_named(make_metric("miss", loss=lambda y, p: np.abs(y - p)))
    with pytest.raises(MetricError, match="model's predictions gave 4"):
        metric.outputs(Broken(), ROWS, np.arange(4.0), np.empty(0))


@pytest.mark.parametrize("function", [lambda y: 1.0, lambda y, prediction, a, b: 1.0, lambda: 0.0])
def test_a_function_of_other_arguments_is_refused_before_any_fit(function):
    with pytest.raises(MetricError, match="cannot be called with two or three") as raised:
        metric_named(function)
    assert "functools.partial" in raised.value.hint
    # Arguments with defaults, and stars, leave a way to call it.
    for ready in (lambda y, prediction, a=1: 1.0, lambda *arguments: 1.0):
        metric_named(ready)
