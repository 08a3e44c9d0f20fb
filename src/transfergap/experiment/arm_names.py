"""Arms by text, or as objects of a source and mitigations."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from transfergap.errors import ConfigurationError
from transfergap.experiment.design import Arm
from transfergap.learners import Learner
from transfergap.learners.mitigations.names import mitigated, mitigation_names

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
