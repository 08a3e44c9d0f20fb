"""Sources in order of harm, each with its scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transfergap.analysis.repairs.explanation import Interval

if TYPE_CHECKING:
    import pandas as pd

# Columns of a terminal, as everywhere.
WIDTH = 88
_NAME = 22


@dataclass(frozen=True)
class SourceRank:
    """Rank and scores of one source.

    Gains of the linear engine are shares of the variance of the target's labels (points of R2, on
    labels coded -1 and 1 where they are classes); positive helps.

    Parameters
    ----------
    source : str
    rank : Interval
        Mean of its ranks by every score; 1 is the most harmful source.
    one_in : Interval
        Linear engine: target and this source, against the target alone.
    alone : Interval
        Linear engine: this source alone, against the target alone.
    leave_one_out : Interval
        Linear engine: all sources, against all but this one.
    banzhaf : Interval
        Linear engine: what adding this source gains, on average over subsets of the others.
    influence : float
        Its share, before the dial, in the information behind SafeTransfer's model; negative where
        that uses its labels reversed.
    pooled, only : Interval or None
        Gaps of the arms ``SOURCE pooled`` and ``SOURCE only`` of the model under audit, in units of
        the metric. Where every source has them, they stand in for ``one_in`` and ``alone`` in
        ``rank``.
    n_fits : int
        Trials of these two arms; everything else costs no fit.
    """

    source: str
    rank: Interval
    one_in: Interval
    alone: Interval
    leave_one_out: Interval
    banzhaf: Interval
    influence: float
    pooled: Interval | None = None
    only: Interval | None = None
    n_fits: int = 0


@dataclass(frozen=True)
class SourceRanking:
    """All sources of an audit, the most harmful first.

    Parameters
    ----------
    sources : tuple of SourceRank
    level : float
        Of every interval.
    n_subsets : int
        Subsets of sources that were fitted for the Banzhaf values.
    exact : bool
        Whether these are all subsets, and no sample.
    """

    sources: tuple[SourceRank, ...]
    level: float
    n_subsets: int
    exact: bool

    @property
    def by_model(self) -> tuple[str, ...]:
        """Return the scores taken from the model under audit.

        ``pooled``, ``only`` or none.
        """
        return tuple(
            name
            for name in ("pooled", "only")
            if all(getattr(source, name) is not None for source in self.sources)
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a source, the most harmful first.

        Returns
        -------
        DataFrame
            Columns source; rank, one_in, alone, leave_one_out, banzhaf, pooled and only, each with
            ``_low`` and ``_high`` next to it; influence and n_fits. NaN where there is no such arm.
        """
        import pandas as pd

        rows = []
        for ranked in self.sources:
            row: dict[str, object] = {"source": ranked.source}
            for name in _INTERVALS:
                interval: Interval | None = getattr(ranked, name)
                row[name] = None if interval is None else interval.estimate
                row[f"{name}_low"] = None if interval is None else interval.low
                row[f"{name}_high"] = None if interval is None else interval.high
            rows.append(row | {"influence": ranked.influence, "n_fits": ranked.n_fits})
        frame = pd.DataFrame(rows)
        numbers = [f"{name}{end}" for name in _INTERVALS for end in ("", "_low", "_high")]
        return frame.astype(dict.fromkeys(numbers, "float64"))

    @property
    def text(self) -> str:
        """Return a line a source, at most 88 columns."""
        pooled = "pooled" in self.by_model
        head = "model, pooled" if pooled else "one in"
        lines = [
            f" {len(self.sources)} sources by harm, the worst first; gains, positive helps"
            f" [{100 * self.level:g}% interval]",
            "",
            f" {'source':<{_NAME}} {'mean rank':<16} {head:<23} Banzhaf, linear engine",
        ]
        for source in self.sources:
            first = source.pooled if pooled and source.pooled is not None else source.one_in
            lines.append(
                f" {_fit(source.source):<{_NAME}} {_places(source.rank):<16}"
                f" {_gain(first):<23} {_gain(source.banzhaf)}"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text


_INTERVALS = ("rank", "one_in", "alone", "leave_one_out", "banzhaf", "pooled", "only")


def _fit(name: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    half = _NAME // 2
    return plain if len(plain) <= _NAME else plain[: half - 1] + "…" + plain[-half:]


def _places(rank: Interval) -> str:
    return f"{rank.estimate:.1f} [{rank.low:.1f}, {rank.high:.1f}]"


def _gain(gain: Interval) -> str:
    return f"{gain.estimate:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
