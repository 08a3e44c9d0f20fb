"""A summary as a file that is safe to read from strangers.

Text, numbers and a digest.

1. the line ``transfergap/summary/1``;
2. a line of JSON: version, n_rows, noised (null, a number, or "unbounded"), delta, n_blocks, q, r,
   encoder;
3. little-endian float64: the upper triangle of each Gram, row by row; moments (r, q); powers (r,);
4. SHA-256 of everything before, 32 bytes. It finds damage, not forgery: anybody can compute it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from transfergap._version import __version__
from transfergap.data.encoding.encoder import MOST_BYTES, Encoder, encoder_from, record_of
from transfergap.errors import DataError

SCHEMA = "transfergap/summary/1"
UNBOUNDED = "unbounded"
_KIND = "transfergap/summary/"
_DIGEST = 32  # bytes of a SHA-256
_MOST_COLUMNS = 20_000  # 1.6 GB of numbers; a fit would take a thousand times as long
_AGAIN = "ask its site to send it again; `transfergap summarize` makes it"

Floats = NDArray[np.float64]


def bytes_of(summary: Mapping[str, Any]) -> bytes:
    """Serialise a summary's fields: equal ones give equal bytes."""
    n_blocks, q, _ = summary["grams"].shape
    noised = summary["noised"]
    header = {
        "version": __version__,
        "n_rows": int(summary["n_rows"]),
        "noised": None if noised is None else UNBOUNDED if math.isinf(noised) else float(noised),
        "delta": float(summary["delta"]),
        "n_blocks": n_blocks,
        "q": q,
        "r": len(summary["powers"]),
        "encoder": record_of(summary["encoder"]),
    }
    upper = np.triu_indices(q)
    grams, moments, powers = (summary[name] for name in ("grams", "moments", "powers"))
    numbers = [*(gram[upper] for gram in grams), moments.ravel(), powers]
    body = np.concatenate(numbers).astype("<f8").tobytes()
    head = f"{SCHEMA}\n{json.dumps(header, allow_nan=False)}\n".encode()
    return head + body + hashlib.sha256(head + body).digest()


def fields_in(path: Path) -> dict[str, Any]:
    """Return the fields of the summary in a file, its form checked.

    Raises
    ------
    DataError
    """
    try:
        with path.open("rb") as file:
            return fields_of(file, path)
    except OSError as error:
        raise DataError(
            f"The summary {path} cannot be read ({error.strerror or error}).",
            hint="check the path",
        ) from error


def fields_of(file: BinaryIO, path: Path) -> dict[str, Any]:
    """Return the fields of a summary in an open file.

    Raises
    ------
    DataError
    """
    digest = hashlib.sha256()
    first = file.readline(80)
    if not first.startswith(_KIND.encode()):
        raise DataError(
            f"{path} is no summary of transfergap.", hint="`transfergap summarize` makes one"
        )
    schema = first.decode("ascii", "replace").strip()
    if schema != SCHEMA:
        raise DataError(
            f"{path} is of schema {schema!r}, this version reads {SCHEMA!r}.",
            hint="make it again with the version of transfergap that is installed here",
        )
    line = file.readline(MOST_BYTES)
    header = _header(line, path)
    encoder = _encoder(header, path)
    n_blocks, q, r = header["n_blocks"], header["q"], header["r"]
    n_numbers = n_blocks * (q * (q + 1) // 2) + r * q + r
    # The header says how long the file is, so nothing is read or reserved on its word alone.
    start, end = file.tell(), file.seek(0, 2)
    n_bytes = 8 * n_numbers + _DIGEST
    if end - start != n_bytes:
        wrong = "is cut off" if end - start < n_bytes else "goes on after its end"
        raise DataError(
            f"{path} {wrong}: it has {end - start} bytes of numbers, not {n_bytes}.", hint=_AGAIN
        )
    file.seek(start)
    body, stored_digest = file.read(8 * n_numbers), file.read()
    for part in (first, line, body):
        digest.update(part)
    if digest.digest() != stored_digest:
        raise DataError(f"{path} is damaged: its digest does not fit its content.", hint=_AGAIN)
    return _fields(header, encoder, np.frombuffer(body, "<f8").astype(float))


def _header(line: bytes, path: Path) -> dict[str, Any]:
    damaged = DataError(f"The header of {path} is damaged or cut off.", hint=_AGAIN)
    if not line.endswith(b"\n"):
        raise damaged
    try:
        header = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise damaged from error
    if not isinstance(header, dict):
        raise damaged
    whole = [header.get(name) for name in ("n_rows", "n_blocks", "q", "r")]
    # `type`, as a bool is an int to isinstance, and JSON has both.
    if not all(type(value) is int and 0 <= value < 2**53 for value in whole):
        raise damaged
    if not header["q"] <= _MOST_COLUMNS:
        raise DataError(
            f"{path} claims {header['q']} columns; {_MOST_COLUMNS} are the most.", hint=_AGAIN
        )
    if not {"noised", "delta"} <= header.keys():  # whether there is noise is a claim to be made
        raise damaged
    noised, delta = header["noised"], header["delta"]
    is_sound = noised is None or noised == UNBOUNDED or _within(noised, 5e-324, math.inf)
    if not (is_sound and _within(delta, 0.0, 1.0)):
        raise damaged
    return header


def _within(value: Any, lowest: float, limit: float) -> bool:
    return type(value) in (int, float) and lowest <= value < limit


def _encoder(header: dict[str, Any], path: Path) -> Encoder:
    encoder = encoder_from(header.get("encoder"))
    q, r = len(encoder.outputs) + 1, encoder.labels.n_responses
    claimed = header["q"], header["r"]
    if claimed != (q, r) or header["n_blocks"] not in (1, r):
        raise DataError(
            f"{path} claims {claimed[0]} columns and {claimed[1]} responses in"
            f" {header['n_blocks']} blocks; its encoder makes {q} and {r}.",
            hint=_AGAIN,
        )
    return encoder


def _fields(header: dict[str, Any], encoder: Encoder, numbers: Floats) -> dict[str, Any]:
    n_blocks, q, r = header["n_blocks"], header["q"], header["r"]
    size = q * (q + 1) // 2
    grams = np.zeros((n_blocks, q, q))
    upper = np.triu_indices(q)
    for b in range(n_blocks):
        grams[b][upper] = numbers[b * size : (b + 1) * size]
        grams[b] = np.triu(grams[b]) + np.triu(grams[b], 1).T
    linear = numbers[n_blocks * size :]
    noised = header["noised"]
    return {
        "encoder": encoder,
        "n_rows": header["n_rows"],
        "grams": grams,
        "moments": linear[: r * q].reshape(r, q),
        "powers": linear[r * q :],
        "noised": math.inf if noised == UNBOUNDED else None if noised is None else float(noised),
        "delta": float(header["delta"]),
    }
