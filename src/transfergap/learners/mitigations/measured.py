"""Measured harm of each mitigation in our benchmark, as shipped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

FILE = "measured.json"
NETWORKS_FILE = "measured_networks.json"


@dataclass(frozen=True)
class Harm:
    """Share of tasks more than a point below the target alone.

    Parameters
    ----------
    natural_share, corrupted_share : float
        In [0, 1]: of natural tasks, and of those with a third of the sources spoilt.
    natural_error, corrupted_error : float
        Standard errors, over target domains.
    natural_tasks, corrupted_tasks : int
    """

    natural_share: float
    natural_error: float
    natural_tasks: int
    corrupted_share: float
    corrupted_error: float
    corrupted_tasks: int


def measured_harm() -> dict[str, Harm]:
    """Return the harm that ``benchmarks.mitigations`` measured, by name.

    Empty where it has not run.

    Examples
    --------
    >>> all(0 <= harm.natural_share <= 1 for harm in measured_harm().values())
    True
    """
    path = files("transfergap.learners.mitigations").joinpath(FILE)
    if not path.is_file():
        return {}
    return {name: Harm(**row) for name, row in json.loads(path.read_text(encoding="utf-8")).items()}


@dataclass(frozen=True)
class NetworkHarm:
    """Share of bank problems harmed by more than a point.

    Parameters
    ----------
    share, low, high : float
        In [0, 1], with a 90 % interval over families.
    mean_gap : float
        In accuracy.
    problems : int
    """

    share: float
    low: float
    high: float
    mean_gap: float
    problems: int


def measured_on_networks() -> dict[str, NetworkHarm]:
    """Return the harm that the network banks measured, by name.

    Empty where they have not run.

    Examples
    --------
    >>> all(harm.low <= harm.share <= harm.high for harm in measured_on_networks().values())
    True
    """
    path = files("transfergap.learners.mitigations").joinpath(NETWORKS_FILE)
    if not path.is_file():
        return {}
    measured = {}
    for name, row in json.loads(path.read_text(encoding="utf-8")).items():
        low, high = row["harmed_interval"]
        share, gap = row["harmed_more_than_a_point"], row["mean_gap"]
        measured[name] = NetworkHarm(share, low, high, gap, row["problems"])
    return measured
