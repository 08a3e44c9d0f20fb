"""Results reach the trackers that users have, and a library that is absent is one clear error."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.report import results

from transfergap import Audit
from transfergap.errors import ConfigurationError, MissingExtraError
from transfergap.report.trackers import check_tracker, log_result, metrics_of, params_of


class Log:
    """What a tracker was given, with the text of its files."""

    def __init__(self):
        self.params, self.metrics, self.files, self.calls = {}, {}, {}, []

    def log_params(self, params):
        self.params |= params

    def log_metrics(self, metrics):
        self.metrics |= metrics

    def log_artifact(self, path):
        self.files[Path(path).name] = Path(path).read_text(encoding="utf-8")


def fake_mlflow(log, active=None):
    return SimpleNamespace(
        active_run=lambda: active,
        start_run=lambda: log.calls.append("start"),
        end_run=lambda: log.calls.append("end"),
        log_params=log.log_params,
        log_metrics=log.log_metrics,
        log_artifact=log.log_artifact,
    )


def fake_wandb(log, folder, active):
    run = SimpleNamespace(
        dir=str(folder),
        config=SimpleNamespace(update=lambda p, allow_val_change: log.log_params(p)),
        summary=SimpleNamespace(update=log.log_metrics),
        save=lambda path, base_path, policy: log.log_artifact(path),
        finish=lambda: log.calls.append("end"),
    )

    def init():
        log.calls.append("start")
        return run

    return SimpleNamespace(run=run if active else None, init=init)


def check(log):
    assert log.params["transfergap/margin"] == "0.02"
    assert log.metrics["transfergap/mnist pooled/gap"] == -0.180
    assert log.metrics["transfergap/control/score"] == 0.847
    assert set(log.files) == {"transfergap.html", "transfergap.json"}
    assert json.loads(log.files["transfergap.json"])["target"] == "digits"


@pytest.mark.parametrize(("active", "calls"), [(None, ["start", "end"]), ("a run", [])])
def test_mlflow_uses_the_active_run_or_makes_one(monkeypatch, active, calls):
    log = Log()
    monkeypatch.setitem(sys.modules, "mlflow", fake_mlflow(log, active))
    Audit(results.demo()).log("mlflow")
    check(log)
    assert log.calls == calls


@pytest.mark.parametrize(("active", "calls"), [(False, ["start", "end"]), (True, [])])
def test_wandb_uses_the_run_that_is_on_or_makes_one(monkeypatch, tmp_path, active, calls):
    log = Log()
    monkeypatch.setitem(sys.modules, "wandb", fake_wandb(log, tmp_path, active))
    Audit(results.demo()).log("wandb")
    check(log)
    assert log.calls == calls
    assert (tmp_path / "transfergap.html").exists()  # uploads go on after the call


def test_a_run_made_here_ends_even_where_logging_fails(monkeypatch):
    log = Log()
    module = fake_mlflow(log)
    module.log_metrics = lambda metrics: 1 / 0
    monkeypatch.setitem(sys.modules, "mlflow", module)
    with pytest.raises(ZeroDivisionError):
        log_result(results.demo(), "mlflow")
    assert log.calls == ["start", "end"]


def test_an_object_with_three_methods_is_a_tracker():
    log = Log()
    log_result(results.demo(), log)
    check(log)


def test_a_logger_of_metrics_gets_metrics():
    seen = {}
    log_result(results.demo(), SimpleNamespace(log_metrics=seen.update), prefix="")
    assert seen["n_arms_that_help"] == 2.0 and seen["n_strong_findings"] == 2.0


@pytest.mark.parametrize("name", ["mlflow", "wandb"])
def test_a_library_that_is_absent_is_named_with_its_extra(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError) as raised:
        log_result(results.demo(), name)
    assert raised.value.hint == f"pip install 'transfergap[{name}]'"


def test_anything_else_is_no_tracker():
    with pytest.raises(ConfigurationError, match="no tracker called 'neptune'"):
        check_tracker("neptune")
    with pytest.raises(ConfigurationError, match="int has no method log_metrics"):
        log_result(results.demo(), 3)


@pytest.mark.parametrize("make", results.ALL.values(), ids=results.ALL)
def test_names_and_values_are_what_every_tracker_takes(make):
    result = make()
    for name, value in metrics_of(result).items():
        assert isinstance(value, float)
        assert len(name) <= 260 and all(c.isalnum() or c in "_-. :/" for c in name)
    assert all(len(text) <= 500 and "\n" not in text for text in params_of(result).values())


def test_arms_whose_names_become_alike_are_told_apart():
    demo = results.demo()
    arms = [replace(demo.arms[k], arm=f"b {mark}1 pooled") for k, mark in ((1, "("), (2, "["))]
    names = metrics_of(replace(demo, arms=(demo.arms[0], *arms)))
    assert sum(name.endswith("/gap") for name in names) == 2


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("mlflow") is None, reason="needs mlflow")
@pytest.mark.filterwarnings("ignore")
def test_mlflow_itself_takes_a_result(tmp_path, monkeypatch):
    import mlflow

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "mlruns").as_uri())
    with mlflow.start_run() as run:
        log_result(results.hostile(), "mlflow")
        log_result(results.demo(), "mlflow", prefix="second/")
    stored = mlflow.get_run(run.info.run_id).data
    assert stored.metrics["second/mnist pooled/gap"] == -0.180
    assert stored.params["second/margin"] == "0.02"


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("wandb") is None, reason="needs wandb")
@pytest.mark.filterwarnings("ignore")
def test_wandb_itself_takes_a_result(tmp_path, monkeypatch):
    import wandb

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "offline")
    with wandb.init(project="audit") as run:
        log_result(results.demo(), "wandb")
        assert run.summary["transfergap/mnist pooled/gap"] == -0.180
        assert (Path(run.dir) / "transfergap.html").exists()
