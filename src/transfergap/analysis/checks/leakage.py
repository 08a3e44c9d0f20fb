"""The leak audit: the same rows, persons or answers on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.analysis.twins.training_overlap import FEW
from transfergap.data.digests import row_keys
from transfergap.data.divergences.column_profiles import column_names
from transfergap.data.problem import Problem
from transfergap.data.sources.models_and_tasks import ModelSource

# With fewer rows some column of many separates the labels by chance.
MIN_ROWS = 20


@check("TG101", "target rows in a source")
def target_rows_in_source(evidence: Evidence) -> Iterator[Finding]:
    """Find source rows that are target rows.

    They were taken out before training, and counted.
    """
    sources = evidence.problem.sources
    blind = {
        name: source.facts.copy_search
        for name, source in sources.items()
        if source.facts.copy_search != "searched"
    }
    _check_are_searchable(evidence.problem)
    any_copies = any(source.facts.n_duplicates_removed for source in sources.values())
    if blind and not any_copies:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in blind.items())
        raise NotApplicable(f"only equal rows were searched for ({reasons})")
    for name, source in evidence.problem.sources.items():
        facts = source.facts
        n = facts.n_duplicates_removed
        few = n < FEW * facts.n_given
        if n:
            equal = n - facts.n_changed_copies
            how = "equal rows" if equal == n else "are rows" if not equal else "equal, or are,"
            yield Finding.of(
                Strength.MODERATE if few else Strength.STRONG,
                name,
                f"{n} of {facts.n_given} rows of {name} {how}"
                f"{' rows' if how.endswith(',') else ''} of the target"
                f"{_columns_left_out(evidence)}. They were removed before training: left"
                " in, they could show the answers of the test."
                + (" So few may be coincidences." if few else ""),
                "Find out how the same rows came into both files.",
                {"n_removed": n, "n_given": facts.n_given, "n_equal": equal},
            )


def _check_are_searchable(problem: Problem) -> None:
    """Raise ``NotApplicable`` where all sources are pretrained models."""
    models = [source for source in problem.others.values() if isinstance(source, ModelSource)]
    if problem.sources or not models or len(models) < len(problem.others):
        return
    if all(model.copies is not None and model.copies.searched for model in models):
        raise NotApplicable("TG120 searched the rows that the pretrained models were trained on")
    raise NotApplicable("the rows that a pretrained model was trained on cannot be searched")


def _columns_left_out(evidence: Evidence) -> str:
    names = [repr(column.name) for column in evidence.problem.identifiers]
    return f", {', '.join(names[:3])} aside" if names else ""


@check("TG107", "columns too coarse to tell rows apart")
def coincident_rows(evidence: Evidence) -> Iterator[Finding]:
    """Find equal rows that coarse columns explain, and that were kept."""
    _check_are_searchable(evidence.problem)
    for name, source in evidence.problem.sources.items():
        n = source.facts.n_coincidences_kept
        if n:
            yield Finding.note(
                name,
                f"{n} rows of {name} equal rows of the target, but so do many rows within each"
                " of the two: the columns are too coarse to tell a copy from a coincidence, so"
                " these rows were kept.",
                "If both files can hold the same people, pass their identity as groups.",
                {"n_kept": n},
            )


@check("TG102", "repeated rows in the target")
def repeated_target_rows(evidence: Evidence) -> Iterator[Finding]:
    """Find rows that occur more than once within the target."""
    facts = evidence.problem.target_facts
    n, total = facts.get("n_repeated_rows", 0), len(evidence.problem.target)
    if n and facts.get("grouped", 0):
        yield Finding.moderate(
            "target",
            f"{n} of {total} target rows are copies of another one, label and all. Copies were"
            " tested together and counted once, as groups are.",
            "Remove the copies, or pass groups if they are repeated measurements.",
            {"n_repeated": n, "n_rows": total},
        )
    elif n and evidence.problem.target.groups is None:
        yield Finding.of(
            Strength.MODERATE if n > 0.01 * total else Strength.NOTE,
            "target",
            f"{n} of {total} target rows equal another one"
            + (
                ", label and all. So few hardly matter: each was taken for a row of its own."
                if facts.get("copies", 0)
                else ", but the columns are too coarse to tell rows apart: equal rows are no"
                " copies. Each was taken for a row of its own."
            ),
            "If equal rows are the same person, pass groups.",
            {"n_repeated": n, "n_rows": total},
        )


@check("TG103", "the same rows in two sources")
def rows_in_two_sources(evidence: Evidence) -> Iterator[Finding]:
    """Find equal rows in two sources.

    They count twice wherever both are pooled.
    """
    sources = evidence.problem.sources
    if len(sources) < 2:
        raise NotApplicable("there is only one source")
    keys = {
        name: set(row_keys(source.sample.X).tolist())
        for name, source in evidence.problem.sources.items()
    }
    for first, second in combinations(keys, 2):
        common = len(keys[first] & keys[second])
        # The same limit as FEW, of the smaller source.
        if common > 0.01 * min(len(keys[first]), len(keys[second])):
            yield Finding.note(
                f"{first}, {second}",
                f"{first} and {second} have {common} different rows in common; pooled, these"
                " count twice.",
                "Keep each row in one source.",
                {"n_common": common},
            )


@check("TG104", "shared groups")
def shared_groups(evidence: Evidence) -> Iterator[Finding]:
    """Find groups, such as persons, of the target in a source."""
    if evidence.problem.target.groups is None:
        raise NotApplicable("no groups were given")
    if all(source.sample.groups is None for source in evidence.problem.sources.values()):
        raise NotApplicable("no source has groups, so shared ones cannot be seen")
    for name, source in evidence.problem.sources.items():
        facts = source.facts
        if facts.n_shared_groups:
            respelled = facts.respelled_groups
            yield Finding.of(
                Strength.MODERATE if respelled else Strength.NOTE,
                name,
                f"{facts.n_shared_groups} groups are in the target and in {name}"
                f" ({facts.n_shared_group_rows} source rows). Wherever such a group is tested,"
                f" its rows of {name} are left out of training.{_respelling(name, respelled)}",
                "If groups that are written otherwise are others, give both letters of their own,"
                " such as A7 and B7."
                if respelled
                else "Nothing to do.",
                {"n_groups": facts.n_shared_groups, "n_rows": facts.n_shared_group_rows}
                | ({"n_respelled": len(respelled)} if respelled else {}),
            )


def _respelling(name: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """Say that groups were recognised though a source writes them otherwise."""
    if not pairs:
        return ""
    there, here = pairs[0]
    return (
        f" {len(pairs)} of these {name} writes otherwise, such as {there!r} for {here!r}: they are"
        " taken for the same."
    )


@check("TG106", "changed copies of target rows")
def changed_copies(evidence: Evidence) -> Iterator[Finding]:
    """Find altered copies of target rows: rounded, relabelled, or rescaled."""
    _check_are_searchable(evidence.problem)
    sources = evidence.problem.sources.values()
    if all(source.facts.copy_search != "searched" for source in sources):
        raise NotApplicable("the columns are too coarse to know a row that was changed")
    for name, source in evidence.problem.sources.items():
        facts = source.facts
        if facts.n_changed_copies:
            differing = ", ".join(repr(column) for column in facts.changed_columns[:5])
            units = ", ".join(facts.unit_changes[:5])
            yield Finding.strong(
                name,
                f"{facts.n_changed_copies} rows of {name} agree with target rows on far more"
                " than chance explains, and differ"
                + (f" in {differing}" if differing else " here and there, by rounding say")
                + (f" (compared in the target's unit: {units})" if units else "")
                + ". They are taken for the same rows and were removed before training.",
                "Compare the files by identity; a source must bring rows of its own.",
                {"n_changed": facts.n_changed_copies, "n_given": facts.n_given},
            )


@check("TG105", "a column tells the label")
def column_tells_label(evidence: Evidence) -> Iterator[Finding]:
    """Find a column that is a function of the label."""
    problem = evidence.problem
    if problem.kind in ("texts", "sparse"):
        raise NotApplicable("only tables and arrays are searched")
    problem = evidence.problem
    samples = {"target": problem.target} | {n: s.sample for n, s in problem.sources.items()}
    for sample_name, sample in samples.items():
        names = column_names(sample.X)
        for j, (name, column) in enumerate(_named_columns(sample.X)):
            classes = problem.task.has_classes
            if classes and _filling_tells(column, sample.y):
                clue = f"whether column {name} is filled tells"
            elif _gives_away(column, sample.y, classes=classes):
                clue = f"column {name} alone tells"
            else:
                continue
            yield Finding.strong(
                sample_name,
                f"In {sample_name}, {clue} the label of all {len(sample)} rows.",
                "Make sure that the column is known before the label is; otherwise drop it"
                " from all files.",
                {"n_rows": len(sample)},
            ).about([names[j]])


def _named_columns(X: object) -> Iterator[tuple[str, np.ndarray]]:
    if hasattr(X, "iloc"):
        for i, name in enumerate(X.columns):  # type: ignore[attr-defined]
            yield repr(str(name)), X.iloc[:, i].to_numpy()
    else:
        values = np.asarray(X)
        for i in range(values.shape[1]):
            yield str(i), values[:, i]


def _gives_away(column: np.ndarray, y: np.ndarray, *, classes: bool) -> bool:
    """Return whether one column determines the label.

    One cut-off a class does, or one code a class, or a straight line.
    """
    if len(y) < MIN_ROWS:
        return False
    if column.dtype.kind not in "biuf":
        return classes and _codes_tell(column.astype(str), y)
    values = column.astype(float)
    if np.isnan(values).any() or np.ptp(values) == 0:
        return False
    if not classes:
        labels = y.astype(float)
        # 1 - 1e-4 leaves room for rounding in the file, and for nothing that was measured.
        return bool(np.ptp(labels) > 0 and abs(np.corrcoef(values, labels)[0, 1]) > 0.9999)
    labels, counts = np.unique(y, return_counts=True)
    # Five rows a class: a perfect cut-off of fewer is no rare chance.
    if len(labels) < 2 or counts.min() < 5:
        return False
    order = np.argsort(values, kind="stable")
    changes = np.flatnonzero(y[order][1:] != y[order][:-1])
    sorted_values = values[order]
    # Sorted by the column, each class is one run, and no value lies on a border.
    return len(changes) == len(labels) - 1 and bool(
        (sorted_values[changes + 1] > sorted_values[changes]).all()
    )


def _filling_tells(column: np.ndarray, y: np.ndarray) -> bool:
    """Return whether a column is filled in rows of one class alone."""
    import pandas as pd

    missing = np.asarray(pd.isna(column))
    return len(y) >= MIN_ROWS and bool(missing.any()) and _codes_tell(missing, y)


def _codes_tell(codes: np.ndarray, y: np.ndarray) -> bool:
    labels, counts = np.unique(y, return_counts=True)
    distinct = np.unique(codes)
    if len(labels) < 2 or counts.min() < 5 or len(distinct) > len(y) / 5:
        return False
    return all(len(np.unique(y[codes == code])) == 1 for code in distinct)
