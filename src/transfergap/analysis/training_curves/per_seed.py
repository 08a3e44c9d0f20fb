"""Metrics of one run: jumpstart, final, area, steps to a threshold.

Taylor and Stone (2009), Transfer Learning for Reinforcement Learning Domains: A Survey, section 2.2
(measures of transfer), name jumpstart, asymptotic performance, total reward, transfer ratio and
time to threshold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid

from transfergap.analysis.training_curves.runs import Floats, TrainingRuns

# Averages the noise of single evaluations, and sees the end of the budget alone.
TAIL_SHARE = 0.1


def jumpstarts(scores: Floats) -> Floats:
    """Return the first score of each run.

    Parameters
    ----------
    scores : ndarray, shape (n_seeds, n_steps)

    Examples
    --------
    >>> jumpstarts(np.array([[0.2, 0.9]])).tolist()
    [0.2]
    """
    first: Floats = scores[:, 0]
    return first


def finals(scores: Floats, steps: Floats) -> Floats:
    """Return each run's mean score over the last tenth.

    Parameters
    ----------
    scores : ndarray, shape (n_seeds, n_steps)
    steps : ndarray, shape (n_steps,)

    Examples
    --------
    >>> finals(np.array([[0.0, 0.5, 0.7, 0.9]]), np.array([0.0, 50.0, 90.0, 100.0])).tolist()
    [0.8]
    """
    start = steps[-1] - TAIL_SHARE * (steps[-1] - steps[0])
    tail: Floats = scores[:, steps >= start].mean(axis=1)
    return tail


def areas(scores: Floats, steps: Floats) -> Floats:
    """Return the mean height of each curve.

    It is the area below the curve over the steps that it spans.

    Parameters
    ----------
    scores : ndarray, shape (n_seeds, n_steps)
    steps : ndarray, shape (n_steps,)

    Examples
    --------
    >>> areas(np.array([[0.0, 1.0, 1.0]]), np.array([0.0, 10.0, 20.0])).tolist()
    [0.75]
    """
    return np.asarray(trapezoid(scores, steps, axis=1) / (steps[-1] - steps[0]), float)


def times_to(threshold: float, scores: Floats, steps: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return each run's first step at a threshold, if reached.

    Parameters
    ----------
    threshold : float
    scores : ndarray, shape (n_seeds, n_steps)
    steps : ndarray, shape (n_steps,)

    Returns
    -------
    times : ndarray, shape (n_seeds,)
        The budget where the threshold was never reached: the mean is one restricted to the budget.
    reached : ndarray of bool, shape (n_seeds,)

    Examples
    --------
    >>> times_to(0.5, np.array([[0.1, 0.6], [0.1, 0.2]]), np.array([0.0, 10.0]))
    (array([10., 10.]), array([ True, False]))
    """
    above = scores >= threshold
    reached = np.asarray(above.any(axis=1), bool)
    times = np.where(reached, steps[np.argmax(above, axis=1)], steps[-1])
    return times, reached


def middle_threshold(runs: TrainingRuns) -> float | None:
    """Return the score halfway between mean start and mean end.

    Runs of all arms count alike.

    Returns
    -------
    float or None
        ``None`` where scores do not rise on average.

    Notes
    -----
    The mean first and the mean final score of *all* runs, and not of the control's: a threshold
    that hangs on one arm alone would favour an arm even where all are the same.
    """
    every = [runs.of(arm) for arm in runs.curves if len(runs.curves[arm])]
    start = float(np.mean([jumpstarts(scores).mean() for scores in every]))
    end = float(np.mean([finals(scores, runs.steps).mean() for scores in every]))
    return (start + end) / 2 if end > start else None
