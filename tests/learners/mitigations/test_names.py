"""Names of mitigations: one place, entry points, and arms that are asked for by name."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge

import transfergap.learners.mitigations
from transfergap import audit
from transfergap.datasets import make_shift
from transfergap.errors import ConfigurationError, LearnerError
from transfergap.experiment.arms import chosen_arms
from transfergap.learners import EstimatorLearner, FunctionLearner
from transfergap.learners.mitigations import (
    CORAL,
    Gated,
    Offset,
    SourceOnly,
    TrAdaBoost,
    WarmBoosting,
)
from transfergap.learners.mitigations import names as names_module
from transfergap.learners.mitigations.names import (
    BUILT_IN,
    FOR_NETWORKS,
    GROUP,
    mitigated,
    mitigation_named,
)

RIDGE = EstimatorLearner(Ridge())


def test_our_entry_points_are_declared_as_they_are_here():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"][GROUP] == {**BUILT_IN, **FOR_NETWORKS}


def test_every_mitigation_has_one_name():
    named = sorted(mitigation_named(name).__name__ for name in BUILT_IN)
    assert named == sorted(set(transfergap.learners.mitigations.__all__) - {"Facts"})


def test_an_arm_by_name_is_a_mitigation_around_the_learner():
    (arm,) = chosen_arms(["b coral"], ["b", "c"], RIDGE)
    assert (arm.name, arm.sources, arm.learner, arm.judged) == (
        "b coral",
        ("b",),
        CORAL(RIDGE),
        True,
    )
    (arm,) = chosen_arms(["all gated coral"], ["b", "c"], RIDGE)
    assert (arm.sources, arm.learner) == (("b", "c"), Gated(CORAL(RIDGE)))
    (arm,) = chosen_arms(["b source-only"], ["b"], RIDGE)
    assert (arm.learner, arm.judged) == (SourceOnly(RIDGE), False)


def test_names_of_sources_may_hold_blanks_and_begin_alike():
    arms = chosen_arms(["b coral", "b two coral"], ["b", "b two"], RIDGE)
    assert [arm.sources for arm in arms] == [("b",), ("b two",)]


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("b corl", "did you mean 'b coral'"), ("b poled", "did you mean 'b pooled'"),
     ("zzz qqq", "transfergap list mitigations"), ("b coral corl", "did you mean 'b coral'")],
)  # fmt: skip
def test_unknown_names_suggest_the_nearest(asked, hint):
    with pytest.raises(ConfigurationError, match=hint):
        chosen_arms([asked], ["b"], RIDGE)


def test_unknown_mitigations_suggest_the_nearest():
    with pytest.raises(ConfigurationError, match="did you mean 'tradaboost'"):
        mitigation_named("tradabost")


def test_mitigations_for_other_labels_are_refused():
    with pytest.raises(ConfigurationError, match="made for binary and multiclass labels"):
        mitigated(["tradaboost"], RIDGE, task="regression")
    with pytest.raises(ConfigurationError, match="not made for binary labels"):
        mitigated(["gated", "tradaboost-r2"], RIDGE, task="binary")
    assert mitigated(["tradaboost"], RIDGE, task="binary") == TrAdaBoost(RIDGE)


def test_mitigations_that_need_a_certain_model_say_so_at_once():
    with pytest.raises(LearnerError, match="gradient boosting"):
        WarmBoosting(RIDGE)
    with pytest.raises(LearnerError, match="ridge or logistic"):
        Offset(EstimatorLearner(GradientBoostingRegressor()))
    with pytest.raises(LearnerError, match="ridge or logistic"):
        Offset(FunctionLearner(print))
    lasso_like = LogisticRegression(l1_ratio=1.0, solver="saga")
    with pytest.raises(LearnerError, match="ridge or logistic"):
        Offset(EstimatorLearner(lasso_like))


def offered(*points):
    return lambda group: points if group == GROUP else ()


def test_other_packages_add_theirs_by_entry_points(monkeypatch):
    theirs = EntryPoint("theirs", "transfergap.learners.mitigations:Balanced", GROUP)
    taken = EntryPoint("coral", "transfergap.learners.mitigations:Balanced", GROUP)
    broken = EntryPoint("broken", "no_such_module:Thing", GROUP)
    monkeypatch.setattr(names_module, "entry_points", offered(theirs, taken, broken))
    (arm,) = chosen_arms(["b theirs"], ["b"], RIDGE)
    assert type(arm.learner).__name__ == "Balanced"
    assert mitigation_named("coral") is CORAL  # nobody can take our names over
    with pytest.raises(ConfigurationError, match="no_such_module"):
        mitigation_named("broken")


def test_the_audit_takes_names_of_mitigations():
    shift = make_shift(n_target=30, shift=0.3, random_state=1)
    study = audit(
        Ridge(), shift.X, shift.y, sources=shift.sources, metric="mse", margin=0.05,
        effort="quick", arms=["source augmented", "source gated balanced"],
    )  # fmt: skip
    assert [arm.arm for arm in study.result.arms] == [
        "control", "source augmented", "source gated balanced",
    ]  # fmt: skip
    assert study.result.failures == ()
