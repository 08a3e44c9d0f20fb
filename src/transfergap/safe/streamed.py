"""Sums over the rows of a large source, in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from transfergap.data.encoding import Encoder, with_intercept
from transfergap.data.encoding.accumulator import BLOCK
from transfergap.safe.sources import SourceRows
from transfergap.safe.subspace import MOST_COLUMNS, SummaryStatistics
from transfergap.stats.one_thread import one_thread

# Rows: a source of fewer is encoded whole, at the cost of some copies that memory does not notice.
FEW = 65_536


def is_streamed(encoder: Encoder, source: SourceRows) -> bool:
    """Return whether a source is summed in blocks.

    Not where its rows are needed again: for the subspace of many columns, or for weights that
    differ from response to response.
    """
    return (
        len(source.y) > FEW and encoder.expansion is None and len(encoder.outputs) <= MOST_COLUMNS
    )


def streamed(encoder: Encoder, source: SourceRows, origin: str) -> SummaryStatistics:
    """Return the sums of a source, encoded a block at a time.

    Encoded whole, three million rows of 45 columns take 1.5 GB beside themselves, and most of the
    time goes to moving them.
    """
    q, n_responses = len(encoder.outputs) + 1, encoder.labels.n_responses
    gram, moments = np.zeros((q, q)), np.zeros((n_responses, q))
    powers = np.zeros(n_responses)
    # The same bytes however many cores there are.
    with one_thread(blas_only=True):
        for start in range(0, len(source.y), BLOCK):
            rows = slice(start, start + BLOCK)
            design = with_intercept(encoder.encode(_part(source.X, rows), origin))
            responses = encoder.labels.responses(source.y[rows], origin)
            weighted, weighted_responses = design, responses
            if source.weights is not None:
                shares = source.weights[rows, None]
                weighted, weighted_responses = design * shares, responses * shares
            gram += weighted.T @ design
            moments += weighted_responses.T @ design
            powers += np.einsum("ir,ir->r", weighted_responses, responses)
    return SummaryStatistics(gram[None], moments, powers)


def _part(X: Any, rows: slice) -> Any:
    """Return some rows of a table, array or sparse matrix, dense."""
    part = X.iloc[rows] if hasattr(X, "iloc") else X[rows]
    return part.toarray() if hasattr(part, "toarray") else part
