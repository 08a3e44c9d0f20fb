"""What each way of training does to the weights, against what its paper says it does."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tests.torch.conftest import drawn, score, small, weights, with_norm
from torch import nn

from transfergap import TaskSource
from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.errors import LearnerError
from transfergap.learners.mitigations.mitigation import facts_of
from transfergap.learners.mitigations.names import FOR_NETWORKS, mitigation_named
from transfergap.torch import CoTrained, EMAGate, FineTuned, Network, StochNorm, Surgery
from transfergap.torch.nets import Single, Tapped
from transfergap.torch.penalties import BSS, DELTA, L2SP, CoTuning
from transfergap.torch.training import Rows, stream
from transfergap.torch.ways import LowRank, StochasticNorm


def pretrained(network, train):
    """The network after its training on the sources, before the target's first step."""
    empty = TrainingSet(train.target.rows(np.arange(0)), train.sources)
    return FineTuned(network).train(empty, seed=0)


def test_fine_tuning_helps_where_the_source_does(network, train, alone, test):
    assert score(FineTuned(network).train(train, seed=0), test) > 0.02 + score(
        network.train(alone, seed=0), test
    )


def test_a_frozen_probe_leaves_the_body_and_a_new_head_leaves_nothing(network, train):
    before = pretrained(network, train).module.state_dict()
    probe = FineTuned(network, layers="head").train(train, seed=0).module.state_dict()
    for name, value in before.items():
        assert torch.equal(value, probe[name]) is not name.startswith("4."), name
    one = FineTuned(Network(small, steps=1), source_steps=120, new_head=True, layers="head")
    new = one.train(train, seed=0).module.state_dict()
    assert float((new["4.weight"] - before["4.weight"]).abs().mean()) > 0.05


def test_head_then_all_moves_the_body_less_than_all(network, train):
    before = weights(pretrained(network, train))
    moved = {
        layers: float(
            (weights(FineTuned(network, layers=layers).train(train, seed=0)) - before).norm()
        )
        for layers in ("all", "head then all")
    }
    assert 0 < moved["head then all"] < moved["all"]


def test_lower_layers_move_less_at_lower_rates(network, train):
    before = pretrained(network, train).module.state_dict()
    after = {
        decay: FineTuned(network, decay=decay).train(train, seed=0).module.state_dict()
        for decay in (1.0, 0.1)
    }
    moved = {d: float((s["0.weight"] - before["0.weight"]).norm()) for d, s in after.items()}
    assert moved[0.1] < 0.3 * moved[1.0]


def test_interpolation_is_half_of_the_way(network, train):
    before, after = (
        weights(pretrained(network, train)),
        weights(FineTuned(network).train(train, seed=0)),
    )
    half = weights(FineTuned(network, kept=0.5).train(train, seed=0))
    torch.testing.assert_close(half, (before + after) / 2)


def test_a_heavy_l2_sp_holds_the_body_where_it_was(network, train):
    before = pretrained(network, train).module.state_dict()
    free = FineTuned(network, penalty=L2SP(0.0, 0.0)).train(train, seed=0).module.state_dict()
    held = FineTuned(network, penalty=L2SP(1e4, 0.0)).train(train, seed=0).module.state_dict()
    gone = {n: float((s["0.weight"] - before["0.weight"]).norm()) for n, s in
            (("free", free), ("held", held))}  # fmt: skip
    assert gone["held"] < 0.2 * gone["free"]


@pytest.fixture
def group():
    torch.manual_seed(0)
    nets = Single(Tapped(small(2)))
    rows = Rows(torch.randn(64, 5), torch.randint(0, 2, (64,)), torch.ones(64))
    return nets, stream([rows], steps=4, batch_size=32, seeds=[0], name=0, loss="classes")


def test_l2_sp_is_the_formula(group):
    nets, first = group
    added, _ = L2SP(0.3, 0.5).begin(nets, first)
    X, y, _ = first.batch(0)
    start = {n: v.detach().clone() for n, v in nets.params.items()}
    with torch.no_grad():
        for value in nets.params.values():
            value.add_(0.1)
    want = sum(
        0.5 * 0.5 * float((v.detach() ** 2).sum()) if nets.tapped.in_head(n)
        else 0.5 * 0.3 * float(((v.detach() - start[n]) ** 2).sum())
        for n, v in nets.params.items()
    )  # fmt: skip
    assert float(added(X, y, nets(X)[1]).detach()) == pytest.approx(want, rel=1e-5)


def test_bss_is_the_square_of_the_smallest_singular_value(group):
    nets, first = group
    X, y, _ = first.batch(0)
    seen = nets(X)[1]
    added, _ = BSS(0.5, smallest=2).begin(nets, first)
    values = np.linalg.svd(seen[0].detach().numpy(), compute_uv=False)
    assert float(added(X, y, seen).detach()) == pytest.approx(
        0.5 * (values[-2:] ** 2).sum(), rel=1e-3
    )


def test_delta_is_zero_at_the_start_and_weighs_units_that_matter(group):
    nets, first = group
    with torch.no_grad():
        nets.params["module.4.weight"][:, 3] = 0  # a unit that the head does not read
        nets.params["module.4.weight"][0, 0] += 20
        nets.params["module.2.bias"][0] += 5  # a unit that is on, and that the labels hang on
    added, _ = DELTA(1.0).begin(nets, first)
    X, y, _ = first.batch(0)
    seen = nets(X)[1].detach()
    assert float(added(X, y, seen)) == 0.0
    moved = {unit: seen.clone() for unit in (0, 3)}
    for unit, other in moved.items():
        other[:, :, unit] += 1
    # Without its large positive bias on class 0 the loss falls or grows; with labels of class 0
    # only, unit 0 is what the loss hangs on.
    zeros = replace(first, y=torch.zeros_like(first.y))
    added, _ = DELTA(1.0).begin(nets, zeros)
    assert float(added(X, y, moved[0])) > 2 * float(added(X, y, moved[3])) > 0


