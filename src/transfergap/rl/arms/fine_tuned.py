"""Train on the source, then tune what it knows on the target with a fresh optimizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transfergap.rl.contract import Init
from transfergap.rl.setting import Setting


@dataclass(frozen=True)
class FineTuned:
    """Keep the source agent's parameters; start its learning anew, exploring as little as it did.

    Examples
    --------
    >>> FineTuned("b").name
    'b fine-tuned'
    """

    source: str

    @property
    def name(self) -> str:
        """As it appears in the report."""
        return f"{self.source} fine-tuned"

    @property
    def sources(self) -> tuple[str, ...]:
        """The one source."""
        return (self.source,)

    def train(self, setting: Setting) -> Any:
        """Return the agent."""
        return setting.on_target(Init(setting.agent_of(self.source), optimizer=False))
