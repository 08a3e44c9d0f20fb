"""effort="race": arms stop where the fits left could hardly change what is said of them."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from transfergap import audit
from transfergap.analysis import arm_outcome
from transfergap.analysis.estimation import first_round, next_round
from transfergap.auditing.audit import make_design, run_design
from transfergap.auditing.planning import plan
from transfergap.data.metric import metric_named
from transfergap.data.validation import make_problem
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.report.console.screen import render_terminal

N_FULL, N_TWO, N_ONE = 65, 20, 10
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)


def problem(metric="accuracy", n=80):
    """One source of noise, one of reversed labels, one that is more of the target."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(n + 900, 3))
    y = (X[:, 0] + rng.normal(0, 0.3, len(X)) > 0).astype(int)
    parts = [X[n + 300 * k :][:300] for k in range(3)], [y[n + 300 * k :][:300] for k in range(3)]
    noise, reversed_, more = parts[1]
    sources = {
        "noise": (parts[0][0], rng.permutation(noise)),
        "reversed": (parts[0][1], 1 - reversed_),
        "more": (parts[0][2], more),
    }
    return make_problem(X[:n], y[:n], sources=sources, metric=metric, margin=0.02)


ARMS = ["noise pooled", "reversed pooled", "more pooled"]


def run(effort, metric="accuracy", **options):
    design = make_design(TREE, problem(metric), arms=ARMS, effort=effort)
    return run_design(design, explain="none", **options)


@pytest.fixture(scope="module")
def race():
    return run("race")


@pytest.fixture(scope="module")
def full():
    return run("full")


def test_a_race_says_what_full_effort_says_with_fewer_fits(race, full):
    verdicts = [{arm.arm: arm.verdict for arm in made.result.arms} for made in (race, full)]
    assert verdicts[0] == verdicts[1]
    n_fits = {arm.arm: arm.n_completed for arm in race.result.arms}
    assert set(n_fits.values()) <= {N_ONE, N_TWO, N_FULL}
    assert n_fits["reversed pooled"] == N_ONE  # a plain harm
    assert n_fits["control"] == max(n for arm, n in n_fits.items() if arm != "control")
    assert sum(n_fits.values()) < sum(arm.n_completed for arm in full.result.arms)


def test_an_arm_that_ran_to_the_end_has_the_gap_of_full_effort(race, full):
    gaps = {arm.arm: arm.gap for arm in full.result.arms}
    for arm in race.result.arms:
        if arm.gap is not None and arm.n_completed == N_FULL:
            assert arm.gap == gaps[arm.arm]


def test_a_finding_tells_which_arms_were_stopped(race, full):
    (found,) = [finding for finding in race.findings if finding.code == "TG312"]
    assert "reversed pooled" in found.subject
    assert found.evidence["n_stopped"] == sum(
        arm.n_completed < N_FULL for arm in race.result.arms if arm.judged
    )
    assert not any(finding.code == "TG312" for finding in full.findings)


def test_scores_of_control_and_arms_differ_by_the_gap(race):
    control, *arms = race.result.arms
    assert arms[1].n_completed < control.n_completed  # "reversed" is settled after one partition
    for arm in arms:
        assert arm.score == pytest.approx(control.score + arm.gap.estimate, abs=1e-12)


@pytest.mark.parametrize(
    ("metric", "control", "gap", "score"),
    [
        ("accuracy", 0.9, 0.05, 0.95),
        ("accuracy", 0.95, 0.06, 1.0),
        ("accuracy", 0.95, -0.96, 0.0),
        ("rmse", 2.0, 2.5, 0.0),
        ("rmse", 2.0, -2.5, 4.5),
        ("r2", 0.5, -2.0, -1.5),
    ],
)
def test_a_moved_score_stays_within_what_the_metric_can_be(metric, control, gap, score):
    design = SimpleNamespace(
        control=SimpleNamespace(name="control"),
        n_rounds={"control": 2, "b pooled": 1}.get,
        n_repeats=2,
        problem=SimpleNamespace(metric=metric_named(metric)),
    )
    moved = SimpleNamespace(score=0.123, gap=SimpleNamespace(estimate=gap), total=None)
    estimates = {"control": SimpleNamespace(score=control), "b pooled": moved}
    evidence = SimpleNamespace(design=design, estimates=estimates)
    assert arm_outcome.comparable_score(evidence, "b pooled") == pytest.approx(score)


def test_all_of_a_result_names_the_arms_that_were_stopped(race):
    text = render_terminal(race.result, color=False, detail="all")
    assert "TG312  arms were stopped early (reversed pooled" in text


def test_a_race_that_is_stopped_goes_on_with_the_same_fits(race, tmp_path):
    class StopHereError(Exception):
        pass

    for most in (15, 60, None):
        seen = []

        def count(trial, most=most, seen=seen):
            seen.append(trial)
            if most is not None and len(seen) == most:
                raise StopHereError

        try:
            again = run("race", run_dir=tmp_path, on_trial=count)
        except StopHereError:
            continue
    assert again.result.arms == race.result.arms


def test_later_trials_do_not_change_earlier_rounds():
    design = make_design(TREE, problem(), arms=ARMS, effort="race")
    first, store = first_round(design), TrialStore()
    run_trials(first, store)
    second = next_round(first, store.trials())
    run_trials(design, store)  # all fits
    assert next_round(first, store.trials()).rounds == second.rounds
    over = second
    while (further := next_round(over, store.trials())) is not over:
        over = further
    assert next_round(over, store.trials()) is over


@pytest.mark.parametrize("metric", ["roc_auc", "f1"])
def test_without_pair_fits_a_race_is_full_effort(metric):
    race, full = (make_design(TREE, problem(metric), arms=ARMS, effort=e) for e in ("race", "full"))
    assert first_round(race) is race
    assert list(race.cells()) == list(full.cells())
    assert race.n_pair_partitions == 0


def test_a_plan_counts_all_the_fits_that_there_can_be():
    race, full = (
        plan(make_design(TREE, problem(), arms=ARMS, effort=e)).n_fits for e in ("race", "full")
    )
    assert race == full


def test_the_safe_model_races_with_what_it_is_without_sources():
    made = make_problem(*_few(), sources={"b": _few(seed=2)}, metric="accuracy", margin=0.02)
    design = make_design(TREE, made, arms=["b pooled", "safe"], effort="race")
    result = run_design(design, explain="none").result
    n_fits = {arm.arm: arm.n_completed for arm in result.arms}
    assert n_fits["safe"] == n_fits["safe, target only"]


def _few(seed=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(40, 2))
    return X, (X[:, 0] + rng.normal(size=40) > 0).astype(int)


def test_a_race_is_asked_for_in_one_word():
    made = audit(
        TREE, *_few(), sources={"b": _few(2)}, metric="accuracy", arms=["b pooled"], effort="race"
    )
    assert made.result.effort == "race"
    assert json.loads(json.dumps(made.result.effort)) == "race"
