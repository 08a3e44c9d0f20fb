"""Audits in order of time: what is trained on, what is said, and that runs can be resumed."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, TimeSeriesSplit
from sklearn.neighbors import KNeighborsRegressor

from transfergap.auditing.audit import audit, make_design, run_design
from transfergap.auditing.planning import plan
from transfergap.data.problem import Sample
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError, DataError, RunDirectoryError
from transfergap.experiment.run_directory import design_record
from transfergap.stats.gap import Verdict


def series(n=90, seed=0, start=0, level=0.0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"x": rng.normal(size=n), "day": np.arange(start, start + n, dtype=float)})
    return X, X["x"].to_numpy() + level + 0.3 * rng.normal(size=n)


def posed(**options):
    X, y = series()
    Z, z = series(150, 1, start=-60)
    sources = options.pop("sources", {"b": (Z, z)})
    return make_problem(X, y, sources=sources, metric="mse", margin=0.1, **options)


def designed(problem, model=None, **options):
    return make_design(model or Ridge(), problem, **options)


def test_no_target_row_and_no_source_row_from_later_is_ever_trained_on():
    problem = posed(time="day", gap=3)
    design = designed(problem)
    for cell in design.cells():
        train = design.training_set(cell)
        start = problem.target.times[design.held_out(cell.split)].min()
        assert train.target.times.max() < start - 3
        for source in getattr(train, "sources", ()):
            assert source.times.max() < start - 3
    assert {split.kind for split in {cell.split for cell in design.cells()}} == {"fold"}


def test_a_number_stays_a_feature_and_a_date_does_not():
    X, y = series()
    dated = X.assign(day=pd.date_range("2024-01-01", periods=len(X)).astype(str))
    Z, z = series(60, 1)
    other = Z.assign(day=pd.date_range("2023-01-01", periods=len(Z)).astype(str))
    options = {"metric": "mse", "margin": 0.1, "time": "day"}
    assert make_problem(X, y, sources={"b": (Z, z)}, **options).column_names == ("x", "day")
    problem = make_problem(dated, y, sources={"b": (other, z)}, **options)
    assert problem.column_names == ("x",)
    assert problem.sources["b"].sample.times.dtype.kind == "M"


def test_a_source_without_times_is_used_whole_and_that_is_said():
    X, y = series()
    Z, z = series(60, 1)
    study = audit(
        Ridge(), X[["x"]], y, sources={"b": (Z[["x"]], z)}, metric="mse", margin=0.1,
        time=X["day"], arms=["b pooled"],
    )  # fmt: skip
    finding = next(f for f in study.findings if f.code == "TG132")
    assert "no times" in finding.says
    assert any(note.startswith("Forward folds") for note in study.result.method_notes)


def test_rows_left_out_of_a_source_are_counted():
    study = audit(
        Ridge(), *series(), sources={"b": series(150, 1, start=-60)}, metric="mse", margin=0.1,
        time="day", arms=["b pooled"],
    )  # fmt: skip
    finding = next(f for f in study.findings if f.code == "TG132")
    # The source ends with day 89, as the target does; blocks start on days 36 to 85.
    assert finding.evidence == {"n_rows": 150, "n_later": 54}


def test_a_source_that_is_all_earlier_is_no_finding():
    study = audit(
        Ridge(), *series(), sources={"b": series(60, 1, start=-60)}, metric="mse", margin=0.1,
        time="day", arms=["b pooled"],
    )  # fmt: skip
    assert "TG132" not in {f.code for f in study.findings}


def test_an_interrupted_run_goes_on_to_the_same_bytes(tmp_path):
    X, y = series()
    options = {
        "sources": {"b": series(60, 1, start=-60)}, "metric": "mse", "margin": 0.1, "time": "day",
        "gap": "2 rows",
    }  # fmt: skip
    arms = ["b pooled", "b only"]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    audit(Ridge(), X, y, run_dir=whole, arms=arms, **options)

    class StopError(Exception):
        pass

    done = []

    def stop(trial):
        done.append(trial)
        if len(done) == 7:
            raise StopError

    design = designed(make_problem(X, y, **options), arms=arms)
    with pytest.raises(StopError):
        run_design(design, run_dir=broken, on_trial=stop)
    audit(Ridge(), X, y, run_dir=broken, arms=arms, **options)
    assert (broken / "result.json").read_bytes() == (whole / "result.json").read_bytes()
    with pytest.raises(RunDirectoryError):
        audit(Ridge(), X, y, run_dir=whole, arms=arms, **options | {"gap": "3 rows"})


def test_without_times_nothing_of_a_record_changes():
    record = design_record(designed(posed()))
    assert "folds" not in record
    assert record != design_record(designed(posed(time="day")))


@pytest.mark.parametrize(
    "metric",
    ["roc_auc", "log_loss", *(pytest.param(m, marks=pytest.mark.slow) for m in ("accuracy", "f1"))],
)
def test_every_kind_of_metric_gets_a_verdict_on_forward_folds(metric):
    X, y = series(150)
    Z, z = series(100, 1, start=-100)
    study = audit(
        LogisticRegression(), X, y > 0, sources={"b": (Z, z > 0)}, metric=metric, margin=0.05,
        time="day", arms=["b pooled", "b only"],
    )  # fmt: skip
    arm = study.to_frame().set_index("arm").loc["b pooled"]
    assert arm.low <= arm.estimate <= arm.high
    assert not study.result.failures
    assert not [c for c in study.result.silent_checks if c.reason and "failed" in c.reason]


def test_a_model_that_must_look_ahead_is_helped_by_last_year():
    """The season goes on: interpolating between days is no forecast of the next ones."""
    rng = np.random.default_rng(5)

    def season(day):
        return 8 * np.sin(2 * np.pi * day / 200)

    day = np.arange(240.0)
    last = np.arange(200.0) + 0.25
    y = season(day) + rng.normal(0, 0.5, 240)
    z = season(last) + 0.5 + rng.normal(0, 0.5, 200)
    X, Z = pd.DataFrame({"phase": day % 200}), pd.DataFrame({"phase": last})
    options = {"metric": "mae", "margin": 0.05, "arms": ["last pooled"], "explain": "none"}
    forward = audit(
        KNeighborsRegressor(5), X, y,
        sources={"last": Sample(Z, z, times=last - 200)}, time=day, **options,
    )  # fmt: skip
    shuffled = audit(KNeighborsRegressor(5), X, y, sources={"last": (Z, z)}, **options)
    verdicts = [s.to_frame().set_index("arm").verdict["last pooled"] for s in (forward, shuffled)]
    assert verdicts[1] == Verdict.HURTS
    assert verdicts[0] != Verdict.HURTS
    assert forward.to_frame().set_index("arm").estimate["last pooled"] > 0.5


def test_the_safe_model_is_fitted_on_all_rows():
    X, y = series()
    study = audit(
        Ridge(), X, y, sources={"b": series(60, 1, start=-60)}, metric="mse", margin=0.1,
        time="day", arms=["safe"],
    )  # fmt: skip
    assert np.isfinite(study.fit_safe().predict(X)).all()


def test_a_splitter_decides_the_folds_and_the_interval():
    study = audit(
        Ridge(), *series(), sources={"b": series(60, 1)}, metric="mse", margin=0.1,
        cv=KFold(5, shuffle=True, random_state=0), arms=["b pooled"], explain="none",
    )  # fmt: skip
    arm = study.result.arms[1]
    assert (arm.n_planned, arm.gap.df) == (5, 4)
    assert "corrected resampled t" in arm.gap.method
    assert any("Folds from KFold: 5" in note for note in study.result.method_notes)


def test_a_plan_knows_forward_folds():
    made = plan(designed(posed(time="day"), arms=["b pooled"]), explain="none")
    assert made.n_fits == 20
    assert not made.closed_form
    assert made.visible_gap > 0


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"time": "when"}, ConfigurationError, "no column 'when'"),
        ({"time": "day", "cv": TimeSeriesSplit(5)}, ConfigurationError, "give one"),
        ({"gap": 3}, ConfigurationError, "no times"),
        ({"time": np.arange(9)}, DataError, "one time for each row"),
        ({"time": np.repeat([1, 2, 3], 30)}, DataError, "different times"),
        ({"time": pd.date_range("2024", periods=90)}, DataError, "numbers"),
    ],
)
def test_what_gives_no_order_is_said_at_once(options, error, words):
    Z, z = series(60, 1)
    with pytest.raises(error) as raised:
        posed(sources={"b": Sample(Z, z, times=np.arange(60))}, **options)
    assert words in str(raised.value)
    assert raised.value.hint


def test_times_of_a_source_alone_are_refused():
    Z, z = series(60, 1)
    with pytest.raises(DataError, match="the target has none"):
        posed(sources={"b": Sample(Z, z, times=np.arange(60))})


def test_a_first_part_with_one_class_is_refused():
    (X, _), (Z, z) = series(), series(60, 1)
    with pytest.raises(DataError, match="one class only"):
        make_problem(X, np.arange(90) > 50, sources={"b": (Z, z > 0)}, time="day")


def test_a_learning_curve_is_refused_before_anything_is_run():
    for options in ({"time": "day"}, {"cv": KFold(5)}):
        with pytest.raises(ConfigurationError, match="learning curve"):
            audit(
                Ridge(), *series(), sources={"b": series(60, 1)}, metric="mse", margin=0.1,
                learning_curve=True, **options,
            )  # fmt: skip


def test_subgroups_and_ranking_say_why_they_are_silent():
    study = audit(
        Ridge(), *series(), metric="mse", margin=0.1, time="day", subgroups=["x"],
        sources={"b": series(60, 1, start=-60), "c": series(60, 2, start=-60)},
        arms=["b pooled", "c pooled"], explain="none",
    )  # fmt: skip
    assert "shuffled folds only" in study.result.subgroups.notes[0]
    assert any("not ranked by harm" in note for note in study.result.method_notes)


def test_causes_are_tested_on_the_same_blocks():
    X, y = series(160)
    Z, z = series(200, 1, start=-200)
    study = audit(
        Ridge(), X, y, sources={"b": (Z, 6 + 3 * np.abs(z))}, metric="mse", margin=0.05, time="day",
        arms=["b pooled"], explain="all", effort="quick",
    )  # fmt: skip
    assert study.to_frame().set_index("arm").verdict["b pooled"] == Verdict.HURTS
    explanation = study.result.explanations[0]
    assert explanation.harm.estimate < 0
    assert explanation.repairs
    assert not [c for c in study.result.silent_checks if c.reason and "failed" in c.reason]
