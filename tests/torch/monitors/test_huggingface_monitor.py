"""The monitor in a Hugging Face training: it logs by the Trainer and changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from transfergap.errors import ConfigurationError, DataError
from transfergap.torch import HuggingFaceMonitor
from transfergap.torch.monitors.huggingface_monitor import classification_loss

transformers = pytest.importorskip("transformers")
pytest.importorskip("accelerate")


def rows(seed, n):
    rng = np.random.default_rng(seed)
    tokens = rng.integers(5, 40, size=(n, 8))
    labels = (tokens[:, 0] > 20).astype(int)
    return [{"input_ids": torch.tensor(t), "labels": int(y)} for t, y in zip(tokens, labels)]


def model(seed=0):
    torch.manual_seed(seed)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=8, num_labels=2,
    )  # fmt: skip
    return transformers.BertForSequenceClassification(config)


def trainer(tmp_path, *, n_steps=20, report_to="none", own=None):
    options = transformers.TrainingArguments(
        output_dir=str(tmp_path), max_steps=n_steps, per_device_train_batch_size=8,
        learning_rate=1e-3, report_to=report_to, use_cpu=True, disable_tqdm=True,
        save_strategy="no", logging_strategy="no", seed=0,
    )  # fmt: skip
    return transformers.Trainer(own or model(), options, train_dataset=rows(0, 64))


def batch():
    return transformers.default_data_collator(rows(1, 40))


def test_a_control_is_recorded_and_a_later_run_is_watched_and_logged(tmp_path, monkeypatch):
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "board"))
    scratch, recorder = trainer(tmp_path), HuggingFaceMonitor(batch(), n_steps=100, interval=5)
    recorder.attach(scratch)
    scratch.train()
    control = recorder.monitor.control()
    assert control.steps == (0, 5, 10, 15, 20)

    tuned, watcher = trainer(tmp_path, report_to="tensorboard"), HuggingFaceMonitor(
        [batch()], control=control
    )  # fmt: skip
    watcher.attach(tuned)
    tuned.train()
    history = watcher.monitor.history
    # The same seed and data as the control: the same run to the last bit.
    assert [look.loss for look in history] == pytest.approx(list(control.means), abs=1e-7)
    told = [entry for entry in tuned.state.log_history if "transfer_loss" in entry]
    assert [entry["step"] for entry in told] == [0, 5, 10, 15, 20]
    assert [entry["transfer_loss"] for entry in told] == [look.loss for look in history]
    assert told[-1]["transfer_probability"] == history[-1].probability
    assert seen_by_tensorboard(tmp_path / "board") == pytest.approx(list(control.means), rel=1e-6)


def seen_by_tensorboard(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    return [event.value for event in events.Scalars("train/transfer_loss")]


def test_the_training_is_the_same_with_and_without(tmp_path):
    plain = trainer(tmp_path)
    plain.train()
    watched = trainer(tmp_path)  # only now: a Trainer sets the random states when it is made
    monitor = HuggingFaceMonitor(batch(), interval=3)
    monitor.attach(watched)
    watched.train()
    assert monitor.monitor.n_steps == 20 and len(monitor.monitor.history) == 7
    one, other = plain.model.state_dict(), watched.model.state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_monitor_that_was_not_attached_says_so(tmp_path):
    alone = trainer(tmp_path)
    alone.add_callback(HuggingFaceMonitor(batch()))
    with pytest.raises(ConfigurationError, match=r"attach\(trainer\)"):
        alone.train()


def test_the_default_loss_is_the_models_own_a_row():
    network, given = model().eval(), batch()
    with torch.no_grad():
        losses = classification_loss(network, given)
        assert losses.shape == (40,)
        assert float(losses.mean()) == pytest.approx(float(network(**given).loss), rel=1e-6)
    with pytest.raises(DataError, match="no classification"):
        classification_loss(network, given | {"labels": torch.zeros(40)})
