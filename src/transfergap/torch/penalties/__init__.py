"""Penalties for the loss of fine-tuned networks, one file each."""

from transfergap.torch.penalties.bss import BSS
from transfergap.torch.penalties.co_tuning import CoTuning
from transfergap.torch.penalties.delta import DELTA
from transfergap.torch.penalties.l2_sp import L2SP

__all__ = ["BSS", "DELTA", "L2SP", "CoTuning"]
