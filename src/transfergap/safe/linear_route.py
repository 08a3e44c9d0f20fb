"""From rows and summaries to a linear model, in rounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding import GramSummary, working
from transfergap.safe.blend import LinearBlend, linear_blend
from transfergap.safe.subspace import RowStatistics, Statistics, SummaryStatistics
from transfergap.stats.one_thread import one_thread

Floats = NDArray[np.float64]
# A Newton step at zero is least squares on -1 and 1 if its weights count fourfold and its response
# half: so all rounds are in one scale, and one set of constants serves them.
_WEIGHT, _RESPONSE = 4.0, 0.5


@dataclass(frozen=True)
class EncodedRows:
    """Rows ready for the engine.

    ``design`` (n_rows, q), the intercept last; ``responses`` (n_rows, n_responses); ``copies``
    (n_rows,) sample weights, or ``None``.
    """

    design: Floats
    responses: Floats
    copies: Floats | None = None

    def working(self, point: Floats | None) -> tuple[Floats, Floats]:
        """Return weights and responses of a round, in the engine's scale."""
        weights, responses = working(self.design, self.responses, point)
        if point is not None:
            weights, responses = weights * _WEIGHT, responses * _RESPONSE
        if self.copies is not None:
            weights = weights * self.copies[:, None]
        return weights, responses


def blended(
    target: EncodedRows,
    rows: Mapping[str, EncodedRows | SummaryStatistics],
    summaries: Mapping[str, GramSummary],
    order: tuple[str, ...],
    *,
    point: Floats | None,
    caution: float,
    groups: NDArray[np.intp] | None,
    seed: int,
) -> LinearBlend:
    """Run one round of the engine; sources in the order given.

    In one thread: its matrices are small, and the same bytes come out however many cores there are.
    """
    with one_thread(blas_only=True):
        weights, responses = target.working(point)
        sources = [_statistics(rows, summaries, name, point) for name in order]
        return linear_blend(
            target.design,
            responses,
            weights,
            sources,
            caution=caution,
            groups=groups,
            copies=target.copies,
            seed=seed,
        )


def by_content(
    rows: Mapping[str, EncodedRows | SummaryStatistics],
    summaries: Mapping[str, GramSummary],
    order: tuple[str, ...],
    *,
    point: Floats | None,
) -> tuple[str, ...]:
    """Sort sources by what they hold, whatever their names and order.

    They are visited in turn, so that another order would be another model.
    """

    def pull(name: str) -> list[float]:
        # Rounded: sums of the same rows in another order differ in the last digits.
        moments = _statistics(rows, summaries, name, point).pull()
        return [round(float(value), 6) for value in moments.ravel()]

    return tuple(sorted(order, key=pull))


def _statistics(
    rows: Mapping[str, EncodedRows | SummaryStatistics],
    summaries: Mapping[str, GramSummary],
    name: str,
    point: Floats | None,
) -> Statistics:
    if name in summaries:
        return _of_summary(summaries[name], newton=point is not None)
    source = rows[name]
    if isinstance(source, SummaryStatistics):
        return source
    weights, responses = source.working(point)
    return RowStatistics(source.design, responses, weights)


def _of_summary(summary: GramSummary, *, newton: bool) -> SummaryStatistics:
    if not newton:
        return SummaryStatistics(summary.grams, summary.moments, summary.powers)
    return SummaryStatistics(
        summary.grams * _WEIGHT,
        summary.moments * (_WEIGHT * _RESPONSE),
        summary.powers * (_WEIGHT * _RESPONSE**2),
    )
