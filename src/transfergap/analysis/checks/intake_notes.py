"""Notes of intake as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.analysis.checks.columns import control_gain
from transfergap.data.notations.number_notations import plain_number
from transfergap.data.notations.spelling import listing
from transfergap.data.notations.unknown_marks import are_measured
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.data.tables.normal_form import is_text

# Enough to recognise the columns; the count follows.
_MOST_NAMED = 6
_MOST_RENAMED = 3  # each takes two names
_MOST = 0.5  # of rows: with fewer of a source's left it is another source
_NEARLY_ALL = 0.95  # of a source's labels; chosen by hand
_MANY = 0.05  # of a file's rows: fewer change no population by much


def _listed(names: tuple[str, ...]) -> str:
    return listing([repr(name) for name in names], _MOST_NAMED)


@check("TG111", "columns that only a source has")
def extra_columns(evidence: Evidence) -> Iterator[Finding]:
    """Find columns that only a source has."""
    for name, source in evidence.problem.sources.items():
        extra = source.facts.extra_columns
        if extra:
            yield Finding.note(
                name,
                f"{name} has {len(extra)} columns that the target lacks: {_listed(extra)}."
                " They were not used.",
                "Check that none of them is a target column under another name.",
                {"n_columns": len(extra)},
            ).about(extra)


@check("TG117", "columns that a source lacks")
def unshared_columns(evidence: Evidence) -> Iterator[Finding]:
    """Find target columns that a source lacks.

    They are left out of all samples, at a measured cost.
    """
    if evidence.problem.kind != "table":
        raise NotApplicable("only tables have columns that may be lacking")
    problem = evidence.problem
    if problem.unshared is None:
        return
    import pandas as pd

    lacking = {
        name: source.facts.missing_columns
        for name, source in problem.sources.items()
        if source.facts.missing_columns
    }
    gain = control_gain(evidence.design, pd.concat([problem.target.X, problem.unshared], axis=1))
    costly = gain is not None and gain.estimate > problem.margin
    parts = "; ".join(f"{name} lacks {_listed(columns)}" for name, columns in lacking.items())
    cost = (
        "What they are worth to the control is not known: its model could not be fitted or scored"
        " with them."
    )
    if gain is not None:
        cost = (
            f"With them the control gains {gain.estimate:+.3f} [{gain.low:+.3f},"
            f" {gain.high:+.3f}] {problem.metric.title}."
        )
    yield Finding.of(
        Strength.STRONG if costly and gain and gain.low > 0 else Strength.MODERATE,
        ", ".join(lacking),
        f"{parts}. All models use the columns that target and sources share. {cost}",
        "A source must gain more than that before it is worth giving up these columns; rename"
        " them where they only have another name (--rename SOURCE:OLD=NEW).",
        {} if gain is None else {"gain": gain.estimate, "low": gain.low, "high": gain.high},
    ).about(problem.unshared.columns)


@check("TG118", "numbers with marks")
def marked_numbers(evidence: Evidence) -> Iterator[Finding]:
    """Find numbers and dates written with marks, and how they were read."""
    marks = evidence.problem.marks
    for kind, columns in (
        ("numbers", {name: how for name, how in marks.items() if not how.of_dates}),
        ("dates", {name: how for name, how in marks.items() if how.of_dates}),
    ):
        if columns:
            written = "of numbers with marks" if kind == "numbers" else "of dates"
            read = [f"{name!r}: {how}".replace(": dates,", ":") for name, how in columns.items()]
            yield Finding.note(
                "target",
                f"Columns {written} were read as {kind}, alike in all files"
                f" ({listing(read, _MOST_NAMED, mark='; ')}).",
                f"Check one value of each; declare a code that only looks like a {kind[:-1]} a"
                " category (--category COLUMN).",
                {"n_columns": len(columns)},
            ).about(columns)
    yield from _unread_numbers(evidence)
    if evidence.problem.label_marks is not None:
        yield Finding.note(
            "target",
            "Labels with marks were read as numbers, alike in all files"
            f" ({evidence.problem.label_marks}).",
            "Check one label of each file.",
        )


def _unread_numbers(evidence: Evidence) -> Iterator[Finding]:
    """Find columns of different texts that hold numbers which no rule reads."""
    target = evidence.problem.target.X
    texts = {
        str(name): [str(text) for text in target[name].dropna()]
        for name in (target.columns if evidence.problem.kind == "table" else ())
        if is_text(target[name])
    }
    for name, values in texts.items():
        if are_measured(name, values):
            yield Finding.moderate(
                "target",
                f"Column {name!r} holds numbers that no rule reads, such as {values[0]!r} and"
                f" {values[1]!r}: they stayed text, and a model takes nearly every one for a"
                " category of its own.",
                f"Write them as numbers in all files, or leave the column out: --drop {name}. Texts"
                f" that are no numbers may stay: --category {name}.",
                {"n_values": len(set(values))},
            ).about([name])


@check("TG112", "types differ")
def retyped_columns(evidence: Evidence) -> Iterator[Finding]:
    """Find columns of numbers in a source, and text in the target."""
    for name, source in evidence.problem.sources.items():
        retyped = source.facts.retyped_columns
        if retyped:
            yield Finding.moderate(
                name,
                f"{len(retyped)} columns of {name} are numbers while the target's are text:"
                f" {_listed(retyped)}. They were read as text.",
                "Check that the codes mean the same in both files.",
                {"n_columns": len(retyped)},
            ).about(retyped)


@check("TG129", "levels spelled otherwise")
def respelled_columns(evidence: Evidence) -> Iterator[Finding]:
    """Find categories and columns that a source spells otherwise."""
    for name, source in evidence.problem.sources.items():
        renamed = source.facts.renamed_columns
        if renamed:
            listed = listing([f"{old!r} as {new!r}" for old, new in renamed], _MOST_RENAMED)
            yield Finding.note(
                name,
                f"Names of columns differ in case or blanks only from the target's; read {listed}.",
                "If they are other columns, rename them in one file (--rename b:old=new).",
                {"n_columns": len(renamed)},
            ).about(new for _, new in renamed)
        columns = source.facts.respelled_columns
        if columns:
            plural = "" if len(columns) == 1 else "s"
            yield Finding.note(
                name,
                f"Levels of column{plural} {_listed(columns)} differ in case, blanks or padding"
                " zeros only from the target's, and were read as those.",
                "If case has a meaning there, write them alike in both files.",
                {"n_columns": len(columns)},
            ).about(columns)


@check("TG121", "labels that a source lacks")
def missing_labels(evidence: Evidence) -> Iterator[Finding]:
    """Find labels of the target that a source lacks."""
    problem = evidence.problem
    for name, source in problem.sources.items():
        if not problem.task.has_classes:
            yield from _one_value(name, source.sample.y, problem.target.y)
            continue
        missing = source.facts.missing_labels
        if missing:
            yield Finding.moderate(
                name,
                f"{name} has no row labelled {_listed(missing)}. Pooled, it makes the others"
                " look likelier; alone, it cannot predict them at all.",
                "Check that the source uses the target's labels; consider weighting it down.",
                {"n_labels": len(missing)},
            )


def _one_value(name: str, labels: NDArray[Any], target: NDArray[Any]) -> Iterator[Finding]:
    """Find a source that has nearly one number for all its labels."""
    values, counts = np.unique(labels, return_counts=True)
    commonest, n_equal = values[np.argmax(counts)], int(counts.max())
    if n_equal < _NEARLY_ALL * len(labels) or np.mean(target == commonest) >= _MOST:
        return
    yield Finding.moderate(
        name,
        f"{n_equal} of the {len(labels)} labels of {name} are {commonest:g}, so it can hardly tell"
        " what makes a label large. They may be a default that was filled in.",
        f"Check what {commonest:g} means in {name}; if nothing was measured there, leave these rows"
        f" out of it (on the command line --na {commonest:g}).",
        {"n_equal": n_equal, "n_rows": len(labels)},
    )


@check("TG122", "labels that the target lacks")
def foreign_labels(evidence: Evidence) -> Iterator[Finding]:
    """Find labels of a source that the target does not have."""
    problem = evidence.problem
    for name, source in problem.sources.items():
        facts = source.facts
        if facts.n_foreign_label_rows:
            numbers = problem.classes.dtype.kind in "iuf"
            quantity = numbers and all(map(_is_number, facts.foreign_labels))
            most = facts.n_foreign_label_rows > _MOST * facts.n_given
            yield Finding.of(
                Strength.STRONG if most else Strength.MODERATE,
                name,
                f"{facts.n_foreign_label_rows} of {facts.n_given} rows of {name} are labelled"
                f" {_listed(facts.foreign_labels)}, which the target never is. They were not"
                " used.",
                "If the label is a quantity, add --metric r2 (in Python metric='r2'); if not, check"
                " what the labels of both files mean."
                if quantity
                else "Check the spelling of the labels in both files.",
                {"n_rows": facts.n_foreign_label_rows, "n_given": facts.n_given},
            )


def _is_number(label: str) -> bool:
    return plain_number(label) is not None


@check("TG134", "rows without a label were left out")
def unlabelled_rows(evidence: Evidence) -> Iterator[Finding]:
    """Find rows that were left out, their label being missing as declared."""
    problem = evidence.problem
    counts = {"target": (problem.target_facts.get("n_unlabelled", 0), len(problem.target))}
    counts |= {
        name: (source.facts.n_unlabelled, source.facts.n_given)
        for name, source in problem.sources.items()
    }
    for name, (n_unlabelled, n_labelled) in counts.items():
        if n_unlabelled:
            n_rows = n_unlabelled + n_labelled
            yield Finding.of(
                Strength.NOTE if n_unlabelled < _MANY * n_rows else Strength.MODERATE,
                name,
                f"{n_unlabelled} of {n_rows} rows of {name} have no label, as --na says, and were"
                " left out.",
                "Check that these rows are like the others: a label that is missing for a reason"
                " (nobody measured the healthy) makes what remains another population.",
                {"n_rows": n_unlabelled, "n_given": n_rows},
            )


@check("TG141", "lines with fewer fields than the header")
def short_lines(evidence: Evidence) -> Iterator[Finding]:
    """Find files of which some lines end early."""
    problem = evidence.problem
    facts = problem.target_facts
    counts = {"target": (facts.get("n_short_lines", 0), facts.get("n_lines_cut_short", 0))}
    counts |= {
        name: (source.facts.n_short_lines, source.facts.n_lines_cut_short)
        for name, source in problem.sources.items()
    }
    for name, (n_lines, n_cut) in counts.items():
        if not n_lines:
            continue
        lines = "1 line" if n_lines == 1 else f"{n_lines} lines"
        sentence = (
            f"{lines} of {name} {'has' if n_lines == 1 else 'have'} fewer fields than its header;"
            " what is not there was read as missing."
        )
        if n_cut:
            fix = (
                "Look at these lines: other lines of the file end with an empty field, so where a"
                " field within a line was lost, all after it stand in the wrong column."
            )
            yield Finding.moderate(name, sentence, fix, {"n_lines": n_lines})
        else:
            fix = (
                "Nothing needs to be done if the program that wrote the file drops empty fields"
                " at the end of a line: no line has one."
            )
            yield Finding.note(name, sentence, fix, {"n_lines": n_lines})


@check("TG123", "rare classes")
def rare_classes(evidence: Evidence) -> Iterator[Finding]:
    """Find classes with fewer target rows than there are folds."""
    problem = evidence.problem
    if not problem.task.has_classes:
        raise NotApplicable("the labels are numbers")
    labels, counts = np.unique(evidence.problem.target.y, return_counts=True)
    # A class with fewer rows than folds is absent from some tests.
    rare = [(str(v), int(c)) for v, c in zip(labels, counts, strict=True) if c < N_FOLDS]
    if rare:
        named = ", ".join(f"{label!r} ({count})" for label, count in rare[:_MOST_NAMED])
        yield Finding.moderate(
            "target",
            f"{len(rare)} classes have fewer than {N_FOLDS} target rows: {named}. Some folds"
            " test without them, and what is said of them rests on very few rows.",
            "Label more rows of these classes, or merge them.",
            {"n_classes": len(rare), "fewest": min(count for _, count in rare)},
        )


# With weights that say as much as half of the rows, errors are those of half the data. Below twenty
# rows, two in each of ten folds, a single row decides folds.
_SHARE, _FEWEST = 0.5, 20.0


@check("TG311", "few rows carry the weights")
def heavy_rows(evidence: Evidence) -> Iterator[Finding]:
    """Find target rows that are few and carry most of the weight."""
    weights = evidence.problem.target.weights
    if weights is None:
        raise NotApplicable("the target's rows have no weights")
    n = len(weights)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    if effective >= _SHARE * n:
        return
    heaviest = np.sort(weights)[::-1]
    n_half = int(np.searchsorted(np.cumsum(heaviest), 0.5 * weights.sum())) + 1
    rows = "row carries" if n_half == 1 else "rows carry"
    yield Finding.of(
        Strength.STRONG if effective < _FEWEST else Strength.MODERATE,
        "target",
        f"{n_half} of {n} target {rows} half of the weight; together the weights say as much as"
        f" about {effective:.0f} rows of one weight (Kish). Scores and gaps hang on these few.",
        "Check that no weight is a mistake; cut the largest ones, or leave weights out and"
        " compare.",
        {"n_effective": effective, "n_half": n_half},
    )
