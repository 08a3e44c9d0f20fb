"""A result as a table for further work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfergap.analysis.result import AuditResult
from transfergap.report.choice import verdict_words

if TYPE_CHECKING:
    import pandas as pd


def to_frame(result: AuditResult) -> pd.DataFrame:
    """Return one row an arm, the control first.

    Returns
    -------
    DataFrame
        Columns arm, sources (joined by commas), score, estimate, low, high, verdict,
        smallest_margin, p_helps, p_hurts, n_pairs, over_control (the gap to the control, which is
        ``estimate`` for all arms but the safe model), expected, p_cost and p_gain. Where there is
        no number there is NaN, and ``<NA>`` for pairs; the verdict of the control is "reference",
        that of arms not judged "for information".
    """
    import pandas as pd

    arms = result.arms
    gaps = [arm.gap for arm in arms]

    def numbers(name: str) -> pd.Series[float]:
        return pd.Series([getattr(gap, name, None) for gap in gaps], dtype="float64")

    return pd.DataFrame(
        {
            "arm": pd.Series([arm.arm for arm in arms], dtype="object"),
            "sources": pd.Series([", ".join(arm.sources) for arm in arms], dtype="object"),
            "score": pd.Series([arm.score for arm in arms], dtype="float64"),
            "estimate": numbers("estimate"),
            "low": numbers("low"),
            "high": numbers("high"),
            "verdict": pd.Series([verdict_words(result, arm)[1] for arm in arms], dtype="object"),
            "smallest_margin": numbers("smallest_margin"),
            "p_helps": numbers("p_helps"),
            "p_hurts": numbers("p_hurts"),
            "n_pairs": pd.Series([getattr(gap, "n_pairs", None) for gap in gaps], dtype="Int64"),
            "over_control": pd.Series(
                [getattr(arm.over_control, "estimate", None) for arm in arms], dtype="float64"
            ),
            **{
                name: pd.Series([getattr(arm.outlook, name, None) for arm in arms], dtype="float64")
                for name in ("expected", "p_cost", "p_gain")
            },
        }
    )
