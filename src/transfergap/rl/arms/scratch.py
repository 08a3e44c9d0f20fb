"""The control: trained on the target alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transfergap.experiment.design import CONTROL
from transfergap.rl.setting import Setting


@dataclass(frozen=True)
class Scratch:
    """Training on the target alone, without a source.

    Examples
    --------
    >>> Scratch().name
    'control'
    """

    name: str = CONTROL
    sources: tuple[str, ...] = ()

    def train(self, setting: Setting) -> Any:
        """Return the agent."""
        return setting.on_target()
