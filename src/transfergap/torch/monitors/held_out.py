"""Held-out target losses of a model, a number a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import (
    DataLoader,
    RandomSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

from transfergap.errors import DataError
from transfergap.torch.monitors.control import FEWEST_UNITS

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
    parts = [loss(model, batch).reshape(-1) for batch in batches]
    losses = torch.cat(parts) if parts else torch.zeros(0)
    if len(losses) < FEWEST_UNITS:
        raise DataError(
            f"The held-out loss is {len(losses)} numbers; at least {FEWEST_UNITS} are needed to "
            "tell its noise.",
            hint="return the loss of every row: reduction='none'",
        )
    return losses


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
