"""Columns of tables: checked in one, aligned in all."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from transfergap.data.notations.spelling import (
    as_text,
    listing,
    without_blanks,
    without_case,
    without_padding,
)
from transfergap.data.notations.unknown_marks import are_measured
from transfergap.data.tables.normal_form import check_numbers, is_text
from transfergap.errors import DataError

_MOSTLY = 0.9  # share of a column's values; chosen by hand
_MOST_LEVELS = 50  # of a column whose levels are laid beside each other; more are names or texts
_N_NAMED = 5  # column names in an error: by convention, as many as one line holds
_DECIMAL_COMMA = r"[+-]?\d+,\d+"


def check_columns(frame: Any, origin: str) -> None:
    """Raise ``DataError`` for doubled names, infinite numbers, and text among numbers."""
    import pandas as pd

    names = [str(column) for column in frame.columns]
    doubled = sorted(name for name, count in Counter(names).items() if count > 1)
    if doubled:
        raise DataError(
            f"Column {doubled[0]!r} occurs {names.count(doubled[0])} times in {origin}.",
            hint="rename or drop one of them",
        )
    for name, column in zip(names, (frame.iloc[:, i] for i in range(frame.shape[1])), strict=True):
        if pd.api.types.is_float_dtype(column.dtype):
            check_numbers(
                column.to_numpy(dtype=float, na_value=np.nan),
                f"Column {name!r} of {origin} holds",
                "replace it by a missing value, or mend what divides by zero",
            )
        elif is_text(column):
            _check_mostly_numbers(column, name, origin)


def _check_mostly_numbers(column: Any, name: str, origin: str) -> None:
    import pandas as pd

    present = column.dropna()
    if present.empty:
        return
    # Each different value is looked at once: levels are few, rows many, and this runs in fits.
    codes, levels = pd.factorize(present)
    levels = pd.Series(levels, dtype=present.dtype)
    shares = np.bincount(codes, minlength=len(levels)) / len(present)
    commas = levels.astype(str).str.fullmatch(_DECIMAL_COMMA).to_numpy(bool)
    if float(shares[commas].sum()) >= _MOSTLY:
        raise DataError(
            f"Column {name!r} of {origin} is written with decimal commas: {present.iloc[0]!r}.",
            hint="add --decimal ',' (in Python: pandas.read_csv(..., decimal=','))",
        )
    are_numbers = ~np.isnan(np.asarray(pd.to_numeric(levels, errors="coerce"), float))
    if float(shares[are_numbers].sum()) >= _MOSTLY and not are_numbers.all():
        bad = present[~are_numbers[codes]]
        raise DataError(
            f"Column {name!r} of {origin} holds numbers, but {len(bad)} of {len(present)} values"
            f" are text; the first is {bad.iloc[0]!r} in row {int(bad.index[0])}.",
            hint="name its code for missing values (--na CODE), mend it, drop the column"
            f" (--drop {name}), or declare it a category (--category {name})",
        )


@dataclass(frozen=True)
class AlignedTables:
    """Target and sources with the same columns, in order and kind.

    Parameters
    ----------
    target : DataFrame
    sources : dict of str to DataFrame
    changes : dict of str to dict
        What had to be changed a source, by field of :class:`transfergap.data.problem.SourceFacts`.
    unshared : DataFrame or None
        Columns of the target that some source lacks: left out of all.
    """

    target: Any
    sources: dict[str, Any]
    changes: dict[str, dict[str, tuple[Any, ...]]]
    unshared: Any = None


def aligned_tables(
    target: Any,
    sources: Mapping[str, Any],
    *,
    columns: Literal["common", "error"] = "common",
    needed: Collection[str] = (),
) -> AlignedTables:
    """Give target and sources the same columns.

    Columns that only a source has are dropped; two whose names differ in case or blanks alone are
    one. Columns that a source lacks are left out of all tables, or are an error that names them. A
    number column that is text in a source is an error.

    Parameters
    ----------
    target : DataFrame
    sources : mapping of str to DataFrame
    columns : {"common", "error"}
        What to do about columns of the target that a source lacks.
    needed : collection of str
        Columns that the model names: no source may lack them.

    Raises
    ------
    DataError
    """
    target = target.rename(columns=str)
    frames = {label: frame.rename(columns=str) for label, frame in sources.items()}
    names = list(target.columns)
    renamed = {label: names_alike(names, list(frame.columns)) for label, frame in frames.items()}
    frames = {label: frame.rename(columns=renamed[label]) for label, frame in frames.items()}
    lacking = {
        label: tuple(name for name in names if name not in frame.columns)
        for label, frame in frames.items()
    }
    extra = {
        label: tuple(name for name in frame.columns if name not in names)
        for label, frame in frames.items()
    }
    for label, missing in lacking.items():
        if missing and (
            columns == "error" or set(missing) & set(needed) or len(missing) == len(names)
        ):
            raise _lacks(label, missing, extra[label], columns)
    common = [name for name in names if not any(name in absent for absent in lacking.values())]
    if not common:
        raise DataError(
            "Target and sources have no column in common.",
            hint="leave out the source that lacks most, or rename its columns (--rename b:old=new)",
        )
    unshared = target[[name for name in names if name not in common]]
    target, frames = _with_blanks_of_a_kind(
        target[common], {label: frame[common] for label, frame in frames.items()}
    )
    tables: dict[str, Any] = {}
    changes: dict[str, dict[str, tuple[Any, ...]]] = {}
    for label, frame in frames.items():
        tables[label], retyped = _retyped(target, _plain_levels(target, frame), label)
        tables[label], respelled = _respelled(target, tables[label])
        changes[label] = {
            "extra_columns": extra[label],
            "retyped_columns": retyped,
            "respelled_columns": respelled,
            "missing_columns": lacking[label],
            "renamed_columns": tuple(renamed[label].items()),
        }
    target, tables = _with_common_categories(*_with_common_numbers(target, tables))
    return AlignedTables(target, tables, changes, unshared if unshared.shape[1] else None)


def names_alike(names: Sequence[str], source_names: Sequence[str]) -> dict[str, str]:
    """Pair columns whose names differ in case and blanks alone.

    Only where one column of either file is written so, and neither has a namesake.

    Examples
    --------
    >>> names_alike(["age", "y"], ["Age", " Y ", "sex"])
    {'Age': 'age', ' Y ': 'y'}
    """
    n_written = [Counter(map(without_case, columns)) for columns in (names, source_names)]
    by_spelling = {without_case(name): name for name in source_names if name not in names}
    return {
        by_spelling[key]: name
        for name in names
        if name not in source_names
        and (key := without_case(name)) in by_spelling
        and all(counts[key] == 1 for counts in n_written)
    }


def _lacks(label: str, missing: Sequence[str], extra: Sequence[str], columns: str) -> DataError:
    more = f"; it has {_listed(extra)} instead" if extra else ""
    near = difflib.get_close_matches(missing[0], extra, n=1, cutoff=0.4)
    old = near[0] if near else (extra[0] if extra else "old")
    common = ", or use the others alone (--columns common)" if columns == "error" else ""
    return DataError(
        f"The source {label!r} lacks {_listed(missing)}, which the target has{more}.",
        hint=f"rename (--rename {label}:{old}={missing[0]}), or leave them out of all files"
        f" (--drop {missing[0]}){common}",
    )


def _with_blanks_of_a_kind(target: Any, frames: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Give columns without any value the kind of another table's."""
    import pandas as pd

    tables = [target, *frames.values()]
    changed: list[dict[str, Any]] = [{} for _ in tables]
    for name in target.columns:
        columns = [table[name] for table in tables]
        are_blank = [bool(column.isna().all()) for column in columns]
        filled = next((c for c, blank in zip(columns, are_blank, strict=True) if not blank), None)
        if filled is None or not any(are_blank) or pd.api.types.is_numeric_dtype(filled.dtype):
            continue
        is_date = pd.api.types.is_datetime64_any_dtype(filled.dtype)
        kind = filled.dtype if is_date else pd.CategoricalDtype([])
        for place, blank in enumerate(are_blank):
            if blank:
                changed[place][name] = columns[place].astype(kind)
    tables = [
        table.assign(**new) if new else table for table, new in zip(tables, changed, strict=True)
    ]
    return tables[0], dict(zip(frames, tables[1:], strict=True))


