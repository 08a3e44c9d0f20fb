"""Checks of causes of harm, to all rows or to subgroups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transfergap.analysis.checks.check import (
    Check,
    Evidence,
    Finding,
    NotApplicable,
    Strength,
    check,
)
from transfergap.analysis.repairs import Explanation, RepairOutcome
from transfergap.analysis.repairs.repair import CODES_BLANKED
from transfergap.analysis.subgroups.gaps import SubgroupGap
from transfergap.data.notations.spelling import listing
from transfergap.stats.gap import Verdict


@dataclass(frozen=True)
class Cause:
    """Cause whose repair recovered a loss due to a source.

    Parameters
    ----------
    code, title : str
    clause : str
        Description of the cause; it follows the name of the source.
    fix : str
        What to do; ``{source}`` is replaced.
    fix_of_codes : str
        What to do where the best repair read codes as missing values; empty if none does.
    """

    code: str
    title: str
    clause: str
    fix: str
    fix_of_codes: str = ""

    def findings(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for each arm of which this cause is named.

        Of an arm that is shown for information it is a note.
        """
        if not evidence.explanations:
            raise NotApplicable("no arm was looked at again: none hurts, or --explain is none")
        for explanation in evidence.explanations:
            if self.code not in explanation.causes:
                continue
            repairs = [o for o in explanation.repairs if o.code == self.code]
            best = max(repairs, key=lambda outcome: outcome.gain.estimate)
            sure = self.code in explanation.sure
            strength = Strength.STRONG if sure else Strength.MODERATE
            unit = evidence.problem.metric.title
            yield Finding(
                code=self.code,
                title=self.title,
                subject=explanation.source,
                strength=strength if explanation.arm in evidence.verdicts else Strength.NOTE,
                says=self._sentence(explanation, best, sure=sure, unit=unit),
                fix=self._fix(best).format(source=explanation.source),
                evidence={
                    "harm": explanation.harm.estimate,
                    "after": best.after.estimate,
                    "after_low": best.after.low,
                    "after_high": best.after.high,
                    "p_value": best.p_value,
                },
                repair_gap=best.gain.estimate,
                repair_low=best.gain.low,
                repair_high=best.gain.high,
            )

    def _fix(self, best: RepairOutcome) -> str:
        return self.fix_of_codes if best.repair == CODES_BLANKED else self.fix

    def _sentence(
        self, explanation: Explanation, best: RepairOutcome, *, sure: bool, unit: str
    ) -> str:
        sign = f": {best.sign}" if best.sign else ""
        after = best.after
        doubt = "" if sure else " This is the likeliest of the causes tried, not a sure one."
        return (
            f"In {explanation.source}, {self.clause}{sign}. With {best.repair}, the gap of"
            f" '{explanation.arm}' is {after.estimate:+.3f} {unit}"
            f" [{after.low:+.3f}, {after.high:+.3f}], from {explanation.harm.estimate:+.3f}.{doubt}"
        )


CAUSES: tuple[Cause, ...] = (
    Cause(
        "TG601",
        "measured differently",
        "columns are measured, coded or left out in another way",
        "Find out how {source} measures these columns and convert them. Until then, try it"
        ' converted: --arm "{source} matched-columns"',
        "If these codes of {source} mean missing, say so with --na (TG119 has the codes).",
    ),
    Cause(
        "TG602",
        "label shares mislead",
        "the classes have other shares",
        'Weight the rows of {source} to the target\'s class shares: --arm "{source} class-shares"',
    ),
    Cause(
        "TG603",
        "another population",
        "rows lie where the target has few",
        "Choose the rows of {source} that the target could have, or weight them by that:"
        ' --arm "{source} importance-weighted"',
    ),
    Cause(
        "TG604",
        "labels follow another rule",
        "the same columns go with other labels",
        "Label a sample of {source} by the target's rule and compare. Until then leave it out, or"
        ' correct it by what it misses: --arm "{source} relabelled"',
    ),
    Cause(
        "TG605",
        "noisy labels",
        "many labels are wrong",
        "Have the least likely labels of {source} checked. Until then, weigh them:"
        ' --arm "{source} likely-labels"',
    ),
    Cause(
        "TG606",
        "the source outweighs the target",
        "rows are many and somewhat different, so that the target hardly counts",
        'Hold its weight down: --arm "{source} balanced" --arm "{source} weighted"',
    ),
    Cause(
        "TG607",
        "the model fits too closely",
        "nothing need be wrong: the model has too much freedom for the rows of both",
        "Regularise the model more, or make it smaller, and run again.",
    ),
    Cause(
        "TG608",
        "a shortcut of the source",
        "a column tells the label in a way that does not hold here",
        "Find out why the column tells the label there, or leave it out of all files with --drop.",
    ),
    Cause(
        "TG609",
        "copies outweigh the rest",
        "a few rows are repeated many times",
        'Remove the copies from {source}: --arm "{source} deduplicated"',
    ),
)


