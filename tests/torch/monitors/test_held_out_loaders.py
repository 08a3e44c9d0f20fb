"""Held-out rows from a loader, and controls by which nothing can be warned of."""

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from transfergap.errors import ConfigurationError, DataError
from transfergap.torch import ControlCurve, TransferMonitor
from transfergap.torch.monitors.held_out import as_batches, held_out_losses

X, Y = torch.randn(30, 4, generator=torch.Generator().manual_seed(0)), torch.arange(30) % 2
ROWS = TensorDataset(X, Y)


def loss(model, batch):
    return nn.functional.cross_entropy(model(batch[0]), batch[1], reduction="none")


def net():
    torch.manual_seed(0)
    return nn.Linear(4, 2)


@pytest.mark.parametrize("size", [7, 30, 64])
def test_a_loader_gives_the_looks_of_its_rows(size):
    plain = TransferMonitor(net(), loss, (X, Y), n_steps=50, interval=5).step(0)
    loaded = TransferMonitor(net(), loss, DataLoader(ROWS, size), n_steps=50, interval=5).step(0)
    assert loaded.loss == pytest.approx(plain.loss, rel=1e-6)


def test_a_loader_with_batches_of_its_own_shape_is_read():
    loader = DataLoader(
        ROWS,
        10,
        collate_fn=lambda rows: (
            torch.stack([r[0] for r in rows]),
            torch.tensor([r[1] for r in rows]),
        ),
    )
    assert TransferMonitor(net(), loss, loader, n_steps=9, interval=3).step(0) is not None


def test_reading_a_loader_leaves_the_random_state_alone():
    torch.manual_seed(5)
    expected = torch.randn(3)
    torch.manual_seed(5)
    TransferMonitor(torch.nn.Identity(), loss, DataLoader(ROWS, 8), n_steps=50)
    torch.testing.assert_close(torch.randn(3), expected, rtol=0, atol=0)


@pytest.mark.parametrize(
    "loader",
    [
        DataLoader(ROWS, 8, shuffle=True),
        DataLoader(ROWS, 8, sampler=WeightedRandomSampler(torch.ones(30), 30)),
    ],
)
def test_a_loader_that_shuffles_is_refused(loader):
    with pytest.raises(DataError, match="shuffles"):
        TransferMonitor(net(), loss, loader, n_steps=50)


def control(steps, n_steps=200, interval=10):
    return ControlCurve(steps, [[1.0] * 30 for _ in steps], n_steps=n_steps, interval=interval)


@pytest.mark.parametrize(
    ("curve", "interval"),
    [
        (control((0,)), None),
        (control((0, 10)), None),  # before a tenth of the training
        (control((0, 10, 20, 30)), 40),  # judged looks fall between its own
        (control((0, 50), n_steps=1000, interval=50), None),
    ],
)
def test_a_control_by_which_nothing_can_be_warned_of_is_refused(curve, interval):
    with pytest.raises(ConfigurationError, match="nothing can be warned of"):
        TransferMonitor(net(), loss, (X, Y), control=curve, interval=interval)


@pytest.mark.parametrize("steps", [(0, 20), (0, 10, 20, 30, 40)])
def test_a_control_that_reaches_a_tenth_is_taken_and_judges(steps):
    monitor = TransferMonitor(net(), loss, (X, Y), control=control(steps))
    for step in steps:
        monitor.step(step)
    assert monitor.history[-1].probability is not None


def test_a_dataset_is_read_in_order():
    rows = TensorDataset(torch.arange(600.0)[:, None])
    batches = as_batches(rows)
    assert torch.cat([batch[0] for batch in batches])[:, 0].tolist() == list(range(600))


@pytest.mark.parametrize("held_out", [None, iter([torch.ones(8, 1)])])
def test_rows_that_cannot_be_read_again_are_refused(held_out):
    with pytest.raises(DataError, match="cannot be read again") as caught:
        as_batches(held_out)
    assert "list of batches" in caught.value.hint


def test_a_loss_that_is_no_tensor_is_refused():
    model, rows = torch.nn.Identity(), torch.ones(16, 3)
    with pytest.raises(DataError, match="is a float, not a tensor"):
        held_out_losses(lambda model, batch: 0.5, model, rows)
