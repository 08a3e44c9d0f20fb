"""Networks: ways of training on sources, and an early-warning monitor."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from transfergap.errors import require

if TYPE_CHECKING:
    from transfergap.torch.combining import EMAGate, Sum, Surgery, Uncertainty
    from transfergap.torch.fine_tuned import FineTuned
    from transfergap.torch.layers import StochNorm
    from transfergap.torch.monitors import (
        ControlCurve,
        HarmWarning,
        HuggingFaceMonitor,
        LightningMonitor,
        TransferMonitor,
        record_control,
    )
    from transfergap.torch.network import Network
    from transfergap.torch.penalties import BSS, DELTA, L2SP, CoTuning
    from transfergap.torch.training import StepInfo
    from transfergap.torch.ways import CoTrained

_HOMES = {
    "BSS": "penalties",
    "CoTrained": "ways",
    "CoTuning": "penalties",
    "ControlCurve": "monitors",
    "DELTA": "penalties",
    "EMAGate": "combining",
    "FineTuned": "fine_tuned",
    "HarmWarning": "monitors",
    "HuggingFaceMonitor": "monitors",
    "L2SP": "penalties",
    "LightningMonitor": "monitors",
    "Network": "network",
    "StepInfo": "training",
    "StochNorm": "layers",
    "Sum": "combining",
    "Surgery": "combining",
    "TransferMonitor": "monitors",
    "Uncertainty": "combining",
    "record_control": "monitors",
}

__all__ = [
    "BSS",
    "DELTA",
    "L2SP",
    "CoTrained",
    "CoTuning",
    "ControlCurve",
    "EMAGate",
    "FineTuned",
    "HarmWarning",
    "HuggingFaceMonitor",
    "LightningMonitor",
    "Network",
    "StepInfo",
    "StochNorm",
    "Sum",
    "Surgery",
    "TransferMonitor",
    "Uncertainty",
    "record_control",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'transfergap.torch' has no attribute {name!r}")
    require("torch", extra="torch")
    value = getattr(importlib.import_module(f"transfergap.torch.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names too."""
    return sorted({*globals(), *__all__})
