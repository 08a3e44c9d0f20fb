"""The network as a learner: seeds, groups of networks, starts, and refusals."""

import random

import numpy as np
import pytest
import torch
from tests.torch.conftest import drawn, score, small, weights, with_norm
from torch import nn

from transfergap import ModelSource, TaskSource, audit
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.errors import ConfigurationError, DataError, LearnerError
from transfergap.learners import describe, may_vary, most_at_once
from transfergap.learners.mitigations import Gated
from transfergap.torch import CoTrained, EMAGate, FineTuned, Network, Uncertainty
from transfergap.torch.penalties import BSS, DELTA, L2SP, CoTuning

WAYS = {
    "plain": lambda net: net,
    "fine-tuned": FineTuned,
    "new head": lambda net: FineTuned(net, new_head=True),
    "probe": lambda net: FineTuned(net, layers="head", new_head=True),
    "head then all": lambda net: FineTuned(net, layers="head then all", new_head=True),
    "rates": lambda net: FineTuned(net, decay=0.5),
    "l2-sp": lambda net: FineTuned(net, penalty=L2SP()),
    "delta": lambda net: FineTuned(net, penalty=DELTA(0.1)),
    "bss": lambda net: FineTuned(net, penalty=BSS()),
    "co-tuning": lambda net: FineTuned(net, new_head=True, penalty=CoTuning()),
    "half": lambda net: FineTuned(net, kept=0.5),
    "co-trained": CoTrained,
    "uncertainty": lambda net: CoTrained(net, Uncertainty()),
    "gate": lambda net: CoTrained(net, EMAGate()),
    "gated": lambda net: Gated(FineTuned(net), n_folds=3),
}


@pytest.mark.parametrize("way", WAYS)
def test_networks_trained_together_are_those_trained_singly(way, network):
    learner = WAYS[way](Network(small, steps=30, learning_rate=0.005))
    source = drawn(200, 7)
    trains = [TrainingSet(drawn(30 + i, i), (source,)) for i in range(3)]
    together = learner.fit_many(trains, seeds=[5, 6, 7])
    for train, seed, model in zip(trains, [5, 6, 7], together, strict=True):
        single = learner.train(train, seed=seed)
        torch.testing.assert_close(weights(model), weights(single), rtol=0, atol=1e-3)
    assert not torch.equal(weights(together[0]), weights(together[1]))


def numpy_state():
    return np.random.get_state()[1].tolist()  # noqa: NPY002, the legacy state is what is meant


def test_trainings_on_the_same_source_with_the_same_seed_are_made_once(monkeypatch):
    from transfergap.torch import fine_tuned

    source, sizes = drawn(200, 7), []
    real = fine_tuned.train

    def counted(nets, *rest, **more):
        sizes.append(nets.n)
        real(nets, *rest, **more)

    monkeypatch.setattr(fine_tuned, "train", counted)
    learner = FineTuned(Network(small, steps=30, learning_rate=0.005))
    trains = [TrainingSet(drawn(30 + i, i), (source,)) for i in range(4)]
    together = learner.fit_many(trains, seeds=[5, 5, 6, 5])
    assert sizes == [2, 4]
    for train, seed, model in zip(trains, [5, 5, 6, 5], together, strict=True):
        single = learner.train(train, seed=seed)
        torch.testing.assert_close(weights(model), weights(single), rtol=0, atol=1e-3)


@pytest.mark.parametrize("way", WAYS)
def test_the_same_seed_gives_the_same_model_and_no_state_is_touched(way, train):
    learner = WAYS[way](Network(small, steps=15))
    torch.manual_seed(3), random.seed(3)
    before = torch.random.get_rng_state(), numpy_state(), random.getstate()
    first, second = learner.train(train, seed=1), learner.train(train, seed=1)
    assert torch.equal(weights(first), weights(second))
    assert not torch.equal(weights(first), weights(learner.train(train, seed=2)))
    assert torch.equal(before[0], torch.random.get_rng_state())
    assert before[1] == numpy_state()
    assert before[2] == random.getstate()


def test_every_way_without_sources_is_the_control_itself(alone):
    net = Network(small, steps=20)
    control = weights(net.train(alone, seed=4))
    for way, make in WAYS.items():
        assert torch.equal(weights(make(net).train(alone, seed=4)), control), way


def test_the_network_learns(network, alone, test):
    assert score(network.train(alone, seed=0), test) > 0.75


def test_random_layers_and_statistics_are_trained_singly():
    assert most_at_once(Network(with_norm)) == 1
    assert most_at_once(Network(lambda n: nn.Sequential(nn.Dropout(), nn.Linear(5, n)))) == 1
    assert most_at_once(Network(small)) == 32
    assert most_at_once(Network(small, callbacks=(print,))) == 1
    assert not may_vary(FineTuned(Network(small, device="cpu")))


@pytest.mark.parametrize("device", [None, "gpu", 0.5])
def test_a_device_that_torch_does_not_know_is_refused(device):
    with pytest.raises(ConfigurationError, match="knows no device"):
        Network(small, device=device)


def test_callbacks_see_every_step(alone):
    seen = []
    Network(small, steps=7, callbacks=(seen.append,)).train(alone, seed=0)
    assert [info.step for info in seen] == [1, 2, 3, 4, 5, 6, 7]
    assert seen[0].loss > 0


def test_a_changed_factory_is_a_changed_design():
    def wide(width):
        return lambda n: nn.Sequential(nn.Linear(5, width), nn.Linear(width, n))

    assert describe(Network(wide(4))) != describe(Network(wide(8)))
    assert describe(Network(wide(4))) == describe(Network(wide(4)))
    assert describe(Network(wide(4), steps=9)) != describe(Network(wide(4)))


