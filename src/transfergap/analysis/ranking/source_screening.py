"""Sources by their chance to help, before an audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transfergap.analysis.ranking.evidence import SourceEvidence
from transfergap.analysis.ranking.gain import Gain
from transfergap.analysis.ranking.helping import GapLaw, ModelKind, calibration, gap_law
from transfergap.stats.gap import Gap

WORTH_USING = 0.5  # probability of helping from which a source is an answer: more likely than not


@dataclass(frozen=True)
class ScreenedSource:
    """A source with its evidence and its chances.

    Parameters
    ----------
    evidence : SourceEvidence
    law : GapLaw or None
        Distribution of its gap; ``None`` where no probabilities were measured.
    helps, hurts : float or None
        Probability of a gap above the margin, and below minus the margin.
    """

    evidence: SourceEvidence
    law: GapLaw | None
    helps: float | None
    hurts: float | None

    @property
    def name(self) -> str:
        """Return the source's name."""
        return self.evidence.source

    @property
    def matters(self) -> float | None:
        """Return the probability of a gap beyond the margin on either side."""
        return None if self.helps is None or self.hurts is None else self.helps + self.hurts

    @property
    def fitted(self) -> bool:
        """Return whether fits of the user's model are among the evidence."""
        return self.evidence.pooled is not None


@dataclass(frozen=True)
class TrackRecord:
    """Share of sources with such a probability that helped.

    Of tables that set no constant.

    Parameters
    ----------
    low, high : float
        Of the probability of helping.
    n_cases : int
    share : float
        Of them that helped.
    n_families : int
        Families of tables behind all cases.
    """

    low: float
    high: float
    n_cases: int
    share: float
    n_families: int


@dataclass(frozen=True)
class NextFits:
    """The worth of further fits.

    Parameters
    ----------
    source : str
        The source that they would test.
    n_fits : int
    spread, spread_after : float
        Standard deviation of what is known of its gap, now and about what it would be.
    """

    source: str
    n_fits: int
    spread: float
    spread_after: float


@dataclass(frozen=True)
class SourceScreening:
    """All sources of a target, the best chance to help first.

    Parameters
    ----------
    target : str
    n_target : int
        Labelled rows.
    metric : str
    margin : float
    kind : {"linear", "other"}
        Whether the model is linear in its columns.
    sources : tuple of ScreenedSource
    n_fits : int
        Fits that were spent.
    n_failed : int
        Sources that were fitted in vain: trials failed, or the gap has no bounds.
    record : TrackRecord or None
        Of probabilities as large as the best source's, at this budget.
    next_fits : NextFits or None
    notes : tuple of str
        Rows that were left out, and labels that look reversed.
    """

    target: str
    n_target: int
    metric: str
    margin: float
    kind: ModelKind
    sources: tuple[ScreenedSource, ...]
    n_fits: int = 0
    n_failed: int = 0
    record: TrackRecord | None = None
    next_fits: NextFits | None = None
    notes: tuple[str, ...] = ()

    @property
    def answer(self) -> str | None:
        """Return the source to use first; ``None`` means none of them."""
        best = self.sources[0]
        return best.name if best.helps is not None and best.helps > WORTH_USING else None

    @property
    def has_probabilities(self) -> bool:
        """Return whether probabilities were measured for these labels and this metric."""
        return self.sources[0].helps is not None


def screened(
    evidence: Sequence[SourceEvidence],
    *,
    n_target: int,
    margin: float,
    kind: ModelKind | None,
) -> tuple[ScreenedSource, ...]:
    """Return sources with their chances, the best first.

    Parameters
    ----------
    evidence : sequence of SourceEvidence
    n_target : int
    margin : float
    kind : {"linear", "other"}, optional
        ``None`` where no probabilities were measured: then by what the linear engine gains.

    Examples
    --------
    >>> good = SourceEvidence("good", 200, Gain(0.2, 0.05), Gain(0.1, 0.1), Gain(0.08, 0.01))
    >>> bad = SourceEvidence("bad", 200, Gain(-0.2, 0.05), Gain(-0.4, 0.1), Gain(-0.05, 0.01))
    >>> [s.name for s in screened([bad, good], n_target=50, margin=0.01, kind="linear")]
    ['good', 'bad']
    """
    sources = []
    for one in evidence:
        law: GapLaw | None = None if kind is None else gap_law(one, n_target, kind)
        chances = (None, None) if law is None else (law.above(margin), law.below(-margin))
        sources.append(ScreenedSource(one, law, *chances))
    return tuple(sorted(sources, key=_order))


def _order(source: ScreenedSource) -> tuple[float, float, str]:
    gain = source.evidence.one_in
    helps = 0.0 if source.helps is None else source.helps
    centre = (
        _measured_gain(source.evidence.pooled, gain) if source.law is None else (source.law.centre)
    )
    return -helps, -centre, source.name


def _measured_gain(pooled: Gap | None, one_in: Gain) -> float:
    return one_in.estimate if pooled is None else pooled.estimate


def track_record(helps: float, kind: ModelKind, *, fitted: bool) -> TrackRecord | None:
    """Return how often such a probability was right in the benchmark.

    ``None`` where there were no such cases.

    Examples
    --------
    >>> record = track_record(0.9, "linear", fitted=False)
    >>> record.low <= 0.9 <= record.high
    True
    """
    constants = calibration()
    for band in constants.bands.get(f"{kind}, {'folds' if fitted else '0'}", ()):
        if band["low"] <= helps <= band["high"]:
            return TrackRecord(
                band["low"],
                band["high"],
                int(band["cases"]),
                band["share"],
                constants.n_families,
            )
    return None
