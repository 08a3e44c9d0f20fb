"""Score an agent by its mean return over fixed episodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transfergap.errors import ConfigurationError
from transfergap.rl.contract import MakeEnvironment


@dataclass(frozen=True)
class Episodes:
    """Mean undiscounted return of the greedy policy.

    The episodes have fixed seeds.

    Parameters
    ----------
    n : int
        Episodes, at least 1. More make curves smoother, and are not charged to the budget.
    seed : int
        Episode ``i`` is reset with ``seed + i``, for every agent at every step.

    Notes
    -----
    The agent needs ``predict(observation, deterministic=True)`` that returns an action and
    something else, as agents of Stable-Baselines3 have it. No random state outside the environment
    is touched. Fixed episodes make arms comparable, and make scores those of these episodes: with
    few of them, all arms are scored on the same lucky or unlucky starts.

    Examples
    --------
    >>> from transfergap.rl import Environment
    >>> class Left:
    ...     def predict(self, observation, deterministic):
    ...         return 0, None
    >>> round(Episodes(3)(Left(), Environment("CartPole-v1")), 1)
    9.3
    """

    n: int = 20
    # Apart from the small seeds that users give, which also reset the environment of training.
    seed: int = 10_000

    def __post_init__(self) -> None:
        if not isinstance(self.n, int) or self.n < 1:
            raise ConfigurationError(
                f"The number of episodes is {self.n!r}.", hint="use a whole number from 1 up"
            )

    def __call__(self, agent: Any, target: MakeEnvironment) -> float:
        """Return the mean return."""
        environment = target()
        try:
            returns = [self._return(agent, environment, self.seed + i) for i in range(self.n)]
        finally:
            environment.close()
        return sum(returns) / self.n

    def _return(self, agent: Any, environment: Any, seed: int) -> float:
        observation, _ = environment.reset(seed=seed)
        total, over = 0.0, False
        while not over:
            action, _ = agent.predict(observation, deterministic=True)
            observation, reward, terminated, truncated, _ = environment.step(action)
            total += float(reward)
            over = bool(terminated or truncated)
        return total
