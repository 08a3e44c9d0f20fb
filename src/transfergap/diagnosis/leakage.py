"""The leak audit: the same rows, persons or answers on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from transfergap.diagnosis.check import Evidence
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength
from transfergap.duplicates import row_keys

FEW = 0.01  # of a source's rows


@dataclass(frozen=True)
class TargetRowsInSource:
    """Source rows that are target rows: taken out before training, and counted."""

    code: str = "TG101"
    title: str = "target rows in a source"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each source that had any."""
        sources = evidence.problem.sources
        blind = {
            name: source.facts.copy_search
            for name, source in sources.items()
            if source.facts.copy_search != "searched"
        }
        any_copies = any(source.facts.n_duplicates_removed for source in sources.values())
        if blind and not any_copies:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in blind.items())
            return NotApplicable(f"only equal rows were searched for ({reasons})")
        return self._sources(evidence)

    def _sources(self, evidence: Evidence) -> Iterator[Finding]:
        for name, source in evidence.problem.sources.items():
            facts = source.facts
            n = facts.n_duplicates_removed
            few = n < FEW * facts.n_given
            if n:
                equal = n - facts.n_changed_copies
                how = "equal rows" if equal == n else "are rows" if not equal else "equal, or are,"
                yield Finding(
                    self.code,
                    self.title,
                    name,
                    Strength.MODERATE if few else Strength.STRONG,
                    f"{n} of {facts.n_given} rows of {name} {how}"
                    f"{' rows' if how.endswith(',') else ''} of the target"
                    f"{self._columns_left_out(evidence)}. They were removed before training: left"
                    " in, they could show the answers of the test."
                    + (" So few may be coincidences." if few else ""),
                    "Find out how the same rows came into both files.",
                    {"n_removed": n, "n_given": facts.n_given, "n_equal": equal},
                )

    @staticmethod
    def _columns_left_out(evidence: Evidence) -> str:
        names = [repr(column.name) for column in evidence.problem.identifiers]
        return f", {', '.join(names[:3])} aside" if names else ""


