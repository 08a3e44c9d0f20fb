"""Checks of columns: empty, of names, sentinels, unlike levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from shlex import quote
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.analysis.estimation.fold_losses import fold_losses
from transfergap.analysis.repairs.repair import CODES_BLANKED
from transfergap.data.notations.dates import could_be_date
from transfergap.data.notations.sentinels import SentinelValue, sentinel_values, zero_codes
from transfergap.data.notations.spelling import listing, without_case
from transfergap.data.problem import IdentifierColumn, Sample, TargetSet
from transfergap.data.tables.identifiers import without_columns
from transfergap.data.tables.normal_form import is_text
from transfergap.experiment.arms import learner_of
from transfergap.experiment.design import Design, Split
from transfergap.learners import EstimatorLearner, Learner
from transfergap.stats.gap import Gap, compare_scores

# With fewer rows, equal or all different values are no surprise.
FEWEST_ROWS = 20


@check("TG114", "columns without information")
def empty_columns(evidence: Evidence) -> Iterator[Finding]:
    """Find columns without information on the target."""
    if evidence.problem.kind != "table":
        raise NotApplicable("only tables have named columns")
    if len(evidence.problem.target) < FEWEST_ROWS:
        raise NotApplicable(f"needs {FEWEST_ROWS} target rows")
    constant = evidence.problem.constant_columns
    if constant:
        listed = listing([repr(name) for name in constant], _MOST_NAMED)
        one = len(constant) == 1
        yield Finding.note(
            "target",
            f"In all files, {listed} {'is' if one else 'are'} empty or the same in every row. No"
            f" model can learn from {'it' if one else 'them'}, so"
            f" {'it was' if one else 'they were'} left out of all.",
            f"Nothing needs doing; --keep {constant[0]} would keep {'it' if one else 'the first'}.",
            {"n_columns": len(constant)},
        ).about(constant)
    names_of_kind: dict[str, list[str]] = {}
    frame = evidence.problem.target.X
    for i, name in enumerate(frame.columns):
        kind = _useless(frame.iloc[:, i])
        if kind is not None:
            names_of_kind.setdefault(kind, []).append(str(name))
    for kind, names in names_of_kind.items():
        listed = listing([repr(name) for name in names], _MOST_NAMED)
        yield Finding.of(
            Strength.NOTE if kind == "constant" else Strength.MODERATE,
            "target",
            f"On the target, {listed} {'is' if len(names) == 1 else 'are'} {kind}. Such a"
            " column tells nothing about the label, and it can spoil a model of few rows.",
            f"Leave it out of all files: --drop {names[0]}",
            {"n_columns": len(names)},
        ).about(names)


def _useless(column: Any) -> str | None:
    """Return in which way a column is without information, or ``None``."""
    import pandas as pd

    values = column.dropna()
    if len(values) == 0:
        return "empty"
    n_values = values.nunique()
    if n_values == 1 and len(values) == len(column):
        return "constant"
    if n_values < len(column):
        return None
    if not is_text(column):
        return None  # a dose may differ in every row, too; numbers of rows are TG115's
    # One word in each cell, and no date or number: a sentence may differ in every row and inform.
    words = values.astype(str)
    if words.str.contains(r"\s|\d-\d", regex=True).any() or could_be_date(words.iloc[0]):
        return None
    is_number = pd.to_numeric(words, errors="coerce").notna().any()
    return None if is_number else "different in every row, as a name is"


_MOST_NAMED = 6  # enough to recognise the columns; the count follows


@check("TG119", "codes of missing values")
def missing_codes(evidence: Evidence) -> Iterator[Finding]:
    """Find numbers and dates that stand for missing values.

    Notes
    -----
    Ours; see :func:`transfergap.data.notations.sentinels.sentinel_values`.
    """
    problem = evidence.problem
    if problem.kind in ("texts", "sparse"):
        raise NotApplicable("only tables and arrays have columns of numbers")
    rows = {"target": problem.target.X}
    rows |= {name: source.sample.X for name, source in problem.sources.items()}
    for name, X in rows.items():
        sources = [frame for file, frame in rows.items() if file != "target"]
        zeros = zero_codes(X, _stacked(sources) if name == "target" else problem.target.X)
        sentinels = (*sentinel_values(X), *zeros)
        if sentinels:
            yield _with_gain(_finding(name, sentinels), evidence)


def _stacked(rows: list[Any]) -> Any:
    """Return the rows of all sources together."""
    import pandas as pd

    return pd.concat(rows, axis=0) if hasattr(rows[0], "iloc") else np.concatenate(rows)


def _finding(name: str, sentinels: tuple[SentinelValue, ...]) -> Finding:
    by_code: dict[str, list[SentinelValue]] = {}
    for value in sentinels:
        by_code.setdefault(value.value, []).append(value)
    listed = "; ".join(
        f"{code} looks like a code for missing: {_described(values)}"
        for code, values in by_code.items()
    )
    # Zero is a value in other columns.
    options = " ".join(
        option
        for code, values in by_code.items()
        for option in (
            [f"--na={code}"]
            if code != "0"
            else [f"--na {quote(f'{value.column}=0')}" for value in values]
        )
    )
    return Finding.moderate(
        name,
        f"In {name}, {listed}.",
        f"If so, add {options}. In Python, blank it before the audit; a value that is true may"
        " stay.",
        {"n_values": len(sentinels), "n_rows": max(value.n_rows for value in sentinels)},
    ).about(value.column for value in sentinels)


def _with_gain(finding: Finding, evidence: Evidence) -> Finding:
    """Return a finding with the gain of reading its codes as missing."""
    for explanation in evidence.explanations:
        for outcome in explanation.repairs:
            if explanation.source == finding.subject and outcome.repair == CODES_BLANKED:
                gain = outcome.gain
                return replace(
                    finding,
                    repair_gap=gain.estimate,
                    repair_low=gain.low,
                    repair_high=gain.high,
                )
    return finding


def _described(values: list[SentinelValue]) -> str:
    first = values[0]
    text = f"{first.n_rows} rows of {first.column!r} (the others {first.low} to {first.high})"
    further = [repr(value.column) for value in values[1:]]
    return f"{text}, also in {listing(further, _MOST_NAMED)}" if further else text


_FEWEST_ROWS = 20  # of either file: in fewer, levels may be absent by chance
_MOST_LEVELS = 20  # of the target: names of places or persons need not meet
_MOST_LEVELS_NAMED = 4
_PER_LEVEL = 3.0  # rows a level in each file, so that a common level would have shown


@check("TG110", "categories that do not meet")
def unlike_levels(evidence: Evidence) -> Iterator[Finding]:
    """Find categories of which target and source share no level."""
    problem = evidence.problem
    if problem.kind != "table":
        raise NotApplicable("only tables have columns of categories")
    target = problem.target.X
    for name, source in problem.sources.items():
        for column in target.columns:
            # Numbers beside texts, such as ages beside bands, may be as many as they like.
            most = len(target) if column in source.facts.retyped_columns else _MOST_LEVELS
            levels = [_levels(target[column]), _levels(source.sample.X[column], most=most)]
            if not all(levels) or set(map(without_case, levels[0])) & set(
                map(without_case, levels[1])
            ):
                continue
            target_levels, source_levels = (_listed(values) for values in levels)
            yield Finding.strong(
                name,
                f"Column {str(column)!r} has no level in common: {target_levels} in the target,"
                f" {source_levels} in {name}. What a model learns of one is lost on the other.",
                f"If they mean the same, write them alike in both files{_recipe(column, *levels)};"
                f" if not, drop the column (--drop {column}) or leave the source out.",
                {"n_target_levels": len(levels[0]), "n_source_levels": len(levels[1])},
            ).about([column])


def _levels(column: Any, *, most: int = _MOST_LEVELS) -> list[str]:
    """Return a column's levels, commonest first; none for other columns."""
    if column.dtype.kind in "iufbM":
        return []
    values = column.dropna().astype(str)
    levels = [str(level) for level in values.value_counts().index]
    per_level = _PER_LEVEL if most == _MOST_LEVELS else 0.0
    few = 2 <= len(levels) <= most and len(values) >= per_level * len(levels)
    return levels if few and len(values) >= _FEWEST_ROWS else []


