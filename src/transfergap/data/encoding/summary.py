"""Sufficient statistics of a sample for least-squares fits, instead of its rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.encoded_columns import CLIP
from transfergap.data.encoding.encoder import Encoder, first_difference
from transfergap.data.encoding.summary_file import bytes_of, fields_in, fields_of
from transfergap.data.replaced_file import replace_file
from transfergap.errors import DataError

Floats = NDArray[np.float64]
MOST_WEIGHT = 1e9  # of a row: more than the people that a row of any survey stands for
LEAST_WEIGHT = 1e-9  # of all rows together: below it, numbers lose their digits
MOST_RESPONSE = 1e8  # in scales of the target's labels: any mistaken unit, and no overflow
_ROUNDING = 1e-7  # relative; sums of a million doubles differ by less than that between machines


@dataclass(frozen=True)
class GramSummary:
    """Counts, Grams and moments of a sample, which add.

    They add over rows, batches, machines and sites.

    With encoded rows X (an intercept column of ones last), working responses z and working weights
    w of a least-squares step (regression, first round of classes) or a Newton step (later rounds):
    ``grams = X' W X``, ``moments = X' W z``, ``powers = z' W z``.

    Parameters
    ----------
    encoder : Encoder
        How the rows were encoded, and at which coefficients a Newton step was taken, if any.
    n_rows : int
        With noise it is noised too.
    grams : ndarray, shape (n_blocks, q, q), q = encoded columns + 1
        One block where all responses have the same weights, else one a response.
    moments : ndarray, shape (n_responses, q)
    powers : ndarray, shape (n_responses,)
    noised : float, optional
        Epsilon of the differential privacy noise that was added, if any; infinite for a sum of
        which some part has none.
    delta : float
        Delta of that noise; 0 for pure differential privacy, and without noise.

    Examples
    --------
    >>> from transfergap.data.encoding import fit_encoder, summarize
    >>> X, y = np.array([[1.0], [2.0], [4.0]]), np.array([0.0, 1.0, 1.0])
    >>> encoder = fit_encoder(X, y, task="regression")
    >>> whole = summarize(X, y, encoder=encoder)
    >>> parts = summarize(X[:1], y[:1], encoder=encoder) + summarize(X[1:], y[1:], encoder=encoder)
    >>> bool(np.allclose(whole.grams, parts.grams)), parts.n_rows
    (True, 3)
    """

    encoder: Encoder
    n_rows: int
    grams: Floats
    moments: Floats
    powers: Floats
    noised: float | None = None
    delta: float = 0.0

    def __post_init__(self) -> None:
        q, r = len(self.encoder.outputs) + 1, self.encoder.labels.n_responses
        shapes = self.grams.shape[1:], self.moments.shape, self.powers.shape
        if shapes != ((q, q), (r, q), (r,)) or len(self.grams) not in (1, r):
            raise DataError(
                f"The summary's statistics have shapes {self.grams.shape}, {self.moments.shape} and"
                f" {self.powers.shape}; its encoder makes {q - 1} columns.",
                hint="make the summary again at its site",
            )

    def __add__(self, other: GramSummary) -> GramSummary:
        if not isinstance(other, GramSummary):
            return NotImplemented
        self.check_joins(other)
        return replace(
            self,
            n_rows=self.n_rows + other.n_rows,
            grams=self.grams + other.grams,
            moments=self.moments + other.moments,
            powers=self.powers + other.powers,
            noised=_noise_of_sum(self, other),
            delta=max(self.delta, other.delta),
        )

    def check_joins(self, other: GramSummary) -> None:
        """Raise ``DataError`` unless both were made with one encoder, at one point."""
        if self.encoder.fingerprint != other.encoder.fingerprint:
            raise DataError(
                "Two summaries were made with different encoders:"
                f" {first_difference(self.encoder, other.encoder)}.",
                hint="send every site the same encoder file",
            )
        if self.encoder.expansion != other.encoder.expansion:
            encoders = (self.encoder, other.encoder)
            rounds = ["a first" if e.expansion is None else "a later" for e in encoders]
            difference = (
                "their Newton steps start at other coefficients"
                if rounds[0] == rounds[1]
                else f"{rounds[0]} round and {rounds[1]} round"
            )
            raise DataError(
                f"Two summaries are of different rounds: {difference}.",
                hint="send every site the encoder of the same round",
            )

    def check_sound(self, where: str = "the summary") -> None:
        """Raise ``DataError`` for statistics that no rows can have.

        Not finite, not symmetric, larger than encoded rows can be, or a Gram that is not positive
        semi-definite, beyond rounding: a file that was damaged, rounded too hard, or tampered with.
        """
        arrays = (self.grams, self.moments, self.powers)
        if not all(np.isfinite(array).all() for array in arrays):
            raise DataError(
                f"The statistics of {where} hold values that are not finite.",
                hint="make the summary again from rows without infinite values",
            )
        if self.n_rows < 0 or (self.n_rows == 0 and any(np.any(array) for array in arrays)):
            raise DataError(
                f"{where[:1].upper()}{where[1:]} claims {self.n_rows} rows.",
                hint="the file was damaged or changed; make it again at its site",
            )
        self._check_sizes(where)
        for r in range(len(self.moments)):
            gram = self.grams[min(r, len(self.grams) - 1)]
            joint = np.block(
                [[gram, self.moments[r][:, None]], [self.moments[r][None, :], self.powers[r]]]
            )
            _check_semidefinite(joint, where)

    def _check_sizes(self, where: str) -> None:
        """Bound every number before it is computed with.

        Encoded values are clipped, so a column's sum of squares is bounded by that of the ones.
        Noise is not: with it, only what no use of a summary reaches is refused.
        """
        largest = MOST_WEIGHT * max(self.n_rows, 1)
        squares = np.abs(self.grams).max(initial=0.0)
        totals = np.abs(self.grams[:, -1, -1])
        responses = np.sqrt(np.abs(self.powers).max(initial=0.0) / largest)
        of_ones = np.minimum(totals, largest) if self.noised is None else largest
        bound = (1.0 + _ROUNDING) * CLIP**2 * of_ones
        moments = np.abs(self.moments).max(initial=0.0)
        if (
            (np.abs(self.grams) > np.reshape(bound, (-1, 1, 1))).any()
            or ((totals > 0.0) & (totals < LEAST_WEIGHT)).any()
            or totals.max(initial=0.0) > largest
            or responses > MOST_RESPONSE
            or moments > CLIP * MOST_RESPONSE * largest
        ):
            raise DataError(
                f"The statistics of {where} are larger or smaller than those of {self.n_rows} rows"
                f" can be (up to {max(squares, moments, float(np.abs(self.powers).max())):.3g}).",
                hint="the file was damaged or changed; make it again at its site",
            )

    def save(self, path: str | Path) -> None:
        """Write the summary to a file, whole or not at all.

        The format is in docs/summaries.md: a line with the schema, a line of JSON, the numbers, and
        a digest. No pickle.

        Raises
        ------
        StorageError
        """
        replace_file(Path(path), self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return what :meth:`save` writes."""
        return bytes_of(vars(self))

    @classmethod
    def from_bytes(cls, data: bytes, origin: str = "the summary") -> GramSummary:
        """Return the summary of :meth:`to_bytes`, checked as one of :meth:`load` is.

        Raises
        ------
        DataError
        """
        summary = cls(**fields_of(BytesIO(data), Path(origin)))
        summary.check_sound(origin)
        return summary

    def join(self, other: GramSummary) -> GramSummary:
        """Return the sum of both."""
        return self + other

    @classmethod
    def load(cls, path: str | Path) -> GramSummary:
        """Read a file of :meth:`save`, and check that its statistics are sound.

        Raises
        ------
        DataError
            If it is something else, of another version, damaged, or not sound.
        """
        summary = cls(**fields_in(Path(path)))
        summary.check_sound(str(path))
        return summary


