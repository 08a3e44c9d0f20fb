"""Groups of rows (patients, sites), written in one form in all files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.labels.reading import missing_values
from transfergap.data.notations.spelling import without_blanks, without_padding
from transfergap.data.splitting.group_names import NameForm, dates_of_two_readings, for_file, forms
from transfergap.errors import DataError

Groups = NDArray[Any]
_DIGITS = re.compile(r"\d+")
_MATCHING = 0.5  # of the groups of the smaller file that would be the same person


def checked_groups(groups: Any, n_rows: int, origin: str) -> Groups | None:
    """Return one group a row, as integers or stripped texts.

    Texts lose blanks and ``.0`` at their ends.

    Raises
    ------
    DataError
        For another number of groups, or missing ones.

    Examples
    --------
    >>> checked_groups([7.0, 12.0], 2, "the target").tolist()
    [7, 12]
    >>> checked_groups(["0007", "B12 "], 2, "the target").tolist()
    ['0007', 'B12']
    """
    if groups is None:
        return None
    if isinstance(groups, str):
        raise DataError(
            f"The groups of {origin} are the text {groups!r}, not one for each row.",
            hint=f"give the column: groups=X[{groups!r}], and leave it out of X",
        )
    values = np.asarray(groups)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (n_rows,):
        raise DataError(
            f"There are {values.shape} groups for {n_rows} rows of {origin}.",
            hint="give one group for each row",
        )
    missing = missing_values(values)
    if missing.any():
        raise DataError(
            f"{int(missing.sum())} rows of {origin} have no group.",
            hint="give every row a group; a row on its own is a group of one",
        )
    if values.dtype.kind in "iu":
        return values
    if values.dtype.kind == "f" and bool((values == np.round(values)).all()):
        return values.astype(np.int64)
    codes, names = _coded(values)
    return np.array(names)[codes]


def group_numbers(groups: Groups) -> NDArray[np.intp]:
    """Return the number of each row's group, by first rows.

    So folds hang on whose rows belong together and not on what the groups are called: ``2`` comes
    before ``10``, and ``"10"`` before ``"2"``.

    Examples
    --------
    >>> group_numbers(np.array(["b", "a", "b", "c"])).tolist()
    [0, 1, 0, 2]
    """
    import pandas as pd

    return np.asarray(pd.factorize(groups)[0], dtype=np.intp)


def _coded(values: Groups) -> tuple[NDArray[np.intp], list[str]]:
    """Return the code of each value, and the different texts."""
    import pandas as pd

    codes, different = pd.factorize(values)
    if different.dtype.kind == "M":
        return np.asarray(codes, dtype=np.intp), pd.DatetimeIndex(different).astype(str).tolist()
    texts = [
        value.decode("utf-8", errors="backslashreplace") if isinstance(value, bytes) else value
        for value in np.asarray(different, dtype=object).tolist()
    ]
    return np.asarray(codes, dtype=np.intp), [without_blanks(value) for value in texts]


def groups_alike(groups: Mapping[str, Groups]) -> dict[str, Groups]:
    """Return the groups of several files in one form.

    ``AB-001``, ``ab001`` and ``'AB1'`` become one group, as ``7``, ``7.0`` and ``"0007"`` do, and
    are called what the first file calls it. Nothing is left out of account that tells two groups
    of one file apart.

    Parameters
    ----------
    groups : mapping of str to ndarray
        As :func:`checked_groups` returns them, by what to call their file in errors; the target's
        first.

    Raises
    ------
    DataError
        If no group is in both of two files and their digits alone would match, or dates that can
        be read in two ways.

    Examples
    --------
    >>> alike = groups_alike({"the target": np.array([7, 8]), "b": np.array(["0007", "B12"])})
    >>> alike["the target"].tolist(), alike["b"].tolist()
    (['7', '8'], ['7', 'B12'])
    """
    if all(values.dtype.kind in "iu" for values in groups.values()):
        return dict(groups)
    coded = {file: _coded(values) for file, values in groups.items()}
    written = _in_common_form({file: names for file, (_, names) in coded.items()})
    _check_comparable(written)
    return {file: np.array(written[file])[codes] for file, (codes, _) in coded.items()}


def _in_common_form(names: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Write the names of all files as the first file does."""
    for form in forms():
        formed = {}
        for file, texts in names.items():
            of_file = for_file(form, texts)
            formed[file] = [of_file.of(text) for text in texts]
            # Where 7 and 007 both occur in one file they are different groups, here and elsewhere.
            if len(set(formed[file])) < len(set(texts)):
                break
        else:
            spelling: dict[str, str] = {}
            return {
                file: [
                    spelling.setdefault(key, text)
                    for key, text in zip(formed[file], texts, strict=True)
                ]
                for file, texts in names.items()
            }
    return {file: list(texts) for file, texts in names.items()}


def respelled_groups(
    before: Groups, after: Groups, target_groups: Groups
) -> tuple[tuple[str, str], ...]:
    """Return a source's groups with the target's spelling, where it differs.

    Parameters
    ----------
    before, after : ndarray
        Groups of a source's rows, as the file has them and in the form of all files.
    target_groups : ndarray
        The target's, in the form of all files.

    Examples
    --------
    >>> respelled_groups(np.array(["p1", "p2"]), np.array(["P1", "p2"]), np.array(["P1"]))
    (('p1', 'P1'),)
    """
    if before.dtype.kind in "iu" and after.dtype.kind in "iu":
        return ()
    codes, names = _coded(before)
    first = np.unique(codes, return_index=True)[1]
    shared = set(target_groups.tolist())
    pairs = zip(names, after[np.sort(first)].tolist(), strict=True)
    return tuple((name, new) for name, new in pairs if name != new and new in shared)


def _check_comparable(names: Mapping[str, Sequence[str]]) -> None:
    (first, target_names), *sources = ((file, set(values)) for file, values in names.items())
    for file, source_names in sources:
        few = min(len(target_names), len(source_names))
        if _dates_meet(target_names, source_names) or _dates_meet(source_names, target_names):
            raise DataError(
                f"Groups of {first} and of {file} are dates, and one has days such as 3/4/2021,"
                " whose first number may be the day or the month.",
                hint="write dates as 2021-04-03 in all files",
            )
        if target_names & source_names or not few:
            continue
        kinds = [all(name.isdigit() for name in part) for part in (target_names, source_names)]
        digits = [_by_digits(part) for part in (target_names, source_names)]
        if kinds[0] != kinds[1] and len(digits[0] & digits[1]) >= _MATCHING * few:
            raise DataError(
                f"Groups of {first} look like {min(target_names)!r}, of {file} like"
                f" {min(source_names)!r}: none is in both, but they may be the same persons or"
                " places written in two ways.",
                hint="write them alike in all files; if they are others, give both letters of their"
                " own, such as A7 and B7",
            )


def _dates_meet(names: set[str], other_names: set[str]) -> bool:
    """Return whether dates of two readings are those of another file."""
    readings = dates_of_two_readings(names)
    if not readings[0] or names & other_names:
        return False
    dates = {for_file(NameForm(), other_names).of(name) for name in other_names}
    return any(len(days & dates) >= _MATCHING * min(len(names), len(dates)) for days in readings)


def _by_digits(names: set[str]) -> set[str]:
    digits_of = {name: _DIGITS.findall(name) for name in names}
    return {without_padding(digits[0]) for digits in digits_of.values() if len(digits) == 1}
