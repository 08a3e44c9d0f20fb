"""Front door of screenings: which sources are worth a fit, before any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfergap.analysis.ranking.evidence import (
    FittedEvidence,
    SourceEvidence,
    closed_form_evidence,
    with_gaps,
)
from transfergap.analysis.ranking.helping import ModelKind, calibration
from transfergap.analysis.ranking.source_screening import (
    NextFits,
    ScreenedSource,
    SourceScreening,
    screened,
    track_record,
)
from transfergap.auditing.screening import closed_form_obstacle
from transfergap.data.divergences.labels_apart import all_labels_apart
from transfergap.data.encoding import GramSummary
from transfergap.data.metric import AnyMetric
from transfergap.data.problem import Problem
from transfergap.data.splitting.folds import check_enough_rows
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError, DataError
from transfergap.experiment.arms import learner_of
from transfergap.experiment.run_directory import write_atomically
from transfergap.learners import EstimatorLearner, Learner
from transfergap.learners.estimator import labels_for
from transfergap.learners.linear import is_linear
from transfergap.report.source_screening import (
    screening_to_frame,
    screening_to_json,
    screening_to_text,
)

if TYPE_CHECKING:
    import pandas as pd

# Of more sources, copies in other units and reversed labels are left to the audit: a tenth of a
# second a source.
MOST_SEARCHED_IN_UNITS = 16


@dataclass(frozen=True)
class Screening:
    """A screening of sources, able to show itself.

    Parameters
    ----------
    screening : SourceScreening
    """

    screening: SourceScreening

    @property
    def sources(self) -> tuple[ScreenedSource, ...]:
        """Return the sources, the best chance to help first."""
        return self.screening.sources

    @property
    def answer(self) -> str | None:
        """Return the source to use first; ``None`` means none of them."""
        return self.screening.answer

    def to_text(self) -> str:
        """Return plain text, 88 columns wide but for very long names."""
        return screening_to_text(self.screening)

    def to_json(self) -> str:
        """Return JSON."""
        return screening_to_json(self.screening)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a source."""
        return screening_to_frame(self.screening)

    def save(self, path: str | Path) -> None:
        """Write the screening; the suffix decides: .txt or .json.

        Raises
        ------
        ConfigurationError
            For another suffix.
        """
        writers = {".txt": self.to_text, ".json": self.to_json}
        writer = writers.get(Path(path).suffix.lower())
        if writer is None:
            raise ConfigurationError(
                f"{Path(path).name} does not say what to write.",
                hint="end the name with .txt or .json",
            )
        write_atomically(Path(path), writer())

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(self.to_text())}</pre>"


def screen(
    X: Any,
    y: Any,
    *,
    sources: Mapping[str, Any],
    model: Any = None,
    fits: int = 0,
    metric: AnyMetric | None = None,
    margin: float | None = None,
    groups: Any = None,
    sample_weight: Any = None,
    name: str = "target",
    seed: int = 0,
) -> Screening:
    """Rank sources by their chance to help, within a budget of fits.

    Parameters
    ----------
    X, y : array-like
        The labelled target, as in :func:`transfergap.audit`.
    sources : mapping of str to (X, y), Sample or GramSummary
        A summary's encoder codes all rows. No fit is spent on it, and no other source is tried on
        its rows: it has none.
    model : estimator or Learner, optional
        The model that would be trained; default: that of an audit. At no fits only whether it is
        linear in its columns matters.
    fits : int
        Fits of the model to spend, at least 0. Ten test the control, ten each further source, the
        best chance first; of time or groups as many as there are folds.
    metric : str, callable or Metric, optional
        Default: by the labels. Probabilities were measured for ROC AUC of two classes; for all
        others the order and the evidence are given without.
    margin : float, optional
        Smallest gap that matters; default 0.01.
    groups, sample_weight : array-like, shape (n_rows,), optional
    name : str
        What to call the target.
    seed : int

    Returns
    -------
    Screening

    Raises
    ------
    ConfigurationError
        For a negative budget.
    DataError
        For sources without rows, and where no closed form compares them.

    Notes
    -----
    A source is pooled with the target. Evidence at no fits is of ridge regression in closed form:
    what the source gains on left-out target rows, and what it gains for samples of the other
    sources, which stand in for the target. A verdict with an error rate takes an audit.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> def rows(n, slopes):
    ...     X = rng.normal(size=(n, 4))
    ...     return X, (X @ slopes + rng.normal(size=n) > 0).astype(int)
    >>> sources = {name: rows(200, np.ones(4)) for name in "abc"} | {"far": rows(200, -np.ones(4))}
    >>> [s.name for s in screen(*rows(40, np.ones(4)), sources=sources).sources][-1]
    'far'
    """
    summaries = {str(k): s for k, s in sources.items() if isinstance(s, GramSummary)}
    rows = {name: source for name, source in sources.items() if str(name) not in summaries}
    for summary_name, summary in summaries.items():
        summary.check_sound(f"the source {summary_name!r}")
    summaries = {k: s for k, s in summaries.items() if s.grams[:, -1, -1].any()}  # others: no rows
    problem = make_problem(
        X,
        y,
        sources=rows,
        # Of summaries alone there are no rows to audit.
        for_audit=bool(rows) or not summaries,
        metric=metric,
        margin=margin,
        groups=groups,
        sample_weight=sample_weight,
        name=name,
        labels=labels_for(model),
        other_units=len(sources) <= MOST_SEARCHED_IN_UNITS,
    )
    return screen_problem(problem, model, summaries=summaries, fits=fits, seed=seed)


