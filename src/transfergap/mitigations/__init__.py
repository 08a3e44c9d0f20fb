"""Mitigations: learners around learners, one file each, judged like any other arm."""

from transfergap.mitigations.augmented import Augmented
from transfergap.mitigations.balanced import Balanced
from transfergap.mitigations.coral import CORAL
from transfergap.mitigations.facts import Facts
from transfergap.mitigations.gated import Gated
from transfergap.mitigations.invariant_features import InvariantFeatures
from transfergap.mitigations.kernel_mean_matching import KernelMeanMatching
from transfergap.mitigations.kliep import KLIEP
from transfergap.mitigations.offset import Offset
from transfergap.mitigations.optimal_transport import OptimalTransport
from transfergap.mitigations.residual_correction import ResidualCorrection
from transfergap.mitigations.selected_features import SelectedFeatures
from transfergap.mitigations.self_training import SelfTraining
from transfergap.mitigations.source_only import SourceOnly
from transfergap.mitigations.target_only import TargetOnly
from transfergap.mitigations.tradaboost import TrAdaBoost
from transfergap.mitigations.tradaboost_r2 import TrAdaBoostR2
from transfergap.mitigations.trusted_rows import TrustedRows
from transfergap.mitigations.warm_boosting import WarmBoosting

__all__ = [
    "CORAL",
    "KLIEP",
    "Augmented",
    "Balanced",
    "Facts",
    "Gated",
    "InvariantFeatures",
    "KernelMeanMatching",
    "Offset",
    "OptimalTransport",
    "ResidualCorrection",
    "SelectedFeatures",
    "SelfTraining",
    "SourceOnly",
    "TargetOnly",
    "TrAdaBoost",
    "TrAdaBoostR2",
    "TrustedRows",
    "WarmBoosting",
]
