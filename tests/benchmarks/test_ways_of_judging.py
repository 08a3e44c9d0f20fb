"""Ways of judging on numbers made by hand, and what is counted of them."""

import numpy as np
import pytest
from benchmarks.verdicts import counting
from benchmarks.verdicts.fold_rules import FOLD_RULES, FoldScores, fold_scores, shapley_values
from benchmarks.verdicts.real_problems import pool
from scipy import stats
from sklearn.linear_model import LogisticRegression
from tools.judging_tables import long_tables, short_table

from transfergap.data.validation import make_problem
from transfergap.learners import EstimatorLearner

MARGIN = 0.02


def claims_of(folds, splits, deviance=0.0, value=0.0):
    scores = FoldScores(np.array(folds), np.array(splits), deviance, value)
    return {name: rule(scores).claim for name, rule, _ in FOLD_RULES}


def test_rules_say_what_their_numbers_say():
    spread = np.linspace(-0.1, 0.1, 10)
    weak = claims_of([spread + 0.03] * 2, [-0.01] + [0.05] * 9, deviance=-0.1, value=0.2)
    assert weak["sign of one split"] == "hurts"
    assert weak["sign of the mean over ten folds"] == "helps"
    assert weak["mean over ten folds beyond 2 standard errors"] is None
    assert weak["t over ten seeds"] == "helps"
    assert weak["baycomp's correlated t"] is None
    assert (weak["insurance-transfer's rule"], weak["pyDVL's group value"]) == ("hurts", "helps")
    clear = claims_of([spread + 0.3] * 2, np.full(10, 0.3) + spread / 10)
    assert {clear[name] for name in list(clear)[:6]} == {"helps"}
    assert clear["insurance-transfer's rule"] is None  # a tie claims nothing


class Scores:
    """Fits whose scores are a table of coalitions."""

    def __init__(self, table):
        self.table = table

    def scores(self, train, test, arms):
        return np.array([self.table[arm] for arm in arms])


def test_values_of_sources_add_up_to_what_all_of_them_give():
    table = {(): 0.5, ("b",): 0.6, ("c",): 0.4, ("b", "c"): 0.55}
    values = shapley_values(Scores(table), ("b", "c"), None, None)
    assert values == pytest.approx({"b": 0.125, "c": -0.075})
    assert sum(values.values()) == pytest.approx(0.05)
    assert shapley_values(Scores(table), ("b",), None, None) == {"b": pytest.approx(0.1)}


@pytest.mark.parametrize(("wrong", "n"), [(0, 12), (3, 10), (7, 7)])
def test_intervals_are_those_of_clopper_and_pearson(wrong, n):
    exact = stats.binomtest(wrong, n).proportion_ci(method="exact")
    assert counting.binomial_interval(wrong, n, n) == pytest.approx([exact.low, exact.high])


def test_fewer_units_give_a_wider_interval():
    few, many = (counting.binomial_interval(10, 100, n) for n in (50, 100))
    assert few[0] < many[0] < 0.1 < many[1] < few[1]
    assert counting.binomial_interval(0, 0, 0) is None


def audit_of(claim, such, these, verdict="not enough evidence", use=None):
    rule = {name: {"value": 0.1, "claim": claim} for name, _, _ in FOLD_RULES}
    said = {"verdict": verdict, "estimate": 0.1, "low": 0.0, "high": 0.2, "n_fits": 20}
    return {
        "problem": "made up", "metric": "roc_auc", "cpu_s": 1.0,
        "these rows": {"b pooled": these, "safe": 0.01},
        "such samples": {"b pooled": such, "safe": 0.01},
        "rules": {"b": rule},
        "ours": {"b pooled": said, "safe": {**said, "verdict": "helps"}},
        "decisions": {"expected": use, "cautious": None, "proven": None},
    }  # fmt: skip


AUDITS = (
    audit_of("helps", 0.05, 0.03, "helps", "b pooled"),
    audit_of("helps", -0.01, -0.03, use="safe"),  # wrong, by less than the margin, but it costs
    audit_of("hurts", 0.04, 0.05),  # wrong by more than the margin; who acts on it gains nothing
    audit_of(None, 0.04, -0.05),
)


def test_claims_are_counted_by_the_truth_of_such_samples_and_gains_by_these_rows():
    row = counting.row(AUDITS, "sign of one split", MARGIN)
    assert (row["judged"], row["claims"], row["wrong"]) == (4, 3, 2)
    assert (row["wrong, helps"], row["wrong, hurts"]) == (1, 1)
    assert row["wrong beyond the margin"] == 1
    assert row["wrong on these rows"] == 2
    assert row["mean gain"] == pytest.approx(0.0)
    assert (row["used in"], row["harmed beyond the margin"], row["worst"]) == (2, 1, -0.03)


def test_our_verdicts_and_decisions_are_counted_alike():
    verdict = counting.row(AUDITS, counting.VERDICT, MARGIN)
    decision = counting.row(AUDITS, counting.decision_name("expected"), MARGIN)
    safe = counting.row(AUDITS, counting.SAFE, MARGIN)
    assert (verdict["claims"], verdict["wrong"], verdict["used in"]) == (1, 0, 1)
    assert (decision["claims"], decision["wrong"]) == (2, 0)
    assert decision["mean gain"] == pytest.approx((0.03 + 0.01) / 4)
    assert (safe["used in"], safe["mean gain"]) == (4, pytest.approx(0.01))


def test_tables_have_a_line_for_every_way_and_problem():
    fits = {name: n for name, _, n in FOLD_RULES}
    record = counting.summary(AUDITS, fits=fits, margin=MARGIN)
    short, long = short_table(record), long_tables(record)
    for name in (*fits, counting.VERDICT, counting.SAFE):
        assert f"| {name} |" in short
        assert long.count(f"| {name} |") == 2
    assert "| sign of one split | 1 | 3 of 4 | 67% [9%, 99%] | +0.0000 | 25% [1%, 81%] |" in short
    assert "| made up | roc_auc | 4 |" in long


def test_folds_and_splits_of_a_real_learner_see_a_clear_source():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(400, 2))
    y = (X[:, 0] + rng.normal(0, 0.5, 400) > 0).astype(int)
    sources = {"more": (X[60:200], y[60:200]), "reversed": (X[200:], 1 - y[200:])}
    problem = make_problem(X[:60], y[:60], sources=sources, metric="roc_auc", margin=MARGIN)
    found = fold_scores(problem, EstimatorLearner(LogisticRegression()), 0)
    assert found["reversed"].folds.shape == (2, 10)
    for judged in (found["reversed"].folds.mean(), found["reversed"].value):
        assert judged < 0 and judged < found["more"].value
    assert found["reversed"].deviance < found["more"].deviance


def test_digits_are_drawn_with_two_of_three_sources():
    one, again, other = (pool("digits", 60, draw) for draw in (0, 0, 1))
    assert set(one.sources) == {"b", "c"}
    assert np.array_equal(one.rows.X, again.rows.X)
    assert not np.array_equal(one.rows.X, other.rows.X)
