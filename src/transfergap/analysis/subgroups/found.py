"""Subgroups searched by a shallow tree.

Rows that had a part in finding a subgroup would confirm it whatever it is. So the tree sees one
half of the rows only, and gaps come from the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.subgroups.grouping import FEWEST_TO_FIND, Subgroup, range_name
from transfergap.data.encoding.feature_encoder import FeatureEncoder
from transfergap.data.encoding.features import View, fit_view
from transfergap.data.problem import Problem

Floats = NDArray[np.float64]
# Leaves of at least 20 rows and 5 % of a half have about as many rows in the judging half; two
# conditions are what a reader can hold. docs/methods.md, "Subgroups".
SMALLEST_LEAF, SMALLEST_LEAF_SHARE, DEEPEST = 20, 0.05, 2


@dataclass(frozen=True)
class Halves:
    """The rows as numbers, and which half finds."""

    view: View
    numbers: Floats
    finds: NDArray[np.bool_]


def halved(problem: Problem, clusters: NDArray[np.intp] | None, *, seed: int) -> Halves | str:
    """Return the halves, or why there is nothing to search in."""
    n = len(problem.target)
    if problem.kind in ("texts", "sparse"):
        return "Subgroups were not searched for: texts and sparse rows have no columns to name."
    if n < FEWEST_TO_FIND:
        return (
            f"Subgroups were not searched for: {n} rows are too few to find them in one half and"
            f" judge them in the other; {FEWEST_TO_FIND} are needed."
        )
    view = fit_view(problem.target.X, seed=seed)
    rng = np.random.default_rng([seed, 7])
    units = np.arange(n) if clusters is None else clusters
    half = rng.permutation(units.max() + 1) < (units.max() + 1) // 2
    return Halves(view, view.of(problem.target.X), half[units])


def found_subgroups(
    halves: Halves, differences: Floats, *, weights: Floats | None = None
) -> tuple[Subgroup, ...]:
    """Return the leaves of a tree over one arm's differences.

    Rows of the learning half are left out of them.

    Parameters
    ----------
    halves : Halves
    differences : ndarray, shape (n_rows,)
        Control minus treated loss, NaN for rows without a pair.
    weights : ndarray, shape (n_rows,), optional
        That the losses hold: the tree sees them beside the rows, not in their differences.

    References
    ----------
    Athey and Imbens (2016), Recursive Partitioning for Heterogeneous Causal Effects, for the
    honest split.
    """
    from sklearn.tree import DecisionTreeRegressor

    learn = halves.finds & ~np.isnan(differences)
    leaf = max(SMALLEST_LEAF, math.ceil(SMALLEST_LEAF_SHARE * int(learn.sum())))
    if learn.sum() < 2 * leaf:
        return ()
    tree = DecisionTreeRegressor(max_depth=DEEPEST, min_samples_leaf=leaf, random_state=0)
    # Weighted differences are divided by their weight, which the tree takes instead.
    bare = differences if weights is None else differences / weights
    tree.fit(
        halves.numbers[learn],
        bare[learn],
        sample_weight=None if weights is None else weights[learn],
    )
    leaves = tree.apply(halves.numbers)
    names = _leaf_names(tree.tree_, _numbered(halves.view))
    return tuple(
        Subgroup(name, (leaves == number) & ~halves.finds) for number, name in names.items() if name
    )


@dataclass(frozen=True)
class _Number:
    """Number of a view, in the user's words."""

    column: str
    category: str | None = None
    says_missing: bool = False
    centre: float = 0.0
    scale: float = 1.0
    dates: bool = False
    may_miss: bool = False


@dataclass(frozen=True)
class _Range:
    """Range of one number along a path of the tree."""

    number: _Number
    above: float | None = None
    up_to: float | None = None


def _numbered(view: View) -> list[_Number]:
    assert isinstance(view.encoder, FeatureEncoder)
    numbers: list[_Number] = []
    for column in view.encoder.columns:
        categories = getattr(column, "categories", None)
        if categories is not None:
            numbers += [_Number(column.name, category=category) for category in categories]
            continue
        indicator = bool(getattr(column, "indicator", False))
        coded: Any = column
        number = _Number(
            column.name, None, False, coded.centre, coded.scale, coded.dates, indicator
        )
        numbers.append(number)
        if indicator:
            numbers.append(replace(number, says_missing=True))
    return numbers


def _leaf_names(tree: Any, numbers: list[_Number]) -> dict[int, str]:
    """Return each leaf with the conditions that lead to it.

    A tree without a cut has none.
    """
    names: dict[int, str] = {}
    waiting: list[tuple[int, dict[int, _Range]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            names[node] = " and ".join(_words(part) for part in path.values())
            continue
        index, cut = int(tree.feature[node]), float(tree.threshold[node])
        interval = path.get(index, _Range(numbers[index]))
        up_to = cut if interval.up_to is None else min(cut, interval.up_to)
        above = cut if interval.above is None else max(cut, interval.above)
        waiting.append((right, path | {index: replace(interval, above=above)}))
        waiting.append((left, path | {index: replace(interval, up_to=up_to)}))
    return names


def _words(part: _Range) -> str:
    number = part.number
    if number.category is not None:
        sign = "=" if part.above is not None else "≠"
        return f"{number.column} {sign} {number.category}"
    if number.says_missing:
        return f"{number.column} {'missing' if part.above is not None else 'known'}"
    # A missing value is the centre, which is zero in the tree's numbers.
    holds_centre = (part.above is None or part.above < 0) and (
        part.up_to is None or part.up_to >= 0
    )
    words = range_name(number.column, _back(number, part.above), _back(number, part.up_to))
    return f"{words} or missing" if number.may_miss and holds_centre else words


def _back(number: _Number, cut: float | None) -> float | str | None:
    if cut is None:
        return None
    value = cut * number.scale + number.centre
    return str(np.datetime64(round(value), "D")) if number.dates else value
