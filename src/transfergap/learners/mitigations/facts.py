"""Facts of a mitigation: its assumption, its cost, its source."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from transfergap.data.task import BINARY, MULTICLASS, REGRESSION
from transfergap.learners import describe

CLASSES: tuple[str, ...] = (BINARY, MULTICLASS)


@dataclass(frozen=True)
class Facts:
    """Facts of a kind of mitigation, as ``transfergap list mitigations`` prints them.

    Parameters
    ----------
    assumes : str
        What must hold for it to help.
    cost : str
        Fits of the inner learner, and what else takes time.
    source : str
        The paper, with the section; "ours" where there is none.
    tasks : tuple of str
        Kinds of labels that it can handle.
    weighs : bool
        Whether it hands sample weights to the inner learner.

    Examples
    --------
    >>> Facts("rows are alike", "1 fit", "ours").tasks
    ('binary', 'multiclass', 'regression')
    """

    assumes: str
    cost: str
    source: str
    tasks: tuple[str, ...] = (*CLASSES, REGRESSION)
    weighs: bool = False


def facts_of(mitigation: object) -> Facts | None:
    """Return the facts of a mitigation or class; ``None`` without any."""
    facts = getattr(mitigation, "facts", None)
    return facts if isinstance(facts, Facts) else None


def spelled(mitigation: Any) -> str:
    """Describe a mitigation by every parameter.

    A changed parameter is a changed design.

    Parameters
    ----------
    mitigation : dataclass instance
        With a field ``learner``, which comes first.
    """
    name = type(mitigation).__name__
    inside = [describe(mitigation.learner)]
    for field in fields(mitigation):
        if field.name != "learner":
            inside.append(f"{field.name}={describe(getattr(mitigation, field.name))}")
    return f"{name}({', '.join(inside)})"
