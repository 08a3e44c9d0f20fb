"""What a plan promises is about what the run then does."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from transfergap.auditing.audit import make_design, run_design
from transfergap.auditing.planning import plan
from transfergap.data.validation import make_problem
from transfergap.errors import LearnerError
from transfergap.learners import FunctionLearner


def design_of(data, model, metric, **options):
    X, y, sources = data
    problem = make_problem(X, y, sources=sources, metric=metric, margin=0.02)
    return make_design(model, problem, **options)


@pytest.mark.parametrize(
    "metric", ["roc_auc", *(pytest.param(m, marks=pytest.mark.slow) for m in ("accuracy", "brier"))]
)
def test_the_visible_gap_is_about_the_one_found_afterwards(binary, metric):
    arms = ["good pooled", "bad pooled", "all balanced"]
    design = design_of(binary, LogisticRegression(), metric, arms=arms)
    promised = plan(design)
    found = run_design(design, explain="none").result.smallest_visible_gap
    assert promised.n_fits == sum(1 for _ in design.cells())
    assert found / 4 < promised.visible_gap < found * 4


def test_in_closed_form_it_is_exact(numbers):
    design = design_of(numbers, Ridge(), "mse", arms=["b pooled", "all balanced"])
    found = run_design(design, explain="none").result.smallest_visible_gap
    assert plan(design).visible_gap == pytest.approx(found)


def test_the_safe_arm_is_counted_and_timed_though_others_need_one_fit(numbers):
    design = design_of(numbers, Ridge(), "mse")
    made = plan(design)
    with_safe = [cell for cell in design.cells() if cell.arm == "safe"]
    assert len(with_safe) == 65
    read_off = [cell for cell in design.cells() if cell.arm == "safe, target only"]
    assert made.n_fits == sum(1 for _ in design.cells()) - len(read_off)
    assert made.n_timed >= 3 + 2 * 2  # in closed form once; control and safe twice
    alone = plan(design_of(numbers, Ridge(), "mse", arms=["safe"]))
    assert made.cpu_s > alone.cpu_s / 5


def test_a_metric_without_rows_tells_nothing_before_the_run(binary):
    design = design_of(binary, LogisticRegression(), "f1", arms=["good pooled"])
    assert plan(design).visible_gap is None


def test_a_model_that_fails_is_said_before_the_run(binary):
    def train(target, sources, *, seed):
        raise MemoryError("too small")

    with pytest.raises(LearnerError, match="MemoryError: too small"):
        plan(design_of(binary, FunctionLearner(train), "accuracy"))


def test_more_target_rows_see_smaller_gaps():
    rng = np.random.default_rng(0)

    def rows(n):
        X = rng.normal(size=(n, 3))
        return X, X[:, 0] + rng.normal(size=n)

    source = {"b": rows(100)}
    small, large = (plan(design_of((*rows(n), source), Ridge(), "mse")) for n in (50, 800))
    assert large.visible_gap < small.visible_gap
