"""Learn the target anew, sometimes following the source's policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transfergap.errors import ConfigurationError
from transfergap.rl.contract import Reuse
from transfergap.rl.setting import Setting


@dataclass(frozen=True)
class PolicyReuse:
    """Follow the old policy with a probability that shrinks within each episode.

    Parameters
    ----------
    source : str
    probability : float
        In the first step of an episode, in [0, 1].
    decay : float
        In [0, 1].

    Notes
    -----
    Needs a learner that learns from actions which it did not choose (Q-learning, DQN). The paper's
    exploration strategy; its choice among a library of policies is what comparing arms is for.

    References
    ----------
    Fernandez and Veloso (2006), Probabilistic Policy Reuse in a Reinforcement Learning Agent,
    section 3.

    Examples
    --------
    >>> PolicyReuse("b").name
    'b reused'
    """

    source: str
    probability: float = 1.0
    # The values of the paper's experiments.
    decay: float = 0.95

    def __post_init__(self) -> None:
        if not (0 <= self.probability <= 1 and 0 <= self.decay <= 1):
            raise ConfigurationError(
                f"Policy reuse got probability={self.probability!r} and decay={self.decay!r}.",
                hint="both lie between 0 and 1",
            )

    @property
    def name(self) -> str:
        """As it appears in the report."""
        return f"{self.source} reused"

    @property
    def sources(self) -> tuple[str, ...]:
        """The one source."""
        return (self.source,)

    def train(self, setting: Setting) -> Any:
        """Return the agent."""
        agent = setting.agent_of(self.source)
        return setting.on_target(Reuse(agent, self.probability, self.decay))
