"""Mitigations: learners around learners, one file each, judged like any other arm."""

from transfergap.errors import OldAttribute
from transfergap.learners.mitigations.augmented import Augmented
from transfergap.learners.mitigations.balanced import Balanced
from transfergap.learners.mitigations.class_shares import ClassShares
from transfergap.learners.mitigations.common_columns import CommonColumns
from transfergap.learners.mitigations.confident_learning import ConfidentLearning
from transfergap.learners.mitigations.coral import CORAL
from transfergap.learners.mitigations.deduplicated import Deduplicated
from transfergap.learners.mitigations.facts import Facts
from transfergap.learners.mitigations.gated import Gated
from transfergap.learners.mitigations.importance_weighted import ImportanceWeighted
from transfergap.learners.mitigations.invariant_features import InvariantFeatures
from transfergap.learners.mitigations.kernel_mean_matching import KernelMeanMatching
from transfergap.learners.mitigations.kliep import KLIEP
from transfergap.learners.mitigations.likely_labels import LikelyLabels
from transfergap.learners.mitigations.matched_columns import MatchedColumns
from transfergap.learners.mitigations.offset import Offset
from transfergap.learners.mitigations.optimal_transport import OptimalTransport
from transfergap.learners.mitigations.relabelled import Relabelled
from transfergap.learners.mitigations.residual_correction import ResidualCorrection
from transfergap.learners.mitigations.selected_features import SelectedFeatures
from transfergap.learners.mitigations.self_training import SelfTraining
from transfergap.learners.mitigations.shared_features import SharedFeatures
from transfergap.learners.mitigations.source_only import SourceOnly
from transfergap.learners.mitigations.target_only import TargetOnly
from transfergap.learners.mitigations.tradaboost import TrAdaBoost
from transfergap.learners.mitigations.tradaboost_r2 import TrAdaBoostR2
from transfergap.learners.mitigations.trusted_rows import TrustedRows
from transfergap.learners.mitigations.warm_boosting import WarmBoosting
from transfergap.learners.mitigations.weighted import Weighted

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

for _class in [globals()[name] for name in __all__ if name != "Facts"]:
    _class.fit = OldAttribute("Learner", "fit")
