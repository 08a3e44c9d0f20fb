"""What the monitor costs: whole training loops with and without it, timed in pairs."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from transfergap.torch import ControlCurve, TransferMonitor

N_STEPS = 1000
INTERVAL = 50  # the default
N_HELD = 200
BATCH = 32


def perceptron() -> nn.Module:
    """Return the bank's network for 16x16 images."""
    return nn.Sequential(
        nn.Linear(256, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 64), nn.ReLU(),
        nn.Linear(64, 10),
    )  # fmt: skip


def convolutional() -> nn.Module:
    """Return a small convolutional network for the same images."""
    return nn.Sequential(
        nn.Unflatten(1, (1, 16)), nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


NETWORKS = {"the bank's network": perceptron, "a small convolutional network": convolutional}
WAYS = {"until a fifth, the default": 0.2, "to the end": 1.0}


def rows_loss(model: nn.Module, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    return functional.cross_entropy(model(batch[0]), batch[1], reduction="none")


def overheads(n_pairs: int, n_steps: int = N_STEPS) -> list[dict[str, Any]]:
    """Return the ratio of CPU times for every network and way, with its interval."""
    found = []
    for network, make in NETWORKS.items():
        for way, share in WAYS.items():
            ratios = [_ratio(make, share, n_steps, turn) for turn in range(n_pairs)]
            rng = np.random.default_rng(0)
            means = np.median(rng.choice(ratios, (2000, len(ratios))), axis=1)
            low, high = np.quantile(means, [0.025, 0.975])
            found.append({
                "network": network,
                "looks": way,
                "interval": INTERVAL,
                "n_held": N_HELD,
                "n_pairs": n_pairs,
                "ratio": round(float(np.median(ratios)), 4),
                "low": round(float(low), 4),
                "high": round(float(high), 4),
            })  # fmt: skip
    return found


def _ratio(make: Any, share: float, n_steps: int, turn: int) -> float:
    """Time both loops, in an order that alternates, and return their ratio."""
    order = (True, False) if turn % 2 else (False, True)
    times = {monitored: _time(make, share if monitored else None, n_steps) for monitored in order}
    return times[True] / times[False]


def _time(make: Any, share: float | None, n_steps: int) -> float:
    torch.manual_seed(0)
    X, y = torch.rand(400 + N_HELD, 256), torch.randint(10, (400 + N_HELD,))
    if make is convolutional:
        X = X.reshape(-1, 16, 16)
    model, held = make(), (X[400:], y[400:])
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    monitor = None
    if share is not None:
        last = max(int(share * n_steps), INTERVAL)  # a control that was looked at can warn
        steps = tuple(range(0, last + 1, INTERVAL))
        control = ControlCurve(steps, np.ones((len(steps), N_HELD)), n_steps, INTERVAL)
        monitor = TransferMonitor(model, rows_loss, held, control=control)
    batches = torch.randint(400, (n_steps, BATCH))
    start = time.process_time()
    for step, batch in enumerate(batches):
        if monitor is not None:
            monitor.step(step)
        optimizer.zero_grad()
        functional.cross_entropy(model(X[batch]), y[batch]).backward()
        optimizer.step()
    return time.process_time() - start
