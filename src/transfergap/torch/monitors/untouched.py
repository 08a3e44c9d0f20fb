"""Evaluation without traces: modes, buffers and random states are restored."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def untouched(model: torch.nn.Module) -> Iterator[None]:
    """Evaluate ``model`` inside, and restore its state outside.

    Put back are: the mode of every module, the values of every buffer, and the random states of
    Python, NumPy's global generator, torch, and its CUDA devices where they are in use.

    Examples
    --------
    >>> network = torch.nn.Sequential(torch.nn.BatchNorm1d(2), torch.nn.Dropout())
    >>> before = torch.get_rng_state()
    >>> with untouched(network):
    ...     _ = network(torch.randn(4, 2)), network.training
    >>> network.training, bool((before == torch.get_rng_state()).all())
    (True, True)
    """
    modes = [(module, module.training) for module in model.modules()]
    buffers = [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    python_state = random.getstate()
    numpy_state = np.random.get_state()  # noqa: NPY002  (users' code may draw from it)
    torch_state = torch.get_rng_state()
    in_use = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    cuda_states = torch.cuda.get_rng_state_all() if in_use else None
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
        with torch.no_grad():
            for buffer, value in buffers:
                if not torch.equal(buffer, value):
                    buffer.copy_(value)
        random.setstate(python_state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        torch.set_rng_state(torch_state)
        if cuda_states is not None:
            torch.cuda.set_rng_state_all(cuda_states)
