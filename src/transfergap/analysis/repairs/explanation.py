"""Explanations of harm, and the arms to explain."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from transfergap.errors import ConfigurationError


@dataclass(frozen=True)
class Interval:
    """Estimate with its 90 % interval, in score units; positive is better."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class RepairOutcome:
    """Repair of an arm, with its gain.

    Parameters
    ----------
    code : str
        Of the finding that names the cause, TG601 to TG609.
    repair : str
        Change to the source, in a few words.
    gain : Interval
        How much better the arm is with the repair than without.
    after : Interval
        The arm's gap to the control with the repair.
    p_value : float
        One-sided, that the repair gives nothing back; not corrected.
    sign : str
        Evidence of the cause in the data, as a sentence; empty where none is needed.
    share : Interval or None
        The cause's share of what all repairs tried together give back: its Shapley value, as a
        gain; ``None`` where it was not among the causes that were combined.
    """

    code: str
    repair: str
    gain: Interval
    after: Interval
    p_value: float
    sign: str = ""
    share: Interval | None = None


@dataclass(frozen=True)
class Explanation:
    """Causes of one arm's harm, as far as repairs show.

    Parameters
    ----------
    arm, source : str
    harm : Interval
        The arm's gap on the folds that the repairs were tried on.
    causes : tuple of str
        Codes of the causes that are named, the weightiest first; empty where no repair helped.
    sure : tuple of str
        Those of them whose repair gives something back beyond chance, after paying for the number
        of repairs tried.
    repairs : tuple of RepairOutcome
        The largest gain first.
    n_fits : int
    """

    arm: str
    source: str
    harm: Interval
    causes: tuple[str, ...]
    sure: tuple[str, ...]
    repairs: tuple[RepairOutcome, ...]
    n_fits: int


class Explain(StrEnum):
    """Arms that get a second look."""

    NONE = "none"
    HARMFUL = "harmful"
    ALL = "all"


def explain_named(name: str | Explain) -> Explain:
    """Return which arms to explain.

    Raises
    ------
    ConfigurationError
        For an unknown name.

    Examples
    --------
    >>> explain_named("all")
    <Explain.ALL: 'all'>
    """
    try:
        return Explain(name)
    except ValueError:
        valid_names = ", ".join(str(choice) for choice in Explain)
        raise ConfigurationError(
            f"There is no choice {name!r} of arms to explain.", hint=f"known: {valid_names}"
        ) from None
