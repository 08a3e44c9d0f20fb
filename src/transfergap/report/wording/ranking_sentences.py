"""Sentences on a ranking of pretrained models."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks import Finding
from transfergap.analysis.scores import Comparison, ModelRanking, Outcome
from transfergap.report.wording.names import listed, one_line
from transfergap.report.wording.numbers import Numbers, count, counted, decimals_for
from transfergap.stats.gap import LEVEL


def title(ranking: ModelRanking) -> str:
    """Return the candidates that were ranked, and the rows."""
    n_models = sum(not model.is_raw for model in ranking.models)
    return (
        f"Which pretrained model? {counted(n_models, 'model')}, {ranking.metric} of a ridge probe"
        f" on held-out folds, {counted(ranking.n_rows, 'labelled row')}, {ranking.label_text}"
    )


def sentences(ranking: ModelRanking) -> Iterator[str]:
    """Yield claims, ties, open comparisons and the baselines."""
    yield from _claims(ranking)
    yield from _ties(ranking)
    yield from _unresolved(ranking)
    yield from _raw_inputs(ranking)
    yield from _static(ranking)


def _claims(ranking: ModelRanking) -> Iterator[str]:
    numbers = Numbers(decimals_for(ranking.margin))
    for model in ranking.models:
        pairs = [ranking.compared(model.name, m.name) for m in ranking.models if m is not model]
        beaten = [pair for pair in pairs if pair.outcome is Outcome.BETTER]
        if beaten:
            texts = [f"{one_line(pair.second)} ({numbers.gap(pair.gap)})" for pair in beaten]
            verb = "beat" if model.is_raw else "beats"
            yield f"{one_line(model.name)} {verb} {', '.join(texts)}."
    if not any(p.outcome in (Outcome.BETTER, Outcome.WORSE) for p in ranking.comparisons):
        yield "No model beats another."


def _ties(ranking: ModelRanking) -> Iterator[str]:
    alike = [p for p in ranking.comparisons if p.outcome is Outcome.NO_MATERIAL_DIFFERENCE]
    if alike:
        pairs = [f"{one_line(pair.first)} and {one_line(pair.second)}" for pair in alike]
        yield f"Equal within the margin of {ranking.margin:g}: {'; '.join(pairs)}."


def _unresolved(ranking: ModelRanking) -> Iterator[str]:
    """Yield open comparisons of the best, with labels to settle them."""
    pairs = ranking.not_apart(ranking.best.name)
    if not pairs:
        return
    names = listed(tuple(pair.second for pair in pairs), quote=False)
    yield f"{one_line(ranking.best.name)} cannot be told apart from {names}{_needed(pairs)}."


def _needed(pairs: tuple[Comparison, ...]) -> str:
    needed = sorted(
        (pair.n_rows_to_tell, pair.second) for pair in pairs if pair.n_rows_to_tell is not None
    )
    if not needed:
        return ""
    few, first = needed[0]
    words = f"; if the differences are as measured, about {count(few)} labelled rows would tell"
    words += f" it from {one_line(first)}"
    if len(needed) > 1:
        many, last = needed[-1]
        words += f", and {count(many)} from {one_line(last)}"
    return words


def _raw_inputs(ranking: ModelRanking) -> Iterator[str]:
    raw = ranking.raw
    if raw is None:
        yield "The raw inputs were not given (raw=): that any model beats them is not shown."
        return
    models = [model.name for model in ranking.models if not model.is_raw]
    outcomes = {name: ranking.compared(name, raw.name).outcome for name in models}
    better = [name for name in models if outcomes[name] is Outcome.BETTER]
    unsure = tuple(name for name in models if outcomes[name] is Outcome.CANNOT_TELL)
    if not better:
        yield f"No model beats the raw inputs ({ranking.raw_text})."
    elif unsure:
        verb = "beats" if len(unsure) == 1 else "beat"
        yield f"That {listed(unsure, quote=False)} {verb} the raw inputs is not shown."


def _static(ranking: ModelRanking) -> Iterator[str]:
    pick = ranking.static_pick
    if pick is None:
        yield (
            "There is no prior ranking (prior=): how models did on other tasks predicts best which"
            " to fine-tune."
        )
        return
    rivals = [m.name for m in ranking.models if m.name != pick and not m.is_raw]
    better = tuple(n for n in rivals if ranking.compared(n, pick).outcome is Outcome.BETTER)
    words = f"The static baseline ({ranking.prior_text}) takes {one_line(pick)}"
    if better:
        yield f"{words}; {listed(better, quote=False)} is better here."
    else:
        yield f"{words}, and no model is shown to be better here."


def findings_text(finding: Finding) -> str:
    """Return a finding in a paragraph."""
    return f"{finding.code} {finding.title}: {finding.says} {finding.fix}"


def method_sentence(ranking: ModelRanking) -> str:
    """Return how claims are made, and what they do not say."""
    return (
        f"Places count claims: any false claim comes in at most 5 % of rankings (Holm, over"
        f" {counted(len(ranking.comparisons), 'pair')}). Intervals have level {LEVEL:.2f} and are"
        " not corrected. A probe judges frozen features; whether another source's rows help is"
        " another question, which `transfergap run` answers."
    )