@dataclass(frozen=True)
class CoincidentRows:
    """Equal rows that coarse columns explain: kept, and said."""

    code: str = "TG107"
    title: str = "columns too coarse to tell rows apart"

    def examine(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for each source with such rows."""
        for name, source in evidence.problem.sources.items():
            n = source.facts.n_coincidences_kept
            if n:
                yield Finding(
                    self.code,
                    self.title,
                    name,
                    Strength.NOTE,
                    f"{n} rows of {name} equal rows of the target, but so do many rows within each"
                    " of the two: the columns are too coarse to tell a copy from a coincidence, so"
                    " these rows were kept.",
                    "If both files can hold the same people, pass their identity as groups.",
                    {"n_kept": n},
                )


@dataclass(frozen=True)
class RepeatedTargetRows:
    """Rows that occur more than once within the target."""

    code: str = "TG102"
    title: str = "repeated rows in the target"

    def examine(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield at most one finding."""
        facts = evidence.problem.target_facts
        n, total = facts.get("n_repeated_rows", 0), len(evidence.problem.target)
        if n and facts.get("grouped", 0):
            yield Finding(
                self.code,
                self.title,
                "target",
                Strength.MODERATE,
                f"{n} of {total} target rows are copies of another one, label and all. Copies were"
                " tested together and counted once, as groups are.",
                "Remove the copies, or pass groups if they are repeated measurements.",
                {"n_repeated": n, "n_rows": total},
            )
        elif n and evidence.problem.target.groups is None:
            yield Finding(
                self.code,
                self.title,
                "target",
                Strength.MODERATE if n > 0.01 * total else Strength.NOTE,
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


@dataclass(frozen=True)
class RowsInTwoSources:
    """The same rows in two sources: they count twice wherever both are pooled."""

    code: str = "TG103"
    title: str = "the same rows in two sources"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each pair of sources that share more than one row in a hundred."""
        sources = evidence.problem.sources
        if len(sources) < 2:
            return NotApplicable("there is only one source")
        return self._pairs(evidence)

    def _pairs(self, evidence: Evidence) -> Iterator[Finding]:
        keys = {
            name: set(row_keys(source.sample.X).tolist())
            for name, source in evidence.problem.sources.items()
        }
        for first, second in combinations(keys, 2):
            common = len(keys[first] & keys[second])
            if common > 0.01 * min(len(keys[first]), len(keys[second])):
                yield Finding(
                    self.code,
                    self.title,
                    f"{first}, {second}",
                    Strength.NOTE,
                    f"{first} and {second} have {common} different rows in common; pooled, these"
                    " count twice.",
                    "Keep each row in one source.",
                    {"n_common": common},
                )


@dataclass(frozen=True)
class SharedGroups:
    """Persons or sites that are in the target and in a source."""

    code: str = "TG104"
    title: str = "shared groups"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each source with shared groups."""
        if evidence.problem.target.groups is None:
            return NotApplicable("no groups were given")
        if all(source.sample.groups is None for source in evidence.problem.sources.values()):
            return NotApplicable("no source has groups, so shared ones cannot be seen")
        return self._sources(evidence)

    def _sources(self, evidence: Evidence) -> Iterator[Finding]:
        for name, source in evidence.problem.sources.items():
            facts = source.facts
            if facts.n_shared_groups:
                yield Finding(
                    self.code,
                    self.title,
                    name,
                    Strength.NOTE,
                    f"{facts.n_shared_groups} groups are in the target and in {name}"
                    f" ({facts.n_shared_group_rows} source rows). Wherever such a group is tested,"
                    f" its rows of {name} are left out of training.",
                    "Nothing to do.",
                    {"n_groups": facts.n_shared_groups, "n_rows": facts.n_shared_group_rows},
                )


@dataclass(frozen=True)
class ChangedCopies:
    """Source rows that are target rows with a few changes: rounded, in other units, relabelled."""

    code: str = "TG106"
    title: str = "changed copies of target rows"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each source with such rows."""
        sources = evidence.problem.sources.values()
        if all(source.facts.copy_search != "searched" for source in sources):
            return NotApplicable("the columns are too coarse to know a row that was changed")
        return self._sources(evidence)

    def _sources(self, evidence: Evidence) -> Iterator[Finding]:
        for name, source in evidence.problem.sources.items():
            facts = source.facts
            if facts.n_changed_copies:
                differing = ", ".join(repr(column) for column in facts.changed_columns[:5])
                units = ", ".join(facts.unit_changes[:5])
                yield Finding(
                    self.code,
                    self.title,
                    name,
                    Strength.STRONG,
                    f"{facts.n_changed_copies} rows of {name} agree with target rows on far more"
                    " than chance explains, and differ"
                    + (f" in {differing}" if differing else " here and there, by rounding say")
                    + (f" (compared in the target's unit: {units})" if units else "")
                    + ". They are taken for the same rows and were removed before training.",
                    "Compare the files by identity; a source must bring rows of its own.",
                    {"n_changed": facts.n_changed_copies, "n_given": facts.n_given},
                )


@dataclass(frozen=True)
class ColumnTellsLabel:
    """A column that is a function of the label."""

    code: str = "TG105"
    title: str = "a column tells the label"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each column, of the target or a source, that gives the label away."""
        problem = evidence.problem
        if problem.kind in ("texts", "sparse"):
            return NotApplicable("only tables and arrays are searched")
        return self._columns(evidence)

    def _columns(self, evidence: Evidence) -> Iterator[Finding]:
        problem = evidence.problem
        samples = {"target": problem.target} | {n: s.sample for n, s in problem.sources.items()}
        for where, sample in samples.items():
            for name, column in _named_columns(sample.X):
                if _gives_away(column, sample.y, regression=problem.task == "regression"):
                    yield Finding(
                        self.code,
                        self.title,
                        where,
                        Strength.STRONG,
                        f"In {where}, column {name} alone tells the label of all"
                        f" {len(sample)} rows.",
                        "Make sure that the column is known before the label is; otherwise drop it"
                        " from all files.",
                        {"n_rows": len(sample)},
                    )


def _named_columns(X: object) -> Iterator[tuple[str, np.ndarray]]:
    if hasattr(X, "iloc"):
        for i, name in enumerate(X.columns):  # type: ignore[attr-defined]
            yield repr(str(name)), X.iloc[:, i].to_numpy()
    else:
        values = np.asarray(X)
        for i in range(values.shape[1]):
            yield str(i), values[:, i]


def _gives_away(column: np.ndarray, y: np.ndarray, *, regression: bool) -> bool:
    """Return whether one cut-off a class, one code a class, or a straight line gives the label."""
    if len(y) < 20:
        return False
    if column.dtype.kind not in "biuf":
        return not regression and _codes_tell(column.astype(str), y)
    values = column.astype(float)
    if np.isnan(values).any() or np.ptp(values) == 0:
        return False
    if regression:
        labels = y.astype(float)
        return bool(np.ptp(labels) > 0 and abs(np.corrcoef(values, labels)[0, 1]) > 0.9999)
    labels, counts = np.unique(y, return_counts=True)
    if len(labels) < 2 or counts.min() < 5:
        return False
    order = np.argsort(values, kind="stable")
    changes = np.flatnonzero(y[order][1:] != y[order][:-1])
    sorted_values = values[order]
    return len(changes) == len(labels) - 1 and bool(
        (sorted_values[changes + 1] > sorted_values[changes]).all()
    )


def _codes_tell(codes: np.ndarray, y: np.ndarray) -> bool:
    labels, counts = np.unique(y, return_counts=True)
    distinct = np.unique(codes)
    if len(labels) < 2 or counts.min() < 5 or len(distinct) > len(y) / 5:
        return False
    return all(len(np.unique(y[codes == code])) == 1 for code in distinct)
