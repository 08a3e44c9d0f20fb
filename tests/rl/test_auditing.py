"""The audit of agents: arms, pairing, findings, resuming, bad input."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from tests.rl.learners import HERE, THERE, Walk, Walker, level

from transfergap import load_audit
from transfergap.analysis.training_curves import AGENT_METRICS, CurveMetric
from transfergap.errors import (
    ConfigurationError,
    DataError,
    LearnerError,
    RunDirectoryError,
    TransferGapError,
)
from transfergap.experiment.executors import JoblibExecutor
from transfergap.report import result_to_json
from transfergap.rl import Joint, Policy, Race, audit_agents, audit_curves

SOURCES = {"same": HERE, "other": THERE}


def audited(train=None, **how):
    given = {
        "target": HERE, "sources": SOURCES, "budget": 40, "margin": 0.02, "eval_every": 2,
        "seeds": 8, **how,
    }  # fmt: skip
    return audit_agents(Walk() if train is None else train, level, **given)


def verdicts(study):
    return {arm.arm: str(arm.verdict) for arm in study.result.arms if arm.judged}


def test_a_good_source_helps_a_bad_one_hurts_and_a_race_only_pays_its_share():
    study = audited()
    found = verdicts(study)
    assert found["same pretrained"] == found["same restarted"] == found["same race"] == "helps"
    assert found["other pretrained"] == found["other restarted"] == "hurts"
    frame = study.to_frame().set_index("arm").estimate
    assert frame["other pretrained"] < frame["other race"] < 0
    assert 0 < frame["same race"] < frame["same pretrained"]
    assert list(study.result.training_curves.metrics_frame().metric.unique()) == list(
        map(str, AGENT_METRICS)
    )
    assert study.result.training_curves.of("other race", CurveMetric.FINAL).gap.estimate > -0.05


def test_the_race_never_takes_the_bad_source():
    study = audited(arms=["other race", "other pretrained"])
    curves = {c.arm: np.array(c.mean) for c in study.result.training_curves.curves}
    assert (curves["other race"] >= 0).all()
    # After the race the control's curve, late by the four steps that the loser used.
    late = int(4 / 2)
    assert curves["other race"][5:] == pytest.approx(curves["control"][5 - late : -late])


def test_a_race_alone_shows_its_racer_for_information():
    study = audited(arms=["same race"])
    arm = next(arm for arm in study.result.arms if arm.arm == "same pretrained")
    assert (arm.judged, arm.verdict) == (False, None)
    assert arm.gap is not None


def test_the_same_seed_gives_the_same_bytes_for_any_executor():
    one = result_to_json(audited().result)
    assert one == result_to_json(audited(executor=JoblibExecutor(2)).result)
    assert one != result_to_json(audited(random_state=1).result)


def test_pretraining_that_is_charged_makes_curves_late():
    free, charged = audited(), audited(charge_pretraining=True, pretraining=20)
    curve = {c.arm: c.mean for c in charged.result.training_curves.curves}["same pretrained"]
    assert curve[:10] == (0.0,) * 10
    assert curve[10] > 0.5
    a, b = (s.to_frame().set_index("arm").estimate["same pretrained"] for s in (free, charged))
    assert b < a
    assert "are charged" in " ".join(charged.result.training_curves.notes)


def test_an_agent_in_memory_is_a_source_that_costs_nothing():
    study = audited(sources={"old": Policy(Walker(0.9), "old")}, arms=["old pretrained"])
    assert verdicts(study) == {"old pretrained": "helps"}
    assert "not charged" in " ".join(study.result.training_curves.notes)


def test_a_file_is_handed_to_train(tmp_path):
    path = tmp_path / "agent.txt"
    path.write_text("0.8")

    def train(target, sources, *, seed, budget, init=None, callbacks=()):
        start = 0.0 if init is None else float(Path(init.agent).read_text())
        for callback in callbacks:
            for step in range(0, budget + 1, callback.every):
                callback(step, Walker(start + seed * 1e-9))
        return Walker(start)

    study = audited(train, sources={"file": path}, arms=["file pretrained"], run_dir=tmp_path / "r")
    assert study.result.training_curves.of("file pretrained", CurveMetric.FINAL).gap.estimate == 0.8
    path.write_text("0.7")
    with pytest.raises(RunDirectoryError, match="rows of source 'file' differ"):
        audited(train, sources={"file": path}, arms=["file pretrained"], run_dir=tmp_path / "r")


def test_joint_training_gets_the_source_beside_the_target():
    seen = []

    def train(target, sources, *, seed, budget, init=None, callbacks=()):
        seen.append((len(list(sources)), init))
        return Walk()(target, (), seed=seed, budget=budget, callbacks=callbacks)

    audited(train, arms=[Joint("other")], seeds=2)
    assert set(seen) == {(0, None), (1, None)}


def test_train_may_return_an_agent_that_recorded_its_own_curve():
    def train(target, sources, *, seed, budget, init=None, callbacks=()):
        return np.linspace(0, 1 + (init is not None) + seed * 1e-12, 21)

    study = audit_agents(
        train, lambda agent, target: agent, target=HERE, sources=SOURCES, budget=40, margin=0.1,
        eval_every=2, seeds=5, arms=["same pretrained"],
    )  # fmt: skip
    assert study.result.training_curves.of("same pretrained", CurveMetric.FINAL).gap.estimate > 0.8


# Findings


def codes(study):
    return {finding.code for finding in study.findings}


def test_training_that_does_not_hang_on_its_seed_is_found():
    assert "TG505" in codes(audited(Walk(random=True)))
    study = audited()
    assert "TG505" not in codes(study)
    looked = {c.code: c.reason for c in study.result.silent_checks}
    assert looked["TG505"] == ""


def flat(target, sources, *, seed, budget, init=None, callbacks=()):
    agent = Walker(0.5 + 0.01 * np.random.default_rng(seed).normal())
    for callback in callbacks:
        for step in range(0, budget + 1, callback.every):
            callback(step, agent)
    return agent


def slow(target, sources, *, seed, budget, init=None, callbacks=()):
    rng = np.random.default_rng(seed)
    for callback in callbacks:
        for step in range(0, budget + 1, callback.every):
            callback(step, Walker(step / budget + 0.02 * rng.normal()))
    return Walker(1.0)


def test_a_control_that_never_learns_is_found():
    found = {f.code: f for f in audited(flat).findings}
    assert found["TG503"].strength == "strong"
    assert "TG504" not in found


def test_a_control_that_still_rises_is_found():
    found = {f.code: f for f in audited(slow).findings}
    assert found["TG504"].evidence["gain"] == pytest.approx(0.2, abs=0.05)
    assert "TG503" not in found


def test_failures_cost_their_pair_and_are_counted():
    seeds = list(range(8))
    study = audited(Walk(fails_on=3), seeds=seeds)
    arm = next(arm for arm in study.result.arms if arm.arm == "same pretrained")
    assert (arm.n_failed, arm.n_completed, arm.gap.n_pairs) == (1, 7, 7)
    race = next(arm for arm in study.result.arms if arm.arm == "same race")
    assert race.gap.n_pairs == 7
    assert "TG302" in codes(study)
    assert study.result.failures[0].error == "RuntimeError: fell into a hole"


def test_a_control_that_always_fails_is_an_error_with_its_reason():
    def broken(target, sources, *, seed, budget, init=None, callbacks=()):
        raise RuntimeError("no simulator")

    with pytest.raises(LearnerError, match="no simulator"):
        audited(broken)


def forgets(target, sources, *, seed, budget, init=None, callbacks=()):
    for callback in callbacks:
        callback(0, Walker(0.0))
    return Walker(1.0)


def test_a_callback_that_is_not_called_is_said():
    with pytest.raises(LearnerError, match=r"did not call the callback at step 2"):
        audited(forgets)


# Runs on disk


def test_a_rerun_trains_nothing_and_a_changed_design_is_refused(tmp_path):
    seen = []
    audited(run_dir=tmp_path / "run", on_trial=seen.append)
    first = (tmp_path / "run" / "result.json").read_bytes()
    n_trials = len(seen)
    study = audited(run_dir=tmp_path / "run", on_trial=seen.append)
    assert len(seen) == n_trials
    assert (tmp_path / "run" / "result.json").read_bytes() == first
    assert load_audit(tmp_path / "run").result == study.result
    for changed in (
        {"budget": 60},
        {"seeds": 9},
        {"train": Walk(pause_s=1e-9)},
        {"sources": {"same": HERE, "other": HERE}},
        {"arms": ["same race"]},
    ):
        with pytest.raises(RunDirectoryError, match="another design"):
            audited(run_dir=tmp_path / "run", **changed)


def test_what_needs_rows_says_that_agents_have_none(tmp_path):
    report = audited(seeds=2, run_dir=tmp_path / "run")
    assert not hasattr(report, "fit_safe") and not hasattr(report, "learning_curve")
    loaded = load_audit(tmp_path / "run")
    assert loaded.result == report.result
    for call in (loaded.fit_safe, loaded.learning_curve):
        with pytest.raises(ConfigurationError, match="audit of agents"):
            call()


def test_the_command_line_shows_and_gates_a_run_of_agents(tmp_path):
    from typer.testing import CliRunner

    from transfergap.cli.main import app

    audited(run_dir=tmp_path / "run")
    shown = CliRunner().invoke(app, ["show", str(tmp_path / "run")])
    assert shown.exit_code == 0 and "8 seeds of 40 steps" in shown.output
    gate = ["check", str(tmp_path / "run"), "--max-harm", "0.2", "--arm"]
    assert CliRunner().invoke(app, [*gate, "other race"]).exit_code == 0
    assert CliRunner().invoke(app, [*gate, "other pretrained"]).exit_code == 1


def test_the_curves_of_a_run_audit_to_the_same_gaps(tmp_path):
    study = audited(run_dir=tmp_path / "run")
    again = audit_curves(tmp_path / "run" / "curves.csv", margin=0.02)
    one, two = study.to_frame(), again.to_frame()
    assert list(one.arm) == list(two.arm)
    assert np.allclose(one.estimate, two.estimate, equal_nan=True)
    assert list(one.verdict) == list(two.verdict)


SCRIPT = """
import sys
from tests.rl.learners import HERE, THERE, Walk, level
from transfergap.rl import audit_agents
audit_agents(Walk(pause_s=0.004), level, target=HERE, sources={"same": HERE, "other": THERE},
             budget=40, eval_every=2, margin=0.02, seeds=5, run_dir=sys.argv[1])
