"""Every mitigation keeps the contract that the kit checks, and the kit notices who does not."""

from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

import transfergap.learners.mitigations
from transfergap.data.problem import TrainingSet
from transfergap.learners import EstimatorLearner, Learner
from transfergap.learners.mitigations import Facts
from transfergap.learners.mitigations.mitigation import spelled
from transfergap.learners.testing import check_mitigation
from transfergap.learners.testing.small_tasks import plain_learner
from transfergap.learners.weight_trial import WeightUse

NEEDS_SKADA = {"CORAL", "KLIEP", "KernelMeanMatching"}
NEEDS_POT = {"OptimalTransport"}
NEEDS_CLEANLAB = {"ConfidentLearning"}
CLASSES = [
    getattr(transfergap.learners.mitigations, name)
    for name in transfergap.learners.mitigations.__all__
    if name != "Facts"
]
# Fewer rounds do the same to rows and labels.
ROUNDS = {"SelfTraining": 1, "TrAdaBoost": 2, "TrAdaBoostR2": 2}
# Those that fit many models: on one of their tasks by default, on the others in the slow job.
DEAR = {
    *("ConfidentLearning", "Gated", "KLIEP", "KernelMeanMatching", "LikelyLabels"),
    *("ImportanceWeighted", "Relabelled", "SelfTraining", "TrAdaBoost", "TrustedRows"),
    *("Weighted", "Balanced", "ClassShares", "WarmBoosting", "ResidualCorrection", "CORAL"),
}


def usual_task(cls: type) -> str:
    """Return the task that runs by default; boosting over three classes is dear."""
    return cls.facts.tasks[0 if cls.__name__ in ROUNDS else -1]


CASES = [
    pytest.param(
        cls, task, id=f"{cls.__name__}-{task}",
        marks=[pytest.mark.slow] if cls.__name__ in DEAR and task != usual_task(cls) else [],
    )
    for cls in CLASSES
    for task in cls.facts.tasks
]  # fmt: skip


def inner_of(cls: type, task: str) -> Learner:
    if cls.__name__ != "WarmBoosting":
        # It takes weights, which each fit would try out otherwise.
        return replace(plain_learner(task), weight_use=WeightUse.COUNT)
    kind = GradientBoostingRegressor if task == "regression" else GradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    return EstimatorLearner(make_pipeline(SimpleImputer(), kind(n_estimators=3)))


@pytest.mark.parametrize(("cls", "task"), CASES)
def test_every_mitigation_keeps_the_contract(cls, task):
    if cls.__name__ in NEEDS_SKADA and find_spec("skada") is None:
        pytest.skip("needs the extra da: pip install skada")
    if cls.__name__ in NEEDS_POT and find_spec("ot") is None:
        pytest.skip("needs the extra da: pip install POT")
    if cls.__name__ in NEEDS_CLEANLAB and find_spec("cleanlab") is None:
        pytest.skip("needs the extra noise: pip install cleanlab")
    fewer = {"n_rounds": ROUNDS[cls.__name__]} if cls.__name__ in ROUNDS else {}
    check_mitigation(partial(cls, **fewer), task, inner=inner_of(cls, task))


@pytest.mark.parametrize("cls", CLASSES)
def test_every_mitigation_states_its_facts(cls):
    facts = cls.facts
    assert isinstance(facts, Facts)
    assert facts.assumes and facts.cost and facts.source
    assert not facts.assumes.endswith(".")
    for heading in ("Parameters", "Notes"):
        assert heading in cls.__doc__, heading


@dataclass(frozen=True)
class Broken:
    learner: Learner
    how: str = ""

    def train(self, training_set: Any, *, seed: int) -> Any:
        sources = getattr(training_set, "sources", ())
        if self.how == "changes labels" and sources:
            sources[0].y[:5] = 0
        if self.how == "global draw":
            np.random.normal()  # noqa: NPY002
        if self.how == "looks behind" and training_set.target.y.base is not None:
            y = (
                training_set.target.y.base[: len(training_set.target)]
                + training_set.target.y.base[-12]
            )
            return self.learner.train(
                TrainingSet(replace(training_set.target, y=y), sources), seed=seed
            )
        if self.how == "random":
            seed = np.random.default_rng().integers(2**31)
            rows = np.random.default_rng(seed).integers(len(training_set.target), size=30)
            return self.learner.train(
                TrainingSet(training_set.target.rows(rows), sources), seed=seed
            )
        return self.learner.train(training_set, seed=seed)

    def describe(self) -> str:
        return "Broken" if self.how == "vague" else spelled(self)


@dataclass(frozen=True)
class SeesLabels:
    learner: Learner

    def changed(self, train: Any) -> Any:
        weigh = lambda s: s.weighted(np.full(len(s), abs(train.target.y[0])))  # noqa: E731
        sources = tuple(weigh(s) for s in getattr(train, "sources", ()))
        return TrainingSet(train.target, sources) if sources else train

    def train(self, training_set: Any, *, seed: int) -> Any:
        return self.learner.train(self.changed(training_set), seed=seed)

    def describe(self) -> str:
        return spelled(self)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("changes labels", "changes rows, labels or weights"),
        ("global draw", "global random state"),
        ("looks behind", "held-out"),
        ("random", "same seed"),
        ("vague", "which learner is inside"),
    ],
)
def test_the_kit_notices_what_is_broken(how, says):
    with pytest.raises(AssertionError, match=says):
        check_mitigation(lambda learner: Broken(learner, how), "regression")


def test_the_kit_notices_a_closed_form_that_would_see_labels():
    with pytest.raises(AssertionError, match="closed-form"):
        check_mitigation(SeesLabels, "regression")


def test_an_honest_wrapper_passes():
    check_mitigation(Broken, "regression")
