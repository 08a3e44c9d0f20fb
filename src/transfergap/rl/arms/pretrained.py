"""Train on the source, then continue unchanged on the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transfergap.rl.contract import Init
from transfergap.rl.setting import Setting


@dataclass(frozen=True)
class Pretrained:
    """The source's agent, continued.

    Parameters, state of learning, and its habit of not exploring.

    Examples
    --------
    >>> Pretrained("b").name
    'b pretrained'
    """

    source: str

    @property
    def name(self) -> str:
        """As it appears in the report."""
        return f"{self.source} pretrained"

    @property
    def sources(self) -> tuple[str, ...]:
        """The one source."""
        return (self.source,)

    def train(self, setting: Setting) -> Any:
        """Return the agent."""
        return setting.on_target(Init(setting.agent_of(self.source)))
