"""First looks in plain text, marked as what they are."""

from __future__ import annotations

from collections.abc import Sequence

from transfergap.analysis.first_look import ArmLook, FirstLook
from transfergap.report.wording.names import columns, named, shortened
from transfergap.report.wording.numbers import Numbers, counted, decimals_for

# Lines that fit above a bar on any terminal.
MOST_LINES = 8
_LONGEST_NAME = 30
CAVEAT = "so far; the checks that may withdraw a verdict come last"


def look_lines(look: FirstLook, *, all_stages: bool = False) -> tuple[str, ...]:
    """Return a heading, and a line an arm.

    Parameters
    ----------
    look : FirstLook
    all_stages : bool
        Whether to show the arms of earlier stages too.

    Examples
    --------
    >>> from transfergap.analysis.first_look import ArmLook
    >>> look = FirstLook((ArmLook("b pooled", 4, 20, None),), ("b pooled",), margin=0.01)
    >>> print(*look_lines(look), sep="\\n")
    first look, 4 of 20 trials (so far; no verdict before all trials are there)
      b pooled  too few pairs
    """
    latest = look.latest
    n_trials, n_planned = min((arm.n_trials, arm.n_planned) for arm in latest)
    caveat = CAVEAT if look.is_complete else "so far; no verdict before all trials are there"
    head = f"first look, {n_trials} of {counted(n_planned, 'trial')} ({caveat})"
    arms = look.arms if all_stages else latest
    listed = arms[:MOST_LINES]
    numbers = Numbers(decimals_for(look.margin))
    lines = [head, *_arm_lines(listed, numbers)]
    if len(arms) > len(listed):
        lines.append(f"  and {counted(len(arms) - len(listed), 'more arm')}")
    return tuple(lines)


def _arm_lines(arms: Sequence[ArmLook], numbers: Numbers) -> list[str]:
    names = [shortened(named(arm.arm), _LONGEST_NAME) for arm in arms]
    wide = max((columns(name) for name in names), default=0)
    lines = []
    for arm, name in zip(arms, names, strict=True):
        gap = "too few pairs" if arm.gap is None else numbers.gap(arm.gap)
        verdict = "" if arm.verdict is None else f"  {arm.verdict}, so far"
        lines.append(f"  {name}{' ' * (wide - columns(name))}  {gap}{verdict}")
    return lines
