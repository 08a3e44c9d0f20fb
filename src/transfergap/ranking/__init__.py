"""Which sources harm: every source's part, by closed form, for any subset of them."""

from transfergap.ranking.rank_sources import ArmGaps, rank_sources
from transfergap.ranking.source_ranking import SourceRank, SourceRanking

__all__ = ["ArmGaps", "SourceRank", "SourceRanking", "rank_sources"]
