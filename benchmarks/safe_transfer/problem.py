"""A task in closed form: Gram matrices of target and sources, which every rival shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.safe_transfer.ridge import PENALTIES, Fits, fit, spectrum, with_intercept
from benchmarks.safe_transfer.tasks import Task

Rows = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class LinearProblem:
    """Target and sources with an intercept column and labels on one scale.

    ``G`` and ``b`` hold X'X and X'y of each source, ``n_rows`` its rows. A label is
    ``level + scale`` times what is fitted here.
    """

    X: np.ndarray
    y: np.ndarray
    sources: tuple[Rows, ...]
    G0: np.ndarray
    b0: np.ndarray
    G: np.ndarray
    b: np.ndarray
    n_rows: np.ndarray
    kind: str
    level: float
    scale: float

    @classmethod
    def of(cls, task: Task) -> LinearProblem:
        """Labels become -1 and 1, or numbers of mean 0 in the target and about unit spread."""
        level, scale = 0.5, 0.5
        if task.kind == "regression":
            level = float(task.y.mean())
            within = [task.y - level, *(y - y.mean() for _, y in task.sources.values())]
            scale = float(np.concatenate(within).std()) or 1.0
        X, y = with_intercept(task.X), (task.y - level) / scale
        sources = tuple(
            (with_intercept(Xs), (ys - level) / scale) for Xs, ys in task.sources.values()
        )
        return cls.posed(X, y, sources, kind=task.kind, level=level, scale=scale)

    @classmethod
    def posed(
        cls,
        X: np.ndarray,
        y: np.ndarray,
        sources: Sequence[Rows],
        *,
        kind: str,
        level: float = 0.0,
        scale: float = 1.0,
    ) -> LinearProblem:
        """Form the Gram matrices."""
        return cls(
            X,
            y,
            tuple(sources),
            X.T @ X,
            X.T @ y,
            np.stack([Xs.T @ Xs for Xs, _ in sources]),
            np.stack([Xs.T @ ys for Xs, ys in sources]),
            np.array([len(ys) for _, ys in sources]),
            kind,
            level,
            scale,
        )

    @property
    def n_sources(self) -> int:
        return len(self.sources)

    def pooled(self, weights: np.ndarray) -> Fits:
        """Fit target rows together with weighted sources, a row of ``weights`` for each model."""
        G = self.G0 + np.tensordot(weights, self.G, 1)
        return fit(G, self.b0 + weights @ self.b, self.X, self.y)

    @cached_property
    def alone(self) -> Fits:
        """The target rows alone."""
        return self.pooled(np.zeros((1, self.n_sources)))

    @cached_property
    def one_source_in(self) -> Fits:
        """The target with each source in turn."""
        return self.pooled(np.eye(self.n_sources))

    @cached_property
    def source_spectra(self) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues and eigenvectors of the sources' Gram matrices."""
        return spectrum(self.G)

    def offset(self, prior: np.ndarray) -> Fits:
        """Fit what each of some models lacks on the target, and return the best corrected one.

        ``prior`` (n_models, p) must not have seen the target's labels, or leave-one-out is not
        exact. Two more penalties stand for hardly any correction.
        """
        found = fit(
            np.broadcast_to(self.G0, (len(prior), *self.G0.shape)),
            (self.y - prior @ self.X.T) @ self.X,
            self.X,
            (self.y - prior @ self.X.T)[:, None, :],
            penalties=(*PENALTIES, 1e4, 1e6),
        )
        held_out = prior @ self.X.T + found.held_out
        return Fits(prior + found.coef, held_out, found.error).best()
