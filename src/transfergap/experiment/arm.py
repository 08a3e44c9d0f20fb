"""Arms: a learner, the sources it gets, and their texts."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from transfergap.errors import ConfigurationError
from transfergap.learners import Learner
from transfergap.learners.mitigations.names import mitigated, mitigation_names

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


ALL = "all"  # every source together


def arm_of_text(
    text: str,
    defaults: Mapping[str, Arm],
    sources: Sequence[str],
    learner: Learner,
    task: str | None = None,
) -> Arm:
    """Return the arm of a label or of ``SOURCE+MITIGATION+...``.

    The source may be ``all``.

    Parameters
    ----------
    text : str
        ``"b pooled"``, ``"b gated coral"``, or ``"b+gated+coral"``.
    defaults : mapping of str to Arm
        By label; a label wins over other readings.
    sources : sequence of str
    learner : Learner
        The model under audit.
    task : {"binary", "multiclass", "regression"}, optional

    Raises
    ------
    ConfigurationError
        For a text that is no arm, or that can be read as two.
    """
    if text in defaults:
        return defaults[text]
    readings = _readings(text, (*sources, ALL), defaults)
    if not readings:
        raise _unknown_arm_error(text, defaults, (*sources, ALL))
    if len(readings) > 1:
        written = " or ".join(_written(reading) for reading in readings)
        raise ConfigurationError(
            f"The arm {text!r} can be read in {len(readings)} ways.",
            hint=f"rename a source, or in Python say which: {written}",
        )
    return arm_of_object(readings[0], defaults, sources, learner, task)


def arm_of_object(
    arm: Arm,
    defaults: Mapping[str, Arm],
    sources: Sequence[str],
    learner: Learner,
    task: str | None = None,
) -> Arm:
    """Return an arm with its sources, and its learner inside its mitigations.

    Parameters
    ----------
    arm : Arm
        One without sources takes them from its name: a source, ``all``, or a default arm.
    defaults, sources, learner, task
        As in :func:`arm_of_text`; an arm's learner, if any, wins over ``learner``.

    Raises
    ------
    ConfigurationError
        For an arm without sources whose name is none of these.
    """
    used = arm.sources
    if not used:
        names = (*sources, ALL) if sources else ()
        if arm.name not in names and not (arm.name in defaults and not arm.mitigation):
            raise _unknown_arm_error(arm.name, defaults, names)
        label = arm.label(defaults)
        if label in defaults and arm.learner is None:
            return replace(defaults[label], judged=defaults[label].judged and arm.judged)
        used = tuple(sources) if arm.name == ALL else (arm.name,)
        arm = replace(arm, name=label)
    inside = arm.learner or learner
    if arm.mitigations:
        inside = mitigated(arm.mitigations, inside, task=task)
    judged = arm.judged and bool(getattr(inside, "uses_target", True) or not arm.mitigation)
    return replace(arm, sources=used, learner=inside, judged=judged, mitigation=())


def label_among(arm: str | Arm, labels: Collection[str]) -> str:
    """Return the label of an arm as a finished audit has it.

    An arm that is not there gets the label that it would have.

    Examples
    --------
    >>> label_among("b+gated+coral", ["b pooled", "b gated coral"])
    'b gated coral'
    >>> label_among(Arm("b"), ["b pooled"])
    'b pooled'
    """
    if isinstance(arm, Arm):
        return arm.label(labels)
    n_words = arm.count("+")
    written = (" ".join(arm.rsplit("+", k)) for k in range(1, n_words + 1))
    return next((label for label in (arm, *written) if label in labels), arm)


def _readings(text: str, names: Sequence[str], defaults: Mapping[str, Arm]) -> list[Arm]:
    """Return every arm that a text may stand for."""
    offered = set(mitigation_names())
    found = []
    for name in names:
        for separator in (" ", "+"):
            if not text.startswith(name + separator):
                continue
            words = text[len(name) + 1 :].split(None if separator == " " else "+")
            if len(words) == 1 and f"{name} {words[0]}" in defaults:
                found.append(defaults[f"{name} {words[0]}"])
            elif words and set(words) <= offered:
                found.append(Arm(name, mitigation=words))
    return found


def _written(arm: Arm) -> str:
    """Return an arm as Python users write it."""
    name = arm.sources[0] if len(arm.sources) == 1 else arm.name
    return f"Arm({name!r}, mitigation={list(arm.mitigations)!r})"


def _unknown_arm_error(
    text: str, defaults: Collection[str], names: Sequence[str]
) -> ConfigurationError:
    mitigations = [f"{name} {word}" for name in names for word in mitigation_names()]
    near = difflib.get_close_matches(text.replace("+", " "), [*defaults, *mitigations], n=1)
    listed = f"known: {', '.join(defaults)}; with mitigations: transfergap list mitigations"
    return ConfigurationError(
        f"There is no default arm called {text!r}, and no mitigation of a source either.",
        hint=f"did you mean {near[0]!r}?" if near else listed,
    )
