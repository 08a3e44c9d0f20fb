"""Checks of associations and units of columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.data.divergences.column_profiles import column_names
from transfergap.data.divergences.columns_apart import (
    number_columns,
    thousands_factor,
    unit_factor,
)
from transfergap.stats.gap import Verdict

# The lower end of the interval: three pairs of four are told apart. Smaller differences are common
# among sources that help.
_CLEAR_AUC = 0.75
# Of the source: two rows in each of the five folds of the classifier.
FEWEST_ROWS = 10
# Total variation: one label in ten lies elsewhere. Significance alone grows with the rows.
_CLEAR_SHARE = 0.10


def _hurts_alone(evidence: Evidence, source: str) -> bool:
    arms = evidence.design.treatments
    return any(
        arm.sources == (source,) and evidence.verdicts.get(arm.name) is Verdict.HURTS
        for arm in arms
    )


@check("TG201", "inputs differ")
def inputs_differ(evidence: Evidence) -> Iterator[Finding]:
    """Test whether a classifier separates source rows from target rows.

    References
    ----------
    Lopez-Paz and Oquab (2017), Revisiting Classifier Two-Sample Tests, section 3.
    """
    from transfergap.data.divergences import domain_auc

    problem = evidence.problem
    for name, source in evidence.tried_sources.items():
        if len(source.sample) < FEWEST_ROWS:
            continue
        value = domain_auc(problem.target, source.sample, seed=evidence.design.seed)
        if value.low < _CLEAR_AUC:
            continue
        yield Finding.of(
            Strength.MODERATE if _hurts_alone(evidence, name) else Strength.NOTE,
            name,
            f"A model tells rows of {name} from target rows with AUC {value.auc:.2f}"
            f" [{value.low:.2f}, {value.high:.2f}] (permutation p {_p(value.p_value)}). By"
            " itself this is no evidence of harm: sources that are easy to tell apart may help"
            " or hurt.",
            "Look for columns measured or coded differently.",
            {
                "auc": value.auc,
                "low": value.low,
                "high": value.high,
                "p_value": value.p_value,
            },
        )


@check("TG202", "label shares differ")
def label_shares_differ(evidence: Evidence) -> Iterator[Finding]:
    """Compare the label shares of each source with the target's."""
    if not evidence.problem.task.has_classes:
        raise NotApplicable("the labels are numbers")
    from scipy.stats import chi2_contingency

    problem = evidence.problem
    for name, source in problem.sources.items():
        counts = np.array(
            [
                [np.count_nonzero(y == label) for label in problem.classes]
                for y in (problem.target.y, source.sample.y)
            ]
        )
        shares = counts / counts.sum(axis=1, keepdims=True)
        distance = 0.5 * float(np.abs(shares[0] - shares[1]).sum())
        p_value = float(chi2_contingency(counts).pvalue)
        # Both: large enough to matter, and at 1 % no chance.
        if distance < _CLEAR_SHARE or p_value > 0.01:
            continue
        largest = int(np.argmax(np.abs(shares[0] - shares[1])))
        yield Finding.of(
            Strength.MODERATE if _hurts_alone(evidence, name) else Strength.NOTE,
            name,
            f"{problem.classes[largest]!s} is {100 * shares[1, largest]:.0f} % of {name} and"
            f" {100 * shares[0, largest]:.0f} % of the target (chi-square p"
            f" {'< 0.001' if p_value < 0.001 else f'= {p_value:.3f}'}). An association, not"
            " yet a cause.",
            "Try a learner with class weights, or reweight the source to the target's shares.",
            {"total_variation": distance, "p_value": p_value},
        )


@check("TG203", "what the source teaches does not hold here")
def concept_gap(evidence: Evidence) -> Iterator[Finding]:
    """Compare a model of the source alone with the control.

    Both are tested on the target. Of an arm that is shown for information it is a note.
    """
    alone = [
        arm
        for arm in evidence.design.treatments
        if not getattr(arm.learner, "uses_target", True)
        and len(arm.sources) == 1
        and evidence.estimates[arm.name].gap
    ]
    if not alone:
        raise NotApplicable("no arm was trained on a source alone, or none has an interval")
    names = [arm.name for arm in alone]
    unit = evidence.problem.metric.title
    for name in names:
        gap = evidence.estimates[name].gap
        source = evidence.design.arm(name).sources[0]  # type: ignore[union-attr]
        if gap is None or gap.high >= 0:
            continue
        yield Finding.of(
            Strength.MODERATE if name in evidence.verdicts else Strength.NOTE,
            source,
            f"A model trained on {source} alone is worse on the target than the control, by"
            f" {-gap.estimate:.3f} {unit} [{-gap.high:.3f}, {-gap.low:.3f}]. This"
            " is an association: it does not say why.",
            "Look at the rows on which the two models disagree.",
            {"gap": gap.estimate, "low": gap.low, "high": gap.high},
        )


def _p(p_value: float) -> str:
    return "<= 0.001" if p_value <= 0.001 else f"= {p_value:.3f}"


@check("TG113", "units look different")
def units_differ(evidence: Evidence) -> Iterator[Finding]:
    """Find number columns in another unit than the target's.

    They fit the target after division by a factor between units.

    Notes
    -----
    Ours; see :func:`transfergap.data.divergences.columns_apart.unit_factor`.
    """
    if evidence.problem.kind in ("texts", "sparse"):
        raise NotApplicable("only tables and arrays have columns with units")
    target = {name: values for _, name, values in number_columns(evidence.problem.target.X)}
    for source_name, source in evidence.problem.sources.items():
        names = column_names(source.sample.X)
        for j, name, values in number_columns(source.sample.X):
            if name not in target:
                continue
            points = thousands_factor(target[name], values)
            factor = points or unit_factor(target[name], values)
            if factor is None:
                continue
            size = f"{factor:g} times larger" if factor > 1 else f"{1 / factor:g} times smaller"
            yield Finding.strong(
                source_name,
                f"Column {name} is {size} in {source_name} than in the target (median"
                f" {np.median(values):.4g} against {np.median(target[name]):.4g}), and alike"
                " once that factor is taken out.",
                _remedy(name, source_name, factor, thousands=points is not None),
                {"factor": factor},
            ).about([names[j]])


def _remedy(name: str, source_name: str, factor: float, *, thousands: bool) -> str:
    remedy = f"If the unit differs, divide column {name} of {source_name} by {factor:g}."
    if thousands:
        remedy += " One file may mark thousands with points (1.250 for 1250): write them without."
    return remedy
