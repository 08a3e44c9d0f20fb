"""Tables of JSON files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transfergap.cli.files.dialects import Dialect
from transfergap.cli.files.encodings import check_encoding, encoding_of, text_of
from transfergap.cli.files.kinds import Compression
from transfergap.errors import DataError, first_line

_RECORDS = 'write records, [{"a": 1, "y": 0}, ...], or one record a line'


def json_encoding(
    path: Path, packed: Compression | None, dialect: Dialect
) -> tuple[str, int | None]:
    """Return a JSON file's encoding and the end of its UTF-8.

    The end is the first byte that is not UTF-8, or ``None``. UTF-8, as JSON is by its standard, and
    what a byte order mark names are never overruled: an option is of the other files then.

    Raises
    ------
    DataError
        If nothing tells the encoding.
    """
    try:
        encoding, no_utf8 = encoding_of(path, packed, dialect)
    except DataError:
        if not dialect.encoding:
            raise
        return dialect.encoding, None
    is_typed = no_utf8 is not None and bool(dialect.encoding)
    return (str(dialect.encoding), None) if is_typed else (encoding, no_utf8)


def json_frame(path: Path, packed: Compression | None, dialect: Dialect | None = None) -> Any:
    """Return the table of a JSON file.

    A list of records, one record a line, or columns by name.

    Raises
    ------
    DataError
    """
    import pandas as pd

    encoding, _ = json_encoding(path, packed, dialect or Dialect())
    check_encoding(encoding)
    with text_of(path, packed, encoding) as file:
        text = file.read()
    if encoding != "utf-8" and "\ufffd" in text:
        raise DataError(
            f"{path} is not encoded as {encoding}: it has bytes that are no letters there.",
            hint="write it as utf-8, or name another encoding",
        )
    try:
        try:
            content = json.loads(text)
        except json.JSONDecodeError:
            content = [json.loads(line) for line in text.split("\n") if line.strip()]
        # A single record of plain values is a table of one row; columns by name are lists.
        if isinstance(content, dict):
            _check_columns(path, content)
            nested = all(isinstance(v, (list, dict)) for v in content.values())
            content = content if nested else [content]
        frame = pd.DataFrame(content)
    except DataError:
        raise
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{path} is JSON, but no table: {first_line(error)}.", hint=_RECORDS
        ) from error
    if frame.shape[1] == 0 or not all(isinstance(name, str) for name in frame.columns):
        raise DataError(f"{path} is JSON, but its values have no names.", hint=_RECORDS)
    return frame


def _check_columns(path: Path, content: Mapping[str, Any]) -> None:
    """Raise ``DataError`` for an object whose values are no columns."""
    inside = next((name for name, value in content.items() if _is_table(value)), None)
    if inside is not None:
        raise DataError(
            f"{path} is JSON whose table is inside {inside!r}.",
            hint=f"write that part alone, as jq '.{inside}' {path} does",
        )
    if isinstance(content.get("data"), list) and isinstance(content.get("columns"), list):
        raise DataError(
            f"{path} is JSON with names and rows apart ('columns', 'data').",
            hint=f'{_RECORDS} (in pandas to_json(orient="records"))',
        )
    lengths = {name: len(value) for name, value in content.items() if isinstance(value, list)}
    if len(set(lengths.values())) > 1:
        longest, shortest = (
            max(lengths, key=lengths.__getitem__),
            min(lengths, key=lengths.__getitem__),
        )
        raise DataError(
            f"{path} is JSON, but no table: {longest!r} has {lengths[longest]} values and"
            f" {shortest!r} has {lengths[shortest]}.",
            hint=_RECORDS,
        )
    if lengths and any(isinstance(value, dict) for value in content.values()):
        odd = next(name for name, value in content.items() if isinstance(value, dict))
        raise DataError(
            f"{path} is JSON, but no table: {odd!r} is no list of values.", hint=_RECORDS
        )


def _is_table(value: Any) -> bool:
    """Return whether a value is records, or columns by name."""
    if isinstance(value, dict):
        lengths = {len(v) if isinstance(v, list) else -1 for v in value.values()}
        return len(lengths) == 1 and -1 not in lengths
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
