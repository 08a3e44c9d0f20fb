"""The training setting of an arm, equal for all but seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transfergap.rl.contract import Callback, Init, MakeEnvironment, Reuse, Train


@dataclass(frozen=True)
class Policy:
    """A source that is an agent in memory, and not trained.

    Parameters
    ----------
    agent : object
        Anything that ``train`` understands as ``init.agent``.
    name : str
        What describes it: a changed name is a changed design.
    """

    agent: Any
    name: str

    def describe(self) -> str:
        """Return its name."""
        return f"Policy({self.name})"


@dataclass(frozen=True)
class Setting:
    """The training of one seed: the user's code, environments, budgets.

    Parameters
    ----------
    train : callable
    target : callable
    sources : mapping of str to factory, Path or Policy
    seed : int
    budget, pretraining : int
        Steps on the target, and before that on a source.
    callbacks : sequence of Callback
        For training on the target.
    """

    train: Train
    target: MakeEnvironment
    sources: Mapping[str, Any]
    seed: int
    budget: int
    pretraining: int
    callbacks: Sequence[Callback]

    def agent_of(self, source: str) -> Any:
        """Return a source's agent: the given one, or one trained there."""
        source_value = self.sources[source]
        if isinstance(source_value, Policy):
            return source_value.agent
        if not callable(source_value):
            return source_value  # a path, which `train` knows how to load
        return self.train(source_value, (), seed=self.seed, budget=self.pretraining)

    def on_target(
        self, init: Init | Reuse | None = None, *, beside: Sequence[MakeEnvironment] = ()
    ) -> Any:
        """Return an agent trained on the target."""
        return self.train(
            self.target,
            beside,
            seed=self.seed,
            budget=self.budget,
            init=init,
            callbacks=self.callbacks,
        )
