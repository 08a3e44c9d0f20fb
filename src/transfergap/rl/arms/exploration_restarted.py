"""Start over on the target with the source's knowledge, exploring anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transfergap.rl.contract import Init
from transfergap.rl.setting import Setting


@dataclass(frozen=True)
class ExplorationRestarted:
    """The source agent's parameters, with learning and exploring restarted.

    Examples
    --------
    >>> ExplorationRestarted("b").name
    'b restarted'
    """

    source: str

    @property
    def name(self) -> str:
        """As it appears in the report."""
        return f"{self.source} restarted"

    @property
    def sources(self) -> tuple[str, ...]:
        """The one source."""
        return (self.source,)

    def train(self, setting: Setting) -> Any:
        """Return the agent."""
        agent = setting.agent_of(self.source)
        return setting.on_target(Init(agent, optimizer=False, exploration=False))
