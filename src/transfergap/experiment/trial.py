"""Trial of a cell, completed or failed."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.experiment.design import Cell, Design
from transfergap.learners import Learner, fit_all, seeded_states
from transfergap.learners.linear import linear_fit
from transfergap.learners.protocol import HoldsControl
from transfergap.stats import leave_out


@dataclass(frozen=True)
class CompletedTrial:
    """A cell that was fitted and tested.

    Parameters
    ----------
    cell : Cell
    outputs : ndarray
        Outputs that the metric stores for the held-out rows: shape (n_held_out,),
        (n_held_out, n_columns) for ranking scores, (1,) for a plain scorer, and for closed-form
        trials (n_rows, 3 + n_partitions): output without the row, mean loss of the others without
        it, kurtosis of the source rows' residuals (the same in every row; 0 where there are none),
        and output without the row's fold, for each partition.
    fit_s, predict_s : float
        Wall seconds.
    warnings : tuple of str
        Different warnings that the learner gave.
    """

    cell: Cell
    outputs: NDArray[np.float64]
    fit_s: float = 0.0
    predict_s: float = 0.0
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class FailedTrial:
    """Cell that raised, or whose worker died.

    It is counted, and never a zero.
    """

    cell: Cell
    error: str
    traceback: str


Trial = CompletedTrial | FailedTrial


Outcome = tuple[NDArray[np.float64], float, float]  # outputs, seconds of training, of testing


def attempt(design: Design, cells: Sequence[Cell]) -> list[Trial]:
    """Fit and test cells of one arm, or read cells off one.

    Cells of other arms behind the first are read off its model. An exception of the learner
    becomes a failed trial. Several cells are fitted together. If that raises, they are fitted one
    by one, so that a cell pays for no other.
    """
    if len(cells) > 1:
        together = tried(cells, partial(_outcomes, design, cells))
        if not any(isinstance(trial, FailedTrial) for trial in together):
            return together
    return [trial for cell in cells for trial in tried([cell], partial(_outcomes, design, [cell]))]


def tried(cells: Sequence[Cell], outcomes: Callable[[], Sequence[Outcome]]) -> list[Trial]:
    """Return trials of the outcomes, one a cell.

    All are failed where ``outcomes`` raises.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            results = outcomes()
        except Exception as error:
            text = "".join(traceback.format_exception(error))
            return [FailedTrial(cell, _in_one_line(error), text) for cell in cells]
    messages = {f"{w.category.__name__}: {str(w.message).strip().splitlines()[0]}" for w in caught}
    return [
        CompletedTrial(cell, *outcome, tuple(sorted(messages)))
        for cell, outcome in zip(cells, results, strict=True)
    ]


def _in_one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0].rstrip('.')}" if lines else type(error).__name__


def _outcomes(design: Design, cells: Sequence[Cell]) -> list[Outcome]:
    """Return outputs and seconds of fitting and predicting, by cell."""
    started = time.perf_counter()
    learner = design.arm(cells[0].arm).learner
    assert learner is not None
    if any(cell.arm != cells[0].arm for cell in cells):
        return _read_off(design, cells, learner)
    trains = [design.training_set(cell) for cell in cells]
    with seeded_states(cells[0].seed):  # of any learner, and of mitigations around it
        if cells[0].split.kind == "loo":
            loo_outputs = _left_out(design, cells[0], trains[0])
            return [(loo_outputs, time.perf_counter() - started, 0.0)]
        models = fit_all(learner, trains, seeds=[cell.seed for cell in cells])
    # Fitted together, so each cell bears an equal part of the time.
    fit_s = (time.perf_counter() - started) / len(cells)
    return [_tested(design, cell, model, fit_s) for cell, model in zip(cells, models, strict=True)]


def _read_off(design: Design, cells: Sequence[Cell], learner: Learner) -> list[Outcome]:
    """Return outcomes of one model, then of the control inside it."""
    assert isinstance(learner, HoldsControl)
    host, *guests = cells
    started = time.perf_counter()
    with seeded_states(host.seed):
        model = learner.train(design.training_set(host), seed=host.seed)
    fit_s = time.perf_counter() - started
    control = learner.control_of(model)
    return [
        _tested(design, host, model, fit_s),
        *(_tested(design, guest, control, 0.0) for guest in guests),
    ]


def _tested(design: Design, cell: Cell, model: object, fit_s: float) -> Outcome:
    started = time.perf_counter()
    problem = design.problem
    test = problem.target.rows(design.held_out(cell.split))
    with seeded_states(cell.seed):  # some models draw when they predict
        outputs = problem.metric.outputs(model, test.X, test.y, problem.classes, test.weights)
    return outputs, fit_s, time.perf_counter() - started


def _left_out(design: Design, cell: Cell, train: TargetSet | TrainingSet) -> NDArray[np.float64]:
    learner = design.arm(cell.arm).learner
    assert learner is not None
    fit = linear_fit(learner, train, seed=cell.seed, classes=design.problem.classes)
    weights = design.problem.target.weights
    if weights is not None:
        # Weights of mean one: losses keep the unit of unweighted ones.
        fit = replace(fit, counts=weights / weights.mean())
    deletions = leave_out(fit, design.folds)
    tails = np.full(len(deletions.outputs), deletions.source_kurtosis or 0.0)
    return np.column_stack([deletions.outputs, deletions.without, tails, *deletions.by_fold])


def completed(
    cell: Cell, outputs: NDArray[np.float64] | list[float], *, fit_s: float = 0.0
) -> CompletedTrial:
    """Return a trial of a cell that was run elsewhere.

    Ask-and-tell loops make their trials so.

    Parameters
    ----------
    cell : Cell
        From ``design.pending(store)``.
    outputs : array of float
        One number for each row of ``design.held_out(cell.split)``, as ``Metric.outputs`` gives
        them: losses for accuracy (1 where wrong) and log loss, residuals for regression, scores
        for ROC AUC; a single number for any other metric.
    fit_s : float
        Seconds it took, if known.
    """
    return CompletedTrial(cell, np.asarray(outputs, float), fit_s)
