"""Labels of another meaning: missing, reversed, rescaled, or respelled."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.data.divergences.labels_apart import FEWEST_ROWS, LabelsApart
from transfergap.data.labels.label_codes import map_option
from transfergap.data.labels.label_sentinels import (
    LabelSentinel,
    sentinel_classes,
    sentinel_numbers,
)
from transfergap.data.labels.whole_number_labels import Likeness, quantity_likeness
from transfergap.data.notations.spelling import as_text, listing
from transfergap.data.problem import Problem, Sample

# Pairs of labels shown; the repair types all of them.
_MOST_NAMED = 2


@check("TG133", "labels that look missing")
def missing_label_codes(evidence: Evidence) -> Iterator[Finding]:
    """Find labels that stand for a missing one.

    Notes
    -----
    Ours; see :mod:`transfergap.data.labels.label_sentinels`.
    """
    problem = evidence.problem
    if not (problem.task.has_classes or problem.task.is_quantity):
        raise NotApplicable(f"{problem.task}: neither classes nor numbers")
    samples = {"target": problem.target}
    samples |= {name: source.sample for name, source in problem.sources.items()}
    for name, sample in samples.items():
        sentinels = _sentinels_of(problem, sample)
        if sentinels:
            yield _missing_labels(problem, name, len(sample), sentinels)


def _sentinels_of(problem: Problem, sample: Sample) -> tuple[LabelSentinel, ...]:
    if problem.task.has_classes:
        return sentinel_classes(sample.y, problem.classes.tolist())
    return sentinel_numbers(sample.y)


def _missing_labels(
    problem: Problem, name: str, n_rows: int, sentinels: tuple[LabelSentinel, ...]
) -> Finding:
    parts = "; ".join(
        f"{sentinel.value!r} looks like a missing label: {sentinel.n_rows} of {n_rows} rows"
        f" (the others: {sentinel.true_labels})"
        for sentinel in sentinels
    )
    # A class called 9 is missing; an age of 9 is not.
    of_label = problem.task.has_classes and problem.classes.dtype.kind in "iuf"
    options = " ".join(
        f"--na LABEL={sentinel.value}" if of_label else f"--na={shlex.quote(sentinel.value)}"
        for sentinel in sentinels
    )
    column = " (with the label's column for LABEL)" * of_label
    return Finding.of(
        Strength.STRONG if any(sentinel.clear for sentinel in sentinels) else Strength.MODERATE,
        name,
        f"In the labels of {name}, {parts}. Models learn and are judged as if it were true.",
        f"If so, add {options}{column}: these rows are left out then, and counted. In Python, drop"
        " them before the audit.",
        {"n_values": len(sentinels), "n_rows": sum(sentinel.n_rows for sentinel in sentinels)},
    )


@check("TG135", "classes that look like numbers")
def whole_number_classes(evidence: Evidence) -> Iterator[Finding]:
    """Find classes that may be a quantity, where nobody chose classes.

    Notes
    -----
    Ours; see :func:`transfergap.data.labels.whole_number_labels.quantity_likeness`.
    """
    problem = evidence.problem
    if not problem.task.has_classes:
        raise NotApplicable("the labels are no classes")
    if problem.target_facts.get("kind_declared"):
        raise NotApplicable("the model or the metric is for classes")
    likeness = quantity_likeness(problem.target.y, problem.classes)
    if likeness is Likeness.NONE:
        return
    low, high = (as_text(label) for label in (problem.classes[0], problem.classes[-1]))
    yield Finding.of(
        Strength.MODERATE if likeness is Likeness.STRONG else Strength.NOTE,
        "target",
        f"The labels are {len(problem.classes)} whole numbers from {low} to {high}, and were taken"
        " for classes: a near miss counts as a miss.",
        "If they are a quantity (counts, ratings, years), add --metric r2 (in Python metric='r2').",
        {"n_classes": len(problem.classes)},
    )


@check("TG124", "labels look reversed")
def labels_reversed(evidence: Evidence) -> Iterator[Finding]:
    """Find classes exchanged in a source, or numbers of reversed sign."""
    if len(evidence.problem.target) < FEWEST_ROWS:
        raise NotApplicable(f"fewer than {FEWEST_ROWS} target rows")
    for name, apart in evidence.labels_apart.items():
        if apart.kind == "unit":
            continue
        classes = tuple(str(label) for label in evidence.problem.classes.tolist())
        yield Finding.strong(
            name,
            _reversed_words(name, apart),
            _mend(name, apart, classes),
            {"alone": apart.alone, "corrected": apart.corrected, "control": apart.control},
        )


def _reversed_words(name: str, apart: LabelsApart) -> str:
    beside = f"a model of the target's other rows has {apart.control:.2f}"
    if apart.kind == "exchanged":
        pairs = listing(
            [f"{label!r} is {target_label!r} here" for label, target_label in apart.pairs],
            _MOST_NAMED,
        )
        return (
            f"The labels of {name} look exchanged ({pairs}): on the target's rows, its model has"
            f" {apart.score} alone {apart.alone:.2f}, renamed {apart.corrected:.2f}; {beside}."
        )
    return (
        f"The labels of {name} look reversed: on the target's rows, its model has {apart.score}"
        f" alone {apart.alone:.2f}, reversed {apart.corrected:.2f}; {beside}."
    )


def _mend(name: str, apart: LabelsApart, classes: tuple[str, ...]) -> str:
    if apart.score == "correlation":
        return f"Check which way the labels of {name} run; turn their sign before you use it."
    pairs = apart.pairs or ((classes[0], classes[1]), (classes[1], classes[0]))
    typed = map_option(name, pairs)
    return f"Check what each label of {name} means; if they are exchanged: {typed}"


@check("TG125", "labels in another unit")
def labels_in_another_unit(evidence: Evidence) -> Iterator[Finding]:
    """Find numbers to predict that a source measures in another unit."""
    task = evidence.problem.task
    if not task.is_quantity:
        raise NotApplicable("the labels are classes" if task.has_classes else f"{task}: no unit")
    if len(evidence.problem.target) < FEWEST_ROWS:
        raise NotApplicable(f"fewer than {FEWEST_ROWS} target rows")
    for name, apart in evidence.labels_apart.items():
        if apart.kind != "unit":
            continue
        yield Finding.strong(
            name,
            f"The labels of {name} are {_size(apart)} than the target's, as if in another"
            f" unit: its model's predictions of the target's rows go with their labels"
            f" (correlation {apart.corrected:.2f}, the control's {apart.control:.2f}), on"
            " another scale.",
            f"Check the unit of the labels of {name} and convert them: {_conversion(apart)}.",
            {
                "factor": apart.factor,
                "level": apart.level,
                "correlation": apart.corrected,
                "control": apart.control,
            },
        )


def _size(apart: LabelsApart) -> str:
    size = abs(apart.factor)
    if size == 1.0:
        return f"about {abs(apart.level):,.3g} {'higher' if apart.level > 0 else 'lower'}"
    times = f"about {_number(size if size > 1 else 1 / size)} times"
    words = f"{times} {'larger' if size > 1 else 'smaller'}"
    if apart.factor < 0:
        words = f"of the opposite sign and {words}"
    return words + (f" (plus {_number(apart.level)})" if apart.level else "")


def _conversion(apart: LabelsApart) -> str:
    less = f"(label - {_number(apart.level)})" if apart.level else "label"
    if apart.factor == 1.0:
        return less
    if 0 < apart.factor < 1:
        return f"{less} * {_number(1 / apart.factor)}"
    return f"{less} / {_number(apart.factor)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


@check("TG126", "labels spelled otherwise")
def labels_respelled(evidence: Evidence) -> Iterator[Finding]:
    """Find source labels spelled otherwise, and read as the target's."""
    for name, source in evidence.problem.sources.items():
        pairs = source.facts.respelled_labels
        if pairs:
            listed = listing([f"{here!r} is {there!r}" for here, there in pairs], _MOST_NAMED)
            yield Finding.note(
                name,
                f"{name} spells labels otherwise than the target, and they were read as the"
                f" same classes: {listed}.",
                "Check that they mean the same; if not, rename them in the file.",
                {"n_labels": len(pairs)},
            )
