"""Arms: what is compared, and the control that all are compared with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import cast

from transfergap.learners import Learner

AnyMitigation = str | Callable[[Learner], Learner]

CONTROL = "control"


@dataclass(frozen=True)
class ControlArm:
    """Arm that all others are compared with.

    It has no place for a source.
    """

    learner: Learner
    name: str = CONTROL


@dataclass(frozen=True)
class Arm:
    """A way to use sources.

    Parameters
    ----------
    name : str
        As it appears in the report. Without ``sources``, the source to use, or ``"all"``.
    sources : tuple of str, optional
        Names of the sources that it may train on.
    learner : Learner, optional
        ``None`` means the model under audit.
    judged : bool
        Whether it gets a verdict; ``False`` for arms shown for information.
    mitigation : str, mitigation, or sequence of these
        Around the learner, the first one outermost: a name such as ``"coral"``, or what makes a
        learner around a learner, such as :class:`transfergap.learners.mitigations.CORAL`.

    Examples
    --------
    >>> Arm("b", mitigation=["gated", "coral"]).label()
    'b gated coral'
    >>> Arm("b, a third of it", ("b",), mitigation="weighted").label()
    'b, a third of it'
    """

    name: str
    sources: tuple[str, ...] = ()
    learner: Learner | None = None
    judged: bool = True
    mitigation: AnyMitigation | Sequence[AnyMitigation] = ()

    def __post_init__(self) -> None:
        several = isinstance(self.mitigation, Sequence) and not isinstance(self.mitigation, str)
        mitigation = self.mitigation if several else (self.mitigation,)
        object.__setattr__(self, "mitigation", tuple(cast(Sequence[AnyMitigation], mitigation)))

    @property
    def mitigations(self) -> tuple[AnyMitigation, ...]:
        """The mitigations, the first one outermost."""
        return cast(tuple[AnyMitigation, ...], self.mitigation)

    def label(self, labels: Collection[str] = ()) -> str:
        """Return the name in reports.

        Parameters
        ----------
        labels : collection of str
            Those of the default arms: without a mitigation, the first of them that is of the
            source.
        """
        if self.sources:
            return self.name
        words = " ".join(
            one if isinstance(one, str) else getattr(one, "__name__", type(one).__name__)
            for one in self.mitigations
        )
        if words:
            return f"{self.name} {words}"
        plain = [f"{self.name} {word}" for word in ("pooled", "fine-tuned", "co-trained")]
        return next((label for label in (*plain, self.name) if label in labels), plain[0])
