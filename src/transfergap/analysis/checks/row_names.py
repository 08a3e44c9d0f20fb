"""Checks of columns that name rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.analysis.estimation.fold_losses import fold_losses
from transfergap.data.identifiers import without_identifiers
from transfergap.data.problem import IdentifierColumn, TargetSet
from transfergap.data.spelling import listing
from transfergap.experiment.design import Design, Split
from transfergap.stats.gap import Gap, compare_scores


def control_gain(design: Design, X: Any) -> Gap | None:
    """Return the control's gain from other columns of the target.

    By fits on the first folds.

    Parameters
    ----------
    design : Design
    X : DataFrame or array
        The target's rows with other columns.

    Returns
    -------
    Gap or None
        By the corrected resampled t over folds; ``None`` where the model cannot be fitted without
        columns that are gone, or fewer than two folds have a score.
    """
    problem = design.problem
    alternative = replace(problem.target, X=X)
    outputs: dict[tuple[str, Split], NDArray[np.float64]] = {}
    for fold in range(design.n_folds()):
        split = Split("fold", 0, (fold,))
        for name, target in (("now", problem.target), ("other", alternative)):
            train = TargetSet(target.rows(design.trained(split)))
            test = target.rows(design.held_out(split))
            try:
                model = design.control.learner.train(train, seed=fold)
                outputs[name, split] = problem.metric.outputs(
                    model, test.X, test.y, problem.classes
                )
            except (ValueError, TypeError, KeyError):
                return None  # the model names the column: it cannot do without
    before, after = (fold_losses(design, outputs, name) for name in ("now", "other"))
    scored = np.isfinite(before) & np.isfinite(after)
    # Two folds at least, for a spread.
    if scored.sum() < 2:
        return None
    before, after = before[scored], after[scored]
    # From mean losses to the unit of the score, such as MSE to RMSE.
    scale = problem.metric.gap_scale(float(before.mean()), float(after.mean()))
    return compare_scores(
        before * scale,
        after * scale,
        test_to_train=1.0 / (len(before) - 1),
        greater_is_better=False,
    )


# Enough to recognise the columns; the count follows.
_MOST_NAMED = 4


@check("TG115", "columns that name rows were left out")
def row_names(evidence: Evidence) -> Iterator[Finding]:
    """Find columns like names of rows that were left out."""
    if evidence.problem.kind in ("texts", "sparse"):
        raise NotApplicable("only tables and arrays have columns that may name rows")
    unused = [column for column in evidence.problem.identifiers if not column.in_use]
    if not unused:
        return
    parts = [
        f"{column.name!r} looks like {column.reason} ({column.n_values} of {column.n_rows}"
        " values differ)"
        for column in unused
    ]
    recurs = "".join(_recurring(column) for column in unused)
    yield Finding.of(
        Strength.STRONG if recurs else Strength.MODERATE,
        "target",
        f"{listing(parts, _MOST_NAMED, mark='; ')}. A name of a row teaches nothing about other"
        f" rows, so {'it was' if len(unused) == 1 else 'they were'} left out of target and"
        f" sources.{recurs}",
        f"{unused[0].name!r} was left out as a name of rows; if it is a measurement after all,"
        f" add --keep {unused[0].name} (in Python: keep=[{unused[0].name!r}]).",
        {"n_columns": len(unused)},
    )


def _recurring(column: IdentifierColumn) -> str:
    """Say which values of a column recur in a source."""
    if not column.recurs or column.reason == "a row number":
        return ""
    where = " and ".join(f"{n} in {name}" for name, n in column.recurs)
    if column.as_groups:
        return (
            f" Values of {column.name!r} recur ({where}), more than chance explains: rows of one"
            " value are one group, as with --groups."
        )
    return (
        f" Values of {column.name!r} recur ({where}), as they may where each file is numbered for"
        f" itself. If they name the same people, say so (--groups {column.name}); else 'helps' may"
        " be a leak."
    )


@check("TG116", "a column that names rows costs the control")
def costly_row_names(evidence: Evidence) -> Iterator[Finding]:
    """Find columns that name rows, were kept, and make the control worse."""
    columns_in_use = [column for column in evidence.problem.identifiers if column.in_use]
    if not columns_in_use:
        raise NotApplicable("no column that looks like a name of rows is in use")
    problem = evidence.problem
    for column in columns_in_use:
        gain = control_gain(evidence.design, without_identifiers(problem.target.X, [column]))
        if gain is None or gain.estimate <= problem.margin:
            continue
        yield Finding.of(
            Strength.STRONG if gain.low > 0 else Strength.MODERATE,
            "target",
            f"{column.name!r} looks like {column.reason}. Without it the control gains"
            f" {gain.estimate:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
            f" {problem.metric.title}, more than the margin: a source that seems to help may"
            " only repair this harm.",
            f"Leave it out of all files before anything else: --drop {column.name}.",
            {"gain": gain.estimate, "low": gain.low, "high": gain.high},
        )
