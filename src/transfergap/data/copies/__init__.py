"""Identity of rows: the source rows that are target rows, by evidence."""

from transfergap.data.copies.comparable import comparable_columns, informative_columns
from transfergap.data.copies.decision import CopyDecision, decide, labels_agree
from transfergap.data.copies.links import CopySearch, unsearched
from transfergap.data.copies.rows import (
    len_of,
    search_rows,
    search_rows_nearby,
    tells_rows_apart,
)
from transfergap.data.copies.search import search_columns
from transfergap.data.copies.target_copies import TargetCopies, target_copies

__all__ = [
    "CopyDecision",
    "CopySearch",
    "TargetCopies",
    "comparable_columns",
    "decide",
    "informative_columns",
    "labels_agree",
    "len_of",
    "search_columns",
    "search_rows",
    "search_rows_nearby",
    "target_copies",
    "tells_rows_apart",
    "unsearched",
]
