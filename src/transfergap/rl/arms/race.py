"""Race the control against pretrained agents; the best goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transfergap.analysis.training_curves.delayed import raced
from transfergap.analysis.training_curves.runs import Floats
from transfergap.errors import ConfigurationError
from transfergap.rl.arms.pretrained import Pretrained
from transfergap.rl.arms.protocol import TrainedArm

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
        if not self.sources or not 0 < self.share < 1:
            raise ConfigurationError(
                f"A race got sources={self.sources!r} and share={self.share!r}.",
                hint="it needs a source, and a share between 0 and 1",
            )

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
