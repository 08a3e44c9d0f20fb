"""Pretrained models: what they lose, and what they may have seen."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, check
from transfergap.analysis.scores import ModelRanking, Outcome
from transfergap.analysis.suspicion import arms_at_ceiling
from transfergap.analysis.twins.training_overlap import TrainingOverlap, training_overlap
from transfergap.data.notations.spelling import listing
from transfergap.data.sources.models_and_tasks import ModelSource
from transfergap.stats.gap import Verdict

_MOST_ARMS = 3  # show which; all of them would fill the line


@check("TG120", "a pretrained model may have seen the test")
def model_that_saw_the_test(evidence: Evidence) -> Iterator[Finding]:
    """Find pretrained models that saw target rows, or may have."""
    sources = evidence.problem.others
    models = {n: source for n, source in sources.items() if isinstance(source, ModelSource)}
    if not models:
        raise NotApplicable("no source is a pretrained model")
    helpful = [
        arm
        for arm in evidence.design.treatments
        if evidence.verdicts.get(arm.name) is Verdict.HELPS
    ]
    for name, model in sorted(models.items()):
        arms = [arm.name for arm in helpful if name in arm.sources]
        overlap = training_overlap(evidence.problem, name)
        if overlap is not None:
            yield _trained_on_target(evidence, overlap)
        elif arms and (model.copies is None or not model.copies.searched):
            yield _unsearched(evidence, name, arms, rows_given=model.copies is not None)


def _trained_on_target(evidence: Evidence, overlap: TrainingOverlap) -> Finding:
    """Return the finding on rows that a model was trained on."""
    if overlap.are_few:
        return Finding.moderate(
            overlap.source,
            f"{overlap.sentence} So few may be coincidences.",
            "Leave these rows out of the target.",
            overlap.numbers,
        )
    arms = [arm for arm, twins in evidence.twins.items() if overlap in twins]
    claims = f", so no help of {listing(arms, _MOST_ARMS)} is believed" if arms else ""
    return Finding.strong(
        overlap.source,
        f"{overlap.sentence} {overlap.likeness}{claims}.",
        "Leave these rows out of the target, or start from a model that was trained without them.",
        overlap.numbers,
    )


def _unsearched(evidence: Evidence, model: str, arms: list[str], *, rows_given: bool) -> Finding:
    """Return the finding on a model that helps, and that nobody searched."""
    unsearched = (
        f"the rows that {model} was trained on cannot be compared with the target's."
        if rows_given
        else f"nobody can search {model} for target rows that it was trained on."
    ) + " If any are among them, the gap is what it remembers."
    fix = (
        f"Test on rows that were collected after {model} was trained, or name the rows that it was"
        " trained on: ModelSource(weights, trained_on=rows)."
    )
    perfect = [
        (share, control, arm.name)
        for arm, share, control in arms_at_ceiling(evidence.design, evidence.estimates, arms)
    ]
    if not perfect:
        return Finding.note(
            model, f"Of {listing(arms, _MOST_ARMS)} help is claimed, and {unsearched}", fix
        )
    share, control, best = min(perfect, key=lambda reached: (reached[0], reached[2]))
    return Finding.moderate(
        model,
        f"{best} makes {share:.0%} of a constant's error, the control {control:.0%}, and"
        f" {unsearched}",
        fix,
        {"share": share, "control": control},
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