"""


def stored(path):
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT count(*) FROM trials").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


@pytest.mark.slow  # the same runner and store as of tables
def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))

    def start(directory):
        command = [sys.executable, str(script), str(tmp_path / directory)]
        root = str(Path(__file__).parents[2])  # the script reads the learners of these tests
        return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": root})

    assert start("whole").wait() == 0
    trials, kept = tmp_path / "cut" / "trials.sqlite", 0
    for _ in range(2):
        process = start("cut")
        for _ in range(400):
            if process.poll() is not None or (trials.exists() and stored(trials) > kept + 3):
                break
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert stored(trials) > kept  # nothing that was stored is lost
        kept = stored(trials)
    assert not (tmp_path / "cut" / "result.json").exists()
    assert start("cut").wait() == 0
    for name in ("result.json", "curves.csv"):
        whole = (tmp_path / "whole" / name).read_bytes()
        assert (tmp_path / "cut" / name).read_bytes() == whole


# Bad input


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"margin": 0}, "margin"),
        ({"sources": {}}, "no source"),
        ({"sources": {"b": 3}}, "source 'b' is a int"),
        ({"sources": {"b": Path("nowhere.zip")}}, "nowhere.zip"),
        ({"target": 3}, "no factory"),
        ({"budget": 0}, "budget"),
        ({"budget": 4.5}, "budget"),
        ({"eval_every": 7}, "no multiple"),
        ({"seeds": 1}, "number of seeds is 1"),
        ({"seeds": [1, 1]}, "seeds are"),
        ({"seeds": "many"}, "seeds are"),
        ({"random_state": -1}, "seed"),
        ({"pretraining": 0}, "pretraining"),
        ({"arms": []}, "no arm"),
        ({"arms": ["same pretraned"]}, "'pretraned'"),
        ({"arms": ["sane pretrained"]}, "'sane'"),
        ({"arms": ["same race", "same race"]}, "Two arms"),
        ({"arms": [Race(("same",), share=0.01)]}, "without an evaluation"),
        ({"judged_by": "best"}, "'best'"),
        ({"threshold": float("inf")}, "threshold"),
        ({"train": 3}, "not a function"),
        ({"train": lambda target, sources: None}, "cannot be called"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_input_is_one_clear_error_before_anything_is_trained(how, said):
    def never(trial):
        raise AssertionError("something was trained")

    with pytest.raises(TransferGapError, match=said) as caught:
        audited(**{"on_trial": never, **how})
    assert caught.value.hint


def test_a_typo_suggests_the_nearest():
    with pytest.raises(ConfigurationError) as caught:
        audited(arms=["same pretraned"])
    assert caught.value.hint == "did you mean 'pretrained'?"


# Curves made elsewhere


def table(**changed):
    import pandas as pd

    rows = [
        (arm, seed, step, step * (1.0 + seed / 20) * (2 if arm == "b" else 1))
        for arm in ("control", "b") for seed in range(6) for step in (0, 10, 20)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["arm", "seed", "step", "return"]).assign(**changed)


def test_costs_turn_the_sign():
    assert audit_curves(table(), margin=0.1).to_frame().verdict[1] == "helps"
    assert (
        audit_curves(table(), margin=0.1, greater_is_better=False).to_frame().verdict[1] == "hurts"
    )


def test_steps_of_different_runs_are_compared_at_those_that_are_asked_for():
    frame = table()
    frame["step"] += frame["seed"] % 2  # scored one step later in every other seed
    frame.loc[frame["step"] == 1, "step"] = 0
    plain = audit_curves(frame, margin=0.1)
    assert plain.result.arms[1].gap.n_pairs == 3
    at = audit_curves(frame, margin=0.1, steps=[0, 12, 20])
    assert at.result.arms[1].gap.n_pairs == 6
    assert at.result.training_curves.steps == (0.0, 12.0, 20.0)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (table().drop(columns="seed"), "no column 'seed'"),
        (table(step="soon"), "step 'soon'"),
        (table(arm="b"), "two returns"),
        (table().query("arm == 'b'"), "'control'"),
        (table().query("arm != 'b'"), "only the control"),
        (table().iloc[:0], "no learning curves"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_clear_error(frame, said):
    with pytest.raises(DataError, match=said) as caught:
        audit_curves(frame, margin=0.1)
    assert caught.value.hint


def test_a_file_that_is_not_there_and_steps_that_nobody_reaches_are_errors(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        audit_curves(tmp_path / "none.csv", margin=0.1)
    with pytest.raises(DataError, match="No run reaches"):
        audit_curves(table(), margin=0.1, steps=[0, 100])
    with pytest.raises(ConfigurationError, match="do not increase"):
        audit_curves(table(), margin=0.1, steps=[10, 0])


def test_the_command_line_imports_curves_by_their_columns(tmp_path):
    from typer.testing import CliRunner

    from transfergap.cli.main import app

    path = tmp_path / "curves.csv"
    table().to_csv(path, index=False)
    done = CliRunner().invoke(app, ["import", str(path), "--margin", "0.1"])
    assert done.exit_code == 0, done.output
    assert "6 seeds of 20 steps" in done.output
    assert "How did they learn?" in done.output


def test_trainings_are_counted_where_somebody_asks(capsys):
    result = audited(verbose=1, seeds=5).result
    assert capsys.readouterr().err.splitlines()[-1].endswith(" trainings")
    assert result == audited(seeds=5).result
    assert capsys.readouterr().err == ""
