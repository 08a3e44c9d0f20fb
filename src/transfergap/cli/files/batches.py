"""Rows from files, one batch in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transfergap.cli.files.kinds import kind_of_file, readable
from transfergap.cli.files.missing_words import with_numbers
from transfergap.cli.files.reading import (
    Reading,
    csv_header,
    csv_layout,
    csv_options,
    csv_trouble,
    missing_words_of,
    no_column,
    with_blanks_missing,
    with_plain_numbers,
)
from transfergap.cli.files.tables import check_there, is_parquet, read_frame
from transfergap.data.encoding import CategoryColumn, Encoder
from transfergap.data.encoding.column_values import column_of_arrow
from transfergap.data.sources.parquet_errors import parquet_trouble
from transfergap.errors import DataError

CSV_ROWS = 50_000  # chosen by hand
PARQUET_ROWS = 65_536  # the default of pyarrow
PART_ROWS = 1_000_000  # of a Parquet file, summed by one process: seconds of work
_BUFFER = 1 << 20  # bytes of a column at a time; with pre_buffer the whole file would stay


@dataclass(frozen=True)
class Part:
    """A file, or some row groups of one, that one process reads."""

    path: Path
    first_row: int = 0
    groups: tuple[int, ...] | None = None


def parts_of(paths: Sequence[Path]) -> list[Part]:
    """Return the parts of files, by the files alone.

    Parquet files are cut into parts of about a million rows.

    Raises
    ------
    DataError
        If a file is not there.
    """
    parts: list[Part] = []
    for path in paths:
        check_there(path)
        parts += _parquet_parts(path) if is_parquet(path) else [Part(path)]
    return parts


def _parquet_parts(path: Path) -> list[Part]:
    from pyarrow import parquet

    with parquet_trouble(path), parquet.ParquetFile(path) as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    parts, groups, first, n_rows = [], list[int](), 0, 0
    for i, size in enumerate(sizes):
        groups.append(i)
        n_rows += size
        if n_rows >= PART_ROWS or i == len(sizes) - 1:
            parts.append(Part(path, first, tuple(groups)))
            first, n_rows, groups = first + n_rows, 0, []
    return parts or [Part(path)]


def batches_of(part: Part, reading: Reading, encoder: Encoder) -> Iterator[tuple[Any, Any]]:
    """Yield tables of an encoder's columns with their labels.

    Raises
    ------
    DataError
        In one line, naming the file.
    """
    if is_parquet(part.path):
        yield from _parquet_batches(part, reading, encoder)
        return
    for frame in _csv_frames(part, reading, encoder):
        yield frame.drop(columns=reading.label), frame[reading.label]


def _columns_to_read(path: Path, header: Any, reading: Reading, encoder: Encoder) -> list[str]:
    """Return the columns to read: the encoder's and the label."""
    if not encoder.named:
        raise DataError(
            "The encoder was made from an array, so it knows no names of columns.",
            hint="make it from a table: `transfergap encoder`",
        )
    names = [column.name for column in encoder.columns]
    if reading.label not in header.columns:
        raise no_column(path, header, reading.label, "--label", reading)
    if reading.label in names:
        raise DataError(
            f"The label {reading.label!r} is a column of the encoder, so the target predicts"
            " something else.",
            hint="name the column that the target predicts with --label",
        )
    for name in names:
        if name not in header.columns:
            raise no_column(path, header, name, "the encoder's", reading)
    return [*names, reading.label]


def _parquet_batches(part: Part, reading: Reading, encoder: Encoder) -> Iterator[tuple[Any, Any]]:
    import pandas as pd
    from pyarrow import parquet

    path = part.path
    with (
        parquet_trouble(path),
        parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file,
    ):
        header = pd.DataFrame(columns=[str(name) for name in file.schema_arrow.names])
        columns = _columns_to_read(path, header, reading, encoder)
        for batch in file.iter_batches(PARQUET_ROWS, part.groups, columns=columns):
            # The encoder reads Arrow's own columns: numbers never become a table of pandas.
            labels = batch.column(batch.schema.names.index(reading.label))
            yield batch.select(columns[:-1]), column_of_arrow(labels)


def _csv_frames(part: Part, reading: Reading, encoder: Encoder) -> Iterator[Any]:
    import pandas as pd

    path = part.path
    kind, packed = kind_of_file(path)
    if kind != "csv":
        yield read_frame(path, reading)[
            _columns_to_read(path, read_frame(path, reading), reading, encoder)
        ]
        return
    layout = csv_layout(path, reading, packed)
    content, compression = readable(path, packed)
    options = csv_options(layout, compression)
    with csv_trouble(path, layout, reading.dialect, packed):
        header = csv_header(content, options)
        if not isinstance(content, Path):
            content.seek(0)
        columns = _columns_to_read(path, header, reading, encoder)
        # Pandas guesses types a chunk at a time: a code such as '03' must not be 3 in some.
        texts = [c.name for c in encoder.columns if isinstance(c, CategoryColumn)]
        if any(isinstance(label, str) for label in encoder.labels.classes):
            texts.append(reading.label)
        words = missing_words_of(list(header.columns), reading)
        chunks = pd.read_csv(
            content,
            na_values=words,
            keep_default_na=False,
            index_col=False,
            usecols=columns,
            chunksize=CSV_ROWS,
            dtype=dict.fromkeys(texts, str),
            **options,
        )
    with chunks:
        while True:
            with csv_trouble(path, layout, reading.dialect, packed):
                frame = next(chunks, None)
            if frame is None:
                return
            frame = with_blanks_missing(frame, words, layout, texts)
            frame = with_plain_numbers(frame, layout, texts)
            yield with_numbers(frame, named=reading.named, keep=reading.keep_na)
