"""Pretrained models that lose to the raw inputs, as a finding."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks.check import Finding, NotApplicable, check
from transfergap.analysis.scores import ModelRanking, Outcome


@check("TG128", "worse than the raw inputs")
def worse_than_raw_inputs(ranking: ModelRanking) -> Iterator[Finding]:
    """Find models whose features predict worse than the raw inputs."""
    raw = ranking.raw
    if raw is None:
        raise NotApplicable("there are no raw inputs to compare with")
    for model in ranking.models:
        if model.is_raw:
            continue
        pair = ranking.compared(model.name, raw.name)
        if pair.outcome is not Outcome.WORSE:
            continue
        gap = pair.gap
        yield Finding.strong(
            model.name,
            f"The features of {model.name} have {ranking.metric} {model.probe.value:.3f}, the raw"
            f" inputs ({ranking.raw_text}) {raw.probe.value:.3f}: {gap.estimate:+.3f}"
            f" [{gap.low:+.3f}, {gap.high:+.3f}]. That is negative transfer before any training.",
            "Start from the raw inputs, or from another model; fine-tuning this one has to make up"
            " for what its features lost.",
            {
                "probe": model.probe.value,
                "raw inputs": raw.probe.value,
                "gap": gap.estimate,
                "p": pair.p_value,
            },
        )
