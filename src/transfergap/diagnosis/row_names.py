"""Columns that name rows: left out of models, or kept and what that costs the control."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from transfergap.design import Design, Split
from transfergap.diagnosis.check import Evidence
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength
from transfergap.estimation.fold_losses import fold_losses
from transfergap.gap import Gap, compare_scores
from transfergap.identifiers import without_identifiers
from transfergap.problem import IdentifierColumn, TargetSet

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
            f"If it is a measurement after all, keep it: --keep {unused[0].name} (in Python:"
            f" keep=[{unused[0].name!r}]).",
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
            gain = gain_without(evidence.design, [column])
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


def gain_without(design: Design, columns: list[IdentifierColumn]) -> Gap | None:
    """Return what the control gains from leaving columns out, by fits on the first folds.

    Returns
    -------
    Gap or None
        By the corrected resampled t over folds; ``None`` where the model cannot be fitted without
        these columns, or fewer than two folds have a score.
    """
    problem = design.problem
    plain = replace(problem.target, X=without_identifiers(problem.target.X, columns))
    outputs: dict[tuple[str, Split], NDArray[np.float64]] = {}
    for fold in range(design.n_folds()):
        split = Split("fold", 0, (fold,))
        for name, target in (("with", problem.target), ("without", plain)):
            train = TargetSet(target.rows(design.trained(split)))
            test = target.rows(design.held_out(split))
            try:
                model = design.control.learner.fit(train, seed=fold)
                outputs[name, split] = problem.metric.outputs(
                    model, test.X, test.y, problem.classes
                )
            except (ValueError, TypeError, KeyError):
                return None  # the model names the column: it cannot do without
    before, after = (fold_losses(design, outputs, name) for name in ("with", "without"))
    scored = np.isfinite(before) & np.isfinite(after)
    if scored.sum() < 2:
        return None
    before, after = before[scored], after[scored]
    scale = problem.metric.gap_scale(float(before.mean()), float(after.mean()))
    return compare_scores(
        before * scale,
        after * scale,
        test_to_train=1.0 / (len(before) - 1),
        higher_is_better=False,
    )
