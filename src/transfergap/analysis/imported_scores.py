"""Scores that were made elsewhere, paired and judged like our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from transfergap._version import __version__
from transfergap.analysis.result import SCHEMA, ArmOutcome, AuditResult, TargetInfo
from transfergap.errors import DataError, PairingError, accepts_old_arguments
from transfergap.experiment.design import CONTROL
from transfergap.stats import smallest_visible_gap
from transfergap.stats.gap import LEVEL, Gap, Verdict, check_margin, compare_scores, judge

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("arm", "split", "seed", "score")


@accepts_old_arguments
def assess_scores(
    scores: pd.DataFrame,
    *,
    margin: float,
    metric: str = "score",
    greater_is_better: bool = True,
    independent: bool = False,
    name: str = "imported scores",
) -> AuditResult:
    """Judge a table of scores, one row a trial.

    The arm named ``control`` is among them.

    Parameters
    ----------
    scores : DataFrame
        Columns ``arm``, ``split``, ``seed`` and ``score``; a pair is one split and seed that both
        arms have. Missing trials cost their pair.
    margin : float
        > 0, in units of the score.
    metric : str
        Name of the score.
    greater_is_better : bool
    independent : bool
        True if splits do not share rows or runs (separate users, separate RL seeds): then an
        ordinary paired t. False takes splits for the folds of cross-validation and corrects for the
        training rows that they share.
    name : str

    Raises
    ------
    DataError
        If columns, the control or scores are missing.
    PairingError
        If an arm has fewer than two pairs.
    """
    check_margin(margin)
    table = _checked(scores)
    control = table.loc[CONTROL]
    n_splits = table.index.get_level_values("split").nunique()
    if not independent and n_splits < 2:
        raise DataError(
            "All scores are of one split, so there are no folds to correct for.",
            hint="if the pairs are independent seeds, say so: --independent",
        )
    ratio = None if independent else 1.0 / (n_splits - 1)
    names = [arm for arm in table.index.get_level_values("arm").unique() if arm != CONTROL]
    gaps: list[Gap] = []
    for arm in names:
        pairs = control.to_frame("control").join(table.loc[arm].rename("treated"), how="inner")
        if len(pairs) < 2:
            raise PairingError(
                f"Arm {arm!r} has {len(pairs)} pairs with the control.",
                hint="give it scores of the same splits and seeds",
            )
        gaps.append(
            compare_scores(
                pairs["control"],
                pairs["treated"],
                test_to_train=ratio,
                greater_is_better=greater_is_better,
            )
        )
    verdicts = judge(gaps, margin)
    counts = table.groupby(level="arm").size()
    # The control has no gap; its row heads the table.
    first = ArmOutcome(
        CONTROL,
        (),
        False,
        float(control.mean()),
        None,
        None,
        False,
        None,
        int(counts[CONTROL]),
        int(counts[CONTROL]),
        0,
    )
    arms = [
        ArmOutcome(
            arm,
            (),
            True,
            float(table.loc[arm].mean()),
            gap,
            verdict,
            verdict is Verdict.NOT_ENOUGH_EVIDENCE and gap.verdict(margin) is not verdict,
            None,
            int(counts[arm]),
            int(counts[arm]),
            0,
        )
        for arm, gap, verdict in zip(names, gaps, verdicts, strict=True)
    ]
    visible = [smallest_visible_gap(gap.error, gap.df) for gap in gaps if gap.error > 0]
    kind = "independent pairs" if independent else f"folds of a {n_splits}-fold cross-validation"
    return AuditResult(
        schema=SCHEMA,
        version=__version__,
        metric=metric,
        metric_title=metric,
        metric_unit=metric,
        margin=margin,
        level=LEVEL,
        effort="imported",
        seed=0,
        learner="run elsewhere",
        target=TargetInfo(name, None, None, "imported", (), None),
        sources=(),
        arms=(first, *arms),
        findings=(),
        silent_checks=(),
        failures=(),
        smallest_visible_gap=float(np.median(visible)) if visible else None,
        method_notes=(f"Scores were made elsewhere and taken as {kind}; nothing was checked.",),
        fingerprint="",
        versions={},
    )


def _checked(scores: pd.DataFrame) -> pd.Series:
    """Return the scores indexed by arm, split and seed."""
    missing = [column for column in COLUMNS if column not in scores.columns]
    if missing:
        raise DataError(
            f"The scores have no column {missing[0]!r}.",
            hint=f"the columns are: {', '.join(COLUMNS)}",
        )
    if len(scores) == 0:
        raise DataError("There are no scores.", hint=f"the columns are: {', '.join(COLUMNS)}")
    try:
        values = scores["score"].astype(float)
    except (ValueError, TypeError) as error:
        raise DataError(f"A score is no number: {error}.", hint="leave failed trials out") from None
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise DataError(
            f"The score in row {row} is not a finite number.",
            hint="leave failed trials out; their pairs are dropped",
        )
    table = scores.assign(score=values, arm=scores["arm"].astype(str))
    doubled = table.duplicated(["arm", "split", "seed"])
    if doubled.any():
        first = table[doubled].iloc[0]
        raise DataError(
            f"Arm {first['arm']!r} has two scores for split {first['split']}, seed"
            f" {first['seed']}.",
            hint="give one score for each arm, split and seed",
        )
    if CONTROL not in set(table["arm"]):
        raise DataError(
            f"No arm is called {CONTROL!r}.",
            hint="rename the arm trained on the target alone to `control`",
        )
    if table["arm"].nunique() < 2:
        raise DataError("There is only the control.", hint="add the scores of another arm")
    return table.set_index(["arm", "split", "seed"])["score"]
