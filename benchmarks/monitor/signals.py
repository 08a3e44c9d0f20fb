"""Gradients of a source beside the held-out target's: cosine and look-ahead, a stack at once."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmarks.monitor.stacked import LEARNING_RATE, StackedNetwork, Task, row_losses


def gradient_signals(network: StackedNetwork, source: Task, held: Task) -> tuple[Tensor, Tensor]:
    """Return the cosine and the look-ahead affinity of every run, on the shared layers.

    The look-ahead is one plain step of the training's length along the source's gradient.
    """
    network.eval()
    shared = list(network.trunk.parameters())
    before = row_losses(network, held).mean(dim=1)
    towards = torch.autograd.grad(before.sum(), shared)
    along = torch.autograd.grad(row_losses(network, source).mean(dim=1).sum(), shared)
    dot = _by_run([a * b for a, b in zip(along, towards)])
    norms = _by_run([a * a for a in along]) * _by_run([b * b for b in towards])
    cosine = dot / norms.sqrt().clamp_min(1e-12)
    with torch.no_grad():
        kept = [parameter.clone() for parameter in shared]
        for parameter, gradient in zip(shared, along):
            parameter -= LEARNING_RATE * gradient
        after = row_losses(network, held).mean(dim=1)
        for parameter, value in zip(shared, kept):
            parameter.copy_(value)
    return cosine, 1 - after / before.detach()


def _by_run(parts: list[Tensor]) -> Tensor:
    return torch.stack([part.flatten(1).sum(dim=1) for part in parts]).sum(dim=0)
