"""Gini, KS, calibration, pinball, deviances, kappa, NDCG, costs: values by hand and by others."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge

from transfergap import TrialStore, audit, case_cost, pinball, run_trials, tweedie
from transfergap.analysis.estimation import control_advantage
from transfergap.auditing.audit import make_design
from transfergap.data.metric import fitted_to, is_loss, metric_examples, metric_named, metric_names
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError, MetricError
from transfergap.stats import auc_rows


class Stated(ClassifierMixin, BaseEstimator):
    """A model that states the first column as the probability of class 1."""

    classes_ = np.array([0, 1])

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])

    def predict(self, X):
        return (X[:, 0] > 0.5).astype(int)


class Numbers(BaseEstimator):
    """A model that predicts the first column."""

    def predict(self, X):
        return X[:, 0]


def fold_score(name, p, y, weights=None):
    metric = fitted_to(metric_named(name), "binary", np.array([0, 1]))
    p, y = np.asarray(p, float)[:, None], np.asarray(y)
    return metric.outputs(Stated(), p, y, np.array([0, 1]), weights)[0]


def number_score(metric, predicted, y, weights=None):
    metric = metric_named(metric)
    predicted, y = np.asarray(predicted, float)[:, None], np.asarray(y, float)
    outputs = metric.outputs(Numbers(), predicted, y, np.empty(0), weights)
    losses = metric.losses(outputs, y, y, weights=weights, weights_all=weights)
    return metric.score(losses.mean())


@pytest.mark.parametrize(
    ("p", "y", "expected"),
    [
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1.0),
        ([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 0.0),  # the wrong way round is no separation
        ([0.1, 0.6, 0.4, 0.9], [0, 0, 1, 1], 0.5),
        ([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1], 0.0),
    ],
)
def test_ks_by_hand(p, y, expected):
    assert fold_score("ks", p, y) == pytest.approx(expected)


def test_ks_is_the_one_sided_statistic_of_two_samples():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 80)
    p = np.clip(0.3 * y + rng.random(80) * 0.6, 0, 1)
    two = stats.ks_2samp(p[y == 0], p[y == 1], alternative="greater")
    assert fold_score("ks", p, y) == pytest.approx(two.statistic)


@pytest.mark.parametrize(
    ("p", "y", "expected"),
    [
        ([0.15, 0.15, 0.85, 0.85], [0, 0, 1, 1], 0.15),
        ([0.12, 0.18, 0.52, 0.58], [0, 1, 1, 1], (0.35 * 2 + 0.45 * 2) / 4),
        ([1.0, 0.0], [1, 0], 0.0),  # 1 belongs to the last bin
        ([0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0], 0.0),
    ],
)
def test_the_calibration_error_by_hand(p, y, expected):
    assert fold_score("calibration_error", p, y) == pytest.approx(expected)


def test_the_calibration_error_weighs_rows():
    p, y = np.array([0.15, 0.15, 0.85]), np.array([0, 1, 1])
    w = np.array([1.0, 3.0, 2.0])
    repeated = fold_score("calibration_error", np.repeat(p, [1, 3, 2]), np.repeat(y, [1, 3, 2]))
    assert fold_score("calibration_error", p, y, w) == pytest.approx(repeated)


def test_the_calibration_error_of_more_classes_is_that_of_the_predicted_one():
    class Three:
        classes_ = np.array(["a", "b", "c"])

        def predict_proba(self, X):
            return X

    rows = np.array([[0.6, 0.3, 0.1], [0.65, 0.2, 0.15], [0.1, 0.1, 0.8]])
    metric = fitted_to(metric_named("calibration_error"), "multiclass", Three.classes_)
    found = metric.outputs(Three(), rows, np.array(["a", "b", "c"]), Three.classes_)[0]
    assert found == pytest.approx((abs(0.6 + 0.65 - 1) + abs(0.8 - 1)) / 3)


def test_the_calibration_slope_of_stated_logits():
    rng = np.random.default_rng(1)
    logits = rng.normal(size=20_000)
    y = (rng.random(20_000) < 1 / (1 + np.exp(-logits))).astype(int)
    for stretch, distance in ((1.0, 0.0), (2.0, 0.5), (0.5, 1.0)):
        p = 1 / (1 + np.exp(-stretch * logits))
        assert fold_score("calibration_slope", p, y) == pytest.approx(distance, abs=0.05)
    model = LogisticRegression(C=np.inf).fit(2.0 * logits[:300, None], y[:300])
    p = 1 / (1 + np.exp(-2.0 * logits[:300]))
    expected = abs(model.coef_[0, 0] - 1)
    assert fold_score("calibration_slope", p, y[:300]) == pytest.approx(expected, abs=1e-3)


def test_the_calibration_slope_is_cut_where_a_fold_is_told_apart():
    assert fold_score("calibration_slope", [0.2, 0.3, 0.7, 0.8], [0, 0, 1, 1]) == 10.0
    assert fold_score("calibration_slope", [0.4, 0.4, 0.4, 0.4], [0, 0, 1, 1]) == 1.0


@pytest.mark.parametrize("name", ["ks", "calibration_slope"])
def test_a_fold_of_one_class_is_refused(name):
    with pytest.raises(MetricError, match="one class only"):
        fold_score(name, [0.2, 0.3], [1, 1])


def test_gini_is_twice_the_area_less_one():
    gini, area = metric_named("gini"), metric_named("roc_auc")
    rng = np.random.default_rng(2)
    rows = auc_rows(rng.normal(size=30), rng.random(30) < 0.5)
    assert gini.of_areas(rows).mean() == pytest.approx(2 * area.of_areas(rows).mean() - 1)
    assert gini.bound(np.array([0, 1])) == 2.0


def test_an_audit_by_gini_is_one_by_auc_on_twice_the_scale():
    rng = np.random.default_rng(3)
    X, Z = rng.normal(size=(80, 3)), rng.normal(size=(80, 3))
    y, z = ((rows[:, 0] + rng.normal(size=80) > 0).astype(int) for rows in (X, Z))
    found = {}
    for name, margin in (("roc_auc", 0.02), ("gini", 0.04)):
        found[name] = audit(
            LogisticRegression(), X, y, sources={"b": (Z, z)}, metric=name, margin=margin,
            effort="quick", explain="none", arms=["b pooled"],
        ).result.arms  # fmt: skip
    assert found["gini"][0].score == pytest.approx(2 * found["roc_auc"][0].score - 1)
    one, two = found["roc_auc"][1].gap, found["gini"][1].gap
    for part in ("estimate", "low", "high", "equivalence_low", "smallest_margin"):
        assert getattr(two, part) == pytest.approx(2 * getattr(one, part))
    assert two.p_helps == pytest.approx(one.p_helps)
    assert found["gini"][1].verdict == found["roc_auc"][1].verdict


RESIDUALS = np.array([1.0, -2.0, 0.0, 3.0])


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_the_pinball_loss_is_scikit_learns(quantile):
    y = np.array([4.0, 1.0, 0.0, 7.0])
    expected = metrics.mean_pinball_loss(y, y - RESIDUALS, alpha=quantile)
    assert number_score(pinball(quantile), y - RESIDUALS, y) == pytest.approx(expected)
    by_hand = quantile * 4.0 + (1 - quantile) * 2.0
    assert 4 * number_score(pinball(quantile), y - RESIDUALS, y) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("metric", "power"),
    [("poisson", 1), ("tweedie(1)", 1), ("tweedie(1.5)", 1.5), ("tweedie(2)", 2),
     ("tweedie(3)", 3)],
)  # fmt: skip
def test_deviances_are_scikit_learns(metric, power):
    rng = np.random.default_rng(4)
    y = rng.gamma(2.0, size=50) if power >= 2 else rng.poisson(1.0, 50).astype(float)
    predicted, exposure = rng.gamma(2.0, size=50), rng.uniform(0.1, 1.0, 50)
    for w in (None, exposure):
        expected = metrics.mean_tweedie_deviance(y, predicted, power=power, sample_weight=w)
        assert number_score(metric, predicted, y, w) == pytest.approx(expected)


@pytest.mark.parametrize("metric", [pinball(0.8), pinball(0.25), tweedie(1.5), "poisson", "mae"])
@pytest.mark.parametrize("weighted", [False, True])
def test_no_constant_beats_the_best_constant(metric, weighted):
    rng = np.random.default_rng(5)
    y = rng.poisson(3.0, 41).astype(float)
    w = rng.choice([0.5, 2.0], 41) if weighted else None
    metric = metric_named(metric)
    best = metric.losses(
        metric.constant_outputs(y, np.empty(0), w), y, y, weights=w, weights_all=w
    ).mean()
    for constant in np.linspace(0.1, 8.0, 200):
        assert number_score(metric, np.full(41, constant), y, w) >= best - 1e-12


def test_quadratic_kappa_is_scikit_learns():
    rng = np.random.default_rng(6)
    y = rng.integers(0, 5, 60)
    predicted = np.clip(y + rng.integers(-1, 2, 60), 0, 4)
    metric = fitted_to(metric_named("quadratic_kappa"), "multiclass", np.arange(5))
    found = metric.outputs(Numbers(), predicted[:, None], y, np.arange(5))[0]
    assert found == pytest.approx(metrics.cohen_kappa_score(y, predicted, weights="quadratic"))


def test_ndcg_is_scikit_learns():
    gains, scores = np.array([3.0, 2.0, 0.0, 1.0]), np.array([0.1, 0.9, 0.5, 0.3])
    metric = fitted_to(metric_named("ndcg"), "regression", np.empty(0), y=gains)
    found = metric.outputs(Numbers(), scores[:, None], gains, np.empty(0))[0]
    discounts = 1 / np.log2([2, 3, 4, 5])
    by_hand = (np.array([2, 0, 1, 3]) @ discounts) / (np.array([3, 2, 1, 0]) @ discounts)
    assert found == pytest.approx(by_hand)
    assert found == pytest.approx(metrics.ndcg_score(gains[None], scores[None]))
    p, y = [0.2, 0.9, 0.6], [1, 0, 1]
    assert fold_score("ndcg", p, y) == pytest.approx(metrics.ndcg_score([y], [p]))


def test_costs_by_hand():
    metric = fitted_to(case_cost([[0, 1], [5, -2]]), "binary", np.array([0, 1]))
    p, y = np.array([[0.9], [0.1], [0.9], [0.1]]), np.array([0, 0, 1, 1])
    outputs = metric.outputs(Stated(), p, y, np.array([0, 1]))
    assert outputs.tolist() == [1.0, 0.0, -2.0, 5.0]
    assert metric.score(metric.losses(outputs, y, y).mean()) == 1.0
    assert metric.bound(y) == 7.0
    assert metric.gain(of=1.0, over=2.0) > 0
    constant = metric.constant_outputs(y, np.array([0, 1]))
    assert constant.tolist() == [1.0, 1.0, -2.0, -2.0]  # all as class 1: -0.5 against 2.5


def test_costs_of_another_number_of_classes_are_refused():
    with pytest.raises(MetricError, match="table of 2 by 2"):
        fitted_to(case_cost([[0, 1], [5, 0]]), "multiclass", np.arange(3))


@pytest.mark.parametrize(
    ("text", "name"),
    [("pinball(0.9)", "pinball(0.9)"), ("tweedie( 1.50 )", "tweedie(1.5)"),
     ("case_cost([[0,1],[5,0]])", "case_cost([[0, 1], [5, 0]])")],
)  # fmt: skip
def test_metrics_with_a_parameter_have_names(text, name):
    assert metric_named(text).name == name
    assert metric_named(name) == metric_named(text)
    assert is_loss(text)


@pytest.mark.parametrize(
    "text",
    ["pinball", "pinball(1.5)", "pinball(x)", "tweedie(0.5)", "tweedie(True)", "case_cost(3)",
     "case_cost([[0, 1]])", "case_cost([[0, 'x'], [1, 0]])", "pinball(0.1"],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_refused_with_a_hint(text):
    with pytest.raises(MetricError) as caught:
        metric_named(text)
    assert caught.value.hint


def test_labels_that_a_metric_cannot_have_are_refused_before_any_trial():
    rng = np.random.default_rng(7)
    X, y = rng.normal(size=(30, 2)), rng.normal(size=30)
    for metric in ("poisson", "tweedie(2)", "ndcg"):
        with pytest.raises(MetricError) as caught:
            make_problem(
                X, y, sources={"b": (rng.normal(size=(30, 2)), y)}, metric=metric, margin=0.1
            )
        assert caught.value.hint


@pytest.mark.parametrize("metric", ["mae", "pinball(0.9)", "poisson", "case_cost([[0,1],[1,0]])"])
def test_metrics_with_a_unit_of_their_own_have_no_default_margin(metric):
    rng = np.random.default_rng(8)
    X, y = rng.normal(size=(30, 2)), rng.integers(0, 2, 30)
    labels = "classes" if "cost" in metric else "numbers"
    with pytest.raises(ConfigurationError, match="no default"):
        make_problem(
            X, y, sources={"b": (rng.normal(size=(30, 2)), y)}, metric=metric, labels=labels
        )


def test_predictions_below_zero_fail_with_the_way_out():
    metric = metric_named("poisson")
    with pytest.raises(MetricError, match="predictions above 0") as caught:
        metric.outputs(Numbers(), np.array([[-1.0]]), np.array([1.0]), np.empty(0))
    assert "log link" in caught.value.hint


def test_exposure_is_the_weight_of_claims_a_year():
    """The rate and exposure of a claims model: the audit's score is the weighted deviance."""
    rng = np.random.default_rng(9)
    X, Z = rng.normal(size=(120, 2)), rng.normal(size=(200, 2))
    exposure = rng.uniform(0.1, 1.0, 120)
    claims = rng.poisson(exposure * np.exp(0.5 * X[:, 0]))
    other = rng.poisson(np.exp(0.5 * Z[:, 0]))
    study = audit(
        PoissonRegressor(), X, claims / exposure, sources={"b": (Z, other.astype(float))},
        metric="poisson", margin=0.05, sample_weight=exposure, effort="quick",
        explain="none", arms=["b pooled"],
    )  # fmt: skip
    assert not study.result.failures
    assert 0.5 < study.result.arms[0].score < 3.0


