"""A problem's rows as numbers, and its sources as their Gram matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.ranking.pooled_fits import PooledFits
from transfergap.data.digests import are_copies, row_keys
from transfergap.data.encoding import Encoder, GramSummary, LabelCode, fit_encoder, with_intercept
from transfergap.data.problem import Problem, Sample
from transfergap.data.task import Task
from transfergap.errors import DataError
from transfergap.safe.blend import linear_blend
from transfergap.safe.projection import fit_projection
from transfergap.safe.scores import RowEncoder
from transfergap.safe.sources import common_encoder
from transfergap.safe.subspace import (
    MOST_COLUMNS,
    RowStatistics,
    Statistics,
    Subspace,
    SummaryStatistics,
    subspace_of,
)

Floats = NDArray[np.float64]
MOST_ROWS = 5000  # of the target: of more, some are drawn, and tell enough


@dataclass(frozen=True)
class EncodedProblem:
    """Input of the linear engine.

    Parameters
    ----------
    names : tuple of str
        Sources that have rows, then those that are summaries.
    design : ndarray, shape (n_rows, q)
        Encoded target rows in all columns, the intercept's last.
    sources : tuple of Statistics
    fits : PooledFits
        The same, in a subspace where columns are many.
    space : Subspace
        That subspace.
    """

    names: tuple[str, ...]
    design: Floats
    sources: tuple[Statistics, ...]
    fits: PooledFits
    space: Subspace

    @property
    def variance(self) -> float:
        """Return the variance of the coded labels, the unit of losses."""
        return max(float(np.var(self.fits.responses, axis=0).mean()), 1e-12)

    def influence(self, *, seed: int) -> Floats:
        """Return each source's share in SafeTransfer's average, negative where it is reversed."""
        fits = self.fits
        weights = np.tile(fits.weights[:, None], (1, fits.responses.shape[1]))
        blend = linear_blend(
            self.design,
            fits.responses,
            weights,
            self.sources,
            caution=0.0,
            groups=fits.clusters,
            seed=seed,
        )
        assert blend.average is not None
        signed: Floats = blend.average.influence * (1.0 - 2.0 * blend.reversed_share)
        return signed


def encoded(
    problem: Problem, *, summaries: Mapping[str, GramSummary] | None = None, seed: int
) -> EncodedProblem:
    """Return a problem encoded for the linear engine.

    Columns are coded as in SafeTransfer, by the encoder of the summaries if there are any. Source
    rows of a group that the target has are left out: they would stay in when it is left out. Equal
    target rows are left out together.
    """
    summaries = summaries or {}
    target = _some_rows(problem.target, seed=seed)
    samples = {name: source.sample for name, source in problem.sources.items()}
    if target.groups is not None:
        groups = target.groups
        samples = {name: sample.without_groups(groups) for name, sample in samples.items()}
    samples = {name: sample for name, sample in samples.items() if len(sample)}
    encoder: RowEncoder = (
        _of_summaries(summaries, problem.task)
        if summaries
        else _encoder(target, list(samples.values()), problem.task, seed=seed)
    )
    design, responses, weights = _coded(encoder, target, "the target")
    sources: list[Statistics] = []
    for name, sample in samples.items():
        rows, labels, shares = _coded(encoder, sample, f"the source {name!r}")
        sources.append(RowStatistics(rows, labels, np.tile(shares[:, None], (1, labels.shape[1]))))
    sources += [SummaryStatistics(s.grams, s.moments, s.powers) for s in summaries.values()]
    # Wide columns are projected to fewer directions first, so that every subset of sources is one
    # small eigenproblem.
    space = subspace_of(design, sources, seed=seed)
    grams, moments, powers = space.statistics(1)
    fits = PooledFits(
        design=space.project(design),
        responses=responses,
        weights=weights,
        grams=grams[:, 0],
        moments=moments.transpose(0, 2, 1),
        powers=powers,
        clusters=_clusters(target),
    )
    return EncodedProblem((*samples, *summaries), design, tuple(sources), fits, space)


def _some_rows(target: Sample, *, seed: int) -> Sample:
    if len(target) <= MOST_ROWS:
        return target
    rng = np.random.default_rng([seed, 41])
    return target.rows(np.sort(rng.choice(len(target), MOST_ROWS, replace=False)))


def _clusters(target: Sample) -> NDArray[np.intp] | None:
    units = target.groups
    if units is None:
        keys = row_keys(target.X)
        if not are_copies(keys, target.y):
            return None
        units = keys
    numbers = np.unique(units, return_inverse=True)[1]
    return None if int(numbers.max()) + 1 == len(numbers) else numbers


def _of_summaries(summaries: Mapping[str, GramSummary], task: Task) -> Encoder:
    encoder = common_encoder(summaries, task)
    if encoder.point is not None:
        raise DataError(
            f"The summaries {', '.join(summaries)} are of a later round.",
            hint="use those of the first round, made with the encoder that was sent out first",
        )
    return encoder


def _encoder(target: Sample, sources: Sequence[Sample], task: Task, *, seed: int) -> RowEncoder:
    X, rows = target.X, [source.X for source in sources]
    if isinstance(X, list) or (hasattr(X, "tocsr") and X.shape[1] > MOST_COLUMNS):
        return fit_projection(X, rows, LabelCode.of(target.y, task), seed=seed)
    return fit_encoder(
        _dense(X),
        target.y,
        task=task,
        source_tables=[_dense(r) for r in rows],
        weights=target.weights,
    )


def _coded(encoder: RowEncoder, sample: Sample, role: str) -> tuple[Floats, Floats, Floats]:
    """Return encoded rows, responses and weights."""
    projected = isinstance(sample.X, list) or not hasattr(encoder, "columns")
    rows = with_intercept(encoder.encode(sample.X if projected else _dense(sample.X), role))
    weights = sample.weights_or_ones
    return rows, encoder.labels.responses(sample.y, role), weights


def _dense(X: Any) -> Any:
    return X.toarray() if hasattr(X, "toarray") else X
