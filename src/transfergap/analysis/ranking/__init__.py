"""Which sources harm: every source's part, by closed form, for any subset of them."""

from transfergap.analysis.ranking.rank_sources import ArmGaps, rank_sources
from transfergap.analysis.ranking.source_ranking import SourceRank, SourceRanking

__all__ = ["ArmGaps", "SourceRank", "SourceRanking", "rank_sources"]
