"""Layers put in for fine-tuning: low rank, stochastic normalisation."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from transfergap.errors import LearnerError, require
from transfergap.torch.nets import Tapped


def add_low_rank(tapped: Tapped, rank: int) -> None:
    """Add a low-rank change to every linear layer but the head.

    References
    ----------
    Hu et al. (2021), LoRA: Low-Rank Adaptation of Large Language Models, section 4.1.

    Raises
    ------
    LearnerError
        If the head is the only linear layer.
    """
    layers = [
        name
        for name, layer in tapped.module.named_modules()
        if isinstance(layer, nn.Linear) and name != tapped.head_name
    ]
    if not layers:
        raise LearnerError(
            "LoRA changes linear layers, and this network has none but its head.",
            hint="use another mitigation, such as frozen-probe",
        )
    peft: Any = require("peft", extra="torch")
    # alpha = 2 r, by convention.
    config = peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=layers)
    peft.inject_adapter_in_model(config, tapped.module)


def merge_low_rank(tapped: Tapped) -> None:
    """Add the changes to the layers, and leave plain layers."""
    for name, layer in list(tapped.module.named_modules()):
        if hasattr(layer, "get_base_layer") and hasattr(layer, "merge"):
            layer.merge()
            parent, _, child = name.rpartition(".")
            setattr(tapped.module.get_submodule(parent), child, layer.get_base_layer())


Tensor = torch.Tensor


class StochNorm(nn.Module):
    """Normalisation by moving statistics with a probability, else the batch's.

    Parameters
    ----------
    norm : BatchNorm1d, BatchNorm2d or BatchNorm3d
        With its learned parameters.
    probability : float
        Of the moving statistics, in [0, 1].

    References
    ----------
    Kou, You, Long and Wang (2020), Stochastic Normalization, section 3.2.

    Examples
    --------
    >>> norm = StochNorm(nn.BatchNorm1d(3), 1.0)
    >>> norm(torch.ones(4, 3)).shape
    torch.Size([4, 3])
    """

    def __init__(self, norm: Any, probability: float = 0.5) -> None:
        super().__init__()
        self.norm = norm
        self.probability = probability

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised batch; in evaluation as batch normalisation does."""
        by_batch: Tensor = self.norm(x)  # in training this also moves the statistics
        if not self.training or self.norm.running_mean is None:
            return by_batch
        shape = (1, -1, *([1] * (x.dim() - 2)))
        # Moving statistics carry no gradient, so the pretrained scale is held.
        spread = torch.sqrt(self.norm.running_var + self.norm.eps).view(shape)
        by_moving = (x - self.norm.running_mean.view(shape)) / spread
        if self.norm.affine:
            by_moving = by_moving * self.norm.weight.view(shape) + self.norm.bias.view(shape)
        # One draw a channel and batch, as in the paper, not one a row.
        moving = torch.rand(x.shape[1], device=x.device) < self.probability
        return torch.where(moving.view(shape), by_moving, by_batch)


def with_stoch_norm(module: nn.Module, probability: float = 0.5) -> None:
    """Put StochNorm in the place of every batch normalisation of a module.

    Raises
    ------
    LearnerError
        If it has none.
    """
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
    names = [name for name, layer in module.named_modules() if isinstance(layer, kinds)]
    if not names:
        raise LearnerError(
            "StochNorm takes the place of batch normalisation, and this network has none.",
            hint="use another mitigation, such as l2-sp",
        )
    for name in names:
        parent, _, child = name.rpartition(".")
        place = module.get_submodule(parent)
        setattr(place, child, StochNorm(getattr(place, child), probability))
