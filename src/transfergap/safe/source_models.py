"""Models of single sources and of pools; failures become notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample
from transfergap.safe.counted_fits import CountedFits
from transfergap.safe.members import Part
from transfergap.safe.sources import SourceRows

Floats = NDArray[np.float64]
PREFIXES = (0.25, 0.5, 0.75)  # of the ranked sources


@dataclass(frozen=True)
class SourceModels:
    """The fitted source models by position, and notes on failed ones."""

    samples: dict[int, Sample]
    parts: dict[int, Part]
    notes: tuple[str, ...]


def source_models(
    fits: CountedFits, sources: dict[int, SourceRows], n_sources: int
) -> SourceModels:
    """Return a model of each source. Cost: a fit a source.

    Parameters
    ----------
    fits : CountedFits
    sources : dict of int to SourceRows
        By place among all ``n_sources``, some of which may have no rows here.
    n_sources : int

    Notes
    -----
    A source whose fit or predictions fail is left out, and a note says why: one odd source must not
    take the others away.
    """
    samples, parts, notes = {}, {}, []
    for place, source in sources.items():
        prefix = f"The source {source.name!r} has no model of its own:"
        try:
            sample = fits.source_sample(source)
            if fits.has_one_class(sample):
                notes.append(f"{prefix} it has one class only.")
                samples[place] = sample
                continue
            model = fits.fitted(sample)
            scores = fits.scores(model, fits.target.X)
        except Exception as error:  # whatever the user's estimator raises; it is reported
            notes.append(f"{prefix} {_in_short(error)}")
            continue
        samples[place] = sample
        parts[place] = Part(model, scores, np.eye(n_sources)[place])
    return SourceModels(samples, parts, tuple(notes))


def pool_sizes(n_sources: int) -> tuple[int, ...]:
    """Return the numbers of sources in the pools.

    Examples
    --------
    >>> pool_sizes(8), pool_sizes(1), pool_sizes(0)
    ((2, 4, 6), (1,), ())
    """
    sizes = {max(1, round(n_sources * share)) for share in PREFIXES}
    return tuple(sorted(sizes)) if n_sources else ()


def pools(
    fits: CountedFits, samples: dict[int, Sample], ranking: Sequence[int], n_sources: int
) -> tuple[list[Part], tuple[str, ...]]:
    """Fit models of the target and its best sources.

    The pools hold a quarter, half and three quarters of them.

    Parameters
    ----------
    fits : CountedFits
    samples : dict of int to Sample
        By place among all ``n_sources``.
    ranking : sequence of int
        Places in ``samples``, the best first.
    n_sources : int

    Notes
    -----
    Cost: six fits a pool, five of them without a fold of target rows each. Nested pools of ranked
    sources are those of Li, Cai and Li (2022, section 3), ranked by the linear engine's belief.
    """
    parts, notes = [], []
    for size in pool_sizes(len(ranking)):
        chosen = [samples[place] for place in ranking[:size]]
        try:
            left_out = fits.held_out(chosen)
            model = fits.with_target(chosen)
        except Exception as error:  # as above
            notes.append(f"The pool of {size} sources has no model: {_in_short(error)}")
            continue
        total = len(fits.target) + sum(map(len, chosen))
        influence = np.zeros(n_sources)
        for place in ranking[:size]:
            influence[place] = len(samples[place]) / total
        parts.append(Part(model, left_out, influence))
    return parts, tuple(notes)


def _in_short(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:200]}"
