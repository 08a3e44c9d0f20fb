"""The text of `transfergap list mitigations`, from facts and measurements."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transfergap.learners.mitigations.names import Harm, NetworkHarm

WIDTH = 88  # columns, as for results
_NAME, _FACT = 2, 11  # columns before a fact's name, and before what it says
_TIED = "\N{NO-BREAK SPACE}"
HOW = (
    "As an arm: --arm SOURCE+NAME, or --arm all+NAME for all sources together. Several names go"
    " around each other, the first outermost: --arm all+gated+coral."
)


def mitigation_lines() -> Iterator[str]:
    """Yield the lines, at most 88 characters wide."""
    from transfergap.errors import MissingExtraError
    from transfergap.learners.mitigations.mitigation import facts_of
    from transfergap.learners.mitigations.names import (
        measured_harm,
        measured_on_networks,
        mitigation_named,
        mitigation_names,
    )

    yield from textwrap.wrap(HOW, WIDTH)
    harm, trained = measured_harm(), measured_on_networks()
    for name in mitigation_names():
        yield ""
        try:
            mitigation = mitigation_named(name)
        except MissingExtraError as error:
            yield name
            yield from _fact("needs", f"what is not installed: {error.hint}")
            continue
        yield f"{name}  ({_python_name(mitigation)})"
        yield from _fact("does", _first_line(mitigation))
        facts = facts_of(mitigation)
        if facts is None:
            yield from _fact("note", "its author states no facts")
            continue
        yield from _fact("assumes", facts.assumes)
        yield from _fact("costs", facts.cost)
        if len(facts.tasks) < 3:
            yield from _fact("labels", " and ".join(facts.tasks) + " only")
        harm_text = _of_networks(trained[name]) if name in trained else _harm_text(harm.get(name))
        yield from _fact("harmed", harm_text)
        yield from _fact("source", facts.source)


def _harm_text(harm: Harm | None) -> str:
    """Return how often it ended a point below the target alone."""
    if harm is None:
        return "not measured"
    return (
        f"{harm.natural_share:.0%} (±{harm.natural_error:.0%}) of {harm.natural_tasks} tasks by"
        f" more than a point; {harm.corrupted_share:.0%} (±{harm.corrupted_error:.0%}) of"
        f" {harm.corrupted_tasks} with a third of the sources spoilt"
    )


def _of_networks(harm: NetworkHarm) -> str:
    """Return the same of networks, with the mean gap."""
    return (
        f"{harm.share:.0%} [{harm.low:.0%}, {harm.high:.0%}] of {harm.problems} problems for"
        f" networks by more than a point; mean gap {harm.mean_gap:+.3f} accuracy"
    )


def _fact(name: str, text: str) -> list[str]:
    whole = re.sub(r" (?=(\S{1,4}|\(\S+\))$)", _TIED, text)  # no line for a last short word
    lines = textwrap.wrap(
        f"{'':{_NAME}}{name:<{_FACT - _NAME}}{whole}",
        WIDTH,
        subsequent_indent=" " * _FACT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_TIED, " ") for line in lines]


def _first_line(mitigation: object) -> str:
    lines = (mitigation.__doc__ or "").strip().splitlines()
    return lines[0].replace("``", "") if lines else ""


def _python_name(mitigation: object) -> str:
    return str(getattr(mitigation, "__name__", type(mitigation).__name__))
