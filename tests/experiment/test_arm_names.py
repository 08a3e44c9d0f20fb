"""Arms by text and as objects name the same arm, and a source may have any name."""

from functools import partial

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from transfergap import Arm, audit
from transfergap.analysis.gate import gate
from transfergap.errors import ConfigurationError
from transfergap.experiment.arm import label_among
from transfergap.experiment.arms import chosen_arms
from transfergap.learners import EstimatorLearner
from transfergap.learners.mitigations import CORAL, Gated, SourceOnly, Weighted
from transfergap.safe.learner import SafeLearner

RIDGE = EstimatorLearner(Ridge())
SAFE = SafeLearner("regression")


def arm(choice, sources=("b", "c"), safe=SAFE):
    return chosen_arms([choice], sources, RIDGE, safe, task="regression")[0]


@pytest.mark.parametrize(
    ("label", "text", "described"),
    [
        ("b pooled", "b+pooled", Arm("b")),
        ("b coral", "b+coral", Arm("b", mitigation="coral")),
        ("b gated coral", "b+gated+coral", Arm("b", mitigation=["gated", "coral"])),
        ("all pooled", "all+pooled", Arm("all")),
        ("all balanced", "all+balanced", Arm("all", mitigation=["balanced"])),
        ("all gated coral", "all+gated+coral", Arm("all", mitigation=("gated", "coral"))),
        ("safe", "safe", Arm("safe")),
        ("b only", "b+only", Arm("b only")),
        ("b source-only", "b+source-only", Arm("b", mitigation="source-only")),
    ],
)
def test_label_text_and_object_are_one_arm(label, text, described):
    by_label = arm(label)
    assert by_label.name == label
    assert by_label == arm(text) == arm(described)


def test_a_mitigation_may_be_a_class_or_a_function():
    assert arm(Arm("b", mitigation=CORAL)).learner == CORAL(RIDGE)
    half = arm(Arm("b at half weight", ("b",), mitigation=partial(Weighted, ratio=0.5)))
    assert (half.name, half.learner) == ("b at half weight", Weighted(RIDGE, ratio=0.5))
    gated = arm(Arm("mine", ("b", "c"), mitigation=["gated", CORAL]))
    assert (gated.sources, gated.learner) == (("b", "c"), Gated(CORAL(RIDGE)))


def test_a_mitigation_goes_around_the_learner_of_the_arm():
    other = EstimatorLearner(Ridge(alpha=5.0))
    chosen = arm(Arm("b", learner=other, mitigation="coral"))
    assert (chosen.name, chosen.learner) == ("b coral", CORAL(other))


def test_an_arm_may_be_shown_for_information():
    assert not arm(Arm("b", judged=False)).judged
    only = arm(Arm("b", mitigation="source-only"))
    assert (only.learner, only.judged) == (SourceOnly(RIDGE), False)


@pytest.mark.parametrize("source", ["b pooled", "b coral", "b+coral", "b only", "c+", "+", "b  c"])
def test_a_source_may_have_any_name(source):
    sources = ("b", source)
    pooled = arm(Arm(source), sources)
    assert (pooled.name, pooled.sources) == (f"{source} pooled", (source,))
    gated = arm(Arm(source, mitigation="gated"), sources)
    assert (gated.sources, gated.learner) == ((source,), Gated(RIDGE))
    assert arm(Arm("b"), sources).sources == ("b",)
    assert len({a.name for a in chosen_arms(None, sources, RIDGE, SAFE)}) == 8


@pytest.mark.parametrize(
    ("text", "sources"),
    [("b coral gated", ("b", "b coral")), ("b+coral+gated", ("b", "b+coral"))],
)
def test_a_text_of_two_readings_is_refused_with_both(text, sources):
    with pytest.raises(ConfigurationError, match="can be read in 2 ways") as caught:
        arm(text, sources)
    assert "Arm('b', mitigation=['coral', 'gated'])" in caught.value.hint
    assert f"Arm({sources[1]!r}, mitigation=['gated'])" in caught.value.hint


@pytest.mark.parametrize("choice", ["b+corl", "b+", "d+coral", "b", Arm("d"), Arm("")])
def test_what_is_no_arm_is_refused(choice):
    with pytest.raises(ConfigurationError, match="no default arm") as caught:
        arm(choice)
    assert caught.value.hint


def test_a_source_called_as_an_arm_is_audited_beside_it():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.normal(size=40)
    sources = {name: (rng.normal(size=(40, 3)), rng.normal(size=40)) for name in ("b", "b pooled")}
    result = audit(
        Ridge(), X, y, sources=sources, explain="none", arms=[Arm("b"), Arm("b pooled"), "b+coral"]
    )
    assert result.to_frame().arm.tolist() == ["control", "b pooled", "b pooled pooled", "b coral"]
    rulings = gate(result.result, arms=["b+coral", Arm("b pooled"), "b pooled"], max_harm=1.0)
    assert [r.arm for r in rulings.rulings] == ["b coral", "b pooled pooled", "b pooled"]
    assert result.learning_curve([Arm("b")]).curves[0].arm == "b pooled"


def test_a_text_finds_its_label_in_a_finished_audit():
    labels = ["b pooled", "b gated coral", "c+d pooled", "m fine-tuned", "safe"]
    for text, label in [("b+pooled", "b pooled"), ("b+gated+coral", "b gated coral"),
                        ("c+d+pooled", "c+d pooled"), ("safe", "safe"), ("x+y", "x+y"),
                        (Arm("m"), "m fine-tuned"), (Arm("c+d"), "c+d pooled")]:  # fmt: skip
        assert label_among(text, labels) == label
