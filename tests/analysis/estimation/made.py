"""Designs whose trials are made up: no model is fitted, so every number is known."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from transfergap.analysis.estimation.pairs import PairedTrials, outputs_of
from transfergap.data.validation import make_problem
from transfergap.experiment.design import Arm, ControlArm, Design, Effort
from transfergap.experiment.trial import CompletedTrial
from transfergap.learners import EstimatorLearner
from transfergap.learners.mitigations import SourceOnly

K = 10
TREE, NUMBERS = DecisionTreeClassifier(), DecisionTreeRegressor()
RIDGE, LOGISTIC = Ridge(), LogisticRegression()


def design_of(y, metric, model, *, effort="quick", alone=False, **options) -> Design:
    """Return a design with one arm, "b"; ``alone`` if it learns nothing from the target."""
    rng = np.random.default_rng(0)
    y = np.asarray(y)
    X, Xs = rng.normal(size=(len(y), 2)), rng.normal(size=(30, 2))
    labels = np.resize(np.unique(y), 30) if y.dtype.kind != "f" else rng.normal(size=30)
    problem = make_problem(X, y, sources={"b": (Xs, labels)}, metric=metric, margin=0.02, **options)
    learner = EstimatorLearner(model)
    arm = Arm("b", ("b",), SourceOnly(learner) if alone else learner)
    return Design(problem, ControlArm(learner), (arm,), Effort(effort))


def made(design: Design, draw, *, without=()) -> list[CompletedTrial]:
    """Return a trial of each cell; ``draw(rng, cell, rows)`` gives its outputs.

    ``without`` holds arms, splits, or pairs of both that were not completed.
    """
    trials = []
    for number, cell in enumerate(design.cells()):
        if {cell.arm, str(cell.split), (cell.arm, str(cell.split))} & set(without):
            continue
        rng = np.random.default_rng([number, 1])
        trials.append(CompletedTrial(cell, draw(rng, cell, design.held_out(cell.split))))
    return trials


def paired(design: Design, trials, name: str = "b") -> PairedTrials:
    """Return one arm's trials beside the control's."""
    return PairedTrials(design, outputs_of(trials), name)


def table_of(design: Design, trials, arm: str, *, transform=lambda values: values):
    """Return outputs of single folds, shape (n_repeats, n_rows); NaN where there is none."""
    table = np.full((design.n_repeats, len(design.problem.target)), np.nan)
    for trial in trials:
        if trial.cell.arm == arm and trial.cell.split.kind == "fold":
            rows = design.held_out(trial.cell.split)
            table[trial.cell.split.repeat, rows] = transform(trial.outputs)
    return table


def wrong(rng, cell, rows):
    """Three or four wrong of ten; the control a little more often."""
    return (rng.random(len(rows)) < (0.4 if cell.arm == "control" else 0.3)).astype(float)


def residuals(rng, cell, rows):
    """Symmetric residuals, those of the control larger."""
    return rng.normal(size=len(rows)) * (1.2 if cell.arm == "control" else 1.0)


def scores(rng, cell, rows):
    """Scores that know nothing."""
    return rng.normal(size=(len(rows), 1))


def whole_scores(rng, cell, rows):
    """A score of a whole fold."""
    return rng.uniform(0.3, 0.9, size=1)