def _with_common_numbers(target: Any, tables: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Make columns of booleans numeric where one table has blanks."""
    import pandas as pd

    frames = [target, *tables.values()]
    for name in target.columns:
        kinds = [frame[name].dtype for frame in frames]
        booleans = [pd.api.types.is_bool_dtype(kind) for kind in kinds]
        if any(booleans) and not all(booleans):
            frames = [frame.assign(**{name: frame[name].astype("float64")}) for frame in frames]
    return frames[0], dict(zip(tables, frames[1:], strict=True))


def _listed(names: Sequence[str]) -> str:
    listed = listing([repr(name) for name in names], _N_NAMED)
    return f"column{'s' if len(names) > 1 else ''} {listed}"


def _plain_levels(target: Any, frame: Any) -> Any:
    """Turn categories of numbers into numbers where the target has numbers."""
    import pandas as pd

    changed = {
        name: frame[name].astype(frame[name].cat.categories.dtype)
        for name in target.columns
        if isinstance(frame[name].dtype, pd.CategoricalDtype)
        and pd.api.types.is_numeric_dtype(target[name].dtype)
        and pd.api.types.is_numeric_dtype(frame[name].cat.categories.dtype)
        and not frame[name].isna().any()
    }
    return frame.assign(**changed) if changed else frame


def _respelled(target: Any, frame: Any) -> tuple[Any, tuple[str, ...]]:
    """Write a source's levels as the target does.

    Only where case, blanks, the composition of accents or padding zeros alone differ: levels that
    the target lacks, and that are one of its levels but for that. Zeros tell levels apart where one
    file writes both 7 and 007.
    """
    changed = {}
    for name in target.columns:
        if not (_is_level_text(target[name]) and _is_level_text(frame[name])):
            continue
        levels = [str(level) for level in target[name].dropna().unique()]
        if len(levels) > _MOST_LEVELS:
            continue
        n_spellings = Counter(map(without_case, levels))
        by_spelling = {
            without_case(level): level for level in levels if n_spellings[without_case(level)] == 1
        }
        values = [value for value in frame[name].dropna().unique() if str(value) not in levels]
        by_number, numbers = _unpadded(levels), _unpadded(map(str, frame[name].dropna().unique()))
        renamed = {
            value: by_spelling[without_case(value)]
            for value in values
            if without_case(value) in by_spelling
        } | {
            value: by_number[_number_of(value)]
            for value in values
            if numbers.get(_number_of(value)) == str(value) and _number_of(value) in by_number
        }
        if renamed:
            column = frame[name].astype(object)
            changed[name] = column.map(lambda value, to=renamed: to.get(value, value))
    return (frame.assign(**changed) if changed else frame), tuple(changed)


def _number_of(level: Any) -> str:
    return without_padding(without_blanks(level))


def _unpadded(levels: Iterable[str]) -> dict[str, str]:
    """Return levels by their whole number, where it is written one way."""
    written: dict[str, set[str]] = {}
    for level in levels:
        number = _number_of(level)
        if number.isdecimal():
            written.setdefault(number, set()).add(level)
    return {number: forms.pop() for number, forms in written.items() if len(forms) == 1}


def _is_level_text(column: Any) -> bool:
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        return not pd.api.types.is_numeric_dtype(column.cat.categories.dtype)
    return is_text(column)


def _retyped(target: Any, frame: Any, label: str) -> tuple[Any, tuple[str, ...]]:
    """Convert a source's columns to text where the target has text."""
    import pandas as pd

    changed = {}
    for name in target.columns:
        dtype, column = target[name].dtype, frame[name]
        if pd.api.types.is_numeric_dtype(dtype):
            if not pd.api.types.is_numeric_dtype(column.dtype) and column.notna().any():
                raise _texts_beside_numbers(target[name], column, name, label)
            if column.dtype.kind not in "biuf":
                changed[name] = column.astype(float)
        elif pd.api.types.is_datetime64_any_dtype(dtype) != pd.api.types.is_datetime64_any_dtype(
            column.dtype
        ):
            raise DataError(
                f"Column {name!r} holds dates in one of target and source {label!r} only.",
                hint="write dates the same way in both files",
            )
        elif (
            pd.api.types.is_numeric_dtype(column.dtype)
            and column.notna().any()
            and not pd.api.types.is_bool_dtype(dtype)
        ):
            _check_readable(target[name], column, name, label)
            changed[name] = column.map(as_text, na_action="ignore").astype(object)
    retyped = tuple(name for name in changed if not pd.api.types.is_numeric_dtype(target[name]))
    return (frame.assign(**changed) if changed else frame), retyped


def _check_readable(target_column: Any, source_column: Any, name: str, label: str) -> None:
    """Raise ``DataError`` for measured numbers that no rule reads."""
    if not is_text(target_column):
        return
    texts = [str(text) for text in target_column.dropna()]
    if are_measured(name, texts):
        number = as_text(source_column.dropna().iloc[0])
        raise DataError(
            f"Column {name!r} holds numbers such as {number} in the source {label!r}, but texts"
            f" such as {texts[0]!r} in the target, of which no rule makes numbers.",
            hint="write them as numbers in both files, drop the column"
            f" (--drop {name}), or keep them as texts (--category {name}; in Python:"
            f" X[{name!r}].astype('category'))",
        )


def _texts_beside_numbers(
    target_column: Any, source_column: Any, name: str, label: str
) -> DataError:
    """Return the error for numbers that are text in a source."""
    import pandas as pd

    present = source_column.dropna()
    texts = present[pd.to_numeric(present.astype(object), errors="coerce").isna()]
    first = str((texts if len(texts) else present).iloc[0])
    is_truth = pd.api.types.is_bool_dtype(target_column.dtype)
    # True and false with blanks are 0 and 1 here; a word among digits is a code instead.
    if is_truth or (len(texts) == len(present) and target_column.dropna().isin([0, 1]).all()):
        kind = "true and false" if is_truth else "0 and 1, or true and false,"
        return DataError(
            f"Column {name!r} holds {kind} in the target, but words such as {first!r} in the"
            f" source {label!r}.",
            hint="write it alike in both, such as X[column].map({'Y': True, 'N': False}), name its"
            f" code for missing values (--na CODE), or drop the column (--drop {name})",
        )
    return DataError(
        f"Column {name!r} holds numbers in the target, but in the source {label!r} it holds"
        f" {first!r}.",
        hint="mend the source, name its code for missing values (--na CODE), or drop the column"
        f" (--drop {name})",
    )


def _with_common_categories(target: Any, tables: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Give categorical columns the union of all categories.

    Stacking then keeps their type.
    """
    import pandas as pd

    frames = [target, *tables.values()]
    for name in target.columns:
        if not isinstance(target[name].dtype, pd.CategoricalDtype):
            continue
        # A dict keeps the order of first appearance; a set would not, and results must repeat.
        values: dict[Any, None] = {}
        for frame in frames:
            column = frame[name]
            levels = (
                column.cat.categories
                if isinstance(column.dtype, pd.CategoricalDtype)
                else column.dropna().unique()
            )
            values.update(dict.fromkeys(levels))
        if any(isinstance(value, str) for value in values):  # 3 and '3' are one code
            frames = [
                frame.assign(**{name: frame[name].astype(object).map(as_text, na_action="ignore")})
                for frame in frames
            ]
            values = dict.fromkeys(as_text(value) for value in values)
        kind = pd.CategoricalDtype(list(values))
        frames = [frame.assign(**{name: frame[name].astype(kind)}) for frame in frames]
    return frames[0], dict(zip(tables, frames[1:], strict=True))
