"""Summaries of rows on a cluster, of dask or of Spark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from transfergap.data.encoding.accumulator import Accumulator, joined
from transfergap.data.encoding.column_values import column_of_arrow, is_arrow
from transfergap.data.encoding.encoder import Encoder
from transfergap.data.encoding.summary import GramSummary
from transfergap.errors import DataError, require


def summarize_dask(
    frame: Any,
    *,
    label: str,
    encoder: Encoder,
    skip_foreign_labels: bool = False,
    min_rows: int = 0,
) -> GramSummary:
    """Return the statistics of a dask DataFrame, summed where it lies.

    Parameters
    ----------
    frame : dask.dataframe.DataFrame
        The encoder's columns and the label; others are left out.
    label : str
        Column of the labels.
    encoder : Encoder
        Of the target.
    skip_foreign_labels : bool
        Leave out rows whose label the target lacks; otherwise they are an error.
    min_rows : int
        Refuse to tell the statistics of fewer rows, all partitions together.

    Raises
    ------
    DataError
    MissingExtraError
        Without dask.

    Notes
    -----
    Partitions are summed in pairs, in their order: the same bytes on any cluster. Each sends one
    matrix of the encoder's columns, squared; no row leaves its worker.
    """
    dask = require("dask", extra="dask")
    sums = _PartSums(encoder, label, skip_foreign_labels)
    parts = [dask.delayed(sums)(part) for part in frame.to_delayed()]
    while len(parts) > 1:
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [dask.delayed(joined)(pair) if len(pair) == 2 else pair[0] for pair in pairs]
    total: Accumulator = dask.compute(parts[0])[0]
    return total.summary(min_rows=min_rows, origin="the dask DataFrame")


class _PartSums:
    """Sums of one table, of pandas or Arrow."""

    def __init__(self, encoder: Encoder, label: str, skip_foreign_labels: bool) -> None:
        self.encoder, self.label, self.skip_foreign_labels = encoder, label, skip_foreign_labels

    def __call__(self, part: Any) -> Accumulator:
        names = part.schema.names if is_arrow(part) else part.columns
        if self.label not in names:
            raise DataError(
                f"The table has no column {self.label!r} of labels.",
                hint="name the column that the target predicts",
            )
        sums = Accumulator(self.encoder, skip_foreign_labels=self.skip_foreign_labels)
        if is_arrow(part):
            rows = part.select([name for name in names if name != self.label])
            sums.add(rows, column_of_arrow(part.column(names.index(self.label))))
        else:
            sums.add(part.drop(columns=self.label), part[self.label].to_numpy())
        return sums


def summarize_partitions(
    *, label: str, encoder: Encoder, skip_foreign_labels: bool = False
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """Return a function for Spark's ``DataFrame.mapInArrow``, one summary a partition.

    Parameters
    ----------
    label, encoder, skip_foreign_labels
        As for :func:`summarize_dask`.

    Returns
    -------
    callable
        From an iterator of ``pyarrow.RecordBatch`` to one of batches with the column ``summary``;
        its schema is ``"summary binary"``. A partition without rows gives none.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from transfergap.data.encoding import fit_encoder
    >>> import pandas as pd
    >>> target = pd.DataFrame({"a": [1.0, 2.0, 4.0, 3.0]})
    >>> encoder = fit_encoder(target, np.array([0.0, 1.0, 1.0, 2.0]), task="regression")
    >>> batch = pa.RecordBatch.from_pydict({"a": [1.0, 5.0], "y": [0.5, 2.0]})
    >>> made = summarize_partitions(label="y", encoder=encoder)(iter([batch, batch]))
    >>> summaries = [row for part in made for row in part.column("summary").to_pylist()]
    >>> join_summaries(summaries).n_rows
    4

    In Spark::

        rows = frame.mapInArrow(summarize_partitions(label="y", encoder=encoder), "summary binary")
        summary = join_summaries(row.summary for row in rows.collect())
    """
    part_sums = _PartSums(encoder, label, skip_foreign_labels)

    def summaries(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        total: Accumulator | None = None
        for batch in batches:
            if batch.num_rows:
                part = part_sums(batch)
                total = part if total is None else total.join(part)
        if total is not None:
            data = [total.summary().to_bytes()]
            yield pa.RecordBatch.from_pydict({"summary": pa.array(data, pa.binary())})

    return summaries


def join_summaries(parts: Iterable[bytes | GramSummary], *, min_rows: int = 0) -> GramSummary:
    """Return the sum of summaries, such as those of Spark's partitions.

    Parameters
    ----------
    parts : iterable of bytes or GramSummary
        Bytes are those of :meth:`GramSummary.to_bytes`, and are checked.
    min_rows : int
        Refuse to tell the statistics of fewer rows, all parts together.

    Raises
    ------
    DataError
        If there is none, one is unsound, or they do not join.
    """
    summaries = [p if isinstance(p, GramSummary) else GramSummary.from_bytes(p) for p in parts]
    if not summaries:
        raise DataError("There are no summaries to join.", hint="the table may have no rows")
    total = joined(summaries)
    if total.n_rows < min_rows:
        raise DataError(
            f"There are {total.n_rows} rows in all parts, fewer than {min_rows}: their statistics"
            " would tell too much of each.",
            hint="add rows; or lower min_rows if each of them may be known",
        )
    return total