def _recipe(column: object, target: list[str], source: list[str]) -> str:
    """Return what maps a source's levels, where first letters pair them."""
    initials = {level[:1].casefold(): level for level in target}
    pairs = {level: initials.get(level[:1].casefold()) for level in sorted(source)}
    paired = set(pairs.values()) == set(target) and len(initials) == len(pairs) == len(target)
    return f", such as Xb[{str(column)!r}].map({pairs})" if paired else ""


def _listed(levels: list[str]) -> str:
    return listing([repr(level) for level in levels], _MOST_LEVELS_NAMED)


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
        By the corrected resampled t over folds; ``None`` where the model cannot be fitted with
        these columns, or fewer than two folds have a score.
    """
    problem = design.problem
    alternative = replace(problem.target, X=X)
    learners = {"now": design.control.learner, "other": _learner_for(design, alternative)}
    outputs: dict[tuple[str, Split], NDArray[np.float64]] = {}
    for fold in range(design.n_folds()):
        split = Split("fold", 0, (fold,))
        for name, target in (("now", problem.target), ("other", alternative)):
            train = TargetSet(target.rows(design.trained(split)))
            test = target.rows(design.held_out(split))
            try:
                model = learners[name].train(train, seed=fold)
                outputs[name, split] = problem.metric.outputs(
                    model, test.X, test.y, problem.classes
                )
            except (ValueError, TypeError, KeyError):
                return None  # the model names the column, or cannot read a further one
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


def _learner_for(design: Design, target: Sample) -> Learner:
    """Return the control's learner for columns that it may lack.

    The default model was made for the shared columns: it reads no texts where those are numbers.
    """
    learner, columns = design.control.learner, set(design.problem.target.X.columns)
    is_default = isinstance(learner, EstimatorLearner) and learner.is_default
    if not is_default or columns.issuperset(target.X.columns):
        return learner
    return learner_of(None, replace(design.problem, target=target, sources={}))


# Enough to recognise the columns; the count follows.
_MOST_ROW_NAMES = 4


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
        f"{listing(parts, _MOST_ROW_NAMES, mark='; ')}. A name of a row teaches nothing about other"
        f" rows, so {'it was' if len(unused) == 1 else 'they were'} left out of target and"
        f" sources.{recurs}",
        f"{unused[0].name!r} was left out as a name of rows; if it is a measurement after all,"
        f" add --keep {unused[0].name} (in Python: keep=[{unused[0].name!r}]).",
        {"n_columns": len(unused)},
    ).about(column.name for column in unused)


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
        gain = control_gain(evidence.design, without_columns(problem.target.X, [column.name]))
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
        ).about([column.name])
