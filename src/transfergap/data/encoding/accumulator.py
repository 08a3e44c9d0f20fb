"""Sums over encoded rows, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.encoder import Encoder
from transfergap.data.encoding.noise import Noise
from transfergap.data.encoding.summary import GramSummary
from transfergap.data.labels.reading import checked_labels
from transfergap.errors import DataError

Floats = NDArray[np.float64]
LEAST_CURVATURE = 1e-3  # of a row in a Newton step: keeps the working response bounded


def with_intercept(encoded: Floats) -> Floats:
    """Return the rows with a last column of ones.

    Examples
    --------
    >>> with_intercept(np.array([[2.0], [3.0]])).tolist()
    [[2.0, 1.0], [3.0, 1.0]]
    """
    return np.concatenate([encoded, np.ones((len(encoded), 1))], axis=1)


def working(design: Floats, responses: Floats, expansion: Floats | None) -> tuple[Floats, Floats]:
    """Return working weights and responses, both (n_rows, n_responses).

    Without an expansion point they are 1 and the responses themselves. With one, those of a Newton
    step of the logistic likelihood at it: w = p (1 - p), z = x'b + (y - p) / w, y in {0, 1}.

    Examples
    --------
    >>> weights, z = working(np.ones((1, 1)), np.array([[1.0]]), np.array([[0.0]]))
    >>> weights.tolist(), z.tolist()
    ([[0.25]], [[2.0]])
    """
    if expansion is None:
        return np.ones_like(responses), responses
    from scipy.special import expit

    score = design @ expansion.T
    p = expit(score)
    weights = np.maximum(p * (1.0 - p), LEAST_CURVATURE)
    return weights, score + ((responses + 1.0) / 2.0 - p) / weights


BLOCK = 8192  # rows encoded at once: their numbers stay in the cache of a core
_CLIPPED_RESPONSE = 8.0  # in scales of the target's labels; only where noise is asked for


class _Joined(Protocol):
    def join(self, other: Any) -> Any:
        """Return the sum of both."""
        ...


Joins = TypeVar("Joins", bound=_Joined)


class Accumulator:
    """Running sums over batches of rows, released as a summary.

    Parameters
    ----------
    encoder : Encoder
    noise : Noise, optional
        Bounds rows as they come, and is added once, when the summary is released.
    skip_foreign_labels : bool
        Leave out rows whose label the target lacks, and count them in ``n_foreign``.

    Examples
    --------
    >>> from transfergap.data.encoding import fit_encoder
    >>> X, y = np.array([[1.0], [2.0], [4.0]]), np.array([0.0, 1.0, 1.0])
    >>> sums = Accumulator(fit_encoder(X, y, task="regression"))
    >>> sums.add(X[:2], y[:2])
    >>> sums.add(X[2:], y[2:])
    >>> sums.summary().n_rows
    3
    """

    def __init__(
        self, encoder: Encoder, *, noise: Noise | None = None, skip_foreign_labels: bool = False
    ) -> None:
        q, r = len(encoder.outputs) + 1, encoder.labels.n_responses
        # Rows beside their responses: one product gives Gram, moments and powers.
        shape = (1, q + r, q + r) if encoder.point is None else (r, q + 1, q + 1)
        self.encoder = encoder
        self.noise = (
            None
            if noise is None
            else noise.bounding(shape[1], later_round=encoder.point is not None)
        )
        self.skip_foreign_labels = skip_foreign_labels
        self.n_rows = 0
        self.n_foreign = 0
        self._joints = np.zeros(shape)

    def add(self, X: Any, y: Any, *, sample_weight: Any = None, origin: str = "the data") -> None:
        """Add the rows of a batch, which may have none.

        Raises
        ------
        DataError
        """
        read = self.encoder.read(X, origin)
        n_rows = len(read[0]) if read else len(X)
        weights = _checked_weights(sample_weight, n_rows, origin)
        labels = np.asarray(y)
        if n_rows == 0 and labels.size == 0:
            return
        labels = checked_labels(labels, n_rows, origin, may_be_constant=True)
        retained = ~self.encoder.labels.foreign(labels)
        if not retained.all():
            if not self.skip_foreign_labels:
                self.encoder.labels.positions(labels, origin, option="--skip-foreign-labels")
            else:
                self.n_foreign += int((~retained).sum())
                read, labels = [column[retained] for column in read], labels[retained]
                weights = None if weights is None else weights[retained]
        responses = self.encoder.labels.responses(labels, origin).T
        q = len(self.encoder.outputs) + 1
        # Of this call alone: sums of many parts wait for each other, and travel.
        block = np.empty((q + len(responses), min(BLOCK, len(labels))))
        for start in range(0, len(labels), BLOCK):
            rows = slice(start, start + BLOCK)
            columns = block[:, : len(labels[rows])]
            self.encoder.write([column[rows] for column in read], columns[: q - 1])
            columns[q - 1] = 1.0
            columns[q:] = responses[:, rows]
            self.add_encoded(columns, None if weights is None else weights[rows])

    def add_encoded(self, columns: Floats, weights: Floats | None = None) -> None:
        """Add encoded rows, one a column of the array.

        Encoded columns first, then ones, then responses.
        """
        r = self.encoder.labels.n_responses
        if self.noise is not None and not self.encoder.labels.kind.has_classes:
            columns[-r:] = np.clip(columns[-r:], -_CLIPPED_RESPONSE, _CLIPPED_RESPONSE)
        for joint, part in zip(self._joints, self._weighted(columns, weights), strict=True):
            bounded = part if self.noise is None else self.noise.shortened(part)
            joint += bounded @ bounded.T  # one matrix twice: BLAS does half of the product
        self.n_rows += columns.shape[1]

    def _weighted(self, columns: Floats, weights: Floats | None) -> Iterable[Floats]:
        if self.encoder.point is None:
            yield columns if weights is None else columns * np.sqrt(weights)
            return
        q = self.encoder.point.shape[1]
        design = columns[:q]
        curvature, z = working(design.T, columns[q:].T, self.encoder.point)
        for w, response in zip(curvature.T, z.T, strict=True):
            root = np.sqrt(w if weights is None else w * weights)
            yield np.concatenate([design, response[None]]) * root

    def join(self, other: Accumulator) -> Accumulator:
        """Return this one with another's rows added; noise is still to come."""
        self._joints = self._joints + other._joints
        self.n_rows += other.n_rows
        self.n_foreign += other.n_foreign
        return self

    def summary(self, *, min_rows: int = 0, origin: str = "the data") -> GramSummary:
        """Return the statistics of all rows added.

        Raises
        ------
        DataError
            If there are fewer than ``min_rows``.
        """
        if self.n_rows < min_rows:
            left_out = f" ({self.n_foreign} left out)" if self.n_foreign else ""
            raise DataError(
                f"There are {self.n_rows} rows in {origin}{left_out}, fewer than {min_rows}: their"
                " statistics would tell too much of each.",
                hint="add rows; or lower the limit (--min-rows) if each of them may be known",
            )
        joints, n_rows, noise = self._joints, self.n_rows, self.noise
        if noise is not None:
            joints, n_rows = noise.added(joints, n_rows)
        q, r = len(self.encoder.outputs) + 1, self.encoder.labels.n_responses
        if self.encoder.point is None:
            moments, powers = joints[0, q:, :q], np.diag(joints[0])[q:]
        else:
            moments, powers = joints[:, q, :q], joints[:, q, q]
        return GramSummary(
            self.encoder,
            n_rows,
            joints[:, :q, :q].copy(),
            moments.copy(),
            powers.reshape(r).copy(),
            noised=None if noise is None else noise.epsilon,
            delta=0.0 if noise is None else noise.delta,
        )


def joined(sums: Sequence[Joins]) -> Joins:
    """Return the sum of parts, in pairs and in order.

    The shape depends on their number alone, so the bytes do not depend on where each was made; and
    rounding grows with its depth, not with the number of parts.

    Examples
    --------
    >>> class Text(str):
    ...     def join(self, other): return Text(f"({self}{other})")
    >>> joined([Text("a"), Text("b"), Text("c")])
    '((ab)c)'
    """
    parts = list(sums)
    while len(parts) > 1:
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [pair[0].join(pair[1]) if len(pair) == 2 else pair[0] for pair in pairs]
    return parts[0]


def _checked_weights(weights: Any, n_rows: int, origin: str) -> Floats | None:
    if weights is None:
        return None
    values = np.asarray(weights, dtype=float)
    if values.shape != (n_rows,) or not np.isfinite(values).all() or (values < 0).any():
        raise DataError(
            f"The weights of {origin} must be {n_rows} finite numbers, none below 0.",
            hint="give one weight for each row; 0 leaves a row out",
        )
    return values
