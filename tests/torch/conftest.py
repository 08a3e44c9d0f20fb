"""Small networks and rows that they can learn."""

import numpy as np
import pytest
import torch
from torch import nn

from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.torch import Network


def small(n):
    return nn.Sequential(nn.Linear(5, 12), nn.ReLU(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, n))


def with_norm(n):
    return nn.Sequential(nn.Linear(5, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, n))


def drawn(n, seed, turn=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    score = X[:, 0] + np.sin(2 * X[:, 1])
    return Sample(X, (turn * score > 0).astype(int))


@pytest.fixture
def network():
    return Network(small, steps=120, learning_rate=0.005)


@pytest.fixture
def target():
    return drawn(40, 1)


@pytest.fixture
def train(target):
    return TrainingSet(target, (drawn(400, 2),))


@pytest.fixture
def alone(target):
    return TargetSet(target)


@pytest.fixture
def test():
    return drawn(2000, 3)


def score(model, sample):
    return float((model.predict(sample.X) == sample.y).mean())


def weights(model):
    return torch.cat([p.detach().reshape(-1) for p in model.module.parameters()])