CAUSE_CHECKS = tuple(Check(cause.code, cause.title, cause.findings) for cause in CAUSES)


def fix_of_any(code: str) -> str | None:
    """Return the remedy of a cause, with SOURCE for the source.

    Examples
    --------
    >>> fix_of_any("TG609")
    'Remove the copies from SOURCE: --arm "SOURCE deduplicated"'
    """
    return next((cause.fix.format(source="SOURCE") for cause in CAUSES if cause.code == code), None)


# The worst ones; the section on subgroups lists all.
_MOST_SUBGROUPS = 3


@check("TG401", "hurts a subgroup")
def hurts_subgroup(evidence: Evidence) -> Iterator[Finding]:
    """Find arms that hurt some rows, though not on average."""
    subgroups = evidence.subgroups
    if subgroups is None:
        raise NotApplicable(
            "no subgroups were named, and too few rows or no columns were there to search in"
        )
    if not subgroups.gaps:
        reason = (
            subgroups.notes[0].rstrip(".") if subgroups.notes else "no subgroup could be judged"
        )
        raise NotApplicable(reason)
    for arm, of_data in evidence.verdicts.items():
        # Subgroups are compared with the control, so the average is, too.
        total = evidence.estimates[arm].total
        verdict = of_data if total is None else total.verdict(evidence.problem.margin)
        hurt = [g for g in subgroups.gaps if g.arm == arm and g.verdict is Verdict.HURTS]
        if not hurt or verdict is Verdict.HURTS:
            continue
        yield _finding(evidence, arm, verdict, hurt, len(subgroups.gaps))


def _finding(
    evidence: Evidence, arm: str, verdict: Verdict, hurt: list[SubgroupGap], n_looks: int
) -> Finding:
    unit = evidence.problem.metric.title
    estimate = evidence.estimates[arm]
    average = estimate.gap if estimate.total is None else estimate.total
    assert average is not None
    costs = [
        f"{g.subgroup} ({g.n_rows} rows) by {-g.gap.estimate:.3f} {unit}"
        f" [{-g.gap.high:.3f}, {-g.gap.low:.3f}]"
        for g in hurt
    ]
    listed = listing(costs, _MOST_SUBGROUPS, mark="; ", more=", and ")
    helps = verdict is Verdict.HELPS
    on_average = "It helps on average" if helps else f"On average: {verdict}"
    return Finding.of(
        Strength.STRONG if helps else Strength.MODERATE,
        arm,
        f"{arm} hurts {listed}. {on_average},"
        f" {average.estimate:+.3f} [{average.low:+.3f}, {average.high:+.3f}]. Corrected for"
        f" {n_looks} looks, p = {hurt[0].p_hurts:.3f}.",
        "Use the control for these rows, or collect source rows like them; then audit again"
        " with the same subgroups.",
        {
            "gap": hurt[0].gap.estimate,
            "low": hurt[0].gap.low,
            "high": hurt[0].gap.high,
            "n_rows": float(hurt[0].n_rows),
            "average": average.estimate,
        },
    )
