"""Sections of how it was done, and of everything else."""

from __future__ import annotations

from transfergap.analysis.result import ArmOutcome, AuditResult, SourceInfo, TargetInfo
from transfergap.report.blocks import TONES, Block, Bullets, Cell, Facts, Fold, Section, Table
from transfergap.report.choice import (
    FEW_SOURCES,
    control_of,
    judged_arms,
    silent,
    treatments,
    trial_counts,
    verdict_words,
)
from transfergap.report.sections.does_it_help import verdict_meanings
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import (
    EMPTY_CELL,
    control_suffix,
    count,
    counted,
    level,
    numbers_for,
    of_people,
    probability,
)
from transfergap.report.wording.sentences import arm_label

# Classes listed with their rows; the number of the others follows.
_SHOWN_CLASSES = 12


def how_it_was_done(result: AuditResult) -> Section:
    """Return the section."""
    blocks: list[Block] = [Facts(_facts(result))]
    notes = (*(one_line(note) for note in result.method_notes), *_names_of_methods(result))
    if notes:
        blocks.append(Bullets(notes))
    if len(result.sources) > FEW_SOURCES:
        blocks.append(Fold(f"The {count(len(result.sources))} sources", (_sources(result),)))
    elif result.sources:
        blocks.append(_sources(result))
    return Section("How it was done", tuple(blocks))


def _names_of_methods(result: AuditResult) -> tuple[str, ...]:
    """Return the field's terms for values of other sections."""
    names = []
    if any(outcome.share is not None for e in result.explanations for outcome in e.repairs):
        names.append("A cause's share of what repairs give back is its Shapley value.")
    if result.ranking is not None:
        names.append(
            "What a source gains among others is its Banzhaf value; rows of the target are left out"
            " of the linear model in closed form."
        )
    return tuple(names)


def _facts(result: AuditResult) -> tuple[tuple[str, str], ...]:
    if of_people(result):
        return _people_facts(result)
    trials = trial_counts(result)
    n_arms, n_judged = len(treatments(result)), len(judged_arms(result))
    facts = [
        ("Target", _target(result.target)),
        ("Model", one_line(result.learner)),
        ("Metric", _metric(result)),
        ("Margin", f"{numbers_for(result).plain(result.margin)}: smaller gaps do not matter"),
        ("Intervals", f"{level(result)} for each gap"),
        (
            "Design",
            f"{counted(n_arms, 'arm')} beside the control, {count(n_judged)} of them judged;"
            f" {counted(trials.planned, 'trial')}; effort {one_line(result.effort)}; seed"
            f" {result.seed}",
        ),
    ]
    if result.versions:
        listing = ", ".join(f"{one_line(k)} {one_line(v)}" for k, v in result.versions.items())
        facts.append(("Versions", listing))
    if result.fingerprint:
        facts.append(("Fingerprint of data and design", one_line(result.fingerprint)))
    return tuple(facts)


def _people_facts(result: AuditResult) -> tuple[tuple[str, str], ...]:
    n_groups = len(treatments(result))
    return (
        ("Task", named(result.target.name)),
        ("Measure", _metric(result)),
        ("Margin", f"{numbers_for(result).plain(result.margin)}: smaller gaps do not matter"),
        ("Intervals", f"{level(result)} for each gap"),
        ("Design", f"{counted(n_groups, 'group')} beside the control; {one_line(result.effort)}"),
    )


def _metric(result: AuditResult) -> str:
    name, positive = one_line(result.metric), result.target.positive
    title = one_line(result.metric_title)
    words = title if title == name else f"{title} ({name})"
    return words if positive is None else f"{words}; the positive class is {named(positive)}"


def _target(target: TargetInfo) -> str:
    parts = [named(target.name)]
    if target.n_rows is not None:
        rows = counted(target.n_rows, "labelled row")
        parts.append(f"{rows}, weighted" if target.weighted else rows)
    if target.n_features is not None:
        parts.append(counted(target.n_features, "column"))
    if target.n_groups is not None:
        parts.append(counted(target.n_groups, "group"))
    if target.class_counts:
        class_counts = target.class_counts[:_SHOWN_CLASSES]
        classes = ", ".join(f"{named(label)}: {count(n)}" for label, n in class_counts)
        more = len(target.class_counts) - len(class_counts)
        parts.append(f"rows by class {classes}" + (f" and {more} more classes" if more else ""))
    elif target.n_rows is not None:
        parts.append(one_line(target.task))
    return "; ".join(parts)


def _sources(result: AuditResult) -> Table:
    return Table(
        "The sources as they were used",
        ("source", "rows given", "equal to target rows", "with labels the target lacks", "used"),
        tuple(_source(source) for source in result.sources),
    )


