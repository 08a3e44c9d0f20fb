"""Networks: ways of training on sources and on the target, and a monitor that warns early."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from transfergap._optional import require

require("torch", extra="torch")

if TYPE_CHECKING:
    from transfergap.torch.co_trained import CoTrained
    from transfergap.torch.combining import EMAGate, Sum, Surgery, Uncertainty
    from transfergap.torch.fine_tuned import FineTuned
    from transfergap.torch.network import Network
    from transfergap.torch.penalties import BSS, DELTA, L2SP, CoTuning
    from transfergap.torch.stoch_norm import StochNorm
    from transfergap.torch.training import StepInfo

_HOMES = {
    "BSS": "penalties",
    "CoTrained": "co_trained",
    "CoTuning": "penalties",
    "DELTA": "penalties",
    "EMAGate": "combining",
    "FineTuned": "fine_tuned",
    "L2SP": "penalties",
    "Network": "network",
    "StepInfo": "training",
    "StochNorm": "stoch_norm",
    "Sum": "combining",
    "Surgery": "combining",
    "Uncertainty": "combining",
}

__all__ = [
    "BSS",
    "DELTA",
    "L2SP",
    "CoTrained",
    "CoTuning",
    "EMAGate",
    "FineTuned",
    "Network",
    "StepInfo",
    "StochNorm",
    "Sum",
    "Surgery",
    "Uncertainty",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'transfergap.torch' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"transfergap.torch.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