def screen_problem(
    problem: Problem,
    model: Any = None,
    *,
    summaries: Mapping[str, GramSummary] | None = None,
    fits: int = 0,
    seed: int = 0,
) -> Screening:
    """Rank a problem's sources by their chance to help.

    Parameters
    ----------
    problem : Problem
    model, fits, seed
        As in :func:`screen`.
    summaries : mapping of str to GramSummary, optional
        Further sources.
    """
    if isinstance(fits, bool) or not isinstance(fits, int) or fits < 0:
        raise ConfigurationError(f"The budget of fits is {fits!r}.", hint="give a number from 0")
    obstacle = closed_form_obstacle(problem)
    summaries = summaries or {}
    if obstacle is not None or not (problem.sources or summaries):
        raise DataError(
            f"The sources cannot be screened: {obstacle or 'none of them has rows'}.",
            hint="audit them, with a first look at few (`transfergap run --max-sources`)",
        )
    check_enough_rows(problem)  # of summaries alone no audit was prepared
    learner = learner_of(model, problem)
    kind = _kind(learner, problem)
    evidence = closed_form_evidence(problem, summaries=summaries, seed=seed)
    n_target, n_failed = len(problem.target), 0
    fitted = FittedEvidence(problem, learner, seed)

    def ranked(evidence: tuple[SourceEvidence, ...]) -> tuple[ScreenedSource, ...]:
        return screened(evidence, n_target=n_target, margin=problem.margin, kind=kind)

    for source in ranked(evidence) if fits else ():
        if source.name in summaries:
            continue
        arm = f"{source.name} pooled"
        if fitted.n_fits + fitted.n_missing([arm]) > fits:
            break
        gaps = fitted.gaps([arm])
        n_failed += not gaps
        evidence = tuple(with_gaps(e, gaps) if e.source == source.name else e for e in evidence)
    sources = ranked(evidence)
    best = sources[0]
    record = None
    if kind is not None and best.helps is not None:
        record = track_record(best.helps, kind, fitted=best.fitted)
    return Screening(
        SourceScreening(
            problem.name,
            n_target,
            problem.metric.title,
            problem.margin,
            "other" if kind is None else kind,
            sources,
            fitted.n_fits,
            n_failed,
            record,
            _next_fits([s for s in sources if s.name not in summaries], fitted, n_target),
            (*_notes(problem, seed), *_notes_of_summaries(summaries)),
        )
    )


def _notes(problem: Problem, seed: int) -> tuple[str, ...]:
    """Return notes on copies, and on labels that look reversed."""
    notes = []
    for name, source in problem.sources.items():
        facts = source.facts
        if facts.n_duplicates_removed:
            notes.append(
                f"{facts.n_duplicates_removed} of {facts.n_given} rows of {name} are rows of the"
                " target, and were left out (TG101)."
            )
    few = list(problem.sources)[:MOST_SEARCHED_IN_UNITS]
    for name, apart in all_labels_apart(problem, seed=seed, names=few).items():
        if apart.kind != "unit":
            notes.append(
                f"The labels of {name} look reversed: its model has {apart.score} alone"
                f" {apart.alone:.2f}, reversed {apart.corrected:.2f} (TG124)."
            )
    return tuple(notes)


def _notes_of_summaries(summaries: Mapping[str, GramSummary]) -> tuple[str, ...]:
    if not summaries:
        return ()
    verb = "is a summary" if len(summaries) == 1 else "are summaries"
    return (
        f"{', '.join(summaries)} {verb}: target rows among theirs cannot be searched for, and no"
        " fit can be spent on them.",
    )


def _kind(learner: Learner, problem: Problem) -> ModelKind | None:
    """Return the kind of model; ``None`` where no probabilities were measured."""
    # Areas under the ROC curve of two classes: benchmarks/predict_transfer.
    if not (problem.metric.ranks_rows and problem.task.has_two_classes):
        return None
    estimator = learner.estimator if isinstance(learner, EstimatorLearner) else None
    linear = estimator is not None and is_linear(estimator, problem.all_rows)
    return "linear" if linear else "other"


def _next_fits(
    sources: Sequence[ScreenedSource], fitted: FittedEvidence, n_target: int
) -> NextFits | None:
    """Return what testing the next source in folds would buy."""
    untested = next((s for s in sources if not s.fitted and s.law is not None), None)
    if untested is None or untested.law is None:
        return None
    spread = untested.law.spread
    error = calibration().pooled_error * (100.0 / n_target) ** 0.5
    after = spread * error / (spread**2 + error**2) ** 0.5
    n_fits = fitted.n_missing([f"{untested.name} pooled"])
    return NextFits(untested.name, n_fits, spread, after)
