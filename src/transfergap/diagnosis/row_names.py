"""Columns that name rows: left out of models, or kept and what that costs the control."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transfergap.diagnosis.check import Evidence
from transfergap.diagnosis.control_gain import control_gain
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength
from transfergap.identifiers import without_identifiers
from transfergap.problem import IdentifierColumn

_SHOWN = 4


@dataclass(frozen=True)
class RowNames:
    """Columns that look like names of rows, and were left out of every model."""

    code: str = "TG115"
    title: str = "columns that name rows were left out"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield at most one finding."""
        if evidence.problem.kind in ("texts", "sparse"):
            return NotApplicable("only tables and arrays have columns that may name rows")
        return self._unused(evidence)

    def _unused(self, evidence: Evidence) -> Iterator[Finding]:
        unused = [column for column in evidence.problem.identifiers if not column.in_use]
        if not unused:
            return
        parts = [
            f"{column.name!r} looks like {column.reason} ({column.n_values} of {column.n_rows}"
            " values differ)"
            for column in unused[:_SHOWN]
        ]
        more = f" and {len(unused) - _SHOWN} more" if len(unused) > _SHOWN else ""
        yield Finding(
            self.code,
            self.title,
            "target",
            Strength.MODERATE,
            f"{'; '.join(parts)}{more}. A name of a row teaches nothing about other rows, so"
            f" {'it was' if len(unused) == 1 else 'they were'} left out of target and sources.",
            f"{unused[0].name!r} was left out as a name of rows; if it is a measurement after all,"
            f" add --keep {unused[0].name} (in Python: keep=[{unused[0].name!r}]).",
            {"n_columns": len(unused)},
        )


@dataclass(frozen=True)
class CostlyRowNames:
    """A column that names rows, kept by the user, makes the control worse."""

    code: str = "TG116"
    title: str = "a column that names rows costs the control"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each kept column whose cost exceeds the margin."""
        kept = [column for column in evidence.problem.identifiers if column.in_use]
        if not kept:
            return NotApplicable("no column that looks like a name of rows is in use")
        return self._costs(evidence, kept)

    def _costs(self, evidence: Evidence, kept: list[IdentifierColumn]) -> Iterator[Finding]:
        problem = evidence.problem
        for column in kept:
            gain = control_gain(evidence.design, without_identifiers(problem.target.X, [column]))
            if gain is None or gain.estimate <= problem.margin:
                continue
            yield Finding(
                self.code,
                self.title,
                "target",
                Strength.STRONG if gain.low > 0 else Strength.MODERATE,
                f"{column.name!r} looks like {column.reason}. Without it the control gains"
                f" {gain.estimate:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
                f" {problem.metric.title}, more than the margin: a source that seems to help may"
                " only repair this harm.",
                f"Leave it out of all files before anything else: --drop {column.name}.",
                {"gain": gain.estimate, "low": gain.low, "high": gain.high},
            )
