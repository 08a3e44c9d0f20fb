"""Train on the source, then fine-tune on the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transfergap.rl.contract import Init
from transfergap.rl.setting import Setting


@dataclass(frozen=True)
class FineTuned:
    """The source agent's parameters, with a fresh optimizer.

    It explores as little as the source's agent did.

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
