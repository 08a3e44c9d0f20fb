"""Check of columns of a few levels under other codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, check
from transfergap.data.notations.spelling import without_case

_FEWEST_ROWS = 20  # of either file: in fewer, a level may be absent by chance
_FEWEST_OF_LEVEL = 3  # rows: fewer may be slips
_MOST_CODES = 12  # of shifted codes: months have twelve
_FEWEST_BLANKS = 0.1  # share of rows, from which on a blank is an answer beside a single level


@check("TG138", "levels under other codes")
def levels_under_other_codes(evidence: Evidence) -> Iterator[Finding]:
    """Find levels such as 0 and 1 that a source codes otherwise."""
    problem = evidence.problem
    if problem.kind != "table":
        raise NotApplicable("only tables have columns of levels")
    for name, source in problem.sources.items():
        for column in problem.target.X.columns:
            target, recoded = problem.target.X[column], source.sample.X[column]
            codes = _codes(target), _codes(recoded)
            if not _are_recoded(*codes) and not _is_flag(codes, (target, recoded)):
                continue
            here, there = (
                _in_words(levels, file)
                for levels, file in zip(codes, (target, recoded), strict=True)
            )
            yield Finding.strong(
                name,
                f"Column {str(column)!r} is coded {here} in the target and {there} in {name}. A"
                " model takes one code for another, or for a value that it never saw.",
                "If they mean the same, write them alike in both files, such as"
                f" {_recipe(str(column), *codes)}, once you know which code is which; if not,"
                f" drop the column (--drop {column}).",
                {"n_target_levels": len(codes[0]), "n_source_levels": len(codes[1])},
            ).about([column])


def _codes(column: Any) -> list[Any]:
    """Return a column's levels in order; none of columns with many."""
    present = column.dropna()
    if len(column) < _FEWEST_ROWS or column.dtype.kind == "M":
        return []
    counts = (
        present.astype(str).value_counts()
        if column.dtype.kind not in "iufb"
        else (present.astype(float).value_counts())
    )
    if not 1 <= len(counts) <= _MOST_CODES or counts.min() < _FEWEST_OF_LEVEL:
        return []
    return sorted(counts.index.tolist())


def _are_recoded(target: list[Any], source: list[Any]) -> bool:
    """Return whether numbers stand for the same levels, by their count."""
    if len(target) != len(source) or len(target) < 2 or target == source:
        return False
    if not all(isinstance(code, float) for code in (*target, *source)):
        return False  # texts without a common level are TG110's
    steps = set(np.subtract(source, target).tolist())
    return len(target) == 2 or (steps in ({1.0}, {-1.0}) and set(np.diff(target).tolist()) == {1.0})


def _is_flag(codes: tuple[list[Any], list[Any]], columns: tuple[Any, Any]) -> bool:
    """Return whether a level or a blank stands beside two levels."""
    if sorted(map(len, codes)) != [1, 2]:
        return False
    single = 0 if len(codes[0]) == 1 else 1
    if float(columns[single].isna().mean()) < _FEWEST_BLANKS:
        return False
    levels = [{without_case(code) for code in part} for part in codes]
    return not levels[0] & levels[1]


def _in_words(codes: list[Any], column: Any) -> str:
    words = [_literal(code) for code in codes]
    if len(words) == 1 and column.isna().any():
        return f"{words[0]} or blank"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _literal(code: Any) -> str:
    return f"{code:g}" if isinstance(code, float) else repr(code)


def _recipe(column: str, target: list[Any], source: list[Any]) -> str:
    """Return what makes a source's codes those of the target, in Python."""
    if len(target) == len(source):
        pairs = zip(source, target, strict=True)
        codes = ", ".join(f"{_literal(old)}: {_literal(new)}" for old, new in pairs)
        return f"Xb[{column!r}].map({{{codes}}})"
    single, side = (target, "X") if len(target) == 1 else (source, "Xb")
    return f"{side}[{column!r}].eq({_literal(single[0])}).map({{True: 1, False: 0}})"
