"""Early warning: a run's held-out loss against a short control's."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from transfergap.torch.monitors.control import ControlCurve
from transfergap.torch.monitors.record import record_control
from transfergap.torch.monitors.signals import HarmWarning, SourceSignal
from transfergap.torch.monitors.transfer_monitor import Look, TransferMonitor

if TYPE_CHECKING:
    from transfergap.torch.monitors.huggingface_monitor import HuggingFaceMonitor
    from transfergap.torch.monitors.lightning_monitor import LightningMonitor

# Each needs a package that the others do not, so it is imported when it is asked for.
_HOMES = {"HuggingFaceMonitor": "huggingface_monitor", "LightningMonitor": "lightning_monitor"}

__all__ = [
    "ControlCurve",
    "HarmWarning",
    "HuggingFaceMonitor",
    "LightningMonitor",
    "Look",
    "SourceSignal",
    "TransferMonitor",
    "record_control",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
