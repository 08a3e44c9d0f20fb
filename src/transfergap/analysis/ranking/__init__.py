"""Harm of each source, in closed form for any subset."""

from transfergap.analysis.ranking.rank_sources import ArmGaps, rank_sources
from transfergap.analysis.ranking.screening import untried_sources
from transfergap.analysis.ranking.source_ranking import SourceRank, SourceRanking

__all__ = ["ArmGaps", "SourceRank", "SourceRanking", "rank_sources", "untried_sources"]
