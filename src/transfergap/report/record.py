"""Frozen values to plain records and back, by type hints."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Value = TypeVar("Value")
_INFINITE = {math.inf: "inf", -math.inf: "-inf"}
_PLAIN = {str: "a text", bool: "true or false", int: "a whole number"}


def to_record(value: Any) -> Any:
    """Return a value in the types of JSON.

    Dataclasses become mappings of their fields in order, tuples lists, enumerations their text,
    NumPy scalars Python's, and infinities ``"inf"`` and ``"-inf"``.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_record(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_record(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_record(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    # NumPy scalars: JSON knows Python's numbers only.
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, float) and math.isinf(value):
        return _INFINITE[value]
    return value


def from_record(kind: type[Value], record: Any, path: str) -> Value:
    """Return the value that :func:`to_record` wrote, with every type checked.

    Parameters
    ----------
    kind : type
        A dataclass.
    record : mapping
    path : str
        Where the record stands, for messages.

    Raises
    ------
    TypeError
        If something has another type; the message names the place.
    KeyError
        If a field without default is missing.
    """
    value: Value = _read(kind, record, path)
    return value


def _read(kind: Any, record: Any, path: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        if record is None and NoneType in get_args(kind):
            return None
        # Optional values only: a union of two types could not be told apart in JSON.
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        return _read(inner, record, path)
    if origin is Literal:
        return record if record in get_args(kind) else _refuse(record, path, f"one of {kind}")
    if origin is tuple:
        return _read_tuple(get_args(kind), record, path)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        inner = get_args(kind)[1]
        return {key: _read(inner, item, f"{path}.{key}") for key, item in record.items()}
    if is_dataclass(kind):
        return _read_fields(kind, record, path)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(record)
    return _read_plain(kind, record, path)


def _read_tuple(kinds: tuple[Any, ...], record: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(record, list):
        _refuse(record, path, "a list")
    # tuple[X, ...] takes the length of the record.
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(record)
    return tuple(
        _read(kind, item, f"{path}[{place}]")
        for place, (kind, item) in enumerate(zip(kinds, record, strict=True))
    )


def _read_fields(kind: Any, record: Any, path: str) -> Any:
    if not isinstance(record, Mapping):
        _refuse(record, path, "an object")
    values = {}
    for name, (hint, optional) in _hints(kind).items():
        if name in record:
            values[name] = _read(hint, record[name], f"{path}.{name}")
        # Fields with a default may be absent: older results lack them.
        elif not optional:
            raise KeyError(f"{path}.{name}")
    return kind(**values)


@cache
def _hints(kind: Any) -> dict[str, tuple[Any, bool]]:
    hints = get_type_hints(kind)
    return {
        field.name: (
            hints[field.name],
            field.default is not MISSING or field.default_factory is not MISSING,
        )
        for field in fields(kind)
    }


def _read_plain(kind: Any, record: Any, path: str) -> Any:
    if kind is float:
        if record in ("inf", "-inf"):
            return float(record)
        number = isinstance(record, (int, float)) and not isinstance(record, bool)
        # record == record is false for NaN alone, which is no measurement.
        return record if number and record == record else _refuse(record, path, "a number")
    # bool is a kind of int to Python, and not to a reader of JSON.
    right = isinstance(record, kind) and (kind is bool or not isinstance(record, bool))
    return record if right else _refuse(record, path, _PLAIN[kind])


def _refuse(record: Any, path: str, expected: str) -> Any:
    raise TypeError(f"{path} is {record!r:.40}, not {expected}")
