"""Groups of rows (patients, sites), written in one form in all files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.labels import missing_values
from transfergap.data.spelling import without_blanks, without_padding
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


def _coded(values: Groups) -> tuple[NDArray[np.intp], list[str]]:
    """Return the code of each value, and the different texts."""
    import pandas as pd

    codes, different = pd.factorize(values)
    texts = [without_blanks(v) for v in np.asarray(different, dtype=object).tolist()]
    return np.asarray(codes, dtype=np.intp), texts


def groups_alike(groups: Mapping[str, Groups]) -> dict[str, Groups]:
    """Return the groups of several files in one form.

    ``7``, ``7.0``, ``"7 "`` and ``"0007"`` become one group.

    Zeros before digits are left out unless that would make one group of two in some file.

    Parameters
    ----------
    groups : mapping of str to ndarray
        As :func:`checked_groups` returns them, by what to call their file in errors; the target's
        first.

    Raises
    ------
    DataError
        If one file has numbers and the other texts, no group is in both, and the digits or the
        letters without their case would match.

    Examples
    --------
    >>> alike = groups_alike({"the target": np.array([7, 8]), "b": np.array(["0007", "B12"])})
    >>> alike["the target"].tolist(), alike["b"].tolist()
    (['7', '8'], ['7', 'B12'])
    """
    if all(values.dtype.kind in "iu" for values in groups.values()):
        return dict(groups)
    coded = {file: _coded(values) for file, values in groups.items()}
    shorter = {
        file: [without_padding(name) for name in names] for file, (_, names) in coded.items()
    }
    # Where 7 and 007 both occur in one file they are different groups, so padding stays everywhere.
    collapses = any(len(set(shorter[file])) < len(set(names)) for file, (_, names) in coded.items())
    names = {file: coded[file][1] if collapses else shorter[file] for file in groups}
    _check_comparable(names)
    return {file: np.array(names[file])[codes] for file, (codes, _) in coded.items()}


def _check_comparable(names: Mapping[str, Sequence[str]]) -> None:
    (first, target_names), *sources = ((file, set(values)) for file, values in names.items())
    for file, source_names in sources:
        if target_names & source_names or not target_names or not source_names:
            continue
        kinds = [all(name.isdigit() for name in part) for part in (target_names, source_names)]
        folded = {name.casefold() for name in target_names} & {
            name.casefold() for name in source_names
        }
        digits = [_by_digits(part) for part in (target_names, source_names)]
        few = min(len(target_names), len(source_names))
        by_digits = kinds[0] != kinds[1] and len(digits[0] & digits[1]) >= _MATCHING * few
        if by_digits or len(folded) >= _MATCHING * few:
            raise DataError(
                f"Groups of {first} look like {min(target_names)!r}, of {file} like"
                f" {min(source_names)!r}: none is in both, but they may be the same persons or"
                " places written in two ways.",
                hint="write them alike in all files; if they are others, give both letters of their"
                " own, such as A7 and B7",
            )


def _by_digits(names: set[str]) -> set[str]:
    digits_of = {name: _DIGITS.findall(name) for name in names}
    return {without_padding(digits[0]) for digits in digits_of.values() if len(digits) == 1}
