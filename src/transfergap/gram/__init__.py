"""Sufficient statistics: one pass over rows, many answers; they add over sites."""

from transfergap.gram.accumulate import empty_summary, gram_of, summarize, summarize_batches
from transfergap.gram.accumulator import Accumulator
from transfergap.gram.encoded_columns import CategoryColumn, NumberColumn
from transfergap.gram.encoder import Encoder
from transfergap.gram.encoder_fit import fit_encoder
from transfergap.gram.label_code import LabelCode
from transfergap.gram.noise import Noise
from transfergap.gram.summary import GramSummary
from transfergap.gram.working import with_intercept, working

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
    "summarize",
    "summarize_batches",
    "with_intercept",
    "working",
]
