"""Learning curves and budgets: what is run, what is said, what is kept."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from transfergap import audit
from transfergap.analysis.curves import Crossing, arms_for_curve
from transfergap.auditing.planning import plan
from transfergap.datasets import make_shift
from transfergap.errors import ConfigurationError
from transfergap.experiment.store import TrialStore
from transfergap.learners import FunctionLearner
from transfergap.report import render, result_from_json, result_to_json
from transfergap.stats.gap import Verdict

SHIFT = make_shift(n_target=60, n_features=5, shift=1.0, random_state=2)


@cache
def study(curve: bool = True):
    return audit(
        Ridge(), SHIFT.X, SHIFT.y, sources=SHIFT.sources, metric="mse", margin=0.05,
        arms=["source pooled", "source only"], learning_curve=["source pooled"] if curve else False,
    )  # fmt: skip


def test_a_harmful_source_does_less_harm_to_a_smaller_target():
    curve = study().result.learning_curve.curves[0]
    assert [round(point.at) for point in curve.points] == [14, 27, 40, 54]
    assert curve.points[0].estimate > curve.points[-1].estimate
    assert all(point.n_pairs == 20 for point in curve.points)
    assert curve.arm in repr(study().result.learning_curve)


def test_the_curve_as_a_table_has_a_row_a_point():
    frame = study().result.learning_curve.to_frame()
    assert list(frame.columns) == ["arm", "at", "estimate", "low", "high", "n_pairs"]
    assert (frame["low"] <= frame["estimate"]).all() and len(frame) == 4


def test_a_curve_can_be_drawn_afterwards_and_is_the_same():
    assert study(False).learning_curve(["source pooled"]) == study().result.learning_curve


def test_a_curve_changes_no_verdict():
    assert replace(study().result, learning_curve=None) == study(False).result


def test_trials_in_the_run_directory_are_not_repeated(tmp_path):
    given = {"sources": SHIFT.sources, "metric": "mse", "margin": 0.1, "arms": ["source pooled"],
             "run_dir": tmp_path}  # fmt: skip
    first = audit(Ridge(), SHIFT.X, SHIFT.y, learning_curve=["source pooled"], **given)
    store = TrialStore(tmp_path / "trials.sqlite")
    before = {trial.cell.id: trial.fit_s for trial in store.trials()}
    again = audit(Ridge(), SHIFT.X, SHIFT.y, learning_curve=["source pooled"], **given)
    assert first.result.learning_curve == again.result.learning_curve
    assert {trial.cell.id: trial.fit_s for trial in store.trials()} == before
    store.close()


def test_clear_arms_with_a_single_source_come_first_and_at_most_four():
    design = study(False).design
    assert arms_for_curve(design, {"source pooled": Verdict.HURTS}) == ("source pooled",)
    assert arms_for_curve(design, {"source pooled": Verdict.NOT_ENOUGH_EVIDENCE}) == ()


@pytest.mark.parametrize("name", ["source only", "sauce pooled"])
def test_arms_that_have_no_curve_are_refused(name):
    with pytest.raises(ConfigurationError):
        study(False).learning_curve([name])


def test_json_keeps_the_curve_and_reports_show_it():
    result = study().result
    assert result_from_json(result_to_json(result)) == result
    page = render(result, "html")
    assert (
        "How much target data makes this moot?" in page
        and page.count("<svg") - page.count('class="bars"') == 4
    )
    assert page == render(result, "html")
    assert result.learning_curve.curves[0].says[:20] in render(result, "text")


def test_an_extrapolated_crossing_is_drawn_and_labelled():
    curve = study().result.learning_curve
    far = replace(curve.curves[0], crossing=Crossing(200.0, 90.0, None, True, -0.1))
    page = render(replace(study().result, learning_curve=replace(curve, curves=(far,))), "html")
    assert "gone at about 200" in page


def test_the_plan_counts_the_fits_of_a_curve():
    design = study(False).design
    plain, more = plan(design), plan(design, learning_curve=True)
    assert more.n_fits - plain.n_fits == more.n_curve_fits > 0


def test_a_budget_curve_says_that_the_control_still_improves():
    model = make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss", tol=None, max_iter=1))
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 5))
    y = (X[:, 0] + 0.2 * rng.normal(size=80) > 0).astype(int)
    made = audit(model, X, y, sources={"b": (rng.normal(size=(80, 5)), y)}, metric="accuracy",
                 arms=["b pooled"], effort="quick")  # fmt: skip
    found = made.budget_curve("max_iter", values=[1, 3])
    assert [point.at for point in found.curves[0].points] == [1.0, 3.0]
    assert found.axis == "max_iter" and "ontrol" in found.notes[0]


def train_share(target, sources, *, seed, budget=None):
    """Ridge on a share of the way from a constant: more budget, better model."""
    X = np.vstack([target.X, *(source.X for source in sources)])
    y = np.concatenate([target.y, *(source.y for source in sources)])
    model = Ridge().fit(X, y)
    model.coef_ = model.coef_ * (1.0 if budget is None else budget)
    return model


def test_an_under_trained_control_is_said():
    made = audit(
        FunctionLearner(train_share), SHIFT.X, SHIFT.y, sources=SHIFT.sources, metric="mse",
        margin=0.05, arms=["source pooled"], effort="quick",
    )  # fmt: skip
    said = made.budget_curve("budget", values=[0.1, 0.6]).notes[0]
    assert "still improving" in said and "under-trained" in said
    said = made.budget_curve("budget", values=[1.0, 1.0001]).notes[0]
    assert "stopped improving" in said


@pytest.mark.parametrize(
    ("parameter", "values"), [("max_iterr", [1, 2]), ("C", [1]), ("C", ["a", "b"])]
)
def test_budgets_that_cannot_be_are_refused(parameter, values):
    X, y = SHIFT.X, (SHIFT.y > 0).astype(int)
    made = audit(LogisticRegression(), X, y, sources={"b": (X[::-1] * X, y)}, metric="accuracy",
                 arms=["b pooled"], effort="quick", explain="none")  # fmt: skip
    with pytest.raises(ConfigurationError):
        made.budget_curve(parameter, values=values)


def test_the_curve_that_an_audit_has_is_not_fitted_again():
    finished = replace(study(), design=None)  # as one that was loaded
    assert finished.learning_curve() is finished.result.learning_curve
    with pytest.raises(ConfigurationError, match="holds no rows"):
        finished.learning_curve(["source pooled"])


def test_a_model_without_a_stated_budget_has_no_curve_of_it():
    with pytest.raises(ConfigurationError, match="states no budget") as caught:
        study().budget_curve()
    assert "max_iter" in caught.value.hint
