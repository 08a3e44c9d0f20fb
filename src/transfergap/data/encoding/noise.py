"""Differential privacy: bounded rows, and noise on their sums, by OpenDP."""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import ConfigurationError, require

Floats = NDArray[np.float64]
DEFAULT_DELTA = 1e-6  # by convention: below one over the number of rows of most sites
_LOUD = 100.0  # epsilon above which a promise is none, and the exact account overflows
_COUNT_SHARE = 0.25  # of the squared bound: how loudly the number of rows is told


@dataclass(frozen=True)
class Noise:
    """Noise for sums over rows that gives (epsilon, delta) differential privacy.

    It hides one row that comes or goes.

    Parameters
    ----------
    epsilon : float
        Above 0.
    delta : float
        Below 1. With 0 the promise is pure differential privacy, and the noise is Laplace's: much
        more of it.
    max_norm : float, optional
        Rows (encoded columns, intercept and responses together, times the root of their weight)
        that are longer are scaled down to this length. Default: see :meth:`bounding`.

    Notes
    -----
    The vector v of a row adds v v' to the statistics. Told as its diagonal and sqrt(2) times what
    is above it, v v' has the Euclidean length |v|^2 <= C^2, C the bound. The count of rows is
    released in the same breath, times C^2 / 4. So one row moves everything together by at most

        C^2 sqrt(B + 1 / 16) in Euclidean length,  C^2 (B (m + 1) / 2 + 1 / 4) in sum of sizes,

    where B is the number of blocks (1, or one a class in later rounds) and m the length of v; the
    second is of the plain upper triangle. Noise of one scale, normal or Laplace, is added to each
    number. OpenDP draws it, from a secure generator and safe from floating-point attacks, and says
    which scale keeps the promise. Afterwards each block is moved to the nearest positive
    semi-definite matrix, which costs no privacy.

    References
    ----------
    Dwork and Roth (2014), The Algorithmic Foundations of Differential Privacy, chapter 3; Bun and
    Steinke (2016), Concentrated Differential Privacy; Dwork et al. (2014), Analyze Gauss.
    """

    epsilon: float
    delta: float = DEFAULT_DELTA
    max_norm: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.epsilon) and self.epsilon > 0):
            raise ConfigurationError(
                f"epsilon is {self.epsilon}, but must be a number above 0.",
                hint="1 is a usual promise; larger is weaker",
            )
        if not 0 <= self.delta < 1:
            raise ConfigurationError(
                f"delta is {self.delta}, but must be at least 0 and below 1.",
                hint="use less than one over the number of rows, such as 1e-6",
            )
        if self.max_norm is not None and not (math.isfinite(self.max_norm) and self.max_norm > 0):
            raise ConfigurationError(
                f"max_norm is {self.max_norm}, but must be a number above 0.",
                hint="leave it out for the default, the root of the number of columns",
            )

    def bounding(self, n_columns: int, *, later_round: bool) -> Noise:
        """Return the noise with a bound.

        By default the root of the number of columns.

        That is the root mean square length of the target's own rows in a first round. Later rounds
        weigh rows by at most a quarter, so the default is half of it.
        """
        if self.max_norm is not None:
            return self
        return replace(self, max_norm=math.sqrt(n_columns) / (2.0 if later_round else 1.0))

    @property
    def _squared(self) -> float:
        assert self.max_norm is not None, "call `bounding` first"
        return self.max_norm**2

    def shortened(self, columns: Floats) -> Floats:
        """Shorten rows, one a column of the argument, to the bound."""
        squared = np.einsum("ij,ij->j", columns, columns)
        shorter: Floats = columns * np.sqrt(
            np.minimum(1.0, self._squared / np.maximum(squared, 1e-300))
        )
        return shorter

    def sensitivity(self, n_columns: int, n_blocks: int) -> float:
        """Return how far one row can move the released numbers.

        See the notes of the class.
        """
        if self.delta == 0:
            return self._squared * (n_blocks * (n_columns + 1) / 2 + _COUNT_SHARE)
        return self._squared * math.sqrt(n_blocks + _COUNT_SHARE**2)

    def scale(self, n_columns: int, n_blocks: int) -> float:
        """Return the scale of the noise: the standard deviation, or Laplace's parameter."""
        dp = _opendp()
        reach = self.sensitivity(n_columns, n_blocks)
        if self.delta == 0:
            return reach / self.epsilon
        # Bun and Steinke (2016), proposition 1.3: enough, and about a sixth more than is needed.
        enough = reach / (
            math.sqrt(2) * (math.sqrt(self.epsilon - math.log(self.delta)) - _root_log(self.delta))
        )
        if self.epsilon > _LOUD:
            return enough

        def keeps(scale: float) -> bool:
            measurement = dp.c.make_zCDP_to_approxDP(
                dp.m.make_gaussian(*_vectors("l2"), scale=scale)
            )
            return bool(measurement.map(reach).epsilon(self.delta) <= self.epsilon)

        # The approximate account needs less than the bound, usually by a sixth: search below it.
        low = enough / 2
        while keeps(low):
            low /= 2
        return float(dp.binary_search(keeps, bounds=(low, 2 * low if low < enough / 2 else enough)))

    def added(self, joints: Floats, n_rows: int) -> tuple[Floats, int]:
        """Return noised statistics and the noised number of rows, at least 1.

        Parameters
        ----------
        joints : ndarray, shape (n_blocks, m, m)
            Sums over rows that :meth:`shortened` gave.
        n_rows : int
        """
        n_blocks, m, _ = joints.shape
        upper = np.triu_indices(m)
        above = upper[0] != upper[1]
        # Euclidean length of the symmetric matrix, so that the bound above is met with equality.
        stretch = np.where(above & (self.delta > 0), math.sqrt(2.0), 1.0)
        loudness = _COUNT_SHARE * self._squared
        exact = np.concatenate([*(stretch * joint[upper] for joint in joints), [loudness * n_rows]])
        noised = self._drawn(exact, self.scale(m, n_blocks))
        blocks = np.zeros_like(joints)
        for block, numbers in zip(blocks, np.split(noised[:-1], n_blocks), strict=True):
            block[upper] = numbers / stretch
        blocks = np.triu(blocks) + np.swapaxes(np.triu(blocks, 1), 1, 2)
        nearest = np.stack([nearest_semidefinite(block) for block in blocks])
        return nearest, max(round(noised[-1] / loudness), 1)

    def _drawn(self, exact: Floats, scale: float) -> Floats:
        dp = _opendp()
        make, norm = (dp.m.make_laplace, "l1") if self.delta == 0 else (dp.m.make_gaussian, "l2")
        return np.array(make(*_vectors(norm), scale=scale)(exact.tolist()))


def _root_log(delta: float) -> float:
    return math.sqrt(-math.log(delta))


def nearest_semidefinite(matrix: Floats) -> Floats:
    """Return the nearest positive semi-definite matrix, in the Frobenius norm.

    Examples
    --------
    >>> nearest_semidefinite(np.diag([2.0, -1.0])).tolist()
    [[2.0, 0.0], [0.0, 0.0]]
    """
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= 0:
        return matrix
    clipped = (vectors * np.maximum(values, 0.0)) @ vectors.T
    even: Floats = (clipped + clipped.T) / 2.0
    return even


def _opendp() -> Any:
    require("opendp", extra="privacy")
    dp = importlib.import_module("opendp.prelude")
    # OpenDP calls what is proven but not yet reviewed twice "contrib"; all its noise is.
    dp.enable_features("contrib")
    return dp


def _vectors(norm: str) -> tuple[Any, Any]:
    dp = _opendp()
    domain = dp.vector_domain(dp.atom_domain(T=float, nan=False))
    return domain, (dp.l2_distance if norm == "l2" else dp.l1_distance)(T=float)
