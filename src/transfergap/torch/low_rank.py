"""LoRA: train low-rank changes of the linear layers, by the library peft."""

from __future__ import annotations

from typing import Any

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
