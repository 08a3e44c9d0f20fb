"""Scores that were made elsewhere, paired and judged like our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from transfergap._version import __version__
from transfergap.analysis.long_tables import check_finite, check_table, names_in, numbers_in
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
        arms have. Missing trials cost their pair. Where no seed changes a score, in all splits, the
        seeds of a split count as one: they are one measurement, repeated.
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
        If an arm has fewer than two pairs, or its seeds repeat one score.
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
    repeated: list[str] = []
    for arm in names:
        every = control.to_frame("control").join(table.loc[arm].rename("treated"), how="inner")
        pairs = _without_repeats(every)
        if len(pairs) < len(every):
            repeated.append(arm)
        if len(pairs) < 2:
            raise _too_few_error(arm, len(every), len(pairs))
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
        method_notes=(
            f"Scores were made elsewhere and taken as {kind}; nothing was checked.",
            *_notes_on_repeats(repeated),
        ),
        fingerprint="",
        versions={},
    )


def _without_repeats(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return one pair a split where no seed changes a score.

    Whole numbers may be the best and the worst score there are, which seeds reach alike.
    """
    by_split = pairs.groupby(level="split")
    differs = (by_split.nunique() > 1).to_numpy().any()
    if differs or (by_split.size() < 2).all() or (pairs == np.floor(pairs)).to_numpy().all():
        return pairs
    return by_split.head(1)


def _too_few_error(arm: str, n_pairs: int, n_left: int) -> PairingError:
    if n_left < n_pairs:
        return PairingError(
            f"The {n_pairs} pairs of arm {arm!r} with the control are the same two scores, which is"
            " one measurement.",
            hint="give scores of other splits, or of seeds that change the training: it may ignore"
            " its seed",
        )
    return PairingError(
        f"Arm {arm!r} has {n_pairs} pairs with the control.",
        hint="give it scores of the same splits and seeds",
    )


def _notes_on_repeats(arms: list[str]) -> tuple[str, ...]:
    if not arms:
        return ()
    return (
        f"In {', '.join(arms)} no seed changes a score, so that the seeds of a split count as one.",
    )


def _checked(scores: pd.DataFrame) -> pd.Series:
    """Return the scores indexed by arm, split and seed."""
    check_table(scores, "scores", columns=COLUMNS)
    if len(scores) == 0:
        raise DataError("There are no scores.", hint=f"the columns are: {', '.join(COLUMNS)}")
    arms = names_in(scores, "arm", "scores")
    for name in ("split", "seed"):
        names_in(scores, name, "scores")
    hint = "leave failed trials out; their pairs are dropped"
    values = numbers_in(scores, "score", "scores", hint=hint).astype(float)
    check_finite(values, "score", "scores", hint=hint)
    table = scores.assign(score=values, arm=arms)
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
