"""Mitigations: learners around learners, one file each, judged like any other arm."""

from transfergap.mitigations.balanced import Balanced
from transfergap.mitigations.source_only import SourceOnly
from transfergap.mitigations.target_only import TargetOnly

__all__ = ["Balanced", "SourceOnly", "TargetOnly"]
