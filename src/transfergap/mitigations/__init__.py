"""Mitigations: learners around learners, one file each, judged like any other arm."""

from transfergap.mitigations.balanced import Balanced
from transfergap.mitigations.class_shares import ClassShares
from transfergap.mitigations.deduplicated import Deduplicated
from transfergap.mitigations.importance_weighted import ImportanceWeighted
from transfergap.mitigations.likely_labels import LikelyLabels
from transfergap.mitigations.matched_columns import MatchedColumns
from transfergap.mitigations.relabelled import Relabelled
from transfergap.mitigations.shared_features import SharedFeatures
from transfergap.mitigations.source_only import SourceOnly
from transfergap.mitigations.target_only import TargetOnly
from transfergap.mitigations.weighted import Weighted

__all__ = [
    "Balanced",
    "ClassShares",
    "Deduplicated",
    "ImportanceWeighted",
    "LikelyLabels",
    "MatchedColumns",
    "Relabelled",
    "SharedFeatures",
    "SourceOnly",
    "TargetOnly",
    "Weighted",
]
