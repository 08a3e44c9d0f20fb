"""Synthetic transfer problems whose true gap can be computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.datasets._dataset import check_known
from transfergap.datasets._populations import (
    BinaryPopulation,
    Loss,
    Population,
    RegressionPopulation,
    Vector,
    as_score,
)
from transfergap.errors import DataError, accepts_old_arguments

# (X, y, Xs, ys) -> (coef, intercept): arrays of any estimator, hence Any.
Fit = Callable[[Vector, NDArray[Any], Vector, NDArray[Any]], tuple[Any, Any]]


@dataclass(frozen=True, eq=False)
class ShiftProblem:
    """A target sample, a source, and the target's population.

    Made by ``make_shift``.

    Parameters
    ----------
    X : ndarray of shape (n_target, n_features)
    y : ndarray of shape (n_target,)
        Numbers for a regression, 0 or 1 for a binary task.
    sources : mapping of str to (X, y)
        One source, named ``"source"``.
    shift : float
        How far the source is from the target.
    population : RegressionPopulation or BinaryPopulation
        The truth: knows the exact target risk of a linear score.
    """

    X: Vector = field(repr=False)
    y: NDArray[Any] = field(repr=False)  # float64 or int64, by task
    sources: Mapping[str, tuple[Vector, NDArray[Any]]] = field(repr=False)
    shift: float
    population: Population = field(repr=False)

    @accepts_old_arguments
    def draw_target(self, random_state: int) -> tuple[Vector, NDArray[Any]]:
        """Return another target sample of the same size from the same population."""
        return self.population.draw(len(self.y), shift=0.0, rng=np.random.default_rng(random_state))

    def risk(self, coef: Any, intercept: Any, *, loss: Loss) -> float:
        """Return the exact target risk of ``x @ coef + intercept``.

        Parameters
        ----------
        coef : array of n_features numbers
            Also as scikit-learn stores it, of shape (1, n_features).
        intercept : float or array of one number
        loss : {"squared", "zero_one", "log", "auc"}
            ``"squared"`` for a regression, in squared units of ``y``. For a binary task the error
            rate of predicting 1 where the score is positive, the log loss in nats of the
            probability ``1 / (1 + exp(-score))``, or 1 - AUC. Lower is better for each.

        Raises
        ------
        DataError
            If the loss does not fit the task, or the score is not finite or of another size.

        Examples
        --------
        >>> problem = make_shift(noise=0.5)
        >>> problem.risk(problem.population.beta, 0.0, loss="squared")
        0.25
        """
        vector, constant = as_score(coef, intercept, n_features=self.X.shape[1])
        return self.population.risk(vector, constant, loss=loss)

    @accepts_old_arguments
    def expected_gap(
        self, control: Fit, treated: Fit, *, loss: Loss, n_draws: int = 2000, random_state: int = 0
    ) -> tuple[float, float]:
        """Return the expected gain of ``treated`` over target samples.

        The source stays as it is; ``n_draws`` target samples are drawn anew, and both fits see the
        same ones.

        Parameters
        ----------
        control, treated : callable
            ``(X, y, Xs, ys) -> (coef, intercept)``; ``control`` ignores the source ``(Xs, ys)``.
        loss : {"squared", "zero_one", "log", "auc"}
            As in ``risk``.
        n_draws : int
            At least 2. Cost: two fits a draw.
        random_state : int
            Draws the targets: problems that differ only in ``shift`` get the same ones.

        Returns
        -------
        gap : float
            Mean of risk(control) - risk(treated); positive means that the source helps.
        standard_error : float
            Of the mean, from the spread over draws.

        Raises
        ------
        DataError
            If ``n_draws`` is below 2, or as ``risk`` does.

        Examples
        --------
        >>> from sklearn.linear_model import Ridge
        >>> def alone(X, y, Xs, ys):
        ...     model = Ridge().fit(X, y)
        ...     return model.coef_, model.intercept_
        >>> def pooled(X, y, Xs, ys):
        ...     return alone(np.vstack([X, Xs]), np.concatenate([y, ys]), Xs, ys)
        >>> problem = make_shift(n_target=20)
        >>> gap, standard_error = problem.expected_gap(alone, pooled, loss="squared", n_draws=50)
        >>> gap > 3 * standard_error
        True
        """
        if n_draws < 2:
            raise DataError(f"n_draws={n_draws} gives no standard error.", hint="use at least 2")
        Xs, ys = self.sources["source"]
        gains = np.empty(n_draws)
        # One seed a draw, so that every shift sees the same targets.
        for draw, target_seed in enumerate(
            np.random.default_rng(random_state).integers(2**62, size=n_draws)
        ):
            X, y = self.draw_target(int(target_seed))
            gains[draw] = self.risk(*control(X, y, Xs, ys), loss=loss) - self.risk(
                *treated(X, y, Xs, ys), loss=loss
            )
        return float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(n_draws))


@accepts_old_arguments
def make_shift(
    *,
    n_target: int = 100,
    n_source: int = 300,
    n_features: int = 10,
    shift: float = 0.0,
    task: Literal["regression", "binary"] = "regression",
    noise: float = 1.0,
    random_state: int = 0,
) -> ShiftProblem:
    """Return a linear problem with one source ``shift`` away from the target.

    Parameters
    ----------
    n_target, n_source : int
        Rows, at least 1. A small binary target can hold one class only.
    n_features : int
        At least 1, or 2 for a binary task.
    shift : float
        Distance between source and target: of the coefficients, in units of the signal
        (regression), or of the class means, in units of their length (binary). 0 is no shift.
    task : {"regression", "binary"}
        Regression: ``x ~ N(0, S)`` with ``S_ij = 0.3 ** |i - j|``; ``y = x @ beta + noise * e`` on
        the target and ``x @ (beta + shift * u) + noise * e`` in the source; beta and u random, each
        with ``b @ S @ b = 1``. Binary: ``x | y ~ N((2y - 1) beta, noise**2 I)`` on the target and
        class means ``(2y - 1)(beta + shift * u)`` in the source; beta and u random, orthogonal and
        of length 1.
    noise : float
        Standard deviation of the noise, above 0.
    random_state : int
        Draws directions, source and target. Problems that differ only in ``shift`` share them, so
        their gaps differ by the shift alone.

    Raises
    ------
    DataError
        If a size, ``noise``, ``shift`` or ``task`` is out of range.

    Examples
    --------
    >>> problem = make_shift(n_target=40, shift=0.5, task="binary")
    >>> problem.X.shape, problem.sources["source"][0].shape
    ((40, 10), (300, 10))
    """
    check_known(task, ["regression", "binary"], kind="task")
    fewest_features = 2 if task == "binary" else 1
    if min(n_target, n_source) < 1 or n_features < fewest_features:
        raise DataError(
            f"A {task} problem cannot have n_target={n_target}, n_source={n_source} and "
            f"n_features={n_features}.",
            hint=f"use at least 1 row in each and {fewest_features} feature(s)",
        )
    if not (0.0 < noise < np.inf and np.isfinite(shift)):
        raise DataError(
            f"noise={noise} or shift={shift} is out of range.",
            hint="use a finite shift and a finite noise above 0",
        )
    directions, source, target = (
        # Three streams: a larger source or another shift changes no target row.
        np.random.default_rng(child)
        for child in np.random.SeedSequence(random_state).spawn(3)
    )
    kind = BinaryPopulation if task == "binary" else RegressionPopulation
    population: Population = kind.random(n_features, noise=noise, rng=directions)
    X, y = population.draw(n_target, shift=0.0, rng=target)
    return ShiftProblem(
        X=X,
        y=y,
        sources={"source": population.draw(n_source, shift=shift, rng=source)},
        shift=shift,
        population=population,
    )
