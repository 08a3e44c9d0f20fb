"""The report of a fitted SafeTransfer, as text and table."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transfergap.data.notebook_card import Card, CardRow, card_html
from transfergap.data.one_line import one_line
from transfergap.safe.promise import ExpectedGain

if TYPE_CHECKING:
    import pandas as pd

_N_LISTED = 12  # sources in the text: by convention, as many as one screen holds
_REVERSED = 0.5  # probability from which a source is called reversed


@dataclass(frozen=True)
class SourceUse:
    """The use of a source.

    Parameters
    ----------
    name : str
    influence : float
        Share of the information behind the model, in [0, 1].
    reversed_share : float
        Probability that its labels are reversed.
    rows : float
        Labelled target rows that it counts for in the model.
    """

    name: str
    influence: float
    reversed_share: float
    rows: float = 0.0

    @property
    def use(self) -> str:
        """In words."""
        if self.influence < 0.005:
            return "not used"
        return "used; its labels look reversed" if self.reversed_share > _REVERSED else "used"


@dataclass(frozen=True)
class SafeReport:
    """Shown by ``print(model.report_)``; :meth:`to_frame` has a row a source."""

    alpha: float
    caution: str
    weights: Mapping[str, float]
    sources: tuple[SourceUse, ...]
    gain: ExpectedGain
    notes: tuple[str, ...] = ()
    credibility: float = 1.0

    def to_frame(self) -> pd.DataFrame:
        """Return columns source, influence, rows, reversed_share and use.

        The most influential first.
        """
        import pandas as pd

        rows = [(s.name, s.influence, s.rows, s.reversed_share, s.use) for s in self.sources]
        return pd.DataFrame(rows, columns=["source", "influence", "rows", "reversed_share", "use"])

    @property
    def _head(self) -> list[str]:
        """Sentences on the whole model."""
        if not self.sources:
            return ["The model is the control: there were no sources."]
        if self.alpha == 0:
            return [f"The model is the control: the sources were not trusted ({self.caution})."]
        percent = round(100 * self.credibility)
        return [
            f"{100 * self.alpha:.0f} % of the blend with sources, {100 * (1 - self.alpha):.0f} % of"
            f" the target-only model (caution: {self.caution}).",
            f"Expected gain over the target-only model: {self.gain} (90 % interval).",
            f"The target's own rows carry {percent} % of what the data say in it.",
        ]

    @property
    def text(self) -> str:
        """Some lines for a terminal, at most 88 columns."""
        lines = self._head
        if self.sources:
            lines += ["", f" {'source':<32} influence  as target rows"]
        for source in self.sources[:_N_LISTED]:
            bar = "█" * round(10 * source.influence)
            lines.append(
                f" {_fit(source.name):<32} {source.influence:9.2f} {source.rows:15,.0f}  {bar:<10}"
                f" {source.use}"
            )
        n_more = len(self.sources) - _N_LISTED
        if n_more > 0:
            total = sum(source.influence for source in self.sources[_N_LISTED:])
            rows = sum(source.rows for source in self.sources[_N_LISTED:])
            lines.append(f" {f'and {n_more} more':<32} {total:9.2f} {rows:15,.0f}")
        for note in self.notes:
            lines += ["", *textwrap.wrap(note, 88)]
        return "\n".join(line.rstrip() for line in lines)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        title, *notes = self._head
        rows = [
            CardRow(
                (one_line(s.name), f"{s.influence:.2f}", f"{s.rows:,.0f}", s.use),
                tone="hurts" if s.reversed_share > _REVERSED else "plain",
            )
            for s in self.sources[:_N_LISTED]
        ]
        n_more = len(self.sources) - len(rows)
        more = (f"and {n_more} more: `report_.to_frame()`",) if n_more else ()
        columns = ("source", "influence", "as target rows", "use")
        footnotes = (*more, *map(one_line, self.notes))
        return card_html(Card(title, "", tuple(notes), columns, tuple(rows), footnotes=footnotes))


def _fit(name: str) -> str:
    return name if len(name) <= 32 else name[:15] + "…" + name[-16:]


def safe_report(
    *,
    alpha: float,
    caution: str | float,
    weights: Mapping[str, float],
    influence: Mapping[str, float],
    reversed_share: Mapping[str, float],
    rows: Mapping[str, float],
    credibility: float,
    gain: ExpectedGain,
    notes: tuple[str, ...] = (),
) -> SafeReport:
    """Return the report of a fit, the most influential source first."""
    uses = [
        SourceUse(name, influence[name], reversed_share[name], rows[name]) for name in influence
    ]
    uses.sort(key=lambda source: -source.influence)
    caution_text = caution if isinstance(caution, str) else f"{caution:g}"
    return SafeReport(alpha, caution_text, dict(weights), tuple(uses), gain, notes, credibility)
