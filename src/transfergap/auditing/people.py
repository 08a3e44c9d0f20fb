"""Front door for learning curves of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING

from transfergap.analysis.people import Columns, Measurement, assess_people, trainees_of
from transfergap.analysis.people.table import Design, Ended
from transfergap.analysis.training_curves.runs import read_long_table
from transfergap.errors import ConfigurationError
from transfergap.report.audit_report import AuditReport

if TYPE_CHECKING:
    import pandas as pd


def audit_people(
    scores: str | Path | pd.DataFrame,
    *,
    margin: float,
    control: str = "control",
    columns: Mapping[str, str] | None = None,
    design: Design | None = None,
    judged_by: str = "mean",
    greater_is_better: bool = True,
    criterion: float | None = None,
    best: float | None = None,
    prior: Mapping[str, float] | None = None,
    ended: Ended | None = None,
    clusters: str | None = None,
    score: str | None = None,
    name: str | None = None,
) -> AuditReport:
    """Audit learning curves of people or animals.

    Does what they learned before help or hurt them on a task?

    Parameters
    ----------
    scores : path or DataFrame
        One row a trial, with columns ``participant``, ``group``, ``trial`` and ``score``.
    margin : float
        Smallest difference that matters, in units of the score, > 0; in trials with
        ``judged_by="saved"``.
    control : str
        The group that learned the task with nothing before it.
    columns : mapping of str to str
        Names of the four columns where they are others: ``{"participant": "subject"}``.
    design : {"between", "within"}, optional
        Needed only where names of participants stand in several groups.
    judged_by : {"mean", "first", "last", "saved"}
        The measure of the main table: over all trials, at the first, at the last, or trials saved
        to the criterion. Say so before you look; all other measures pay for each other.
    greater_is_better : bool
        False for errors and times.
    criterion : float, optional
        Score that counts as learned.
    best : float, optional
        The best score that there is, for transfer as a percentage of what was possible.
    prior : mapping of str to float
        Trials that a group spent before, for its transfer effectiveness ratio.
    ended : {"hold", "drop"}, optional
        Whether participants with fewer trials keep their last score, or are left out.
    clusters : str, optional
        Column of classes, schools or litters. People who learned together are not independent: the
        clusters are compared in their place, each by its mean.
    score, name : str, optional
        Names of the score and the task.

    Returns
    -------
    AuditReport
        ``training_curves`` holds curves and measures, with ``metrics_frame()``.

    Raises
    ------
    DataError, ConfigurationError

    References
    ----------
    Gagne, Foster and Crowley (1948), The Measurement of Transfer of Training.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(f"{group} {k}", group, trial, trial * (1 + k / 20) + up)
    ...         for group, up in (("control", 0.0), ("piano", 2.0))
    ...         for k in range(7) for trial in (1, 2, 3)]
    >>> table = pd.DataFrame(rows, columns=["participant", "group", "trial", "score"])
    >>> audit_people(table, margin=0.5).to_frame().verdict.tolist()
    ['reference', 'helps']
    """
    names = _columns(columns)
    if isinstance(scores, (str, Path)):
        needed = (*astuple(names), *(() if clusters is None else (clusters,)))
        table, stem = read_long_table(scores, needed), Path(scores).stem
    else:
        table, stem = scores, "the task"
    trainees = trainees_of(
        table, control=control, columns=names, design=design, ended=ended, clusters=clusters
    )
    how = Measurement(
        margin,
        judged_by,
        greater_is_better=greater_is_better,
        criterion=criterion,
        best=best,
        prior=prior,
        score=score or names.score,
    )
    return AuditReport(assess_people(trainees, how, name=name or stem))


def _columns(columns: Mapping[str, str] | None) -> Columns:
    """Return the names of the four columns."""
    parts = [column.name for column in fields(Columns)]
    renamed = {} if columns is None else columns
    if not isinstance(renamed, Mapping) or not set(renamed) <= set(parts):
        raise ConfigurationError(
            f"The names of columns are {columns!r}.",
            hint=f"give columns={{what: name}} for {', '.join(parts)},"
            " as in columns={'trial': 'block'}",
        )
    names = Columns(**renamed)
    if len(set(map(str, astuple(names)))) < len(parts):
        raise ConfigurationError(
            f"One column has two parts: {', '.join(map(str, astuple(names)))}.",
            hint="participant, group, trial and score are four columns",
        )
    return names