def test_co_tuning_relates_labels_by_what_the_old_head_said(group):
    nets, first = group
    relation = CoTuning()._relation(nets, first, 2)
    torch.testing.assert_close(relation.sum(2), torch.ones(1, 2))
    added, heads = CoTuning().begin(nets, first)
    assert [tuple(h.shape) for h in heads] == [(1, 2, 8), (1, 2)]
    X, y, _ = first.batch(0)
    out, seen = nets(X)
    want = -(relation[0][y[0]] * torch.log_softmax(out[0], 1)).sum(1).mean()
    torch.testing.assert_close(added(X, y, seen), want)  # the old head is the head, still


def test_stoch_norm_is_one_or_the_other():
    torch.manual_seed(0)
    x = torch.randn(64, 3) * 3 + 2
    norm = nn.BatchNorm1d(3)
    for _ in range(50):
        norm(torch.randn(64, 3))
    by_batch = StochNorm(norm, 0.0)(x)
    torch.testing.assert_close(by_batch.mean(0), torch.zeros(3), atol=1e-5, rtol=0)
    moving = StochNorm(norm, 1.0)(x)
    norm.eval()
    torch.testing.assert_close(moving, norm(x), atol=1e-5, rtol=1e-5)
    mixed = StochNorm(nn.BatchNorm1d(200), 0.5)(torch.randn(8, 200) + 5)
    assert 0.3 < float((mixed.mean(0).abs() < 1e-3).float().mean()) < 0.7


def test_stoch_norm_needs_batch_norm_and_runs_with_it(network, train):
    with pytest.raises(LearnerError, match="has none"):
        StochasticNorm(network).train(train, seed=0)
    model = StochasticNorm(Network(with_norm, steps=60, learning_rate=0.005)).train(train, seed=0)
    assert any(isinstance(layer, StochNorm) for layer in model.module.modules())
    assert model.predict(train.target.X).shape == (40,)


def test_low_rank_changes_have_their_rank_and_leave_plain_layers(network, train):
    before = pretrained(network, train).module.state_dict()
    after = LowRank(network, low_rank=2).train(train, seed=0).module
    assert all(type(layer) in (nn.Sequential, nn.Linear, nn.ReLU) for layer in after.modules())
    change = after.state_dict()["2.weight"] - before["2.weight"]
    assert int(torch.linalg.matrix_rank(change, tol=1e-5)) == 2
    assert torch.equal(after.state_dict()["0.bias"], before["0.bias"])
    assert not torch.equal(after.state_dict()["4.weight"], before["4.weight"])


def test_surgery_takes_out_what_conflicts():
    """Two losses with gradients (1, 0) and (-1, 1): PCGrad by hand."""
    x = torch.zeros(2, requires_grad=True)

    rule = Surgery("pcgrad").begin(SimpleNamespace(params={"x": x}), 2, [])
    torch.manual_seed(0)
    rule.backward([x[:1], (-x[0] + x[1])[None]], 0, None)
    one, two = torch.tensor([1.0, 0.0]), torch.tensor([-1.0, 1.0])
    want = (one - (one @ two) / (two @ two) * two) + (two - (one @ two) / (one @ one) * one)
    torch.testing.assert_close(x.grad, want)


def test_the_gate_shuts_out_a_task_that_points_the_other_way(target, test):
    """A source with turned labels: the sum follows it, the gate does not."""
    train = TrainingSet(target, (drawn(800, 2, turn=-1.0),))
    net = Network(small, steps=200, learning_rate=0.005)
    alone = score(net.train(TargetSet(target), seed=0), test)
    both = score(CoTrained(net).train(train, seed=0), test)
    gate = score(CoTrained(net, EMAGate()).train(train, seed=0), test)
    assert both < alone - 0.1
    assert gate > alone - 0.05


def test_the_gate_lets_a_good_source_in(target, test):
    train = TrainingSet(target, (drawn(800, 2),))
    net = Network(small, steps=200, learning_rate=0.005)
    alone = score(net.train(TargetSet(target), seed=0), test)
    assert score(CoTrained(net, EMAGate()).train(train, seed=0), test) > alone + 0.02


def test_another_task_gets_a_head_of_its_own_and_a_helpful_one_helps(target, test):
    rows = drawn(600, 8)
    numbers = np.column_stack([rows.X[:, 0], np.sin(2 * rows.X[:, 1])])
    net = Network(small, steps=200, learning_rate=0.005)
    model = CoTrained(net).train(TrainingSet(target, (), (TaskSource(rows.X, numbers),)), seed=0)
    assert model.module[-1].out_features == 2
    assert score(model, test) > score(net.train(TargetSet(target), seed=0), test) + 0.02


def test_fine_tuning_refuses_another_task(network, target):
    with pytest.raises(LearnerError, match="another task"):
        FineTuned(network).train(TrainingSet(target, (), (TaskSource(target.X, target.y),)), seed=0)


@pytest.mark.parametrize("name", FOR_NETWORKS)
def test_every_way_by_name_trains_and_states_its_facts(name, train, alone):
    make = mitigation_named(name)
    assert facts_of(make) is not None
    net = Network(with_norm if name == "stoch-norm" else small, steps=6)
    model = make(net).train(train, seed=0)
    assert set(model.predict(train.target.X)) <= {0, 1}
    control = net.train(alone, seed=0)
    assert torch.equal(weights(make(net).train(alone, seed=0)), weights(control))
