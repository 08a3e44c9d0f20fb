"""How often each mitigation harmed in our benchmark, as shipped with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

FILE = "measured.json"


@dataclass(frozen=True)
class Harm:
    """Share of tasks that ended more than a point below the target alone.

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
    """Return what ``python -m benchmarks.mitigations`` found, by name; empty where it has not run.

    Examples
    --------
    >>> all(0 <= harm.natural_share <= 1 for harm in measured_harm().values())
    True
    """
    path = files("transfergap.mitigations").joinpath(FILE)
    if not path.is_file():
        return {}
    return {name: Harm(**row) for name, row in json.loads(path.read_text(encoding="utf-8")).items()}
