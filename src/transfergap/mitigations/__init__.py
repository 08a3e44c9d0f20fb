"""Mitigations: learners around learners, one file each, judged like any other arm."""

from transfergap.mitigations.augmented import Augmented
from transfergap.mitigations.balanced import Balanced
from transfergap.mitigations.class_shares import ClassShares
from transfergap.mitigations.common_columns import CommonColumns
from transfergap.mitigations.confident_learning import ConfidentLearning
from transfergap.mitigations.coral import CORAL
from transfergap.mitigations.deduplicated import Deduplicated
from transfergap.mitigations.facts import Facts
from transfergap.mitigations.gated import Gated
from transfergap.mitigations.importance_weighted import ImportanceWeighted
from transfergap.mitigations.invariant_features import InvariantFeatures
from transfergap.mitigations.kernel_mean_matching import KernelMeanMatching
from transfergap.mitigations.kliep import KLIEP
from transfergap.mitigations.likely_labels import LikelyLabels
from transfergap.mitigations.matched_columns import MatchedColumns
from transfergap.mitigations.offset import Offset
from transfergap.mitigations.optimal_transport import OptimalTransport
from transfergap.mitigations.relabelled import Relabelled
from transfergap.mitigations.residual_correction import ResidualCorrection
from transfergap.mitigations.selected_features import SelectedFeatures
from transfergap.mitigations.self_training import SelfTraining
from transfergap.mitigations.shared_features import SharedFeatures
from transfergap.mitigations.source_only import SourceOnly
from transfergap.mitigations.target_only import TargetOnly
from transfergap.mitigations.tradaboost import TrAdaBoost
from transfergap.mitigations.tradaboost_r2 import TrAdaBoostR2
from transfergap.mitigations.trusted_rows import TrustedRows
from transfergap.mitigations.warm_boosting import WarmBoosting
from transfergap.mitigations.weighted import Weighted

__all__ = [
    "CORAL",
    "KLIEP",
    "Augmented",
    "Balanced",
    "ClassShares",
    "CommonColumns",
    "ConfidentLearning",
    "Deduplicated",
    "Facts",
    "Gated",
    "ImportanceWeighted",
    "InvariantFeatures",
    "KernelMeanMatching",
    "LikelyLabels",
    "MatchedColumns",
    "Offset",
    "OptimalTransport",
    "Relabelled",
    "ResidualCorrection",
    "SelectedFeatures",
    "SelfTraining",
    "SharedFeatures",
    "SourceOnly",
    "TargetOnly",
    "TrAdaBoost",
    "TrAdaBoostR2",
    "TrustedRows",
    "WarmBoosting",
    "Weighted",
]
