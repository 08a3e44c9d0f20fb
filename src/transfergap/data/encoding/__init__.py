"""Sufficient statistics: one pass over rows, many answers; they add over sites."""

from transfergap.data.encoding.accumulate import (
    empty_summary,
    gram_of,
    summarize,
    summarize_batches,
)
from transfergap.data.encoding.accumulator import Accumulator, with_intercept, working
from transfergap.data.encoding.clusters import (
    join_summaries,
    summarize_dask,
    summarize_partitions,
)
from transfergap.data.encoding.encoded_columns import CategoryColumn, NumberColumn
from transfergap.data.encoding.encoder import Encoder
from transfergap.data.encoding.encoder_fit import fit_encoder
from transfergap.data.encoding.label_code import LabelCode
from transfergap.data.encoding.noise import Noise
from transfergap.data.encoding.summary import GramSummary

__all__ = [
    "Accumulator",
    "CategoryColumn",
    "Encoder",
    "GramSummary",
    "LabelCode",
    "Noise",
    "NumberColumn",
    "empty_summary",
    "fit_encoder",
    "gram_of",
    "join_summaries",
    "summarize",
    "summarize_batches",
    "summarize_dask",
    "summarize_partitions",
    "with_intercept",
    "working",
]
