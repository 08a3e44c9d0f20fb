"""transfergap: does other data help or hurt your model?

Examples
--------
>>> from transfergap import compare_scores
>>> compare_scores([0.70, 0.72, 0.71], [0.80, 0.83, 0.80]).verdict(0.05).value
'helps'
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

from transfergap._version import __version__ as __version__
from transfergap.errors import old_name, warn_of_rename

if TYPE_CHECKING:
    from transfergap.analysis.assessment import assess_trials
    from transfergap.analysis.checks import Finding
    from transfergap.analysis.estimation import estimate_gaps
    from transfergap.analysis.result import AuditResult
    from transfergap.auditing.audit import audit, make_design, run_design
    from transfergap.auditing.model_ranking import ModelChoice, rank_models
    from transfergap.auditing.people import audit_people
    from transfergap.auditing.results import Audit, load_audit
    from transfergap.auditing.source_screening import Screening, screen
    from transfergap.data.encoding import (
        Encoder,
        GramSummary,
        join_summaries,
        summarize,
        summarize_batches,
        summarize_dask,
        summarize_partitions,
    )
    from transfergap.data.metric import Metric, case_cost, make_metric, pinball, tweedie
    from transfergap.data.problem import DataSource, Problem, Sample
    from transfergap.data.sources.models_and_tasks import ModelSource, TaskSource
    from transfergap.data.sources.source_files import SourceFile
    from transfergap.data.validation import make_problem
    from transfergap.errors import TransferGapError
    from transfergap.experiment.design import Arm, Cell, ControlArm, Design, Effort, Split
    from transfergap.experiment.runner import run_trials
    from transfergap.experiment.store import TrialStore
    from transfergap.report.audit_report import AuditReport
    from transfergap.safe import SafeTransferClassifier, SafeTransferRegressor
    from transfergap.stats.gap import Gap, Verdict, compare_scores

# Where the modules of 0.1.0 went; imports of them work, with a warning, until 0.2.
_MOVED = {
    "arms": "experiment.arms",
    "assessment": "analysis.assessment",
    "cell": "experiment.cell",
    "columns": "data.tables.columns",
    "copies": "data.copies",
    "curves": "analysis.curves",
    "design": "experiment.design",
    "diagnosis": "analysis.checks",
    "digests": "data.digests",
    "divergences": "data.divergences",
    "duplicates": "data.duplicates",
    "estimation": "analysis.estimation",
    "executors": "experiment.executors",
    "explaining": "analysis.repairs",
    "fingerprint": "experiment.fingerprint",
    "folds": "data.splitting.folds",
    "gap": "stats.gap",
    "gate": "analysis.gate",
    "gram": "data.encoding",
    "groups": "data.splitting.groups",
    "identifiers": "data.tables.identifiers",
    "imported": "analysis.imported_scores",
    "intake": "data.validation",
    "label_codes": "data.labels.label_codes",
    "labels": "data.labels.reading",
    "leaks": "data.sources.leaks",
    "metric": "data.metric",
    "mitigations": "learners.mitigations",
    "one_form": "data.tables.one_form",
    "opaque": "data.sources.models_and_tasks",
    "order": "data.splitting.order",
    "parts": "data.train_sizes",
    "planning": "auditing.planning",
    "predictions": "data.predictions",
    "problem": "data.problem",
    "ranking": "analysis.ranking",
    "result": "analysis.result",
    "run_directory": "experiment.run_directory",
    "runner": "experiment.runner",
    "source_samples": "data.sources.source_samples",
    "spelling": "data.notations.spelling",
    "splitting": "data.splitting.held_out",
    "store": "experiment.store",
    "study": "auditing.results",
    "subgroups": "analysis.subgroups",
    "suspicion": "analysis.suspicion",
    "tables": "data.tables.normal_form",
    "testing": "learners.testing",
    "times": "data.splitting.times",
    "training_curves": "analysis.training_curves",
    "trial": "experiment.trial",
    "views": "data.encoding.features",
}

# Modules of 0.1.0 that are parts of another now: a neighbour in its package, or a path.
_MERGED = {
    "analysis.checks.associations": "units",
    "analysis.checks.causes": "hurt_subgroups",
    "analysis.checks.check": "finding",
    "analysis.checks.columns": "empty_columns",
    "analysis.checks.training": "loops overfitting",
    "analysis.ranking.pooled_fits": "row_gains",
    "analysis.repairs.explanation": "choice",
    "analysis.training_curves.gaps": "improvement_gap mean_gap ratio_gap trimmed_gap",
    "analysis.training_curves.learned": "delayed",
    "cli.files.batches": "cli._batches",
    "cli.files.tables": "cli._tables",
    "cli.list_names": "_mitigations explain",
    "cli.request.config": "cli._config",
    "cli.request.options": "cli._options",
    "cli.request.request": "cli._request",
    "cli.show": "check report",
    "cli.summarize": "encoder",
    "data.digests": "duplicates",
    "data.encoding.accumulator": "working",
    "data.encoding.encoder": "encoder_text",
    "data.splitting.folds": "data.train_sizes",
    "datasets._dataset": "_bundle _draw",
    "datasets._sentiment": "_sentiment_texts",
    "datasets._tables": "_claims _flights",
    "experiment.run_directory": "fingerprint",
    "learners.mitigations.alignment": "coral number_columns optimal_transport",
    "learners.mitigations.column_choice": "invariant_features selected_features",
    "learners.mitigations.common_columns": "neutral_columns",
    "learners.mitigations.density_ratios": "importance_weighted kernel_mean_matching kliep",
    "learners.mitigations.likely_labels": "soft_labels",
    "learners.mitigations.mitigation": "facts training_rows",
    "learners.mitigations.models": "adapted_model answers cut_pipeline",
    "learners.mitigations.names": "measured",
    "learners.mitigations.offset": "warm_boosting",
    "learners.mitigations.row_choice": "deduplicated source_only target_only trusted_rows",
    "learners.mitigations.tradaboost": "boosting_rounds tradaboost_r2",
    "learners.mitigations.weighted": "balanced class_shares",
    "learners.protocol": "batches",
    "report.console.screen": "report.terminal",
    "report.console.verdict_table": "report.verdict_table",
    "report.figures.curve_plot": "report.curve_plot",
    "report.figures.drawing": "report.drawing report.scale",
    "report.figures.forest": "report.forest",
    "report.figures.forest_lines": "report.forest_lines",
    "report.figures.training_plot": "report.training_plot",
    "report.html": "notebook",
    "report.json": "frame",
    "report.markdown": "github",
    "report.sections.does_it_help": "what_to_do",
    "report.sections.how_it_was_done": "everything_else",
    "report.sections.learning_curve": "moot trained_less",
    "report.sections.trust": "findings",
    "report.sections.why": "repairs",
    "report.wording.metric_words": "report.metric_words",
    "report.wording.names": "report.names",
    "report.wording.numbers": "report.numbers report.repair_words report.unit",
    "report.wording.sentences": "report.sentences",
    "rl.contract": "setting",
    "rl.design": "attempt",
    "rl.episodes": "recorder",
    "rl.posing": "named_arms",
    "torch.layers": "low_rank stoch_norm",
    "torch.monitors.calibration": "early_signs",
    "torch.monitors.held_out": "untouched",
    "torch.monitors.record": "logged",
    "torch.monitors.signals": "warning",
    "torch.rows": "trained",
    "torch.training": "streams",
    "torch.ways": "co_trained",
}

_PART_OF = {
    part if "." in part else f"{home.rpartition('.')[0]}.{part}": home
    for home, parts in _MERGED.items()
    for part in parts.split()
}

_HOMES = {
    "Arm": "experiment.design",
    "Audit": "auditing.results",
    "AuditReport": "report.audit_report",
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
    "ModelChoice": "auditing.model_ranking",
    "ModelSource": "data.sources.models_and_tasks",
    "Effort": "experiment.design",
    "Problem": "data.problem",
    "SafeTransferClassifier": "safe",
    "SafeTransferRegressor": "safe",
    "Sample": "data.problem",
    "Screening": "auditing.source_screening",
    "SourceFile": "data.sources.source_files",
    "Split": "experiment.design",
    "TaskSource": "data.sources.models_and_tasks",
    "TransferGapError": "errors",
    "TrialStore": "experiment.store",
    "Verdict": "stats.gap",
    "assess_trials": "analysis.assessment",
    "audit": "auditing.audit",
    "audit_people": "auditing.people",
    "case_cost": "data.metric",
    "compare_scores": "stats.gap",
    "estimate_gaps": "analysis.estimation",
    "load_audit": "auditing.results",
    "make_design": "auditing.audit",
    "make_metric": "data.metric",
    "make_problem": "data.validation",
    "pinball": "data.metric",
    "rank_models": "auditing.model_ranking",
    "run_design": "auditing.audit",
    "run_trials": "experiment.runner",
    "screen": "auditing.source_screening",
    "summarize": "data.encoding",
    "summarize_batches": "data.encoding",
    "summarize_dask": "data.encoding",
    "summarize_partitions": "data.encoding",
    "join_summaries": "data.encoding",
    "tweedie": "data.metric",
}

__all__ = [
    "Arm",
    "Audit",
    "AuditReport",
    "AuditResult",
    "Cell",
    "ControlArm",
    "DataSource",
    "Design",
    "Effort",
    "Encoder",
    "Finding",
    "Gap",
    "GramSummary",
    "Metric",
    "ModelChoice",
    "ModelSource",
    "Problem",
    "SafeTransferClassifier",
    "SafeTransferRegressor",
    "Sample",
    "Screening",
    "SourceFile",
    "Split",
    "TaskSource",
    "TransferGapError",
    "TrialStore",
    "Verdict",
    "assess_trials",
    "audit",
    "audit_people",
    "case_cost",
    "compare_scores",
    "estimate_gaps",
    "join_summaries",
    "load_audit",
    "make_design",
    "make_metric",
    "make_problem",
    "pinball",
    "rank_models",
    "run_design",
    "run_trials",
    "screen",
    "summarize",
    "summarize_batches",
    "summarize_dask",
    "summarize_partitions",
    "tweedie",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        return old_name(__name__, name)
    value = getattr(importlib.import_module(f"transfergap.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names too."""
    return sorted({*globals(), *__all__})


def _path_today(dotted: str) -> str | None:
    """Return where a module of 0.1.0 is now; ``None`` for all others."""
    root, _, name = dotted.partition(".")
    home, _, submodule = name.partition(".")
    if root != __name__ or not name:
        return None
    path = _MOVED.get(home, home) + (f".{submodule}" if submodule else "")
    path = _PART_OF.get(path, path)
    return None if path == name else f"{__name__}.{path}"


class _MovedModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Importer of modules of 0.1.0 from where they are now."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """Return a spec for a module that moved, ``None`` for all others."""
        origin = _path_today(fullname)
        return origin and importlib.util.spec_from_loader(fullname, self, origin=origin)

    def create_module(self, spec: Any) -> Any:
        """Return the module of today."""
        warn_of_rename(spec.name, spec.origin)
        module = importlib.import_module(spec.origin)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: Any) -> None:
        """Give the module its own spec back.

        The import system has put this one in its place.
        """
        module.__spec__ = module.__spec__.loader_state


sys.meta_path.insert(0, _MovedModules())
