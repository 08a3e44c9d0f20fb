"""Score a tabular agent exactly, from the environment's own model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import ConfigurationError, DataError, LearnerError
from transfergap.rl.contract import MakeEnvironment

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ExactReturn:
    """The expected return of the greedy policy, from ``env.unwrapped.P``.

    Parameters
    ----------
    discount : float
        In (0, 1]. With 1, the environment's time limit ends episodes, as it does in play; without
        a limit the discount must be below 1.

    Notes
    -----
    With a discount below 1 the policy's values solve (I - discount P) v = r; with 1 they are added
    up over the steps of the time limit. The agent needs ``policy()``, the probability of each
    action in each state. No error of evaluation is left, so the spread between seeds is that of
    training.

    Raises
    ------
    ConfigurationError
        For a discount that is not in (0, 1].
    DataError
        When it is called: for an environment without a table of transitions, or without an end.
    LearnerError
        When it is called: for an agent without ``policy()``, or of other states.

    References
    ----------
    Sutton and Barto (2018), Reinforcement Learning, section 4.1.
    """

    discount: float = 1.0

    def __post_init__(self) -> None:
        is_number = isinstance(self.discount, (int, float)) and not isinstance(self.discount, bool)
        if not is_number or not 0 < self.discount <= 1:
            raise ConfigurationError(
                f"The discount is {self.discount!r}.", hint="use a number above 0, up to 1"
            )

    def __call__(self, agent: Any, target: MakeEnvironment) -> float:
        """Return the expected return from the start."""
        environment = target()
        try:
            moves, rewards, start = tables(environment)
            limit = getattr(environment.spec, "max_episode_steps", None)
        finally:
            environment.close()
        if not hasattr(agent, "policy"):
            raise LearnerError(
                f"{type(agent).__name__} has no policy(), so it cannot be scored exactly.",
                hint="score it by playing: evaluate=Episodes(20)",
            )
        policy = np.asarray(agent.policy(), float)
        if policy.shape != rewards.shape:
            raise LearnerError(
                f"The agent's policy is {policy.shape}, the target has {rewards.shape} states and"
                " actions.",
                hint="source and target need the same states and actions",
            )
        step = np.einsum("sa,sat->st", policy, moves)
        gain = np.einsum("sa,sa->s", policy, rewards)
        return float(start @ self._values(step, gain, limit))

    def _values(self, step: Floats, gain: Floats, limit: int | None) -> Floats:
        if self.discount < 1:
            # The Bellman equation of a fixed policy is linear; the discount makes it regular.
            solution = np.linalg.solve(np.eye(len(gain)) - self.discount * step, gain)
            return np.asarray(solution, float)
        if limit is None:
            raise DataError(
                "The environment has no time limit, so returns need not be finite.",
                hint="use ExactReturn(discount=0.99)",
            )
        values = np.zeros(len(gain))
        # Backward induction over the time limit (Sutton and Barto 2018, section 4.1).
        for _ in range(limit):
            values = gain + step @ values
        return values


def tables(environment: Any) -> tuple[Floats, Floats, Floats]:
    """Return transitions, rewards and the start of an environment with discrete states.

    Returns
    -------
    moves : ndarray, shape (n_states, n_actions, n_states)
        Probabilities; moves that end an episode are left out, so rows may sum to less than 1.
    rewards : ndarray, shape (n_states, n_actions)
        Expected reward.
    start : ndarray, shape (n_states,)
        Probability of each state at the start.

    Raises
    ------
    DataError
        If it has no table ``P`` of transitions.

    Examples
    --------
    >>> from transfergap.rl import Environment
    >>> moves, rewards, start = tables(Environment("FrozenLake-v1")())
    >>> moves.shape, float(rewards.sum().round(6)), int(start.argmax())
    ((16, 4, 16), 1.0, 0)
    """
    bare = environment.unwrapped
    table = getattr(bare, "P", None)
    if table is None:
        raise DataError(
            f"{type(bare).__name__} has no table of transitions (P).",
            hint="score agents by playing: evaluate=Episodes(20)",
        )
    n_states, n_actions = int(bare.observation_space.n), int(bare.action_space.n)
    moves, rewards = np.zeros((n_states, n_actions, n_states)), np.zeros((n_states, n_actions))
    for state in range(n_states):
        for action in range(n_actions):
            for probability, after, reward, ended in table[state][action]:
                rewards[state, action] += probability * reward
                # What follows an end is worth nothing: such moves are left out, and rows sum to
                # less than 1.
                if not ended:
                    moves[state, action, after] += probability
    # The name that Gymnasium's toy-text environments give it.
    start = np.asarray(bare.initial_state_distrib, float)
    return moves, rewards, start
