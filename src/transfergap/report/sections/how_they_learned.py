"""Section: how did they learn? Curves of agents, and metrics."""

from __future__ import annotations

from transfergap.analysis.result import AuditResult
from transfergap.analysis.training_curves.learned import CurveMetric, MetricGap, TrainingCurves
from transfergap.report.blocks import (
    TONES,
    Block,
    Bullets,
    Cell,
    Facts,
    Figure,
    Fold,
    Paragraph,
    Section,
    Table,
)
from transfergap.report.figures.training_plot import NARROW, WIDE, draw_training, drawn_arms
from transfergap.report.wording.metric_words import (
    SHORT,
    further_metrics,
    main_metrics,
    mark_of,
    metric_words,
    shown_metrics,
)
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import (
    EMPTY_CELL,
    count,
    counted,
    level,
    numbers_for,
    of_people,
)


def how_they_learned(result: AuditResult) -> Section | None:
    """Return the section; ``None`` for anything but agents."""
    training = result.training_curves
    if training is None or not training.curves:
        return None
    blocks: list[Block] = []
    if drawn_arms(result):
        wide, narrow = (draw_training(result, training, layout) for layout in (WIDE, NARROW))
        blocks.append(Figure(wide, narrow, _caption(result, training)))
    blocks += _tables(result, training)
    blocks.append(Fold("What the metrics mean", (Facts(_meanings(result, training)),)))
    if training.notes:
        blocks.append(Bullets(tuple(one_line(note) for note in training.notes)))
    return Section("How did they learn?", tuple(blocks))


def _caption(result: AuditResult, training: TrainingCurves) -> str:
    if of_people(result):
        return _people_figure(result, training)
    caption = (
        f"Mean {named(training.score)} over {counted(training.n_seeds, 'seed')}, and its"
        f" {level(result)} interval at single steps. Dashed: the control, which trains on the"
        " target alone."
    )
    if training.threshold is not None:
        caption += f" Dotted: the threshold, {numbers_for(result).plain(training.threshold)}."
    n_more = len(shown_metrics(result)) - len(drawn_arms(result))
    return caption + (f" {counted(n_more, 'more arm')} in the tables." if n_more > 0 else "")


def _people_figure(result: AuditResult, training: TrainingCurves) -> str:
    caption = (
        f"Mean {named(training.score)} of each group, and its {level(result)} interval at single"
        " trials. Dashed: the control, which learned nothing before."
    )
    if training.threshold is None:
        return caption
    return f"{caption} Dotted: the criterion, {numbers_for(result).plain(training.threshold)}."


def _tables(result: AuditResult, training: TrainingCurves) -> list[Block]:
    gaps_by_arm = shown_metrics(result)
    if not gaps_by_arm:
        return [Paragraph("No arm shares seeds with the control.")]
    notes = _notes(result)
    further = further_metrics(result)
    caption = _people_caption() if of_people(result) else _further_caption()
    folded: list[Block] = [_table(result, gaps_by_arm, further, caption)]
    if notes:
        folded.append(Bullets(notes))
    return [
        _table(result, gaps_by_arm, main_metrics(result), _main_caption(result)),
        Fold("Further metrics, and notes on single gaps", tuple(folded)),
    ]


def _people_caption() -> str:
    return (
        "“Of the possible” counts from the control's score to the best one (Gagne, Foster and"
        " Crowley 1948), “symmetric” is the gap over the sum of both groups (Murdock 1957),"
        " the effectiveness ratio trials saved for each trial spent before (Povenmire and Roscoe"
        " 1971)."
    )


def _main_caption(result: AuditResult) -> str:
    if of_people(result):
        return (
            f"Gaps to the control with {level(result)} intervals; positive helps, for errors, times"
            " and trials too. Percent transfer has the verdict of the measure that groups are"
            " judged by, savings that of trials saved; all others pay for each other."
        )
    return (
        f"Gaps to the control with {level(result)} intervals; positive helps, also for steps: those"
        " that were saved. Verdicts in these metrics pay for all arms and metrics together; the"
        " transfer ratio is the gap in the mean over the budget as a share of the control's, and"
        " has its verdict."
    )


def _further_caption() -> str:
    return (
        "“Better than control” is how often the arm ends better than the control with the same"
        " seed: one half is even."
    )


def _table(
    result: AuditResult,
    gaps_by_arm: dict[str, dict[CurveMetric, MetricGap]],
    metrics: tuple[CurveMetric, ...],
    caption: str,
) -> Table:
    return Table(
        caption,
        ("arm", *(SHORT[metric] for metric in metrics)),
        tuple(
            (Cell(named(arm)), *(_cell(result, gaps.get(metric)) for metric in metrics))
            for arm, gaps in gaps_by_arm.items()
        ),
    )


def _cell(result: AuditResult, metric_gap: MetricGap | None) -> Cell:
    if metric_gap is None or metric_gap.gap is None:
        return Cell(EMPTY_CELL)
    tone = "quiet" if metric_gap.verdict is None else TONES[metric_gap.verdict]
    return Cell(metric_words(result, metric_gap), mark_of(metric_gap), tone)


def _notes(result: AuditResult) -> tuple[str, ...]:
    return tuple(
        f"{named(arm)}, {SHORT[metric_gap.metric]}: {one_line(metric_gap.note)}."
        for arm, gaps in shown_metrics(result).items()
        for metric_gap in gaps.values()
        if metric_gap.note and metric_gap.metric is not CurveMetric.IMPROVEMENT
    )


def _meanings(result: AuditResult, training: TrainingCurves) -> tuple[tuple[str, str], ...]:
    if of_people(result):
        return _people_meanings(result, training)
    budget = count(round(training.steps[-1]))
    limit = training.threshold
    reach = "no score, since none rises" if limit is None else numbers_for(result).plain(limit)
    return (
        ("mean", f"The height of the curve, averaged over {budget} steps: speed and end in one."),
        ("final", "The mean score over the last tenth of the budget."),
        ("jumpstart", "The score before the first step of training on the target."),
        (
            "steps saved",
            f"Steps to the threshold ({reach}) that the arm saves; a run that never gets there"
            " counts as the whole budget.",
        ),
        ("transfer ratio", "The gap in the mean over the budget, as a share of the control's."),
        ("interquartile mean", "The final score without the best and the worst quarter of runs."),
    )


def _people_meanings(result: AuditResult, training: TrainingCurves) -> tuple[tuple[str, str], ...]:
    limit = training.threshold
    reach = "none" if limit is None else numbers_for(result).plain(limit)
    return (
        ("first trial", "The first score: what was brought along, before anything is learned."),
        ("mean", "The mean over all trials: speed and end in one."),
        ("last trials", "The mean over the last tenth of the trials."),
        (
            "trials saved",
            f"Trials to the criterion ({reach}) that the group saves; who never gets there counts"
            " as one trial more than there were.",
        ),
        ("savings", "Trials saved as a share of those that the control needs (Ebbinghaus)."),
        (
            "percent transfer",
            "The gap as a share of the control's score, in the measure that groups are judged by.",
        ),
    )
