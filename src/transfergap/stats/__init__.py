"""Statistics of paired differences, as pure functions on arrays."""

from transfergap.stats.block import PairFits, block_estimate
from transfergap.stats.crossing import CrossingEstimate, crossing, fitted_curve
from transfergap.stats.leave_one_out import (
    LeftOut,
    LinearFit,
    leave_one_out_estimate,
    leave_out,
)
from transfergap.stats.multiplicity import discoveries, holm
from transfergap.stats.paired import (
    LARGEST_SCORE,
    ROUNDING,
    PairedEstimate,
    cluster_variance,
    few_differences_floor,
    is_heavy_tailed,
    is_rounding,
    is_skewed,
    kurtosis,
    without_rounding,
)
from transfergap.stats.power import rows_to_see, smallest_visible_gap
from transfergap.stats.ranking import auc_rows, can_rank, macro_auc_rows
from transfergap.stats.resampled import corrected_error, resampled_estimate
from transfergap.stats.serial import forward_estimate, forward_score_estimate
from transfergap.stats.subgroup import sign_limit, subgroup_estimate

__all__ = [
    "LARGEST_SCORE",
    "ROUNDING",
    "CrossingEstimate",
    "LeftOut",
    "LinearFit",
    "PairFits",
    "PairedEstimate",
    "auc_rows",
    "block_estimate",
    "can_rank",
    "cluster_variance",
    "corrected_error",
    "crossing",
    "discoveries",
    "few_differences_floor",
    "fitted_curve",
    "forward_estimate",
    "forward_score_estimate",
    "holm",
    "is_heavy_tailed",
    "is_rounding",
    "is_skewed",
    "kurtosis",
    "leave_one_out_estimate",
    "leave_out",
    "macro_auc_rows",
    "resampled_estimate",
    "rows_to_see",
    "sign_limit",
    "smallest_visible_gap",
    "subgroup_estimate",
    "without_rounding",
]
