"""Episodes: scores by play, and the recorder of curves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transfergap.analysis.training_curves.runs import Floats
from transfergap.errors import ConfigurationError, LearnerError
from transfergap.rl.contract import Evaluate, MakeEnvironment


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
        _check_whole(self.n, "number of episodes", minimum=1)
        _check_whole(self.seed, "seed of the first episode", minimum=0)

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


def _check_whole(value: object, name: str, *, minimum: int) -> None:
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_whole or value < minimum:  # type: ignore[operator]
        raise ConfigurationError(
            f"The {name} is {value!r}.", hint=f"use a whole number from {minimum} up"
        )


@dataclass
class Recorder:
    """Scores of an agent at step 0 and every so many steps.

    A repeated step counts once.

    Parameters
    ----------
    evaluate : callable
    target : callable
        Makes the environment to score in.
    every, budget : int
        Steps; ``budget`` is a multiple of ``every``.

    Examples
    --------
    >>> recorder = Recorder(lambda agent, target: agent, dict, every=10, budget=10)
    >>> recorder(0, 1.0)
    >>> recorder(10, 2.0)
    >>> recorder.curve(None).tolist()
    [1.0, 2.0]
    """

    evaluate: Evaluate
    target: MakeEnvironment
    every: int
    budget: int
    _scores: dict[int, float] = field(default_factory=dict)

    def __call__(self, step: int, agent: Any) -> None:
        """Score the agent if the step is one that was asked for."""
        # Learners may show a step twice, or steps beyond the budget; each score is taken once.
        if step in self._scores or step % self.every or step > self.budget:
            return
        score = self.evaluate(agent, self.target)
        if np.ndim(score) != 0:
            raise LearnerError(
                "evaluate(agent, target) returned a curve while the agent was still training.",
                hint="return a number, or do not call the callbacks in train()",
            )
        self._scores[step] = float(score)  # type: ignore[arg-type]

    def curve(self, agent: Any) -> Floats:
        """Return the scores at step 0, every, ..., budget.

        Without any, the score of the finished agent.

        Raises
        ------
        LearnerError
            If scores are missing.
        """
        steps = range(0, self.budget + 1, self.every)
        # A training function may ignore callbacks and let `evaluate` return the whole curve.
        if not self._scores:
            scores = np.atleast_1d(np.asarray(self.evaluate(agent, self.target)))
            if scores.ndim != 1 or scores.dtype.kind == "c":
                raise LearnerError(
                    f"evaluate() returned {scores.dtype.name} of the shape {scores.shape}, and no"
                    " curve.",
                    hint=f"return the {len(steps)} scores of one run, one for each step",
                )
            if len(scores) == len(steps):
                return scores.astype(float)
            raise LearnerError(
                f"train() called no callback, and evaluate() returned {len(scores)} of the"
                f" {len(steps)} scores of a curve.",
                hint=f"call callback(step, agent) at steps 0, {self.every}, ..., {self.budget}",
            )
        missing = [step for step in steps if step not in self._scores]
        if missing:
            raise LearnerError(
                f"train() did not call the callback at step {missing[0]}.",
                hint=f"call callback(step, agent) at steps 0, {self.every}, ..., {self.budget}",
            )
        return np.array([self._scores[step] for step in steps])
