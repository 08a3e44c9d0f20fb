"""A result on a single screen: answer, faults, arms and actions."""

from transfergap.report.brief.arms import MARKS, TONES, short_label
from transfergap.report.brief.faults import Fault, faults_of
from transfergap.report.brief.screen import ArmLine, Brief, brief_of, with_fewer_faults

__all__ = [
    "MARKS",
    "TONES",
    "ArmLine",
    "Brief",
    "Fault",
    "brief_of",
    "faults_of",
    "short_label",
    "with_fewer_faults",
]
