"""What had to be changed, or looks wrong, when the sources were laid beside the target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from transfergap.diagnosis.check import Evidence
from transfergap.diagnosis.control_gain import control_gain
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength
from transfergap.folds import N_FOLDS

_SHOWN = 6


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


@dataclass(frozen=True)
class ExtraColumns:
    """Columns that only a source has."""

    code: str = "TG111"
    title: str = "columns that only a source has"

    def examine(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for each source with such columns."""
        for name, source in evidence.problem.sources.items():
            extra = source.facts.extra_columns
            if extra:
                yield Finding(
                    self.code,
                    self.title,
                    name,
                    Strength.NOTE,
                    f"{name} has {len(extra)} columns that the target lacks: {_listed(extra)}."
                    " They were not used.",
                    "Check that none of them is a target column under another name.",
                    {"n_columns": len(extra)},
                )


@dataclass(frozen=True)
class UnsharedColumns:
    """Columns of the target that a source lacks: left out of all, at a measured cost."""

    code: str = "TG117"
    title: str = "columns that a source lacks"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield at most one finding."""
        if evidence.problem.kind != "table":
            return NotApplicable("only tables have columns that may be lacking")
        return self._cost(evidence)

    def _cost(self, evidence: Evidence) -> Iterator[Finding]:
        problem = evidence.problem
        if problem.unshared is None:
            return
        import pandas as pd

        lacking = {
            name: source.facts.missing_columns
            for name, source in problem.sources.items()
            if source.facts.missing_columns
        }
        gain = control_gain(
            evidence.design, pd.concat([problem.target.X, problem.unshared], axis=1)
        )
        costly = gain is not None and gain.estimate > problem.margin
        parts = "; ".join(f"{name} lacks {_listed(columns)}" for name, columns in lacking.items())
        cost = "What they are worth to the control could not be measured: its model needs others."
        if gain is not None:
            cost = (
                f"With them the control gains {gain.estimate:+.3f} [{gain.low:+.3f},"
                f" {gain.high:+.3f}] {problem.metric.title}."
            )
        yield Finding(
            self.code,
            self.title,
            ", ".join(lacking),
            Strength.STRONG if costly and gain and gain.low > 0 else Strength.MODERATE,
            f"{parts}. All models use the columns that target and sources share. {cost}",
            "A source must gain more than that before it is worth giving up these columns; rename"
            " them where they only have another name (--rename SOURCE:OLD=NEW).",
            {} if gain is None else {"gain": gain.estimate, "low": gain.low, "high": gain.high},
        )


@dataclass(frozen=True)
class MarkedNumbers:
    """Numbers written with marks, and how they were read."""

    code: str = "TG118"
    title: str = "numbers with marks"

    def examine(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield at most one finding."""
        marks = evidence.problem.marks
        if marks:
            read = "; ".join(f"{name!r}: {how}" for name, how in list(marks.items())[:_SHOWN])
            more = f" and {len(marks) - _SHOWN} more" if len(marks) > _SHOWN else ""
            yield Finding(
                self.code,
                self.title,
                "target",
                Strength.NOTE,
                f"Columns of numbers with marks were read as numbers, alike in all files ({read}"
                f"{more}).",
                "Check one value of each; declare a code that only looks like a number a category"
                " (--category COLUMN).",
                {"n_columns": len(marks)},
            )


@dataclass(frozen=True)
class RetypedColumns:
    """Columns that are numbers in a source and text in the target."""

    code: str = "TG112"
    title: str = "types differ"

    def examine(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for each source with such columns."""
        for name, source in evidence.problem.sources.items():
            retyped = source.facts.retyped_columns
            if retyped:
                yield Finding(
                    self.code,
                    self.title,
                    name,
                    Strength.MODERATE,
                    f"{len(retyped)} columns of {name} are numbers while the target's are text:"
                    f" {_listed(retyped)}. They were read as text.",
                    "Check that the codes mean the same in both files.",
                    {"n_columns": len(retyped)},
                )


@dataclass(frozen=True)
class MissingLabels:
    """Labels of the target that a source lacks."""

    code: str = "TG121"
    title: str = "labels that a source lacks"

    def examine(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for each source that lacks a label."""
        for name, source in evidence.problem.sources.items():
            missing = source.facts.missing_labels
            if missing:
                yield Finding(
                    self.code,
                    self.title,
                    name,
                    Strength.MODERATE,
                    f"{name} has no row labelled {_listed(missing)}. Pooled, it makes the others"
                    " look likelier; alone, it cannot predict them at all.",
                    "Check that the source uses the target's labels; consider weighting it down.",
                    {"n_labels": len(missing)},
                )


@dataclass(frozen=True)
class ForeignLabels:
    """Labels of a source that the target does not have."""

    code: str = "TG122"
    title: str = "labels that the target lacks"

    def examine(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for each source with such labels."""
        for name, source in evidence.problem.sources.items():
            facts = source.facts
            if facts.n_foreign_label_rows:
                yield Finding(
                    self.code,
                    self.title,
                    name,
                    Strength.MODERATE,
                    f"{facts.n_foreign_label_rows} of {facts.n_given} rows of {name} are labelled"
                    f" {_listed(facts.foreign_labels)}, which the target never is. They were not"
                    " used.",
                    "Check the spelling of the labels in both files.",
                    {"n_rows": facts.n_foreign_label_rows, "n_given": facts.n_given},
                )


@dataclass(frozen=True)
class RareClasses:
    """Classes with fewer target rows than there are folds."""

    code: str = "TG123"
    title: str = "rare classes"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield at most one finding."""
        problem = evidence.problem
        if problem.task == "regression":
            return NotApplicable("the labels are numbers")
        return self._classes(evidence)

    def _classes(self, evidence: Evidence) -> Iterator[Finding]:
        labels, counts = np.unique(evidence.problem.target.y, return_counts=True)
        rare = [(str(v), int(c)) for v, c in zip(labels, counts, strict=True) if c < N_FOLDS]
        if rare:
            said = ", ".join(f"{label!r} ({count})" for label, count in rare[:_SHOWN])
            yield Finding(
                self.code,
                self.title,
                "target",
                Strength.MODERATE,
                f"{len(rare)} classes have fewer than {N_FOLDS} target rows: {said}. Some folds"
                " test without them, and what is said of them rests on very few rows.",
                "Label more rows of these classes, or merge them.",
                {"n_classes": len(rare), "fewest": min(count for _, count in rare)},
            )
