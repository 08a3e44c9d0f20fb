"""A trial: what came of a cell, kept whether it went well or not."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from transfergap.design import Cell, Design
from transfergap.learners.linear import linear_fit
from transfergap.problem import TargetSet, TrainingSet
from transfergap.stats import leave_out


@dataclass(frozen=True)
class CompletedTrial:
    """A cell that was fitted and tested.

    Parameters
    ----------
    cell : Cell
    outputs : ndarray
        What the metric stores of the held-out rows: shape (n_held_out,), (n_held_out, n_columns)
        for ranking scores, (1,) for a plain scorer, and (n_rows, 2) for closed-form trials: output
        without the row, and mean loss of the others without it.
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
    """A cell that raised, or whose worker died. It is counted, and never a zero."""

    cell: Cell
    error: str
    traceback: str


Trial = CompletedTrial | FailedTrial


def attempt(design: Design, cell: Cell) -> Trial:
    """Fit and test one cell; whatever the learner raises becomes a failed trial."""
    return tried(cell, partial(_outcome, design, cell))


def tried(cell: Cell, outcome: Callable[[], tuple[NDArray[np.float64], float, float]]) -> Trial:
    """Return the trial that ``outcome`` makes: its outputs, seconds of training and of testing."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            outputs, fit_s, predict_s = outcome()
        except Exception as error:
            text = "".join(traceback.format_exception(error))
            return FailedTrial(cell, _in_one_line(error), text)
    said = {f"{w.category.__name__}: {str(w.message).strip().splitlines()[0]}" for w in caught}
    return CompletedTrial(cell, outputs, fit_s, predict_s, tuple(sorted(said)))


def _in_one_line(error: Exception) -> str:
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0].rstrip('.')}" if said else type(error).__name__


def _outcome(design: Design, cell: Cell) -> tuple[NDArray[np.float64], float, float]:
    started = time.perf_counter()
    arm = design.arm(cell.arm)
    learner = arm.learner
    assert learner is not None
    train = design.training_set(cell)
    problem = design.problem
    if cell.split.kind == "loo":
        return _left_out(design, cell, train), time.perf_counter() - started, 0.0
    model = learner.fit(train, seed=cell.seed)
    fitted = time.perf_counter()
    rows = design.held_out(cell.split)
    test = problem.target.rows(rows)
    outputs = problem.metric.outputs(model, test.X, test.y, problem.classes)
    return outputs, fitted - started, time.perf_counter() - fitted


def _left_out(design: Design, cell: Cell, train: TargetSet | TrainingSet) -> NDArray[np.float64]:
    learner = design.arm(cell.arm).learner
    assert learner is not None
    fit = linear_fit(learner, train, seed=cell.seed, classes=design.problem.classes)
    left = leave_out(fit)
    return np.column_stack([left.outputs, left.without])


def completed(
    cell: Cell, outputs: NDArray[np.float64] | list[float], *, fit_s: float = 0.0
) -> CompletedTrial:
    """Return a trial of a cell that was run elsewhere (ask and tell).

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