def _noise_of_sum(one: GramSummary, second: GramSummary) -> float | None:
    """Return the weaker of two privacy bounds.

    None if one part has none.
    """
    if one.noised is None and second.noised is None:
        return None
    promises = [
        math.inf if part.noised is None and part.n_rows else part.noised or 0.0
        for part in (one, second)
    ]
    return max(promises)


def _check_semidefinite(joint: Floats, origin: str) -> None:
    size = float(np.abs(joint).max())
    if size == 0.0:
        return
    slack = _ROUNDING * size * len(joint)
    skew = float(np.abs(joint - joint.T).max())
    even = (joint + joint.T) / 2.0
    lowest = 0.0
    try:
        # A tenth of the time of eigenvalues, and enough wherever all is well.
        np.linalg.cholesky(even + slack * np.eye(len(even)))
    except np.linalg.LinAlgError:
        lowest = float(np.linalg.eigvalsh(even)[0])
    if skew > _ROUNDING * size or lowest < -slack:
        why = (
            f"not symmetric (by {skew:.3g})"
            if skew > _ROUNDING * size
            else f"not positive semi-definite (smallest eigenvalue {lowest:.3g})"
        )
        raise DataError(
            f"The Gram of {origin} is {why}: no rows have these statistics.",
            hint="the file was damaged, rounded or changed; make it again at its site",
        )
