"""Transfer in networks: what watches a training run. Needs the extra ``[torch]``.

Examples
--------
>>> from transfergap.torch import ControlCurve
>>> ControlCurve((0, 10), [[2.0] * 8, [1.0] * 8], n_steps=50, interval=10).means
array([2., 1.])
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from transfergap._optional import require

if TYPE_CHECKING:
    from transfergap.torch.monitors import (
        ControlCurve,
        HarmWarning,
        HuggingFaceMonitor,
        LightningMonitor,
        TransferMonitor,
        record_control,
    )

_HOMES = {
    "ControlCurve": "monitors",
    "HarmWarning": "monitors",
    "HuggingFaceMonitor": "monitors",
    "LightningMonitor": "monitors",
    "TransferMonitor": "monitors",
    "record_control": "monitors",
}

__all__ = [
    "ControlCurve",
    "HarmWarning",
    "HuggingFaceMonitor",
    "LightningMonitor",
    "TransferMonitor",
    "record_control",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    require("torch", extra="torch")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
