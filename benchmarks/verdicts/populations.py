"""Linear problems whose errors follow any law, with the shift at which a ridge gains nothing.

The risk of a linear score depends on the variance of the errors alone, so that what
``transfergap.datasets`` computes for normal errors holds for these too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from transfergap.datasets._populations import RegressionPopulation
from transfergap.datasets._shift import ShiftProblem

Draw = Callable[[np.random.Generator, int], np.ndarray]


def student(df: float) -> Draw:
    return lambda rng, n: rng.standard_t(df, size=n) / np.sqrt(df / (df - 2))


def lognormal(rng: np.random.Generator, n: int) -> np.ndarray:
    """Errors of skewness 3.7, as amounts of money have them."""
    sigma = 0.8
    mean, power = np.exp(sigma**2 / 2), np.exp(sigma**2)
    return (np.exp(sigma * rng.normal(size=n)) - mean) / (mean * np.sqrt(power - 1))


def contaminated(share: float, width: float) -> Draw:
    """Normal errors of which a share is ``width`` times as wide: slips of the pen."""

    def draw(rng: np.random.Generator, n: int) -> np.ndarray:
        scale = np.where(rng.random(n) < share, width, 1.0)
        return rng.normal(size=n) * scale / np.sqrt(1 - share + share * width**2)

    return draw


# Mean 0, variance 1. Constants of LIN were chosen on those of TUNING; the others judge.
LAWS: dict[str, Draw] = {
    "gaussian": lambda rng, n: rng.normal(size=n),
    "t3": student(3),
    "t5": student(5),
    "lognormal": lognormal,
    "t4": student(4),
    "laplace": lambda rng, n: rng.laplace(size=n) / np.sqrt(2),
    "exponential": lambda rng, n: rng.exponential(size=n) - 1,
    "5 % five times as wide": contaminated(0.05, 5.0),
    "2 % seven times as wide": contaminated(0.02, 7.0),
}
TUNING = ("gaussian", "t4", "laplace", "exponential", "lognormal", "5 % five times as wide",
          "2 % seven times as wide")  # fmt: skip
JUDGING = ("gaussian", "t3", "t5", "lognormal")


@dataclass(frozen=True, eq=False)
class LawPopulation(RegressionPopulation):
    """``RegressionPopulation`` with errors of another law."""

    law: str = "gaussian"

    def draw(self, n_rows, *, shift, rng):
        X, y = super().draw(n_rows, shift=shift, rng=rng)
        signal = X @ (self.beta + shift * self.u)
        if self.law == "gaussian":
            return X, y
        return X, signal + self.noise * LAWS[self.law](rng, n_rows)


def make_problem_of(
    law: str,
    *,
    n_target: int,
    shift: float,
    seed: int,
    n_source: int = 300,
    n_features: int = 10,
    noise: float = 1.0,
) -> ShiftProblem:
    """Return ``make_shift`` with errors of a law, in target and source."""
    directions, source, target = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3)
    )
    plain = RegressionPopulation.random(n_features, noise=noise, rng=directions)
    population = LawPopulation(plain.beta, plain.u, noise, law)
    X, y = population.draw(n_target, shift=0.0, rng=target)
    sources = {"source": population.draw(n_source, shift=shift, rng=source)}
    return ShiftProblem(X=X, y=y, sources=sources, shift=shift, population=population)


def ridge_null(
    make: Callable[[float], ShiftProblem], *, penalty: float, n_draws: int = 2000, seed: int = 123
) -> float:
    """Return the shift at which pooling gains a ridge nothing, whatever the law of the errors.

    Given the rows' columns, the expected risk is a matter of algebra, and it is quadratic in the
    shift; only the columns are drawn.
    """
    problem = make(0.0)
    Xs, ys = problem.sources["source"]
    moved = make(1.0).sources["source"][1] - ys
    truth, sigma = problem.population.beta, problem.population.noise
    Zs = with_intercept(Xs)
    total = np.zeros(3)
    ridge = np.diag(np.r_[np.full(len(truth), penalty), 0.0])
    goal = np.r_[truth, 0.0]
    covariance = np.zeros((len(goal), len(goal)))
    covariance[:-1, :-1] = _covariance(len(truth))
    covariance[-1, -1] = 1.0
    for draw in range(n_draws):
        Z = with_intercept(problem.draw_target(seed * 100_000 + draw)[0])
        normal = Z.T @ Z
        alone = np.linalg.inv(normal + ridge)
        pooled = np.linalg.inv(normal + Zs.T @ Zs + ridge)
        total += _risk_over_control(
            goal,
            covariance,
            sigma,
            ridge,
            normal,
            alone,
            pooled,
            Zs.T @ (ys - Zs @ goal),
            Zs.T @ moved,
        )
    return float(max(np.roots(total / n_draws).real))


def _risk_over_control(goal, covariance, sigma, ridge, normal, alone, pooled, pull, push):
    """Coefficients, in powers of the shift, of the pooled ridge's risk less the control's."""

    def spread(inverse):
        return sigma**2 * np.trace(covariance @ inverse @ normal @ inverse)

    own = -alone @ (ridge @ goal)
    level, slope = pooled @ (pull - ridge @ goal), pooled @ push
    return np.array([
        slope @ covariance @ slope,
        2 * level @ covariance @ slope,
        level @ covariance @ level + spread(pooled) - own @ covariance @ own - spread(alone),
    ])  # fmt: skip


def with_intercept(X: np.ndarray) -> np.ndarray:
    return np.column_stack([X, np.ones(len(X))])


def _covariance(n_features: int) -> np.ndarray:
    index = np.arange(n_features)
    return 0.3 ** np.abs(index[:, None] - index[None, :])  # as in transfergap.datasets
