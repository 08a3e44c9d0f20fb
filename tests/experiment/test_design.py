"""The plan: deterministic, paired, and closed to leaks by construction."""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier

from transfergap.data.problem import Sample, TargetSet
from transfergap.data.splitting.folds import fold_numbers
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError
from transfergap.experiment.arms import chosen_arms, default_arms
from transfergap.experiment.design import Arm, ControlArm, Design, Effort, Split
from transfergap.learners import EstimatorLearner
from transfergap.safe.learner import SafeLearner


def designed(data, model=None, *, metric="accuracy", effort="full", seed=0, **options):
    X, y, sources = data
    problem = make_problem(X, y, sources=sources, metric=metric, margin=0.02, **options)
    learner = EstimatorLearner(model or DecisionTreeClassifier(max_depth=1))
    arms = default_arms(list(problem.sources), learner)
    return Design(problem, ControlArm(learner), arms, Effort(effort), seed)


@pytest.mark.parametrize(("effort", "fits"), [("quick", 20), ("full", 65), ("thorough", 120)])
def test_an_arm_gets_the_fits_that_its_precision_states(binary, effort, fits):
    design = designed(binary, effort=effort)
    arms = [cell.arm for cell in design.cells()]
    assert arms.count("good pooled") == arms.count("control") == fits
    assert arms.count("good only") == 1


def test_a_closed_form_learner_gets_one_fit_and_eight_checks(numbers):
    design = designed(numbers, Ridge(), metric="mse")
    arms = [cell.arm for cell in design.cells()]
    assert arms.count("b pooled") == arms.count("control") == 1 + 8


def test_the_control_has_no_place_for_a_source(binary):
    assert "sources" not in {field.name for field in dataclasses.fields(ControlArm)}
    assert "sources" not in {field.name for field in dataclasses.fields(TargetSet)}
    design = designed(binary)
    control = [cell for cell in design.cells() if cell.arm == "control"]
    assert all(type(design.training_set(cell)) is TargetSet for cell in control)


def test_no_test_row_is_ever_trained_on(binary):
    design = designed(binary, effort="thorough")
    rows = {row.tobytes() for row in design.problem.target.X}
    for cell in design.cells():
        if cell.split.kind == "whole":
            continue
        train = design.training_set(cell)
        test = design.problem.target.rows(design.held_out(cell.split))
        seen = [train.target, *getattr(train, "sources", ())]
        trained = {row.tobytes() for sample in seen for row in sample.X}
        assert not trained & {row.tobytes() for row in test.X}
        assert len({row.tobytes() for row in train.target.X}) + len(test) == len(rows)


def test_every_arm_of_a_split_has_the_same_seed_and_rows(binary):
    design = designed(binary)
    by_split = {}
    for cell in design.cells():
        by_split.setdefault(cell.split, set()).add(cell.seed)
    assert all(len(seeds) == 1 for seeds in by_split.values())
    assert len({next(iter(seeds)) for seeds in by_split.values()}) == len(by_split)


def test_cells_are_the_same_again_and_others_with_another_seed(binary):
    first, again = designed(binary), designed(binary)
    assert [c.id for c in first.cells()] == [c.id for c in again.cells()]
    other = designed(binary, seed=1)
    assert not {c.id for c in first.cells()} & {c.id for c in other.cells()}
    assert (first.folds != other.folds).any()


def test_ids_are_unique(binary):
    ids = [cell.id for cell in designed(binary, effort="thorough").cells()]
    assert len(set(ids)) == len(ids)


def test_folds_are_stratified(binary):
    design = designed(binary)
    y = design.problem.target.y == "yes"
    shares = [y[design.folds[0] == a].sum() for a in range(10)]
    assert max(shares) - min(shares) <= 1


def test_a_class_with_fewer_rows_than_folds_is_handled(binary):
    X, y, sources = binary
    y = np.where(np.arange(60) < 3, "rare", y)
    problem = make_problem(X, y, sources=sources, metric="accuracy")
    folds = fold_numbers(problem, seed=0)
    assert sorted(np.bincount(folds)) == [6] * 10
    assert len(set(folds[:3])) == 3


def test_thirty_classes_of_two_rows_are_handled():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), np.repeat(np.arange(30), 2).astype(str)
    problem = make_problem(X, y, sources={"b": (rng.normal(size=(60, 2)), y)}, metric="accuracy")
    assert sorted(np.bincount(fold_numbers(problem, seed=0))) == [6] * 10


def test_groups_are_never_cut(binary):
    groups = np.arange(60) // 3
    design = designed(binary, groups=groups)
    for fold in design.folds:
        assert all(len(set(fold[groups == g])) == 1 for g in range(20))


def test_source_rows_of_a_tested_group_are_left_out(binary):
    X, y, sources = binary
    Xb, yb = sources["good"]
    groups = np.array([f"p{i // 3}" for i in range(60)])
    source = Sample(Xb, yb, groups=np.array([f"p{i // 4}" for i in range(80)]))
    design = designed((X, y, {"b": source}), groups=groups)
    for cell in design.cells():
        if cell.arm == "b pooled":
            train = design.training_set(cell)
            tested = set(groups[design.held_out(cell.split)])
            assert tested
            assert not tested & set(train.sources[0].groups)


def test_groups_rule_the_closed_form_out(numbers):
    X, y, sources = numbers
    design = designed((X, y, sources), Ridge(), metric="mse", groups=np.arange(60) // 2)
    assert design.closed_form_arms == frozenset()


def test_two_arms_of_one_name_are_refused(binary):
    design = designed(binary)
    arm = design.treatments[0]
    with pytest.raises(ConfigurationError, match="Two arms are called 'good pooled'"):
        dataclasses.replace(design, treatments=(arm, arm))


def test_an_arm_with_an_unknown_source_is_refused(binary):
    design = designed(binary)
    arm = Arm("mine", ("nobody",), design.control.learner)
    with pytest.raises(ConfigurationError, match="unknown source 'nobody'"):
        dataclasses.replace(design, treatments=(arm,))


def test_default_arms_have_their_names():
    learner = EstimatorLearner(LogisticRegression())
    assert [arm.name for arm in default_arms(["b", "c"], learner)] == [
        "b pooled", "c pooled", "all pooled", "all balanced", "b only", "c only",
    ]  # fmt: skip
    assert [arm.name for arm in default_arms(["b"], learner)] == [
        "b pooled", "b balanced", "b only",
    ]  # fmt: skip


def test_the_safe_model_is_the_last_judged_arm_and_shown_alone():
    learner = EstimatorLearner(LogisticRegression())
    arms = default_arms(["b", "c"], learner, SafeLearner("binary"))
    assert [arm.name for arm in arms if arm.judged][-2:] == ["all balanced", "safe"]
    assert [arm.name for arm in arms if not arm.judged] == ["b only", "c only", "safe, target only"]
    assert all(arm.sources == ("b", "c") for arm in arms if arm.name.startswith("safe"))


def test_unknown_arms_suggest_the_nearest():
    learner = EstimatorLearner(LogisticRegression())
    with pytest.raises(ConfigurationError) as caught:
        chosen_arms(["b poled"], ["b"], learner)
    assert "b pooled" in caught.value.hint


def test_pending_is_what_the_store_lacks(binary):
    design = designed(binary, effort="quick")

    class Done:
        def ids(self):
            return {cell.id for cell in design.cells() if cell.split.repeat == 0}

    left = list(design.pending(Done()))
    assert {cell.split.repeat for cell in left} == {1}
    assert Split("fold", 1, (0,)) in {cell.split for cell in left}
