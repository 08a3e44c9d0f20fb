"""The contract of training code, and the setting of one training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from transfergap.analysis.training_curves.runs import Floats
from transfergap.errors import warn_of_rename

MakeEnvironment = Callable[[], Any]


@dataclass(frozen=True)
class Init:
    """The start of training: an agent, and its retained parts.

    Parameters
    ----------
    agent : object
        The earlier result of ``train``, or the user's source: an agent, or the
        ``Path`` of one that was saved. It must not be changed: other arms start from it too.
    optimizer : bool
        Whether the state of learning is kept as well: moments of the optimizer, replay buffer,
        schedule of the step size.
    exploration : bool
        Whether the agent goes on exploring as little as it did at its end, or starts over.

    Examples
    --------
    >>> Init("an agent").exploration
    True
    """

    agent: Any
    optimizer: bool = True
    exploration: bool = True


@dataclass(frozen=True)
class Reuse:
    """An old policy followed now and then while a new one learns.

    Parameters
    ----------
    agent : object
        As in :class:`Init`.
    probability : float
        Of following the old policy in the first step of an episode, in [0, 1].
    decay : float
        Factor by which the probability shrinks with each step of an episode, in [0, 1].
    """

    agent: Any
    probability: float = 1.0
    decay: float = 0.95

    def chance(self, step_of_episode: int) -> float:
        """Return the probability of following the old policy.

        In a step of an episode, from 0.

        Examples
        --------
        >>> Reuse("an agent", decay=0.5).chance(2)
        0.25
        """
        return self.probability * self.decay**step_of_episode


class Callback(Protocol):
    """Is shown the agent while it trains."""

    @property
    def every(self) -> int:
        """Steps from one look to the next."""
        ...

    def __call__(self, step: int, agent: Any) -> None:
        """Receive an agent after ``step`` steps, a multiple of ``every``."""
        ...


class Train(Protocol):
    """Trains an agent.

    ``target`` makes the environment to train on, for ``budget`` steps of it. ``sources`` are
    factories of environments to train on beside the target; empty for the control and for arms that
    start from an agent. ``init`` says where to start; ``None``, an :class:`Init`, or a
    :class:`Reuse`. Each of ``callbacks`` is to be called before the first step, after every
    ``callback.every`` steps, and after the last. The same seed is to give the same agent.
    """

    def __call__(
        self,
        target: MakeEnvironment,
        sources: Sequence[MakeEnvironment],
        *,
        seed: int,
        budget: int,
        init: Init | Reuse | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> Any:
        """Return the agent."""
        ...


def target_and_sources(
    target: Any, sources: Any
) -> tuple[MakeEnvironment, Sequence[MakeEnvironment]]:
    """Return target and sources, from a call in either order.

    In 0.1.0 the sources came first.

    Examples
    --------
    >>> target_and_sources("a target", ["a source"])
    ('a target', ['a source'])
    """
    if not isinstance(target, (list, tuple)):
        return target, sources
    warn_of_rename("train(sources, target)", "train(target, sources)")
    return sources, target


class Evaluate(Protocol):
    """Scores an agent, more being better.

    A number is its score. Where ``train`` calls no callbacks, a sequence is taken as the whole
    curve that the agent recorded: a score at each step from 0 to the budget.
    """

    def __call__(self, agent: Any, target: MakeEnvironment) -> float | Sequence[float]:
        """Return the mean return of ``agent`` in the environment that ``target`` makes."""
        ...


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


class TrainedArm(Protocol):
    """Trains an agent, with the recorder of its curve among the callbacks."""

    @property
    def name(self) -> str:
        """As it appears in the report."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources that it uses."""
        ...

    def train(self, setting: Setting) -> Any:
        """Return the agent."""
        ...


class DerivedArm(Protocol):
    """Is made from curves of other arms, with the same seed."""

    @property
    def name(self) -> str:
        """As it appears in the report."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources that it uses."""
        ...

    @property
    def needs(self) -> tuple[TrainedArm, ...]:
        """The arms whose curves it is made from, beside the control."""
        ...

    def derived(
        self, control: Floats, others: Mapping[str, Floats], steps: Floats, *, margin: float
    ) -> Floats:
        """Return its curve."""
        ...


AgentArm = TrainedArm | DerivedArm
