"""transfergap: does other data help or hurt your model?

Examples
--------
>>> from transfergap import compare_scores
>>> compare_scores([0.70, 0.72, 0.71], [0.80, 0.83, 0.80]).verdict(0.05).value
'helps'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transfergap.assessment import assess
    from transfergap.auditing import audit
    from transfergap.design import Arm, Cell, ControlArm, Design, Precision, Split
    from transfergap.diagnosis import Finding
    from transfergap.errors import TransferGapError
    from transfergap.estimation import estimate_gaps
    from transfergap.gap import Gap, Verdict, compare_scores
    from transfergap.gram import Encoder, GramSummary, summarize, summarize_batches
    from transfergap.metric import Metric, case_cost, make_metric, pinball, tweedie
    from transfergap.opaque import ModelSource, TaskSource
    from transfergap.problem import DataSource, Problem, Sample
    from transfergap.result import AuditResult
    from transfergap.runner import run
    from transfergap.safe import SafeTransferClassifier, SafeTransferRegressor
    from transfergap.store import TrialStore
    from transfergap.study import Audit, load

__version__ = "0.1.0"

_HOMES = {
    "Arm": "design",
    "Audit": "study",
    "AuditResult": "result",
    "Cell": "design",
    "ControlArm": "design",
    "DataSource": "problem",
    "Design": "design",
    "Encoder": "gram",
    "Finding": "diagnosis",
    "Gap": "gap",
    "GramSummary": "gram",
    "Metric": "metric",
    "ModelSource": "opaque",
    "Precision": "design",
    "Problem": "problem",
    "SafeTransferClassifier": "safe",
    "SafeTransferRegressor": "safe",
    "Sample": "problem",
    "Split": "design",
    "TaskSource": "opaque",
    "TransferGapError": "errors",
    "TrialStore": "store",
    "Verdict": "gap",
    "assess": "assessment",
    "audit": "auditing",
    "case_cost": "metric",
    "compare_scores": "gap",
    "estimate_gaps": "estimation",
    "load": "study",
    "make_metric": "metric",
    "pinball": "metric",
    "run": "runner",
    "summarize": "gram",
    "summarize_batches": "gram",
    "tweedie": "metric",
}

__all__ = [
    "Arm",
    "Audit",
    "AuditResult",
    "Cell",
    "ControlArm",
    "DataSource",
    "Design",
    "Encoder",
    "Finding",
    "Gap",
    "GramSummary",
    "Metric",
    "ModelSource",
    "Precision",
    "Problem",
    "SafeTransferClassifier",
    "SafeTransferRegressor",
    "Sample",
    "Split",
    "TaskSource",
    "TransferGapError",
    "TrialStore",
    "Verdict",
    "assess",
    "audit",
    "case_cost",
    "compare_scores",
    "estimate_gaps",
    "load",
    "make_metric",
    "pinball",
    "run",
    "summarize",
    "summarize_batches",
    "tweedie",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'transfergap' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"transfergap.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names too."""
    return sorted({*globals(), *__all__})
