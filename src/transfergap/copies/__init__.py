"""One identity for rows: which source rows are target rows, by evidence."""

from transfergap.copies.comparable import comparable_columns
from transfergap.copies.decision import CopyDecision, decide
from transfergap.copies.rows import search_rows, tells_rows_apart
from transfergap.copies.search import CopySearch, search_columns, unsearched

__all__ = [
    "CopyDecision",
    "CopySearch",
    "comparable_columns",
    "decide",
    "search_columns",
    "search_rows",
    "tells_rows_apart",
    "unsearched",
]
