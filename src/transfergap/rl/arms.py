"""Ways to use what an agent learned elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transfergap.analysis.training_curves.learned import raced
from transfergap.analysis.training_curves.runs import Floats
from transfergap.errors import ConfigurationError
from transfergap.experiment.design import CONTROL
from transfergap.rl.contract import Init, Reuse, Setting, TrainedArm
from transfergap.stats.gap import check_score


@dataclass(frozen=True)
class Scratch:
    """Training on the target alone, without a source.

    Examples
    --------
    >>> Scratch().name
    'control'
    """

    name: str = CONTROL
    sources: tuple[str, ...] = ()

    def train(self, setting: Setting) -> Any:
        """Return the agent."""
        return setting.on_target()


@dataclass(frozen=True)
class Pretrained:
    """The source's agent, continued.

    Parameters, state of learning, and its habit of not exploring.

    Examples
    --------
    >>> Pretrained("b").name
    'b pretrained'
    """

    source: str

    @property
    def name(self) -> str:
        """As it appears in the report."""
        return f"{self.source} pretrained"

    @property
    def sources(self) -> tuple[str, ...]:
        """The one source."""
        return (self.source,)

    def train(self, setting: Setting) -> Any:
        """Return the agent."""
        return setting.on_target(Init(setting.agent_of(self.source)))


@dataclass(frozen=True)
class FineTuned:
    """The source agent's parameters, with a fresh optimizer.

    It explores as little as the source's agent did.

    Examples
    --------
    >>> FineTuned("b").name
    'b fine-tuned'
    """

    source: str

    @property
    def name(self) -> str:
        """As it appears in the report."""
        return f"{self.source} fine-tuned"

    @property
    def sources(self) -> tuple[str, ...]:
        """The one source."""
        return (self.source,)

    def train(self, setting: Setting) -> Any:
        """Return the agent."""
        return setting.on_target(Init(setting.agent_of(self.source), optimizer=False))


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
        if not (_is_share(self.probability) and _is_share(self.decay)):
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


def _is_share(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and 0 <= value <= 1  # type: ignore[operator]


SHARE = 0.2  # of the budget; chosen by hand


@dataclass(frozen=True)
class Race:
    """A race of the control and one pretrained agent a source.

    They share a part of the budget, then one goes on.

    Parameters
    ----------
    sources : tuple of str
        At least one.
    share : float
        Of the budget that the race takes in all, in (0, 1).
    margin : float, optional
        How much better than the control a challenger must be at the end; default: the audit's.
        Ties go to the control.
    called : str, optional
        Name in the report; default: "b race" for one source, "all race" for several.

    Notes
    -----
    Costs no further training: :func:`transfergap.analysis.training_curves.raced`. Steps of the
    losers are charged to the curve.

    Examples
    --------
    >>> Race(("b",)).name
    'b race'
    """

    sources: tuple[str, ...]
    share: float = SHARE
    margin: float | None = None
    called: str = ""

    def __post_init__(self) -> None:
        are_names = isinstance(self.sources, (tuple, list)) and len(self.sources) > 0
        if not are_names or not _is_share(self.share) or self.share in (0, 1):
            raise ConfigurationError(
                f"A race got sources={self.sources!r} and share={self.share!r}.",
                hint='it needs a tuple of sources, as in Race(("b",)), and a share between 0 and 1',
            )
        if self.margin is not None:
            # Of no number nothing is larger: the control would win every race.
            check_score(self.margin, "margin of the race", hint="give a number, or leave it out")

    @property
    def name(self) -> str:
        """As it appears in the report."""
        if self.called:
            return self.called
        return f"{self.sources[0]} race" if len(self.sources) == 1 else "all race"

    @property
    def needs(self) -> tuple[TrainedArm, ...]:
        """The challengers."""
        return tuple(Pretrained(source) for source in self.sources)

    def derived(
        self, control: Floats, others: Mapping[str, Floats], steps: Floats, *, margin: float
    ) -> Floats:
        """Return its curve."""
        challengers = [others[arm.name] for arm in self.needs]
        lead = margin if self.margin is None else self.margin
        return raced(control, challengers, steps, share=self.share, margin=lead)[0]
