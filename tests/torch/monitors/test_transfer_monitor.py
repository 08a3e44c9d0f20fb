"""The monitor leaves the training as it was, and says what its signs say."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from tests.torch.monitors.conftest import draw, network, rows_loss
from torch import nn
from torch.nn import functional

from transfergap.errors import ConfigurationError, DataError
from transfergap.torch import ControlCurve, TransferMonitor, record_control
from transfergap.torch.monitors.calibration import calibration

N_STEPS = 60


def trained(make_monitor=None, *, n_steps=N_STEPS, model=None, data=None, seed=1):
    """Train with dropout, shuffling by torch, and noise by NumPy and Python: all random states."""
    model = network() if model is None else model
    X, y = draw(0, 64) if data is None else data
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    random.seed(seed)
    monitor = None if make_monitor is None else make_monitor(model)
    model.train()
    for step in range(n_steps):
        if monitor is not None:
            monitor.step(step)
        rows = torch.randperm(len(X))[:16]
        noise = np.random.normal(scale=0.01) + random.gauss(0, 0.01)  # noqa: NPY002
        loss = functional.cross_entropy(model(X[rows] + noise), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if monitor is not None:
        monitor.step(n_steps)
    return model, optimizer, monitor


def state_of(model, optimizer):
    slots = [value for slot in optimizer.state.values() for value in slot.values()]
    return [*model.state_dict().values(), *(p.grad for p in model.parameters()), *slots]


def noisy_loss(model, batch):
    """A loss that draws from every random state: a look must give it all back."""
    extra = torch.rand(()) * np.random.random() * random.random() * 1e-9  # noqa: NPY002, S311
    return rows_loss(model, batch) + extra


def test_a_training_is_the_same_to_the_last_bit_with_and_without_a_monitor(held_out):
    source = draw(5, 32, turned=True)

    def monitored(model):
        return TransferMonitor(
            model, noisy_loss, held_out, n_steps=N_STEPS, interval=7,
            sources={"source": lambda m: rows_loss(m, source)},
        )  # fmt: skip

    plain, with_monitor = trained(), trained(monitored)
    assert len(with_monitor[2].history) == 9
    for one, other in zip(state_of(*plain[:2]), state_of(*with_monitor[:2]), strict=True):
        assert torch.equal(one, other)
    assert [p.requires_grad for p in plain[0].parameters()] == [
        p.requires_grad for p in with_monitor[0].parameters()
    ]


def test_random_states_go_on_as_if_nobody_had_looked(held_out):
    def after(make_monitor):
        trained(make_monitor)
        return torch.rand(3).tolist(), np.random.random(3).tolist(), random.random()  # noqa: NPY002, S311

    def monitored(model):
        return TransferMonitor(model, noisy_loss, held_out, n_steps=N_STEPS, interval=10)

    assert after(None) == after(monitored)


def test_modes_set_by_hand_come_back(held_out):
    model = network().train()
    model[1].eval()
    model[4].weight.requires_grad_(False)
    TransferMonitor(model, rows_loss, held_out, n_steps=10, interval=1).step(0)
    assert [module.training for module in model] == [True, False, True, True, True]
    assert not model[4].weight.requires_grad and model[0].weight.grad is None


def test_the_loss_is_that_of_evaluation_mode(held_out):
    model = network().train()
    look = TransferMonitor(model, rows_loss, held_out, n_steps=10, interval=1).step(0)
    with torch.no_grad():
        assert look.loss == pytest.approx(float(rows_loss(model.eval(), held_out).mean()))


def scratch(seed):
    model, (X, y) = network(seed), draw(0, 64)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    torch.manual_seed(seed)
    yield model.train()
    while True:
        rows = torch.randperm(64)[:16]
        optimizer.zero_grad()
        functional.cross_entropy(model(X[rows]), y[rows]).backward()
        optimizer.step()
        yield model


@pytest.fixture
def control(held_out):
    return record_control(scratch, rows_loss, held_out, n_steps=200, interval=5)


def watched(control, held_out, source_turned, **options):
    tuned, *_ = trained(n_steps=300, data=draw(3, 300, turned=source_turned))
    warnings = []
    monitor = trained(
        lambda model: TransferMonitor(
            model, rows_loss, held_out, control=control, on_warning=warnings.append, **options
        ),
        model=tuned,
    )[2]
    return monitor, warnings


def test_opposed_labels_are_warned_of_once_and_like_ones_are_not(control, held_out):
    bad, warnings = watched(control, held_out, True)
    assert warnings == [bad.warning] and bad.warning.step >= 20
    assert bad.warning.probability >= bad.threshold
    assert "likely to end behind" in str(bad.warning)
    good, none = watched(control, held_out, False)
    assert (good.warning, none) == (None, [])
    assert good.history[-1].probability < bad.history[-1].probability


def test_nothing_is_said_before_a_tenth_and_looks_end_with_the_control(control, held_out):
    monitor, _ = watched(control, held_out, True)
    assert [look.step for look in monitor.history] == list(range(0, 41, 5))
    told = [look.probability is not None for look in monitor.history]
    assert told == [False] * 4 + [True] * 5
    assert [look.control_loss for look in monitor.history] == pytest.approx(list(control.means))


def test_counts_of_the_benchmark_stand_behind_a_warning(control, held_out):
    monitor, _ = watched(control, held_out, True, threshold=0.01)
    alike = calibration("fine-tuning").bin_of(monitor.warning.probability)
    assert (monitor.warning.n_alike, monitor.warning.n_alike_harmed) == (
        alike.n_runs, alike.n_harmed,
    )  # fmt: skip


def test_the_table_has_a_row_a_look_and_columns_of_sources(control, held_out):
    same, opposed = draw(5, 64), draw(5, 64, turned=True)
    sources = {"opposed": lambda m: rows_loss(m, opposed), "same": lambda m: rows_loss(m, same)}
    monitor, _ = watched(control, held_out, False, sources=sources)
    table = monitor.to_frame()
    assert len(table) == 9 and list(table["step"]) == [look.step for look in monitor.history]
    assert {"loss", "control_loss", "probability", "cosine same", "look_ahead opposed"} <= set(
        table
    )
    assert monitor.ranking() == ["same", "opposed"]


def test_a_loss_that_explodes_is_harm_and_no_crash(control, held_out):
    model = network()
    monitor = TransferMonitor(model, rows_loss, held_out, control=control)
    with torch.no_grad():
        model[4].weight.fill_(float("nan"))
    looks = [monitor.step(step) for step in range(0, 41, 5)]
    assert looks[-1].probability > 0.9 and monitor.warning is not None


def test_a_coarser_interval_uses_every_other_look_of_the_control(control, held_out):
    monitor = TransferMonitor(network(), rows_loss, held_out, control=control, interval=10)
    for step in range(41):
        monitor.step(step)
    assert [look.step for look in monitor.history] == [0, 10, 20, 30, 40]
    assert monitor.history[1].control_loss == pytest.approx(control.means[2])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"control": None}, "length of the training"),
        ({"n_steps": 100}, "100 updates, and the control is of one of 200"),
        ({"interval": 7}, "not among the control's"),
        ({"kind": "pooling"}, "no kind of training 'pooling'"),
        ({"threshold": 1.5}, "not between 0 and 1"),
        ({"control": None, "n_steps": 0}, "at least 1"),
    ],
)
def test_what_does_not_fit_is_refused(control, held_out, options, message):
    with pytest.raises(ConfigurationError, match=message):
        TransferMonitor(network(), rows_loss, held_out, **({"control": control} | options))


def test_a_start_that_was_missed_and_steps_that_go_back_are_refused(control, held_out):
    monitor = TransferMonitor(network(), rows_loss, held_out, control=control)
    with pytest.raises(ConfigurationError, match="start is missing"):
        monitor.step(5)
    monitor.step(0)
    monitor.step(10)
    assert monitor.step(10) is None
    with pytest.raises(ConfigurationError, match="one run"):
        monitor.step(5)


def test_other_held_out_rows_and_odd_losses_are_refused(control, held_out):
    fewer = tuple(part[:50] for part in held_out)
    with pytest.raises(DataError, match="50 held-out losses, and the control has 100"):
        TransferMonitor(network(), rows_loss, fewer, control=control).step(0)
    with pytest.raises(DataError, match="1 numbers"):
        TransferMonitor(network(), lambda m, b: rows_loss(m, b).mean(), held_out, n_steps=10).step(
            0
        )
    with pytest.raises(DataError, match="negative"):
        TransferMonitor(network(), lambda m, b: -rows_loss(m, b), held_out, n_steps=10).step(0)


def test_a_list_is_several_batches(held_out):
    parts = [tuple(part[k::4] for part in held_out) for k in range(4)]
    one = TransferMonitor(network(), rows_loss, held_out, n_steps=10).step(0)
    four = TransferMonitor(network(), rows_loss, parts, n_steps=10).step(0)
    assert one.loss == pytest.approx(four.loss)


def test_a_control_is_short_and_the_same_for_a_seed(held_out):
    n_updates = 0

    def counted(seed):
        nonlocal n_updates
        for model in scratch(seed):
            yield model
            n_updates += 1

    curve = record_control(counted, rows_loss, held_out, n_steps=200, interval=5)
    assert (curve.steps, n_updates) == (tuple(range(0, 41, 5)), 40)
    again = record_control(scratch, rows_loss, held_out, n_steps=200, interval=5)
    np.testing.assert_array_equal(curve.array, again.array)
    two = record_control(scratch, rows_loss, held_out, n_steps=200, interval=5, seeds=(0, 1))
    assert two.seeds == (0, 1) and not np.allclose(two.array, curve.array)


def test_a_control_that_ends_early_or_has_no_look_is_refused(held_out):
    def short(seed):
        yield network(seed)

    with pytest.raises(ConfigurationError, match="ended before its update 40"):
        record_control(short, rows_loss, held_out, n_steps=200, interval=5)
    with pytest.raises(ConfigurationError, match="no look every 50"):
        record_control(scratch, rows_loss, held_out, n_steps=200)


def test_a_monitor_without_control_records_one(held_out):
    monitor = TransferMonitor(nn.Linear(6, 2), rows_loss, held_out, n_steps=100, interval=10)
    for step in range(21):
        monitor.step(step)
    curve = monitor.control(seed=4)
    assert isinstance(curve, ControlCurve)
    assert (curve.steps, curve.n_steps, curve.seeds) == ((0, 10, 20), 100, (4,))
    assert curve.means == pytest.approx([look.loss for look in monitor.history])