# The last of each kind and labels by default: the others differ in their losses alone.
USUAL = {(metric_named(n).kind, frozenset(metric_named(n).tasks)): n for n in metric_names()}
AUDITED = [
    n if n in {*USUAL.values(), *metric_examples()} else pytest.param(n, marks=pytest.mark.slow)
    for n in (*metric_names(), *metric_examples())
]


@pytest.mark.parametrize("name", AUDITED)
def test_every_metric_of_ours_can_be_audited(name):
    rng = np.random.default_rng(10)
    X, Z = rng.normal(size=(60, 2)), rng.normal(size=(90, 2))
    numbers = "binary" not in metric_named(name).tasks

    def labels(rows):
        mean = np.exp(0.4 * rows[:, 0])
        if numbers:
            return mean * rng.gamma(4.0, size=len(rows)) / 4.0
        return (rows[:, 0] + rng.logistic(size=len(rows)) > 0).astype(int)

    model = LogisticRegression()
    if numbers:
        model = PoissonRegressor() if "deviance" in metric_named(name).unit else Ridge()
    y, z = labels(X), labels(Z)
    study = audit(
        model, X, y, sources={"b": (Z, z)}, metric=name, margin=0.05, effort="quick",
        explain="none", arms=["b pooled"],
    )  # fmt: skip
    assert study.result.arms[0].score is not None
    assert study.result.arms[1].gap is not None
    assert len(study.result.failures) <= (name == "calibration_slope")


def test_the_advantage_over_a_constant_is_in_units_of_gini():
    rng = np.random.default_rng(11)
    X, Z = rng.normal(size=(60, 2)), rng.normal(size=(60, 2))
    y, z = ((rows[:, 0] > 0).astype(int) for rows in (X, Z))
    advantages = []
    for name in ("roc_auc", "gini"):
        problem = make_problem(X, y, sources={"b": (Z, z)}, metric=name)
        design = make_design(LogisticRegression(), problem, arms=["b pooled"], effort="quick")
        store = TrialStore()
        run_trials(design, store)
        advantages.append(control_advantage(design, store.trials()))
    np.testing.assert_allclose(advantages[1], 2 * advantages[0])
