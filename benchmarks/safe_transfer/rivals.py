"""The rivals by the name that tables show: all linear, on the same arrays, equally tuned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from benchmarks.safe_transfer.correction import augmentation, offset_pool
from benchmarks.safe_transfer.model import Model
from benchmarks.safe_transfer.pooling import (
    accept_or_reject,
    balanced_pool,
    constant_share,
    nested_sets,
    one_source_in,
    pool,
    target_only,
)
from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.stacking import super_learner
from benchmarks.safe_transfer.tradaboost import tradaboost
from benchmarks.safe_transfer.trans_glm import trans_glm

RIVALS: Mapping[str, Callable[[LinearProblem], Model]] = MappingProxyType(
    {
        "target only": target_only,
        "pool": pool,
        "balanced pool": balanced_pool,
        "constant share": constant_share,
        "one source in": one_source_in,
        "accept or reject": accept_or_reject,
        "nested sets (Trans-Lasso)": nested_sets,
        "super learner": super_learner,
        "TransGLM": trans_glm,
        "TrAdaBoost": tradaboost,
        "offset (L2-SP)": offset_pool,
        "augmentation (Daume)": augmentation,
    }
)
