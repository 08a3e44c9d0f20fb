"""Learning curves, recorded by a callback that scores during training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transfergap.analysis.training_curves.runs import Floats
from transfergap.errors import LearnerError
from transfergap.rl.contract import Evaluate, MakeEnvironment


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
            scores = np.atleast_1d(np.asarray(self.evaluate(agent, self.target), float))
            if len(scores) == len(steps):
                return scores
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