def test_numbers_are_regressed_on():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    y = X[:, 0] + 3.0
    net = Network(small, steps=400, learning_rate=0.01)
    model = net.train(TargetSet(Sample(X, y)), seed=0)
    assert float(np.mean((model.predict(X) - y) ** 2)) < 0.1
    assert not hasattr(model, "predict_proba")


def test_class_weights_let_a_rare_class_be_learned():
    rng = np.random.default_rng(0)
    y = (rng.random(400) < 0.06).astype(int)
    X = rng.normal(size=(400, 5)) + y[:, None] * 0.8
    for weighing, learned in ((None, False), ("balanced", True)):
        net = Network(small, steps=60, class_weights=weighing)
        model = net.train(TargetSet(Sample(X, y)), seed=0)
        assert (float((model.predict(X)[y == 1] == 1).mean()) > 0.5) is learned


def test_weights_of_rows_count(target):
    halves = np.where(np.arange(40) < 20, 1.0, 0.0)
    net = Network(small, steps=20, batch_size=8)
    turned = Sample(target.X, np.where(halves == 1, target.y, 1 - target.y), weights=halves)
    one = net.train(TargetSet(target.weighted(halves)), seed=0)
    two = net.train(TargetSet(turned), seed=0)
    assert torch.equal(weights(one), weights(two))  # labels of rows that weigh nothing


def test_training_starts_from_a_pretrained_model(tmp_path, network, target, train, test):
    pretrained = network.train(TargetSet(train.sources[0]), seed=9)
    state = pretrained.module.state_dict()
    torch.save(state, tmp_path / "net.pt")
    few = Network(small, steps=1)
    for start in (state, pretrained.module, tmp_path / "net.pt"):
        begun = TrainingSet(target, (), (ModelSource(start),))
        assert score(few.train(begun, seed=0), test) > score(
            few.train(TargetSet(target), seed=0), test
        )
        assert torch.equal(
            weights(FineTuned(few).train(begun, seed=0)),
            weights(FineTuned(few).train(TrainingSet(target, (), (ModelSource(state),)), seed=0)),
        )


def test_a_head_of_another_size_is_left_new(target):
    state = small(7).state_dict()
    model = Network(small, steps=1).train(TrainingSet(target, (), (ModelSource(state),)), seed=0)
    assert model.module[-1].out_features == 2


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: Network(small, steps=0), ConfigurationError, "steps"),
        (lambda: Network(small, learning_rate=0), ConfigurationError, "learning rate"),
        (lambda: Network(small, optimizer="lion"), ConfigurationError, "optimizer"),
        (lambda: FineTuned(Network(small), decay=0), ConfigurationError, "decay"),
        (lambda: FineTuned(Network(small), layers="two"), ConfigurationError, "layers"),
        (lambda: FineTuned(Gated(Network(small))), LearnerError, "trains networks"),
    ],
)
def test_what_cannot_be_trained_is_refused_at_once(make, error, says):
    with pytest.raises(error, match=says) as caught:
        make()
    assert caught.value.hint


def test_what_cannot_be_read_is_refused(target, alone):
    for net, train, says in (
        (Network(lambda n: nn.ReLU()), alone, "no linear layer"),
        (Network(small, head="0.fc"), alone, "no linear layer '0.fc'"),
        (Network(small, shape=(1, 2, 2)), alone, "5 columns"),
        (Network(small), TargetSet(Sample(["a", "b"], np.array([0, 1]))), "are no numbers"),
        (Network(small), TrainingSet(target, (), (ModelSource({"x": np.ones(3)}),)), "0 of 6"),
    ):
        with pytest.raises((LearnerError, DataError), match=says) as caught:
            net.train(train, seed=0)
        assert caught.value.hint
    gone = Sample(np.where(np.arange(5) == 2, np.nan, target.X), target.y)
    with pytest.raises(DataError, match="missing"):
        Network(small).train(TargetSet(gone), seed=0)


def test_a_loss_that_explodes_is_an_error(alone):
    net = Network(small, steps=50, learning_rate=1e20, optimizer="sgd")
    with pytest.raises(LearnerError, match="not finite"):
        net.train(alone, seed=0)


def test_an_audit_of_networks_with_rows_a_model_and_a_task(network):
    rows = drawn(60, 11)
    task = TaskSource(rows.X, rows.X[:, 0] + rows.X[:, 1])
    state = network.train(TargetSet(drawn(800, 5)), seed=1).module.state_dict()
    study = audit(
        Network(small, steps=12, learning_rate=0.01), rows.X, rows.y,
        sources={"more": (drawn(300, 12).X, drawn(300, 12).y), "task": task,
                 "net": ModelSource(state)},
        metric="accuracy", margin=0.02, effort="quick", explain="none",
        arms=["more pooled", "more fine-tuned", "more gated fine-tuned", "task co-trained",
              "net fine-tuned", "task ema-gate"],
    )  # fmt: skip
    table = study.to_frame().set_index("arm")
    assert table.estimate["net fine-tuned"] > 0.05
    assert table.estimate["more fine-tuned"] > 0.05
    assert study.result.failures == ()
    curve = study.result.budget_curve
    assert curve.axis == "steps"
    assert {c.arm for c in curve.curves} >= {"more pooled", "more fine-tuned"}
    assert [p.at for p in curve.curves[0].points] == [3, 6, 12]
