"""Calls of the command line on spoilt files: what may come of one, and how files are spoilt."""

from __future__ import annotations

import contextlib
import io
import json
import math
import signal
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from transfergap.cli.main import run

# A hang. The slowest honest answer takes two seconds of CPU, and far longer beside other work.
LIMIT_CPU_S, LIMIT_S = 60, 900
# What the command line may say: fine, harm, a fault of the input, not settled, incomplete.
MEANT = {0, 1, 2, 3, 4}


class HangError(BaseException):
    """A call took longer than anybody waits."""


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """Raise ``HangError`` after ``LIMIT_CPU_S`` of work, or ``LIMIT_S`` of waiting."""

    def stop(number: int, frame: object) -> None:
        raise HangError

    before = {number: signal.signal(number, stop) for number in (signal.SIGALRM, signal.SIGPROF)}
    signal.setitimer(signal.ITIMER_PROF, LIMIT_CPU_S)
    signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def call(*arguments: object) -> tuple[int, str, str]:
    """Type a command; return its exit code and what it wrote."""
    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    with in_time(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code or 0
    return int(code), out.getvalue(), err.getvalue()


def check(code: int, out: str, err: str) -> None:
    """Raise unless the input was used, or refused in lines that a reader can act on."""
    assert code in MEANT, err
    assert "Traceback" not in err
    assert "\x1b" not in out + err
    if code == 2:
        assert "error" in err.lower()
        assert len(err) < 20_000
    if code == 0 and out.startswith("{"):
        assert all(map(math.isfinite, numbers_in(json.loads(out))))


def numbers_in(record: Any) -> Iterator[float]:
    """Yield every number of a JSON record."""
    if isinstance(record, dict):
        record = list(record.values())
    if isinstance(record, list):
        for value in record:
            yield from numbers_in(value)
    elif isinstance(record, float):
        yield record


@st.composite
def spoilt(draw: st.DrawFn, whole: bytes) -> bytes:
    """Draw a file that is one to three changes away from ``whole``."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.integers(1, 40))
        way = draw(st.sampled_from(["bit", "cut", "drop", "repeat", "insert", "zero", "text"]))
        if way == "bit" and data:
            data[place] ^= 1 << draw(st.integers(0, 7))
        elif way == "cut":
            del data[place:]
        elif way == "drop":
            del data[place : place + length]
        elif way == "repeat":
            data[place:place] = data[place : place + length] * draw(st.integers(1, 20))
        elif way == "insert":
            data[place:place] = draw(st.binary(min_size=1, max_size=20))
        elif way == "zero":
            data[place : place + length] = bytes(len(data[place : place + length]))
        else:
            data[place : place + length] = draw(st.sampled_from(TOKENS))
    return bytes(data)


# What has broken readers of tables and of JSON before.
TOKENS = [
    b"nan", b"inf", b"-inf", b"1e308", b"-1e308", b"1e-320", b"", b"null", b"true", b"[]", b"{}",
    b'"', b",", b";", b"\t", b"\r", b"\n\n", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe4",
    b"9" * 400, b"[" * 200, b"=1+1", b"2024-13-45", b"None", b"1,5", b"0007", b"y", b"a,a",
    "\u202e".encode(), "\u0660\u0661".encode(),
]  # fmt: skip
