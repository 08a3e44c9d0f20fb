"""Section: how was it done? Enough to repeat it."""

from __future__ import annotations

from transfergap.analysis.result import AuditResult, SourceInfo, TargetInfo
from transfergap.report.blocks import Block, Bullets, Cell, Facts, Fold, Section, Table
from transfergap.report.choice import FEW_SOURCES, judged_arms, treatments, trial_counts
from transfergap.report.names import named, one_line
from transfergap.report.numbers import count, counted, level, numbers_for

# Classes listed with their rows; the number of the others follows.
_SHOWN_CLASSES = 12


def how_it_was_done(result: AuditResult) -> Section:
    """Return the section."""
    blocks: list[Block] = [Facts(_facts(result))]
    if result.method_notes:
        blocks.append(Bullets(tuple(one_line(note) for note in result.method_notes)))
    if len(result.sources) > FEW_SOURCES:
        blocks.append(Fold(f"The {count(len(result.sources))} sources", (_sources(result),)))
    elif result.sources:
        blocks.append(_sources(result))
    return Section("How it was done", tuple(blocks))


def _facts(result: AuditResult) -> tuple[tuple[str, str], ...]:
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
    return (Cell(named(source.name)), *(Cell(count(n)) for n in numbers))