def _source(source: SourceInfo) -> tuple[Cell, ...]:
    numbers = (
        source.n_given,
        source.n_duplicates_removed,
        source.n_foreign_label_rows,
        source.n_rows,
    )
    name = f"{named(source.name)} (not tried by itself)" if source.untried else named(source.name)
    texts = [count(n) for n in numbers]
    if source.n_used is not None:
        texts[-1] = f"{count(source.n_used)} of {texts[-1]}"
    return (Cell(name), *map(Cell, texts))


def everything_else(result: AuditResult) -> Section:
    """Return the section."""
    folds = [
        Fold(f"All arms, all numbers ({len(result.arms)})", (_arms(result),)),
        Fold(f"Failed trials ({trial_counts(result).failed})", (_failures(result),)),
        *_silent(result),
        Fold("Glossary", (Facts(_glossary(result)),)),
    ]
    return Section("Everything else", tuple(folds))


def _arms(result: AuditResult) -> Table:
    columns = (
        "arm",
        one_line(result.metric_unit),
        "gap",
        f"{level(result)} interval",
        "verdict",
        "p helps",
        "p hurts",
        "smallest margin",
        "pairs",
        "trials",
        "method",
    )
    return Table(
        "p-values are one-sided and not corrected for the number of arms. The smallest margin is"
        " the one with which “no material effect” could be said.",
        columns,
        tuple(_row(result, arm) for arm in result.arms),
        wide=True,
    )


def _row(result: AuditResult, arm: ArmOutcome) -> tuple[Cell, ...]:
    numbers, gap = numbers_for(result), arm.gap
    mark, words = verdict_words(result, arm)
    tone = TONES[arm.verdict] if arm.verdict is not None else "quiet"
    trials = f"{count(arm.n_completed)} of {count(arm.n_planned)}"
    if arm.n_failed:
        trials += f", {count(arm.n_failed)} failed"
    name = (
        f"{named(arm.arm)}{control_suffix(result)}" if arm is control_of(result) else arm_label(arm)
    )
    head = (Cell(name), Cell(numbers.plain(arm.score)))
    if gap is None:
        dash = Cell(EMPTY_CELL)
        middle = (dash, dash, Cell(words, mark, tone, whole=True), dash, dash, dash, dash)
        return (*head, *middle, Cell(trials), dash)
    return (
        *head,
        Cell(numbers.signed(gap.estimate), whole=True),
        Cell(numbers.interval(gap.low, gap.high), whole=True),
        Cell(words, mark, tone, whole=True),
        Cell(probability(gap.p_helps)),
        Cell(probability(gap.p_hurts)),
        Cell(numbers.plain(gap.smallest_margin)),
        Cell(count(gap.n_pairs)),
        Cell(trials),
        Cell(one_line(gap.method)),
    )


def _failures(result: AuditResult) -> Block:
    if not result.failures:
        return Bullets(("None.",))
    texts = (
        (named(f.arm), count(f.n_trials), one_line(f.first_split), one_line(f.error))
        for f in result.failures
    )
    rows = tuple(tuple(map(Cell, row)) for row in texts)
    return Table("Trials that raised the same error", ("arm", "trials", "first", "error"), rows)


def _silent(result: AuditResult) -> list[Fold]:
    quiet, blind = silent(result, ran=True), silent(result, ran=False)
    folds = []
    if quiet:
        items = tuple(f"{check.code} {one_line(check.title)}" for check in quiet)
        folds.append(Fold(f"Checks that found nothing ({len(items)})", (Bullets(items),)))
    if blind:
        items = tuple(f"{c.code} {one_line(c.title)}: {one_line(c.reason)}" for c in blind)
        folds.append(Fold(f"Checks that could not look ({len(items)})", (Bullets(items),)))
    return folds


_ARMS = (
    ("arm", "A way to train the model: on the target alone, or with other data beside it."),
    ("control", "The arm trained on the target alone. Every other arm is compared with it."),
)
_PEOPLE_ARMS = (
    ("group", "People who learned the same thing before the task, or nothing."),
    ("control", "The group that learned nothing before. Every other group is compared with it."),
)


def _glossary(result: AuditResult) -> tuple[tuple[str, str], ...]:
    return (
        *(_PEOPLE_ARMS if of_people(result) else _ARMS),
        (
            "gap",
            "How much better an arm is than the control on the target; positive helps. The transfer"
            " gap in Wang et al. (2019), Characterizing and Avoiding Negative Transfer, is counted"
            " on error and is minus ours.",
        ),
        (
            "interval",
            f"Where the gap may lie, with {level(result)} confidence: a claim in one direction is"
            " wrong in at most about one audit in twenty when nothing is gained or lost.",
        ),
        ("margin", "The smallest difference that matters to you. Your choice, not a statistic."),
        *verdict_meanings(result),
    )
