"""Pretrained models: what they lose, and what they may have seen."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, check
from transfergap.analysis.scores import ModelRanking, Outcome
from transfergap.analysis.suspicion import arms_at_ceiling
from transfergap.data.spelling import listing
from transfergap.stats.gap import Verdict


@check("TG120", "a pretrained model may have seen the test")
def unsearchable_model(evidence: Evidence) -> Iterator[Finding]:
    """Find pretrained models that help: none can be searched for rows."""
    others = evidence.problem.others
    models = {name for name, source in others.items() if source.kind == "model"}
    if not models:
        raise NotApplicable("no source is a pretrained model")
    verdicts = evidence.verdicts
    helpful = [
        arm
        for arm in evidence.design.treatments
        if verdicts.get(arm.name) is Verdict.HELPS and models & {*arm.sources}
    ]
    names = [arm.name for arm in helpful]
    reached = {
        arm.name: (share, control)
        for arm, share, control in arms_at_ceiling(evidence.design, evidence.estimates, names)
    }
    for model in sorted(models):
        arms = [arm.name for arm in helpful if model in arm.sources]
        unsearched = (
            f"nobody can search {model} for target rows that it was trained on. Were there any, the"
            " gap is what it remembers."
        )
        fix = f"Test on rows that were collected after {model} was trained, or be sure of its rows."
        perfect = sorted((*reached[name], name) for name in arms if name in reached)
        if perfect:
            share, control, best = perfect[0]
            yield Finding.moderate(
                model,
                f"{best} makes {share:.0%} of a constant's error, the control {control:.0%}, and"
                f" {unsearched}",
                fix,
                {"share": share, "control": control},
            )
        elif arms:
            # Three arms show which; all of them would fill the line.
            yield Finding.note(
                model, f"Of {listing(arms, 3)} help is claimed, and {unsearched}", fix
            )


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
