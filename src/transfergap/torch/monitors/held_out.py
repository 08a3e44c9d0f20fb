"""Losses on rows held out, which leave the training as it was."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import (
    DataLoader,
    Dataset,
    RandomSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

from transfergap.errors import DataError
from transfergap.torch.monitors.control import FEWEST_UNITS

_BATCH = 256  # rows of a dataset that are evaluated together


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


RowLoss = Callable[[Any, Any], torch.Tensor]


def held_out_losses(loss: RowLoss, model: Any, held_out: Any) -> torch.Tensor:
    """Return the losses of all held-out rows, shape (n_units,).

    The model stays in its mode.

    Parameters
    ----------
    loss : callable
        ``loss(model, batch)`` returns the loss of every row, shape (n_rows,), or one number for
        the whole batch.
    held_out : batch, list of batches, or DataLoader
        A list or loader is taken as several batches, anything else as one.

    Raises
    ------
    DataError
        If there are fewer than 8 numbers, so that their noise cannot be told.

    Examples
    --------
    >>> rows = lambda model, batch: (model(batch) ** 2).mean(dim=1)
    >>> held_out_losses(rows, torch.nn.Identity(), torch.ones(8, 3)).shape
    torch.Size([8])
    """
    batches = as_batches(held_out)
    parts = [_losses_of(loss(model, batch)) for batch in batches]
    losses = torch.cat(parts) if parts else torch.zeros(0)
    if len(losses) < FEWEST_UNITS:
        raise DataError(
            f"The held-out loss is {len(losses)} numbers; at least {FEWEST_UNITS} are needed to "
            "tell its noise.",
            hint="return the loss of every row: reduction='none'",
        )
    return losses


def _losses_of(losses: Any) -> torch.Tensor:
    """Return the values of a loss as one flat tensor."""
    if not isinstance(losses, torch.Tensor):
        raise DataError(
            f"The held-out loss is a {type(losses).__name__}, not a tensor.",
            hint="return the loss of every row as a tensor: reduction='none'",
        )
    if losses.is_complex():
        raise DataError(
            "The held-out losses are complex numbers.", hint="return real ones, 0 being the best"
        )
    return losses.reshape(-1)


def as_batches(held_out: Any) -> list[Any]:
    """Return held-out rows as batches; a loader is read once.

    Torch's random state stays as it was, though a loader draws from it.

    Raises
    ------
    DataError
        For a loader that shuffles: looks could not be compared row by row.

    Examples
    --------
    >>> loader = DataLoader(torch.ones(8, 3), batch_size=4)
    >>> [tuple(batch.shape) for batch in as_batches(loader)]
    [(4, 3), (4, 3)]
    """
    if isinstance(held_out, Dataset):
        held_out = DataLoader(held_out, batch_size=_BATCH)
    if held_out is None or (isinstance(held_out, Iterator) and not isinstance(held_out, list)):
        raise DataError(
            f"The held-out rows are a {type(held_out).__name__}, which cannot be read again.",
            hint="give a batch, a list of batches, a dataset, or a loader with shuffle=False",
        )
    if not isinstance(held_out, DataLoader):
        return held_out if isinstance(held_out, list) else [held_out]
    batches = getattr(held_out, "batch_sampler", None)
    sampler = getattr(batches, "sampler", held_out.sampler)
    if isinstance(sampler, (RandomSampler, SubsetRandomSampler, WeightedRandomSampler)):
        raise DataError(
            "The held-out rows come from a loader that shuffles, so two looks cannot be compared"
            " row by row.",
            hint="make it with shuffle=False, as loaders for validation are",
        )
    # Making an iterator of a loader draws a seed from torch's global state.
    with torch.random.fork_rng(devices=()):
        return list(held_out)


def as_numbers(losses: torch.Tensor) -> NDArray[np.float64]:
    """Return losses as a NumPy array."""
    return losses.detach().to("cpu", torch.float64).numpy()
