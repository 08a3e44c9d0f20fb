"""The arms: trained ones, and ones derived from other curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from transfergap.analysis.training_curves.runs import Floats
from transfergap.rl.setting import Setting


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
