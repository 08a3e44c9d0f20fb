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
    from transfergap.analysis.assessment import assess
    from transfergap.analysis.checks import Finding
    from transfergap.analysis.estimation import estimate_gaps
    from transfergap.analysis.result import AuditResult
    from transfergap.auditing.audit import audit
    from transfergap.auditing.study import Audit, load
    from transfergap.data.encoding import Encoder, GramSummary, summarize, summarize_batches
    from transfergap.data.metric import Metric, case_cost, make_metric, pinball, tweedie
    from transfergap.data.problem import DataSource, Problem, Sample
    from transfergap.data.sources import ModelSource, TaskSource
    from transfergap.errors import TransferGapError
    from transfergap.experiment.design import Arm, Cell, ControlArm, Design, Precision, Split
    from transfergap.experiment.runner import run
    from transfergap.experiment.store import TrialStore
    from transfergap.safe import SafeTransferClassifier, SafeTransferRegressor
    from transfergap.stats.gap import Gap, Verdict, compare_scores

__version__ = "0.1.0"

_HOMES = {
    "Arm": "experiment.design",
    "Audit": "auditing.study",
    "AuditResult": "analysis.result",
    "Cell": "experiment.design",
    "ControlArm": "experiment.design",
    "DataSource": "data.problem",
    "Design": "experiment.design",
    "Encoder": "data.encoding",
    "Finding": "analysis.checks",
    "Gap": "stats.gap",
    "GramSummary": "data.encoding",
    "Metric": "data.metric",
    "ModelSource": "data.sources",
    "Precision": "experiment.design",
    "Problem": "data.problem",
    "SafeTransferClassifier": "safe",
    "SafeTransferRegressor": "safe",
    "Sample": "data.problem",
    "Split": "experiment.design",
    "TaskSource": "data.sources",
    "TransferGapError": "errors",
    "TrialStore": "experiment.store",
    "Verdict": "stats.gap",
    "assess": "analysis.assessment",
    "audit": "auditing.audit",
    "case_cost": "data.metric",
    "compare_scores": "stats.gap",
    "estimate_gaps": "analysis.estimation",
    "load": "auditing.study",
    "make_metric": "data.metric",
    "pinball": "data.metric",
    "run": "experiment.runner",
    "summarize": "data.encoding",
    "summarize_batches": "data.encoding",
    "tweedie": "data.metric",
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
