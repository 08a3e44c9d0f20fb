"""Train on source and target together, where user code can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transfergap.errors import ConfigurationError
from transfergap.rl.setting import Setting


@dataclass(frozen=True)
class Joint:
    """Training with the source's environment beside the target's.

    Its use is up to ``train``.

    Raises
    ------
    ConfigurationError
        When it trains: for a source that is an agent and no environment.

    Examples
    --------
    >>> Joint("b").name
    'b joint'
    """

    source: str

    @property
    def name(self) -> str:
        """As it appears in the report."""
        return f"{self.source} joint"

    @property
    def sources(self) -> tuple[str, ...]:
        """The one source."""
        return (self.source,)

    def train(self, setting: Setting) -> Any:
        """Return the agent."""
        beside = setting.sources[self.source]
        if not callable(beside):
            raise ConfigurationError(
                f"The source {self.source!r} is an agent, and no environment to train on.",
                hint="give the factory of an environment, or use another arm",
            )
        return setting.on_target(beside=(beside,))
