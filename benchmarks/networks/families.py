"""Which families of data may be looked at for choices, and which only judge.

The rule was written down before any network was trained, so that no result could move a family:
the simulated problems calibrate, since nobody doubts numbers that hold for them alone; the real
families, in alphabetical order, are dealt in turn, the first of them to the judges. No row is a
target in one part and a source in the other: MNIST images are cut into two pools for that.
"""

from __future__ import annotations

from typing import Literal

from benchmarks.networks.simulated import POPULATIONS

REAL = (
    "adult_origin",
    "flights_carrier",
    "heart4",
    "injury2",
    "mnist",
    "scans",
    "student",
    "taiwan_credit",
    "texts",
    "wine2",
)
JUDGED = REAL[0::2]
CALIBRATION = (*POPULATIONS, *REAL[1::2])


def part_of(family: str) -> Literal["calibration", "judged"]:
    """Return the part to which a family belongs."""
    if family in JUDGED:
        return "judged"
    if family in CALIBRATION:
        return "calibration"
    raise ValueError(f"{family!r} is in no part of the split")
