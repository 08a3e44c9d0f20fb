"""Correlation of neighbouring rows.

Random folds then test between rows that were trained on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.analysis.checks.neighbour_correlations import FEWEST_PAIRS, neighbour_correlations
from transfergap.analysis.checks.row_order import RowOrder
from transfergap.analysis.estimation.control import control_residuals
from transfergap.data.notations.spelling import listing

# Rows of a fold in one piece of the file: of fewer, more than two in ten have a neighbour that is
# trained on (by hand).
LEAST_PIECE = 10
STRONG = 0.3  # correlation from which no verdict stands


@check("TG131", "neighbouring rows go together")
def neighbours_together(evidence: Evidence) -> Iterator[Finding]:
    """Find orders of the rows in which residuals of neighbours are correlated."""
    splitting = evidence.problem.splitting
    if splitting is not None and splitting.kind == "forward":
        raise NotApplicable("rows were tested in order of time")
    if splitting is not None and _are_in_pieces([fold.tested for fold in splitting.folds]):
        raise NotApplicable("the splitter tests rows that stand together in one piece")
    if len(evidence.problem.target) <= FEWEST_PAIRS:
        raise NotApplicable("too few rows to compare neighbours")
    design = evidence.design
    control = control_residuals(design, evidence.trials)
    groups, seed = design.clusters, design.seed
    measured = neighbour_correlations(evidence.problem, control, groups=groups, seed=seed)
    clear = [value for value in measured if value.clear]
    if not clear:
        return
    # Named orders come before the file's, whatever their correlation.
    # Times and places that have a name say what to do; the order of the file may be both.
    clearest = max(clear, key=lambda value: (value.order.kind != "file", value.correlation))
    yield Finding.of(
        Strength.STRONG if clearest.correlation >= STRONG else Strength.MODERATE,
        "target",
        f"{_order_phrase(clearest.order)} go together: what is not explained of their labels has a"
        f" rank correlation of {clearest.correlation:.2f} (chance: up to {clearest.chance:.2f})."
        f" {_flaw(clearest.order)} Gaps and verdicts here may have the wrong sign, and their"
        " intervals are too narrow.",
        _fix(clearest.order),
        {"correlation": clearest.correlation, "chance": clearest.chance},
    )


def _are_in_pieces(tested: Sequence[NDArray[np.intp]]) -> bool:
    """Return whether each fold is a piece of the file, and large."""
    n_rows = sum(map(len, tested))
    in_one = all(np.ptp(rows) < len(rows) for rows in tested)
    return in_one and n_rows >= LEAST_PIECE * len(tested)


def _order_phrase(order: RowOrder) -> str:
    if order.kind == "time" and not order.names:
        return "Neighbouring rows in time order (the table's index)"
    if order.kind == "time":
        return f"Neighbouring rows in time order (column {order.names[0]})"
    if order.kind == "place":
        return f"Neighbouring rows on the map (columns {' and '.join(order.names)})"
    if order.kind == "unit" and len(order.names) == 1:
        return f"Rows of one {order.names[0]}"
    if order.kind == "unit":
        names = listing(order.names, 2, mark=" and ")
        return f"Rows that agree in {names}, as those of one person or thing do,"
    if order.lag > 1:
        return f"Rows of the file that are {order.lag} rows apart, as where series take turns,"
    return "Neighbouring rows of the file, as in time order or rows of one origin,"


def _flaw(order: RowOrder) -> str:
    """Return what random folds do to rows in an order."""
    if order.kind == "unit":
        return (
            "Random folds test rows of persons or things that were trained on, so they tell how"
            " well a model knows these and not how well it does on new ones."
        )
    return (
        "Random folds test rows between neighbours that were trained on, so they tell how well"
        " a model fills gaps and not how well it does on new rows, such as a forecast of the"
        " future."
    )


def _fix(order: RowOrder) -> str:
    if order.kind == "unit" and len(order.names) == 1:
        return (
            f"Test rows of one {order.names[0]} together: --groups {order.names[0]}, or groups= in"
            " Python."
        )
    if order.kind == "unit":
        return (
            "Give whose rows these are as groups (--groups, groups=): a column that names each"
            f" combination of {listing(order.names, 2, mark=' and ')} would do."
        )
    if order.kind == "time" and not order.names:
        return (
            "Test forward in time: time=X.index (docs/time.md). Read nothing into the verdicts"
            " before."
        )
    if order.kind == "time":
        return (
            f"Test forward in time: --time {order.names[0]}, or time={order.names[0]!r} in Python"
            " (docs/time.md). Read nothing into the verdicts before."
        )
    if order.kind == "place":
        return (
            "Keep neighbourhoods together: give the cells of a coarse grid as groups (--groups,"
            " groups=), or a splitter (cv=)."
        )
    return (
        "If rows are in order of time, test forward: --time with a column of times, or of row"
        " numbers (time=range(len(X))). If neighbours are of one person, place or batch, give"
        " that as groups (--groups, groups=)."
    )
