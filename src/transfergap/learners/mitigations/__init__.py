"""Mitigations: learners around learners, one file each, judged like any other arm."""

from transfergap.errors import OldAttribute
from transfergap.learners.mitigations.alignment import CORAL, OptimalTransport
from transfergap.learners.mitigations.augmented import Augmented
from transfergap.learners.mitigations.column_choice import InvariantFeatures, SelectedFeatures
from transfergap.learners.mitigations.common_columns import CommonColumns
from transfergap.learners.mitigations.confident_learning import ConfidentLearning
from transfergap.learners.mitigations.density_ratios import (
    KLIEP,
    ImportanceWeighted,
    KernelMeanMatching,
)
from transfergap.learners.mitigations.gated import Gated
from transfergap.learners.mitigations.likely_labels import LikelyLabels
from transfergap.learners.mitigations.matched_columns import MatchedColumns
from transfergap.learners.mitigations.mitigation import Facts
from transfergap.learners.mitigations.offset import Offset, WarmBoosting
from transfergap.learners.mitigations.relabelled import Relabelled
from transfergap.learners.mitigations.residual_correction import ResidualCorrection
from transfergap.learners.mitigations.row_choice import (
    Deduplicated,
    SourceOnly,
    TargetOnly,
    TrustedRows,
)
from transfergap.learners.mitigations.self_training import SelfTraining
from transfergap.learners.mitigations.shared_features import SharedFeatures
from transfergap.learners.mitigations.tradaboost import TrAdaBoost, TrAdaBoostR2
from transfergap.learners.mitigations.weighted import Balanced, ClassShares, Weighted

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
