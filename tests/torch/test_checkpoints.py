"""What a network starts from, and the mode in which it is trained."""

import numpy as np
import pytest
import torch
from torch import nn

from transfergap import ModelSource, audit
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.errors import LearnerError
from transfergap.torch import FineTuned, Network
from transfergap.torch.checkpoint import fit_checkpoint
from transfergap.torch.nets import Tapped

RNG = np.random.default_rng(2)
X = RNG.normal(size=(40, 6)).astype("float32")
Y = (X[:, 0] > 0).astype(int)


def body(n_outputs):
    return nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 8), nn.ReLU(),
                         nn.Linear(8, n_outputs))  # fmt: skip


class Held(nn.Module):
    def __init__(self, n_outputs):
        super().__init__()
        self.net = body(n_outputs)

    def forward(self, x):
        return self.net(x)


def state(n_outputs=2, prefix="", drop=()):
    torch.manual_seed(1)
    return {prefix + k: v for k, v in body(n_outputs).state_dict().items() if k not in drop}


@pytest.mark.parametrize(
    "prefix", ["module.", "model.", "net.", "_orig_mod.", "model._orig_mod.", "module.model.net."]
)
def test_prefixes_of_trainers_and_compilers_are_left_out(prefix):
    fit = fit_checkpoint(state(prefix=prefix), Tapped(body(2)))
    assert fit.renamed and not fit.missing and fit.number_share == 1.0
    torch.testing.assert_close(fit.tensors["2.weight"], state()["2.weight"])


def test_prefixes_of_the_network_are_left_out_too():
    fit = fit_checkpoint(state(prefix="module."), Tapped(Held(2)))
    assert set(fit.tensors) == {f"net.{k}" for k in state()}
    exact = fit_checkpoint(Held(2).state_dict(), Tapped(Held(2)))
    assert not exact.renamed and not exact.missing


def test_names_that_would_become_one_are_not_shortened():
    both = {**state(prefix="model."), **state(prefix="module.")}
    assert not fit_checkpoint(both, Tapped(body(2))).tensors


def test_shares_are_counted_in_numbers_and_without_the_head():
    fit = fit_checkpoint(state(5), Tapped(body(2)))
    n_body, n_head = 6 * 12 + 12 + 12 * 8 + 8, 8 * 2 + 2
    assert fit.missing == ("4.weight", "4.bias") and fit.body_share == 1.0
    assert fit.number_share == pytest.approx(n_body / (n_body + n_head))
    half = fit_checkpoint(state(drop=("2.weight", "2.bias")), Tapped(body(2)))
    assert half.body_share == pytest.approx((6 * 12 + 12) / n_body)


def audited(given, module=body, **options):
    return audit(
        Network(module, steps=5, device="cpu"), X, Y, sources={"old": ModelSource(given)},
        arms=["old fine-tuned"], effort="quick", explain="none", **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        state(drop=("0.weight", "2.weight")),
        {"4.bias": torch.zeros(2)},
        {f"other.{k}": v for k, v in state().items()},
        {k: v.T for k, v in state().items() if v.dim() == 2},
    ],
)
def test_a_model_that_hardly_fits_is_refused_before_anything_is_trained(given):
    with pytest.raises(LearnerError, match="hardly fits") as caught:
        audited(given)
    assert "tensors" in str(caught.value) and "0.weight" in caught.value.hint


@pytest.mark.parametrize(
    ("given", "words", "strength"),
    [
        (state(drop=("2.bias",)), "5 of 6 tensors", "moderate"),
        (state(7), "4 of 6 tensors", "note"),
        (state(prefix="module."), "6 of 6 tensors, 100% of the numbers", "note"),
    ],
)
def test_what_starts_from_the_model_is_a_finding(given, words, strength):
    (found,) = [f for f in audited(given).findings if f.code == "TG313"]
    assert words in found.says and found.strength == strength and found.subject == "old fine-tuned"


def test_a_model_that_fits_is_no_finding():
    assert "TG313" not in [f.code for f in audited(state()).findings]


def test_weights_under_a_prefix_are_what_training_starts_from():
    start = FineTuned(Network(body, steps=1, learning_rate=1e-12, weight_decay=0.0, device="cpu"))
    train = TrainingSet(Sample(X, Y), (), (ModelSource(state(prefix="module.")),))
    model = start.train(train, seed=0)
    with torch.no_grad():
        net = body(2)
        net.load_state_dict(state())
        expected = net(torch.tensor(X)).softmax(1).numpy()
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-5)


class Noted(nn.Module):
    def __init__(self, n_outputs, modes):
        super().__init__()
        self.modes = modes
        self.net = nn.Sequential(nn.BatchNorm1d(6), nn.Linear(6, 8), nn.Dropout(0.5),
                                 nn.Linear(8, n_outputs))  # fmt: skip

    def forward(self, x):
        self.modes.append((self.training, self.net[2].training))
        return self.net(x)


@pytest.mark.parametrize("way", [lambda net: net, FineTuned, lambda net: FineTuned(net, "head")])
def test_networks_handed_over_in_evaluation_mode_are_trained_in_training_mode(way):
    modes = []
    network = Network(lambda n: Noted(n, modes).eval(), steps=4, device="cpu")
    train = TrainingSet(Sample(X, Y), (Sample(X[:20], Y[:20]),))
    model = way(network).train(train, seed=0)
    assert modes and all(mode == (True, True) for mode in modes)
    modes.clear()
    np.testing.assert_array_equal(model.predict_proba(X), model.predict_proba(X))
    assert modes and not any(training for training, _ in modes)


def test_dropout_makes_training_differ_from_training_without():
    fits = []
    for rate in (0.0, 0.9):

        def module(n, rate=rate):
            return nn.Sequential(nn.Linear(6, 8), nn.Dropout(rate), nn.Linear(8, n)).eval()

        network = Network(module, steps=5, learning_rate=0.1, device="cpu")
        fits.append(network.train(TargetSet(Sample(X, Y)), seed=0).predict_proba(X))
    assert np.abs(fits[0] - fits[1]).max() > 0.01


@pytest.mark.parametrize(
    "wrap",
    [
        lambda tensors: {"epoch": 3, "state_dict": tensors},
        lambda tensors: {"model_state_dict": tensors, "optimizer_state_dict": {"state": {}}},
        lambda tensors: {"config": {"n": 2}, "model": {"state_dict": tensors}},
        lambda tensors: {**tensors, "_metadata": {"version": 1}},
    ],
)
def test_a_checkpoint_that_holds_more_than_tensors_is_unwrapped(wrap):
    fit = fit_checkpoint(wrap(state(prefix="module.")), Tapped(body(2)))
    assert not fit.missing and fit.number_share == 1.0
