"""transfergap plan: the fits, time and smallest visible gap of a run."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from transfergap.cli._terminal import echo
from transfergap.cli.request import options as opt

if TYPE_CHECKING:
    from transfergap.auditing.planning import Plan
    from transfergap.experiment.design import Design


@opt.takes(*(name for name in opt.ALL if name != "output"))
def plan(
    target: opt.TARGET,
    source_paths: opt.SOURCE_PATHS = None,
    *,
    options: opt.Options,
    yes: opt.YES = False,
    operating_characteristics: opt.OPERATING = False,
    draws: opt.DRAWS = 50,
    jobs: opt.JOBS = 1,
    format: opt.FORMAT = "text",
) -> None:
    """Say what `run` would do and see, from a few timed fits.

    Nothing is stored.

    Example: transfergap plan target.csv --label y --source b=b.csv --margin 0.01
    """
    from transfergap.auditing.planning import plan as make_plan
    from transfergap.cli.request.config import request_from
    from transfergap.cli.request.guessing import confirmed, guessed
    from transfergap.cli.request.request import check_format, design_from, grouping_from

    check_format(format, ("text", "json"))
    request = request_from(target, options, source_paths or ())
    request = confirmed(guessed(request), verb="plan", yes=yes)
    design = design_from(request)
    grouping_from(request, design.problem)  # no fits, but a misspelled column is said now
    outlook = make_plan(
        design, explain=request.explain or "harmful", learning_curve=bool(request.learning_curve)
    )
    rates = None
    if operating_characteristics:
        from transfergap.cli._operating import characteristics, record

        rates = characteristics(design, outlook, n_draws=draws, jobs=n_cores(jobs))
    if format == "json":
        plan_record = {"schema": "transfergap/plan/1", **asdict(outlook)}
        more = {} if rates is None else {"operating_characteristics": record(rates)}
        echo(json.dumps({**plan_record, **more}, indent=2))
        return
    for line in _lines(design, outlook, n_cores(jobs), request.model):
        echo(line)
    if rates is not None:
        from transfergap.cli._operating import lines

        for line in lines(rates):
            echo(line)


def n_cores(jobs: int) -> int:
    """Return the number of processes that ``--jobs`` asks for.

    Negative counts from all cores, as in joblib.
    """
    import os

    return jobs if jobs > 0 else max((os.cpu_count() or 1) + 1 + jobs, 1)


def _lines(design: Design, outlook: Plan, jobs: int, model: str | None) -> list[str]:
    problem = design.problem
    lines = [f" target   {problem.name}   {_target_line(problem)}"]
    lines += _source_lines(design)
    from transfergap.analysis.estimation import first_round
    from transfergap.learners import brief

    lines.append(f" learner  {model + ' → ' if model else ''}{brief(design.control.learner)}")
    refits = "closed form (refits of an arm where it is off)"
    how = refits if outlook.closed_form else _folds(design)
    limit = "" if first_round(design) is design else "at most "
    lines.append(
        f" design   {outlook.n_arms} arms, {how}, {design.effort} effort ="
        f" {limit}{outlook.n_fits} fits · about {_duration(outlook.cpu_s / jobs)} on {jobs}"
        f" core{'s' if jobs > 1 else ''} (timed on {outlook.n_timed})"
    )
    if outlook.n_repairs:
        lines.append(
            f" causes   up to {outlook.n_repairs} more fits to explain arms that hurt or may hurt"
            f" (about {_duration(outlook.repairs_s / jobs)}); --explain none leaves them out"
        )
    if outlook.n_curve_fits:
        lines.append(
            f" curve    at most {outlook.n_curve_fits} of these fits, on parts of the target"
        )
    lines.append("")
    return lines + _reach(problem, outlook)


# Sources that are listed by name; of more the number follows.
_MOST_NAMED = 6


def _source_lines(design: Design) -> list[str]:
    samples = {name: source.sample for name, source in design.problem.sources.items()}
    names = list(samples)[:_MOST_NAMED]
    listed = "   ".join(f"{name} {len(samples[name]):,} rows" for name in names)
    more = f"   and {len(samples) - len(names)} more" if len(samples) > len(names) else ""
    lines = [f" sources  {listed}{more}"]
    if design.untried:
        lines.append(
            f"          {len(samples) - len(design.untried)} of {len(samples)} are tried by"
            " themselves; --max-sources N tries more"
        )
    limit = design.max_source_rows
    n_cut = sum(limit is not None and len(sample) > limit for sample in samples.values())
    if n_cut:
        lines.append(
            f"          of {n_cut} of them {limit:,} rows each are used in fits;"
            " --max-source-rows N takes more"
        )
    return lines


def _folds(design: Design) -> str:
    splitting = design.problem.splitting
    if splitting is None:
        return "10 folds"
    n_folds = len(design.fold_splits())
    return f"{n_folds} forward blocks" if splitting.kind == "forward" else f"{n_folds} folds of cv"


def _target_line(problem: Any) -> str:
    import numpy as np

    n = len(problem.target)
    parts = [f"{n:,} rows" + (f" × {problem.n_features}" if problem.n_features else "")]
    labels = problem.task.summary(problem.target.y, problem.classes)
    parts += [labels] if labels else []
    if problem.target.groups is not None:
        parts.append(f"{len(np.unique(problem.target.groups))} groups")
    return ", ".join(parts)


def _reach(problem: Any, outlook: Plan) -> list[str]:
    unit = problem.metric.title
    if outlook.visible_gap is None:
        return [
            f" What this design can see in {unit} cannot be told before the run: the metric has no"
            " value per row, or the arms did not differ on the rows tried."
        ]
    visible, margin = outlook.visible_gap, problem.margin
    text = f"This design can see gaps of about {visible:.3g} {unit}; your margin is {margin:g}."
    if visible <= margin:
        return [f" {text}"]
    return [
        f" ! {text}",
        f"   The limit is {len(problem.target)} target rows, not the number of repeats: more of"
        " them will not help.",
        ' hint: expect "not enough evidence" for smaller gaps, or label more target rows.',
    ]


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
