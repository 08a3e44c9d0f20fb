"""Gain of the control on its training rows over held-out rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.finding import Finding, NotApplicable
from transfergap.analysis.estimation import control_losses
from transfergap.data.problem import TargetSet
from transfergap.stats import cluster_variance

_MUCH = 0.5  # of the held-out loss: a model that has learned half of it by heart


@check("TG206", "the control learns rows by heart")
def overfitting(evidence: Evidence) -> Iterator[Finding]:
    """Compare the control on training rows with held-out rows; costs one fit."""
    if not evidence.problem.metric.has_row_losses:
        raise NotApplicable(f"{evidence.problem.metric.title} has no loss a row to compare")
    design, problem = evidence.design, evidence.problem
    held_out = control_losses(design, evidence.trials)
    if np.isnan(held_out).any():
        return
    target, metric = problem.target, problem.metric
    model = design.control.learner.train(TargetSet(target), seed=design.seed)
    inside = problem.losses(metric.outputs(model, target.X, target.y, problem.classes))
    more = held_out - inside
    error = float(np.sqrt(cluster_variance(more, design.clusters)))
    # 90 % interval, as for gaps; rows of one group count as one.
    half = float(stats.t.ppf(0.95, len(more) - 1)) * error
    mean, outside = float(more.mean()), float(held_out.mean())
    if outside <= 0 or (mean - half) < _MUCH * outside:
        return
    scale = metric.gap_scale(outside, float(inside.mean()))
    yield Finding.note(
        "control",
        f"The control is {mean * scale:.3f} {metric.title}"
        f" [{(mean - half) * scale:.3f}, {(mean + half) * scale:.3f}] better on the rows it was"
        " trained on than on held-out ones. A model with that much freedom can turn on any rows"
        " that are added. An association, not yet a cause.",
        "Regularise the model more, or make it smaller, and run again.",
        {"difference": mean * scale, "low": (mean - half) * scale, "high": (mean + half) * scale},
    )
