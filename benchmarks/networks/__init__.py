"""A bank of small transfer problems for networks: source-target pairs and auxiliary tasks.

    from benchmarks.networks import auxiliaries, pairs

    for pair in pairs():
        data = pair.load(seed=0, n_target=pair.sizes[0])

Each pair belongs to a family of data; families are split once into those that choices may look at
and those that only judge (``families.py``).
"""

from __future__ import annotations

from benchmarks.networks.auxiliaries import Auxiliary, AuxiliaryData, auxiliaries
from benchmarks.networks.families import CALIBRATION, JUDGED, part_of
from benchmarks.networks.pair import Pair, PairData, Rows
from benchmarks.networks.pairs import absent_families, pairs

__all__ = [
    "CALIBRATION",
    "JUDGED",
    "Auxiliary",
    "AuxiliaryData",
    "Pair",
    "PairData",
    "Rows",
    "absent_families",
    "auxiliaries",
    "pairs",
    "part_of",
]
