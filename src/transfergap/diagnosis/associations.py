"""How target and source differ: associations, which by themselves explain nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from transfergap.diagnosis.check import Evidence
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength
from transfergap.gap import Verdict

_CLEAR_AUC = 0.75
FEWEST_ROWS = 10
_CLEAR_SHARE = 0.10


def _hurts_alone(evidence: Evidence, source: str) -> bool:
    arms = evidence.design.treatments
    return any(
        arm.sources == (source,) and evidence.verdicts.get(arm.name) is Verdict.HURTS
        for arm in arms
    )


@dataclass(frozen=True)
class InputsDiffer:
    """Classifier two-sample test: can a model tell source rows from target rows?

    References
    ----------
    Lopez-Paz and Oquab (2017), Revisiting Classifier Two-Sample Tests, section 3.
    """

    code: str = "TG201"
    title: str = "inputs differ"

    def examine(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for each source that is told from the target with AUC 0.75 or more."""
        from transfergap.divergences import domain_auc

        problem = evidence.problem
        for name, source in problem.sources.items():
            if len(source.sample) < FEWEST_ROWS:
                continue
            value = domain_auc(problem.target, source.sample, seed=evidence.design.seed)
            if value.low < _CLEAR_AUC:
                continue
            yield Finding(
                self.code,
                self.title,
                name,
                Strength.MODERATE if _hurts_alone(evidence, name) else Strength.NOTE,
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


@dataclass(frozen=True)
class LabelSharesDiffer:
    """Label shares of a source against the target's."""

    code: str = "TG202"
    title: str = "label shares differ"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each source whose shares clearly differ."""
        if evidence.problem.task == "regression":
            return NotApplicable("the labels are numbers")
        return self._sources(evidence)

    def _sources(self, evidence: Evidence) -> Iterator[Finding]:
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
            if distance < _CLEAR_SHARE or p_value > 0.01:
                continue
            most = int(np.argmax(np.abs(shares[0] - shares[1])))
            yield Finding(
                self.code,
                self.title,
                name,
                Strength.MODERATE if _hurts_alone(evidence, name) else Strength.NOTE,
                f"{problem.classes[most]!s} is {100 * shares[1, most]:.0f} % of {name} and"
                f" {100 * shares[0, most]:.0f} % of the target (chi-square p"
                f" {'< 0.001' if p_value < 0.001 else f'= {p_value:.3f}'}). An association, not"
                " yet a cause.",
                "Try a learner with class weights, or reweight the source to the target's shares.",
                {"total_variation": distance, "p_value": p_value},
            )


@dataclass(frozen=True)
class ConceptGap:
    """A model of the source alone, tested on the target, against the control."""

    code: str = "TG203"
    title: str = "what the source teaches does not hold here"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each source whose own model is clearly worse than the control."""
        alone = [
            arm
            for arm in evidence.design.treatments
            if not getattr(arm.learner, "uses_target", True)
            and len(arm.sources) == 1
            and evidence.estimates[arm.name].gap
        ]
        if not alone:
            return NotApplicable("no arm was trained on a source alone, or none has an interval")
        return self._arms(evidence, [arm.name for arm in alone])

    def _arms(self, evidence: Evidence, names: list[str]) -> Iterator[Finding]:
        unit = evidence.problem.metric.title
        for name in names:
            gap = evidence.estimates[name].gap
            source = evidence.design.arm(name).sources[0]  # type: ignore[union-attr]
            if gap is None or gap.high >= 0:
                continue
            yield Finding(
                self.code,
                self.title,
                source,
                Strength.MODERATE if _hurts_alone(evidence, source) else Strength.NOTE,
                f"A model trained on {source} alone is worse on the target than the control, by"
                f" {-gap.estimate:.3f} {unit} [{-gap.high:.3f}, {-gap.low:.3f}]. This"
                " is an association: it does not say why.",
                "Look at the rows on which the two models disagree.",
                {"gap": gap.estimate, "low": gap.low, "high": gap.high},
            )


def _p(p_value: float) -> str:
    return "<= 0.001" if p_value <= 0.001 else f"= {p_value:.3f}"
