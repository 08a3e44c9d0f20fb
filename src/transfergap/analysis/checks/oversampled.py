"""Target rows that were made of other target rows."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.analysis.twins.between_rows import FEWEST, n_between_others

_LEAST_SHARE = 0.05  # of the rows; 1 of 488 samples of real tables has more
_BEYOND_DOUBT = 0.1


@check("TG142", "target rows between others")
def oversampled_target(evidence: Evidence) -> Iterator[Finding]:
    """Find target rows that lie exactly between two others."""
    problem = evidence.problem
    if problem.kind not in ("table", "array"):
        raise NotApplicable("only rows of numbers can lie between others")
    n, n_rows = n_between_others(problem.target.X)
    if n < max(FEWEST, _LEAST_SHARE * n_rows):
        return
    yield Finding.of(
        Strength.STRONG if n >= _BEYOND_DOUBT * n_rows else Strength.MODERATE,
        "target",
        f"{n} of {n_rows} target rows lie exactly between two others, as rows made by oversampling"
        " (SMOTE) do. Such a row is tested by a model that saw its parents: every score is better"
        " than on new rows, and a source seems to add less.",
        "Audit the rows that were measured, and oversample within the model, where it sees training"
        " rows alone: imblearn.pipeline.make_pipeline(SMOTE(), model).",
        {"n_between": n, "n_rows": n_rows},
    )
