"""Digests of data and design, the same in every process."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from importlib.metadata import version
from typing import Any

from transfergap._version import __version__
from transfergap.data.digests import sample_digest
from transfergap.data.metric import Metric, metric_named, metric_names
from transfergap.experiment.design import Design
from transfergap.learners import describe

SCHEMA = "transfergap/design/1"


@cache
def versions() -> dict[str, str]:
    """Return the versions on which the numbers of a run depend."""
    record = {"python": platform.python_version(), "transfergap": __version__}
    # Libraries that change numbers; others can be updated between runs.
    return record | {name: version(name) for name in ("numpy", "scipy", "scikit-learn")}


def design_record(design: Design) -> dict[str, Any]:
    """Return what ``design.json`` holds: everything that decides which trials there are."""
    problem = design.problem
    # Absent for shuffled folds, so that records of runs made without it stay the same.
    folds = {} if problem.splitting is None else {"folds": problem.splitting.digest()}
    return {
        "schema": SCHEMA,
        "target": {"name": problem.name, "rows": sample_digest(problem.target)},
        "sources": {name: sample_digest(s.sample) for name, s in problem.sources.items()}
        | {name: source.digest() for name, source in problem.others.items()},
        "metric": problem.metric.name,
        "scorer": _computation(problem.metric),
        "margin": problem.margin,
        "precision": str(design.effort),
        "seed": design.seed,
        **folds,
        "control": describe(design.control.learner),
        "arms": [
            {
                "name": arm.name,
                "sources": list(arm.sources),
                "learner": describe(arm.learner),
                "judged": arm.judged,
            }
            for arm in design.treatments
        ],
        "versions": versions(),
    }


def _computation(metric: Metric) -> str:
    """Return the identity of a metric's computation, beside its name.

    It tells the class of a score, or the body of a function.
    """
    built_in = metric_named(metric.name) if metric.name in metric_names() else None
    if (
        built_in is not None
        and built_in.has_row_values
        and built_in.computation == metric.computation
    ):
        return ""
    parts = dict(vars(metric.computation))
    # The scoring function inside a scikit-learn scorer, whose own name says nothing.
    parts |= {"inner": getattr(parts.get("scorer"), "_score_func", None)}
    inside = ", ".join(f"{name}={describe(value)}" for name, value in parts.items())
    return f"{type(metric.computation).__name__}({inside})"


def fingerprint(record: dict[str, Any]) -> str:
    """Return a short digest of a design record."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]
