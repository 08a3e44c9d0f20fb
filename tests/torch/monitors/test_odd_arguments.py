"""Odd controls, schedules, steps and source losses: an error before training, or no number."""

import json
import math

import pytest
import torch
from torch import nn

from transfergap.errors import ConfigurationError, DataError
from transfergap.torch import ControlCurve, TransferMonitor, record_control
from transfergap.torch.monitors.record import logged

X, Y = torch.linspace(-1, 1, 60).reshape(20, 3), torch.arange(20) % 2


def loss(model, batch):
    return nn.functional.cross_entropy(model(batch[0]), batch[1], reduction="none")


def network():
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def recorded():
    recorder = TransferMonitor(network(), loss, (X, Y), n_steps=100, interval=10)
    for step in range(21):
        recorder.step(step)
    return recorder.control()


def monitor(**options):
    return TransferMonitor(network(), loss, (X, Y), **({"control": recorded()} | options))


@pytest.mark.parametrize(
    "option",
    [
        {"n_steps": 0},
        {"n_steps": "100"},
        {"interval": 0},
        {"interval": 2.5},
        {"interval": "10"},
        {"threshold": "x"},
        {"kind": ["fine-tuning"]},
        {"control": "control.json"},
        {"sources": [1]},
        {"sources": {"a": 5}},
        {"look_ahead_rate": math.nan},
        {"look_ahead_rate": "x"},
        {"on_warning": 5},
    ],
    ids=str,
)
def test_arguments_that_would_fail_in_a_training_fail_before_it(option):
    with pytest.raises(ConfigurationError):
        monitor(**option)


def test_a_model_that_is_none_is_named():
    with pytest.raises(ConfigurationError, match="and no torch"):
        TransferMonitor(lambda x: x, loss, (X, Y), control=recorded())


@pytest.mark.parametrize("step", [math.nan, math.inf, 9.5, None, "ten"])
def test_a_step_that_is_no_number_of_updates_is_refused(step):
    watcher = monitor()
    watcher.step(0)
    with pytest.raises(ConfigurationError, match="The step is"):
        watcher.step(step)


@pytest.mark.parametrize(
    "option",
    [
        {"share": 0},
        {"share": math.nan},
        {"share": "x"},
        {"interval": 0},
        {"n_steps": math.inf},
        {"n_steps": "x"},
        {"seeds": 3},
        {"seeds": (0, 0)},
    ],
    ids=str,
)
def test_odd_options_of_a_record_are_refused(option):
    settings = {"n_steps": 100, "interval": 10} | option
    with pytest.raises(ConfigurationError):
        record_control(lambda seed: iter([network()] * 50), loss, (X, Y), **settings)


@pytest.mark.parametrize("scratch", [[1], lambda seed: None, lambda seed: iter([None])])
def test_a_training_that_yields_no_model_is_named(scratch):
    with pytest.raises(ConfigurationError):
        record_control(scratch, loss, (X, Y), n_steps=100, interval=10)


@pytest.mark.parametrize(
    "change",
    [
        *({"without": name} for name in ("steps", "losses", "n_steps", "interval", "seeds")),
        {"steps": None},
        {"steps": 5},
        {"steps": ["0", "10", "20"]},
        {"steps": [0, math.nan, 20]},
        {"n_steps": None},
        {"n_steps": "100"},
        {"interval": 0},
        {"interval": "x"},
        {"losses": {"a": 1}},
        {"losses": [[1.0] * 20, [1.0] * 19, [1.0] * 20]},
        {"losses": [["x"] * 20] * 3},
        {"seeds": None},
    ],
    ids=str,
)
def test_half_a_control_in_a_file_is_named(change, tmp_path):
    path = tmp_path / "control.json"
    recorded().save(path)
    content = json.loads(path.read_text()) | change
    content.pop(change.get("without"), None)
    path.write_text(json.dumps(content))
    with pytest.raises(DataError):
        ControlCurve.load(path)


def test_nested_json_holds_no_control(tmp_path):
    path = tmp_path / "control.json"
    path.write_text("[" * 100_000)
    with pytest.raises(DataError, match="no control curve"):
        ControlCurve.load(path)


def test_complex_losses_are_no_losses():
    with pytest.raises(DataError, match="complex"):
        TransferMonitor(
            network(), lambda model, batch: loss(model, batch) * 1j, (X, Y), n_steps=100
        ).step(0)


def watched(sources, model=None):
    watcher = TransferMonitor(
        model or network(), loss, (X, Y), n_steps=100, interval=10, sources=sources
    )
    watcher.step(0)
    return watcher


def test_a_source_without_a_finite_gradient_has_no_signals_and_comes_last():
    sources = {
        "endless": lambda model: model.weight.sum() * math.nan,
        "opposed": lambda model: -loss(model, (X, Y)),
        "same": lambda model: loss(model, (X, Y)),
    }
    watcher = watched(sources)
    endless = watcher.history[0].signals[0]
    assert (endless.cosine, endless.look_ahead) == (None, None)
    assert watcher.ranking() == ["same", "opposed", "endless"]
    assert not any("endless" in name for name in logged(watcher.history[0]))


def test_a_source_that_reaches_no_parameter_has_no_gradient():
    signal = watched({"constant": lambda model: torch.ones(3)}).history[0].signals[0]
    assert (signal.cosine, signal.look_ahead) == (0.0, 0.0)


@pytest.mark.parametrize("made", [lambda model: 1.0, lambda model: None])
def test_a_source_loss_that_is_no_tensor_is_named(made):
    with pytest.raises(DataError, match="source 'a'"):
        watched({"a": made})


def test_a_frozen_model_has_no_gradients_to_compare():
    frozen = network().requires_grad_(False)
    with pytest.raises(DataError, match="No parameter"):
        watched({"a": lambda model: loss(model, (X, Y))}, frozen)


def test_sources_are_not_ranked_before_a_look():
    sources = {"a": lambda model: loss(model, (X, Y))}
    watcher = TransferMonitor(network(), loss, (X, Y), n_steps=100, sources=sources)
    with pytest.raises(DataError, match="No look"):
        watcher.ranking()
