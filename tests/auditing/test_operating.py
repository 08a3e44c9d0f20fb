"""Planted worlds have the truth that is said of them, and operating characteristics follow."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeRegressor

from transfergap.analysis.decision import Policy
from transfergap.auditing.audit import make_design
from transfergap.auditing.operating import operating_characteristics
from transfergap.auditing.planted import Scenario, learn_law, planted
from transfergap.auditing.rates import (
    ArmRates,
    OperatingCharacteristics,
    PolicyRates,
    Rate,
    ScenarioRates,
)
from transfergap.cli._operating import lines, record
from transfergap.data.validation import make_problem
from transfergap.datasets import make_shift
from transfergap.errors import ConfigurationError

SAME = Scenario("same law")


def problem_of(task="regression", n=60, shift=0.0, metric=None, n_source=200):
    shifted = make_shift(
        n_target=n, n_source=n_source, n_features=5, shift=shift, task=task, random_state=1
    )
    metric = metric or {"regression": "r2", "binary": "log_loss"}[task]
    return make_problem(shifted.X, shifted.y, sources=shifted.sources, metric=metric, margin=0.02)


def design_of(problem, model=None, **options):
    return make_design(model or Ridge(), problem, arms=["source pooled"], effort="quick", **options)


@pytest.fixture(scope="module")
def found():
    return operating_characteristics(
        design_of(problem_of()), n_draws=6, drifts=(0.0, 0.5, 2.0), flipped=0.0
    )


def named(found, name):
    return next(rates for rates in found.scenarios if rates.scenario.name == name)


def test_the_law_is_that_of_the_target():
    X = np.random.default_rng(0).normal(size=(400, 3))
    other = np.random.default_rng(2).normal(size=(100, 3))
    y = X @ [2.0, -1.0, 0.0] + 0.5 * np.random.default_rng(1).normal(size=400)
    problem = make_problem(X, y, sources={"b": (other, other[:, 0])}, metric="r2", margin=0.02)
    law = learn_law(problem)
    assert np.abs(law.target[:, 0] - X @ [2.0, -1.0, 0.0]).max() < 0.3
    assert law.errors.std() == pytest.approx(0.5, rel=0.1)
    scores, moved = law.sources["b"]
    assert np.abs(scores[:, 0] - other @ [2.0, -1.0, 0.0]).max() < 0.3
    # A drift of one is as large as what the columns explain: sqrt(5) here.
    assert moved.std() == pytest.approx(np.sqrt(5), rel=0.4)


def test_a_planted_problem_has_new_labels_and_nothing_else_new():
    problem = problem_of()
    made = planted(problem, learn_law(problem), SAME, seed=3)
    assert made.target.X is problem.target.X
    assert not np.array_equal(made.target.y, problem.target.y)
    again = planted(problem, learn_law(problem), SAME, seed=3)
    other = planted(problem, learn_law(problem), SAME, seed=4)
    assert np.array_equal(made.target.y, again.target.y)
    assert not np.array_equal(made.target.y, other.target.y)


def test_scenarios_share_their_errors():
    problem = problem_of()
    law = learn_law(problem)
    plain, far = (planted(problem, law, Scenario("s", drift), seed=3) for drift in (0.0, 1.0))
    assert np.array_equal(plain.target.y, far.target.y)
    moved = far.sources["source"].sample.y - plain.sources["source"].sample.y
    inside = np.abs(moved) > 0  # labels stay within the target's range, so some are clipped
    assert np.corrcoef(moved[inside], law.sources["source"][1][inside, 0])[0, 1] > 0.8


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_so_many_labels_are_flipped(share):
    problem = problem_of("binary", n_source=1000)
    law = learn_law(problem)
    plain, flipped = (
        planted(problem, law, Scenario("s", flipped=part), seed=3).sources["source"].sample.y
        for part in (0.0, share)
    )
    assert np.mean(plain != flipped) == pytest.approx(share, abs=0.05)


def test_flipped_numbers_are_mirrored_at_the_mean():
    problem = problem_of()
    law = learn_law(problem)
    plain, flipped = (
        planted(problem, law, Scenario("s", flipped=part), seed=3).sources["source"].sample.y
        for part in (0.0, 1.0)
    )
    np.testing.assert_allclose(plain + flipped, 2 * plain.mean())


def test_classes_and_counts_stay_what_they_are():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"x": rng.normal(size=90), "site": rng.choice(["p", "q"], 90)})
    words = np.array(["high", "low", "mid"])[np.arange(90) % 3]
    counts = rng.poisson(3.0, 90).astype(float)
    for y, metric in ((words, "accuracy"), (counts, "poisson")):
        problem = make_problem(
            rows,
            y,
            sources={"b": (rows.iloc[:60].assign(x=rng.normal(size=60)), y[:60])},
            metric=metric,
            margin=0.02,
        )
        made = planted(problem, learn_law(problem), Scenario("s", 1.0, 0.2), seed=0)
        assert set(np.unique(made.target.y)) <= set(np.unique(y))


def test_more_drift_is_worse_and_the_null_is_null(found):
    drifts = [rates for rates in found.scenarios if rates.scenario.name.startswith(("same", "dr"))]
    gaps = [rates.arms[0].gap for rates in drifts]
    assert gaps[0] > 0 > gaps[-1]
    assert gaps == sorted(gaps, reverse=True)
    null = named(found, "no effect").arms[0]
    assert found.no_effect_of == "source pooled"
    assert abs(null.gap) < 3 * null.gap_error


def test_claims_follow_the_truth(found):
    null, far = named(found, "no effect").arms[0], named(found, "drift 2").arms[0]
    # Binomial at 5 % and 6 draws: above 3 once in 10,000.
    assert max(null.helps.count, null.hurts.count) <= 3
    assert (far.helps.count, far.hurts.share) == (0, 1.0)


def test_policies_by_drift(found):
    far = named(found, "drift 2").policies
    assert [rates.used.count for rates in far] == [0, 0, 0]
    assert all((rates.gain, rates.gain_share) == (0.0, None) for rates in far)
    same = {str(rates.policy): rates for rates in named(found, "same law").policies}
    assert same["expected"].used.count >= same["cautious"].used.count
    assert same["cautious"].used.count >= same["proven"].used.count
    assert 0 < same["proven"].gain_share <= same["expected"].gain_share <= 1.1
    assert all(rates.harmed.count == 0 for rates in same.values())


def test_the_same_seed_gives_the_same_rates():
    one, two, other = (
        operating_characteristics(
            design_of(problem_of()), n_draws=2, drifts=(0.0,), flipped=0.0, random_state=seed
        )
        for seed in (0, 0, 1)
    )
    assert one == two
    assert one != other
    assert one.no_effect_of is None


@pytest.mark.parametrize(
    ("task", "model"), [("regression", DecisionTreeRegressor()), ("binary", LogisticRegression())]
)
def test_models_with_and_without_closed_form(task, model):
    design = design_of(problem_of(task, n=40), model)
    made = operating_characteristics(design, n_draws=2, drifts=(0.0, 2.0), flipped=0.5)
    names = [rates.scenario.name for rates in made.scenarios if rates.scenario.name != "no effect"]
    assert names == ["same law", "drift 2", "50% flipped"]
    assert all(rates.arms[0].helps.n_draws == 2 for rates in made.scenarios)


def test_rates_have_exact_intervals():
    # Clopper and Pearson: 1 - 0.025^(1/10) with none in ten.
    assert (Rate(0, 10).low, Rate(0, 10).high) == pytest.approx((0.0, 1 - 0.025 ** (1 / 10)))
    assert Rate(5, 10).low == pytest.approx(0.187086, abs=1e-6)


def rates_of(n_harmed, n_used, n_draws):
    """Rates of one world, with one arm and one policy."""
    never = Rate(0, n_draws)
    policy = PolicyRates(
        Policy.EXPECTED, Rate(n_used, n_draws), Rate(n_harmed, n_draws), 0.01, 0.001, None
    )
    world = ScenarioRates(
        SAME, (ArmRates("b pooled", 0.01, 0.001, never, never, never),), (policy,)
    )
    return OperatingCharacteristics((world,), n_draws, 0.02, "r2", None)


@pytest.mark.parametrize(
    ("rates", "used", "harm"),
    [
        (rates_of(0, 20, 20), "100% [83%, 100%]", "0% [0%, 17%]"),
        (rates_of(0, 3, 2000), "0% [0%, 1%]", "0% [0%, 1%]"),
        (rates_of(500, 1000, 1000), "100% [99%, 100%]", "50% [46%, 54%]"),
    ],
)
def test_every_rate_is_printed_with_its_interval(rates, used, harm):
    text = "\n".join(lines(rates))
    (row,) = [line for line in text.split("\n") if " expected " in line]
    assert re.findall(r"\d+% \[.*?\]", row) == [used, harm]
    # No share of draws stands alone, of any table.
    assert not re.search(r"\d%(?! \[|[,\]])", text)
    assert max(map(len, text.split("\n"))) <= 88


def test_rates_for_json_have_their_limits():
    (world,) = record(rates_of(0, 20, 20))["scenarios"]
    harmed = world["policies"][0]["harmed"]
    assert harmed["share"] == 0.0
    assert (harmed["low"], harmed["high"]) == pytest.approx((0.0, 1 - 0.025 ** (1 / 20)))
    assert world["arms"][0]["helps"]["high"] > 0.1


@pytest.mark.parametrize(("drift", "flipped"), [(-1.0, 0.0), (np.inf, 0.0), (0.0, 1.5)])
def test_a_scenario_that_cannot_be_is_refused(drift, flipped):
    with pytest.raises(ConfigurationError):
        Scenario("s", drift, flipped)


def test_one_draw_gives_no_rate():
    with pytest.raises(ConfigurationError, match="give no rate"):
        operating_characteristics(design_of(problem_of()), n_draws=1)
