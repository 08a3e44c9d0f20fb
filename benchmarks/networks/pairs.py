"""All pairs of the bank."""

from __future__ import annotations

from benchmarks.networks.families import REAL
from benchmarks.networks.images import mnist_pairs, scan_pairs
from benchmarks.networks.pair import Pair
from benchmarks.networks.simulated import POPULATIONS, simulated_pairs
from benchmarks.networks.tables import TABLES, table_pairs, text_pairs
from benchmarks.safe_transfer.shared_sets import shared_sets


def pairs(families: tuple[str, ...] | None = None) -> tuple[Pair, ...]:
    """Return the pairs of some families, or of all whose data are there.

    Parameters
    ----------
    families : tuple of str, optional
        Names from ``families.py``. A family that is asked for and absent raises KeyError.
    """
    if families is None:
        families = tuple(f for f in (*POPULATIONS, *REAL) if f not in absent_families())
    return tuple(pair for family in families for pair in _family(family))


def absent_families() -> tuple[str, ...]:
    """Return the families whose data are not on this machine."""
    return tuple(family for family in TABLES if family not in shared_sets())


def _family(name: str) -> list[Pair]:
    if name in POPULATIONS:
        return simulated_pairs(name)
    made = {
        "scans": scan_pairs,
        "mnist": mnist_pairs,
        "texts": text_pairs,
    }
    return made[name]() if name in made else table_pairs(name)
