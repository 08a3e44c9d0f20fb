"""Combinations of several tasks' losses into a step, one file each."""

from transfergap.torch.combining.ema_gate import EMAGate
from transfergap.torch.combining.plain_sum import Sum
from transfergap.torch.combining.surgery import Surgery
from transfergap.torch.combining.uncertainty import Uncertainty

__all__ = ["EMAGate", "Sum", "Surgery", "Uncertainty"]
