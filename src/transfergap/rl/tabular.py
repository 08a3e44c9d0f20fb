"""Q-learning and SARSA for environments with discrete states and actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import ConfigurationError, LearnerError
from transfergap.rl.contract import Callback, Init, MakeEnvironment, Reuse, target_and_sources

Floats = NDArray[np.float64]
_TIE = 1e-12  # values nearer than rounding are equal


@dataclass(frozen=True)
class TabularAgent:
    """A table of action values.

    Parameters
    ----------
    values : ndarray, shape (n_states, n_actions)
    visits : ndarray of the same shape
        How often each was updated.

    Examples
    --------
    >>> TabularAgent(np.array([[0.0, 1.0], [2.0, 2.0]]), np.zeros((2, 2))).policy().tolist()
    [[0.0, 1.0], [0.5, 0.5]]
    """

    values: Floats
    visits: Floats

    def predict(self, observation: Any, deterministic: bool = True) -> tuple[int, None]:
        """Return the best action, the first of several.

        As agents of Stable-Baselines3 do.
        """
        return int(np.argmax(self.values[int(observation)])), None

    def policy(self) -> Floats:
        """Return the greedy policy, shape (n_states, n_actions): equal actions share a state."""
        best = self.values >= self.values.max(axis=1, keepdims=True) - _TIE
        shares: Floats = best / best.sum(axis=1, keepdims=True)
        return shares


@dataclass(frozen=True)
class Tabular:
    """A training function: Q-learning, or SARSA, with a falling rate of exploration.

    Parameters
    ----------
    step_size : float
        Of the first update of a state and action, in (0, 1].
    step_decay : float
        The step size after ``n`` updates is ``step_size / (1 + step_decay n)``, >= 0.
    discount : float
        In (0, 1].
    explore_first, explore_last : float
        Probability of a random action at the start, and at the end of exploring, in [0, 1].
    explore_share : float
        Share of the budget over which it falls, linearly, in (0, 1].
    sarsa : bool
        Whether to learn from the action that is taken next, and not from the best one.

    Notes
    -----
    What :class:`~transfergap.rl.Init` keeps: the values always; the counts of updates, which set
    the step size, with ``optimizer``; the last rate of exploration, for the whole budget, with
    ``exploration``. With :class:`~transfergap.rl.Reuse` it starts from nothing, and takes the old
    policy's action with its probability, learning from it as from its own; not for SARSA.

    References
    ----------
    Watkins and Dayan (1992), Q-learning; Sutton and Barto (2018), sections 6.4 and 6.5.

    Examples
    --------
    >>> from transfergap.rl import Environment, ExactReturn
    >>> lake = Environment("FrozenLake-v1", {"is_slippery": False})
    >>> agent = Tabular()(lake, (), seed=3, budget=4000)
    >>> ExactReturn()(agent, lake)
    1.0
    """

    # Defaults chosen by hand.
    step_size: float = 0.5
    step_decay: float = 0.0
    discount: float = 0.99
    explore_first: float = 1.0
    explore_last: float = 0.05
    explore_share: float = 0.5
    sarsa: bool = False

    def __post_init__(self) -> None:
        within = {
            "step_size": 0 < self.step_size <= 1,
            "step_decay": self.step_decay >= 0,
            "discount": 0 < self.discount <= 1,
            "explore_first": 0 <= self.explore_first <= 1,
            "explore_last": 0 <= self.explore_last <= 1,
            "explore_share": 0 < self.explore_share <= 1,
        }
        for name, fits in within.items():
            if not fits:
                raise ConfigurationError(
                    f"Tabular got {name}={getattr(self, name)!r}.",
                    hint="shares and rates lie between 0 and 1; step_decay from 0 up",
                )

    def __call__(
        self,
        target: MakeEnvironment,
        sources: Sequence[MakeEnvironment],
        *,
        seed: int,
        budget: int,
        init: Init | Reuse | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> TabularAgent:
        """Return an agent that has trained for ``budget`` steps."""
        target, sources = target_and_sources(target, sources)
        if sources:
            raise ConfigurationError(
                "Tabular trains on one environment.", hint="leave the arm Joint out"
            )
        if isinstance(init, Reuse) and self.sarsa:
            raise ConfigurationError(
                "SARSA cannot learn from another policy's actions.",
                hint="leave the arm PolicyReuse out, or use Q-learning",
            )
        environment = target()
        try:
            return self._trained(environment, seed, budget, init, callbacks)
        finally:
            environment.close()

    def _trained(
        self,
        environment: Any,
        seed: int,
        budget: int,
        init: Init | Reuse | None,
        callbacks: Sequence[Callback],
    ) -> TabularAgent:
        agent = self._start(environment, init)
        # The agent's table is a copy, so a source's agent is not changed.
        values, rng = agent.values, np.random.default_rng(seed)
        reuse = init if isinstance(init, Reuse) else None
        _show(callbacks, 0, agent)
        state, age = int(environment.reset(seed=seed)[0]), 0
        action = self._action(rng, values[state], self._rate(0, budget, init), reuse, state, age)
        for step in range(1, budget + 1):
            # `ended` is a final state, worth nothing after it; `stopped` is a time limit, which
            # says nothing of worth.
            after, reward, ended, stopped, _ = environment.step(action)
            after, age = int(after), age + 1
            rate = self._rate(step, budget, init)
            following = self._action(rng, values[after], rate, reuse, after, age)
            ahead = values[after, following] if self.sarsa else values[after].max()
            # The target of Watkins and Dayan (1992), or of SARSA (Sutton and Barto 2018, section
            # 6.4).
            aim = float(reward) + (0.0 if ended else self.discount * float(ahead))
            # With step_decay > 0 steps shrink with visits, as Robbins and Monro (1951) need.
            size = self.step_size / (1.0 + self.step_decay * agent.visits[state, action])
            values[state, action] += size * (aim - values[state, action])
            agent.visits[state, action] += 1
            state, action = after, following
            if ended or stopped:
                state, age = int(environment.reset()[0]), 0
                action = self._action(rng, values[state], rate, reuse, state, age)
            _show(callbacks, step, agent)
        return agent

    def _start(self, environment: Any, init: Init | Reuse | None) -> TabularAgent:
        space, actions = environment.observation_space, environment.action_space
        if not (hasattr(space, "n") and hasattr(actions, "n")):
            raise LearnerError(
                f"Tabular needs discrete states and actions, and found {space} and {actions}.",
                hint="use from_sb3() for other environments",
            )
        shape = (int(space.n), int(actions.n))
        if not isinstance(init, Init):
            return TabularAgent(np.zeros(shape), np.zeros(shape))
        if not isinstance(init.agent, TabularAgent) or init.agent.values.shape != shape:
            raise LearnerError(
                f"The source's agent has no table of {shape[0]} states and {shape[1]} actions.",
                hint="source and target need the same states and actions",
            )
        visits = init.agent.visits.copy() if init.optimizer else np.zeros(shape)
        return TabularAgent(init.agent.values.copy(), visits)

    def _rate(self, step: int, budget: int, init: Init | Reuse | None) -> float:
        if isinstance(init, Init) and init.exploration:
            # An agent that is continued explores as it did at its end.
            return self.explore_last
        passed = min(step / (self.explore_share * budget), 1.0)
        return self.explore_first + passed * (self.explore_last - self.explore_first)

    def _action(
        self,
        rng: np.random.Generator,
        values: Floats,
        rate: float,
        reuse: Reuse | None,
        state: int,
        age: int,
    ) -> int:
        if reuse is not None and rng.random() < reuse.chance(age):
            return int(reuse.agent.predict(state, deterministic=True)[0])
        if rng.random() < rate:
            return int(rng.integers(len(values)))
        # Ties at random: always taking the first would keep a new agent in one corner.
        best = np.flatnonzero(values >= values.max() - _TIE)
        return int(best[rng.integers(len(best))])


def _show(callbacks: Sequence[Callback], step: int, agent: TabularAgent) -> None:
    for callback in callbacks:
        if step % callback.every == 0:
            callback(step, agent)
