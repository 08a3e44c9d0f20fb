"""The monitor in a Lightning training: it logs to the trainer's loggers and changes nothing."""

from __future__ import annotations

import logging

import pandas as pd
import pytest
import torch
from tests.torch.monitors.conftest import draw, network, rows_loss
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from transfergap.errors import ConfigurationError
from transfergap.torch import LightningMonitor, TransferMonitor

lightning = pytest.importorskip("lightning")
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger  # noqa: E402

# Lightning 2.6 calls what torch 2.13 deprecates, and advises more processes for loading.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
]


class Module(lightning.LightningModule):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, X):
        return self.model(X)

    def training_step(self, batch, batch_idx):
        return functional.cross_entropy(self(batch[0]), batch[1])

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)


def fit(tmp_path, callbacks, *, n_steps=40, loggers=None, seed=0, turned=False, **more):
    module = Module(network(seed))
    torch.manual_seed(seed)
    loader = DataLoader(TensorDataset(*draw(0, 64, turned=turned)), batch_size=16, shuffle=True)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    trainer = lightning.Trainer(
        max_steps=n_steps, accelerator="cpu", logger=loggers or False, callbacks=callbacks,
        enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False,
        default_root_dir=tmp_path, log_every_n_steps=1, **more,
    )  # fmt: skip
    trainer.fit(module, loader)
    return module


def test_a_control_is_recorded_and_a_later_run_is_watched_and_logged(tmp_path, held_out):
    recorder = LightningMonitor(rows_loss, held_out, n_steps=100, interval=5)
    fit(tmp_path, [recorder], n_steps=20)
    control = recorder.monitor.control()
    assert control.steps == (0, 5, 10, 15, 20)

    csv = CSVLogger(tmp_path, name="csv")
    board = TensorBoardLogger(tmp_path, name="board")
    watcher = LightningMonitor(rows_loss, held_out, control=control)
    fit(tmp_path, [watcher], loggers=[csv, board], turned=True)
    assert [look.step for look in watcher.monitor.history] == [0, 5, 10, 15, 20]
    logged = pd.read_csv(f"{csv.log_dir}/metrics.csv")
    told = watcher.monitor.to_frame()
    assert list(logged["step"]) == list(told["step"])
    for column in ("loss", "control_loss", "probability"):
        seen, kept = logged[f"transfer/{column}"], told[column].astype(float)
        pd.testing.assert_series_equal(seen, kept, check_names=False)
    assert logged_to(board) == pytest.approx(list(told["loss"]), rel=1e-6)


def logged_to(board):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(board.log_dir)
    events.Reload()
    return [event.value for event in events.Scalars("transfer/loss")]


def test_the_training_is_the_same_with_and_without(tmp_path, held_out):
    watcher = LightningMonitor(rows_loss, held_out, interval=3)
    plain, watched = fit(tmp_path, []), fit(tmp_path, [watcher])
    assert watcher.monitor.n_steps == 40 and len(watcher.monitor.history) == 14
    for one, other in zip(plain.state_dict().values(), watched.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_it_sees_what_a_plain_loop_sees(tmp_path, held_out):
    watcher = LightningMonitor(rows_loss, held_out, interval=40)
    module = fit(tmp_path, [watcher])
    plain = TransferMonitor(module, rows_loss, held_out, n_steps=40).step(0)
    assert watcher.monitor.history[-1].loss == plain.loss


def test_a_training_without_end_needs_a_length(tmp_path, held_out):
    with pytest.raises(ConfigurationError, match="no end"):
        fit(tmp_path, [LightningMonitor(rows_loss, held_out)], n_steps=-1, max_epochs=-1)


def test_options_are_checked_when_training_begins(tmp_path, held_out):
    with pytest.raises(ConfigurationError, match="threshold"):
        fit(tmp_path, [LightningMonitor(rows_loss, held_out, threshold=2.0)])
