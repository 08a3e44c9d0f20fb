"""Gaps from stored trials, paired by key; one file a method."""

from transfergap.analysis.estimation.control import control_advantage, control_losses
from transfergap.analysis.estimation.estimate import estimate_gaps, with_refits
from transfergap.analysis.estimation.pairs import ArmEstimate
from transfergap.analysis.estimation.pilot import pilot_variance
from transfergap.analysis.estimation.racing import first_round, next_round

__all__ = [
    "ArmEstimate",
    "control_advantage",
    "control_losses",
    "estimate_gaps",
    "first_round",
    "next_round",
    "pilot_variance",
    "with_refits",
]
