"""Second look at harmful arms: repairs tried on the same folds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from transfergap.analysis.estimation.fold_losses import fold_losses
from transfergap.analysis.estimation.pairs import Floats, Outputs, outputs_of
from transfergap.analysis.repairs.explanation import Explain, Explanation, RepairOutcome
from transfergap.analysis.repairs.naming import (
    PARTICULAR,
    Gains,
    best_ways,
    named_causes,
    shapley,
    subsets,
    to_combine,
)
from transfergap.analysis.repairs.repair import ORDER, Repair, repaired
from transfergap.analysis.repairs.suspects import Suspect, WithoutTarget, suspects_of
from transfergap.experiment.design import Arm, Design
from transfergap.experiment.trial import FailedTrial, Trial
from transfergap.learners.mitigations import TargetOnly
from transfergap.stats import without_rounding
from transfergap.stats.gap import Gap, Verdict

_CAPACITY = "capacity"


@dataclass(frozen=True)
class SecondLook:
    """The designs of repaired arms, and what their trials tell.

    Parameters
    ----------
    design : Design
        The first one.
    suspects : tuple of Suspect
    notes : tuple of str
        Sources whose data could not be looked at, and why.
    """

    design: Design
    suspects: tuple[Suspect, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def at(
        cls,
        design: Design,
        judged: Mapping[str, tuple[Gap, Verdict | None]],
        explain: Explain,
    ) -> SecondLook:
        """Choose arms and repairs from gaps, verdicts, and signs."""
        return cls(design, *suspects_of(design, judged, explain))

    @cached_property
    def singles(self) -> Design | None:
        """Return the design of single repairs, on the first partition.

        ``None`` where there is no suspect.
        """
        arms = [
            arm
            for suspect in self.suspects
            for arm in (
                self._arm(suspect, []),
                *(self._arm(suspect, [repair]) for repair in suspect.repairs),
                *self._controls(suspect),
            )
        ]
        return self._of(arms)

    def combined(self, trials: Iterable[Trial]) -> Design | None:
        """Return the design of all subsets of the best repairs.

        Each suspect has a part in it; it is ``None`` where fewer than two repairs help.
        """
        outputs = outputs_of(trials)
        arms = []
        for suspect in self.suspects:
            repairs = self._combining(suspect, outputs)
            ways = {repair.way: repair for repair in repairs}
            for subset in subsets(ways):
                if len(subset) > 1:
                    arms.append(self._arm(suspect, [ways[way] for way in subset]))
        return self._of(arms)

    def explained(self, trials: Iterable[Trial]) -> tuple[Explanation, ...]:
        """Return the explanation of each suspect with finished trials."""
        outputs = outputs_of(trials)
        explanations = (self._explanation(suspect, outputs) for suspect in self.suspects)
        return tuple(explanation for explanation in explanations if explanation is not None)

    def failures(self, trials: Iterable[Trial]) -> tuple[str, ...]:
        """Return a note on each repaired arm with failed folds."""
        planned = set() if self.singles is None else set(self.singles.arm_names())
        planned -= set(self.design.arm_names())
        errors: dict[str, list[str]] = {}
        for trial in trials:
            if isinstance(trial, FailedTrial) and trial.cell.arm in planned:
                errors.setdefault(trial.cell.arm, []).append(trial.error)
        return tuple(
            f"The repair '{arm}' failed on {len(messages)} folds, with: {messages[0]}"
            for arm, messages in errors.items()
        )

    def _of(self, arms: Sequence[Arm]) -> Design | None:
        if not arms:
            return None
        unique = {arm.name: Arm(arm.name, arm.sources, arm.learner, judged=False) for arm in arms}
        d = self.design
        return Design(
            d.problem,
            d.control,
            tuple(unique.values()),
            d.effort,
            d.seed,
            repeats=1,
            max_source_rows=d.max_source_rows,
        )

    def _arm(self, suspect: Suspect, repairs: Sequence[Repair]) -> Arm:
        ordered = sorted(repairs, key=lambda repair: ORDER.index(repair.way))
        name = _name(suspect.arm.name, ordered)
        inner = self.design.control.learner
        learner = repaired(WithoutTarget(inner) if suspect.alone else inner, ordered)
        return Arm(name, suspect.arm.sources, learner, judged=False)

    def _controls(self, suspect: Suspect) -> list[Arm]:
        """Return the control with less capacity, where that is among the repairs."""
        capacity = [repair for repair in suspect.repairs if repair.way == _CAPACITY]
        if not capacity:
            return []
        learner = repaired(self.design.control.learner, capacity)
        name = _name(self.design.control.name, capacity)
        return [Arm(name, suspect.arm.sources, TargetOnly(learner), judged=False)]

    def _gaps(
        self, suspect: Suspect, outputs: Outputs, repairs: Sequence[Repair]
    ) -> tuple[Floats, Floats] | None:
        """Return a repaired arm's gaps to the unrepaired and the control.

        With another capacity both are held to the worse of two standards: what the arm itself
        gains, and what its gap to the control of that capacity gains.
        """
        control = fold_losses(self.design, outputs, self.design.control.name)
        bare = fold_losses(self.design, outputs, suspect.arm.name)
        ordered = sorted(repairs, key=lambda repair: ORDER.index(repair.way))
        treated = fold_losses(self.design, outputs, _name(suspect.arm.name, ordered))
        size = float(np.nanmax(np.abs(control), initial=0.0))
        gain = without_rounding(bare - treated, size=size)
        after = without_rounding(control - treated, size=size)
        capacity = [repair for repair in repairs if repair.way == _CAPACITY]
        if capacity:
            capacity_control = fold_losses(
                self.design, outputs, _name(self.design.control.name, capacity)
            )
            relative = (capacity_control - treated) - (control - bare)
            # A smaller model may help the arm only because it suits the control as well.
            if np.nanmean(relative) < np.nanmean(gain):
                gain = relative
        if not np.isfinite(gain).sum() > 1:
            return None
        scale = self.design.problem.metric.gap_scale(
            float(np.nanmean(bare)), float(np.nanmean(treated))
        )
        return gain * scale, after * scale

    def _gains(self, suspect: Suspect, outputs: Outputs) -> dict[str, tuple[Gains, Gains]]:
        gains: dict[str, tuple[Gains, Gains]] = {}
        for repair in suspect.repairs:
            pair = self._gaps(suspect, outputs, [repair])
            if pair is not None:
                gains[repair.way] = (self._over_folds(pair[0]), self._over_folds(pair[1]))
        return gains

    def _over_folds(self, values: Floats) -> Gains:
        folds = self.design.folds[0]
        rows = np.bincount(folds[folds >= 0], minlength=self.design.n_folds())
        is_finite = np.isfinite(values)
        return Gains(values[is_finite], rows[is_finite].astype(float))

    def _combining(self, suspect: Suspect, outputs: Outputs) -> list[Repair]:
        """Return the best repairs of different causes that help, at most three."""
        gains = {way: pair[0] for way, pair in self._gains(suspect, outputs).items()}
        return to_combine(best_ways(suspect.repairs, gains), gains, self._harm(suspect, outputs))

    def _harm(self, suspect: Suspect, outputs: Outputs) -> float:
        """Return the arm's harm on these folds, in score units."""
        control = fold_losses(self.design, outputs, self.design.control.name)
        bare = fold_losses(self.design, outputs, suspect.arm.name)
        scale = self.design.problem.metric.gap_scale(
            float(np.nanmean(control)), float(np.nanmean(bare))
        )
        return -self._over_folds((control - bare) * scale).mean

    def _ratio(self, suspect: Suspect) -> float:
        rows = sum(len(s) for s in self.design.source_samples(suspect.arm))
        return rows / len(self.design.problem.target)

    def _joint(self, suspect: Suspect, outputs: Outputs) -> dict[frozenset[str], Floats]:
        """Return the gain of every subset of combined repairs, by fold."""
        ways = {repair.way: repair for repair in self._combining(suspect, outputs)}
        values: dict[frozenset[str], Floats] = {frozenset(): np.zeros(self.design.n_folds())}
        for subset in subsets(ways):
            if subset:
                pair = self._gaps(suspect, outputs, [ways[way] for way in subset])
                if pair is None:
                    return {}
                values[subset] = pair[0]
        return values if ways else {}

    def _explanation(self, suspect: Suspect, outputs: Outputs) -> Explanation | None:
        control = fold_losses(self.design, outputs, self.design.control.name)
        bare = fold_losses(self.design, outputs, suspect.arm.name)
        harm = control - bare
        if np.isfinite(harm).sum() < 2:
            return None
        scale = self.design.problem.metric.gap_scale(
            float(np.nanmean(control)), float(np.nanmean(bare))
        )
        gain_pairs = self._gains(suspect, outputs)
        gains = {way: pair[0] for way, pair in gain_pairs.items()}
        best = best_ways(suspect.repairs, gains)
        joint = self._joint(suspect, outputs)
        causes_of = {repair.way: repair.cause for repair in suspect.repairs}
        ways = sorted(frozenset[str]().union(*joint))
        shares = {
            causes_of[way]: self._over_folds(share)
            for way, share in (shapley(joint, ways) if ways else {}).items()
        }
        together = {
            frozenset(causes_of[way] for way in subset): self._over_folds(value)
            for subset, value in joint.items()
            if subset
        }
        causes, sure = named_causes(
            best,
            gains,
            together,
            hurts=suspect.hurts,
            ratio=self._ratio(suspect),
            harm=self._harm(suspect, outputs),
        )
        if suspect.alone:  # only what no other cause can look like: such a model may just be poor
            causes = sure = tuple(cause for cause in sure if cause in PARTICULAR)
        outcomes = [
            RepairOutcome(
                code=repair.cause.value,
                repair=repair.name,
                gain=gain_pairs[repair.way][0].interval,
                after=gain_pairs[repair.way][1].interval,
                p_value=gain_pairs[repair.way][0].p_value,
                sign=repair.sign,
                share=shares[repair.cause].interval
                if repair is best.get(repair.cause) and repair.cause in shares
                else None,
            )
            for repair in suspect.repairs
            if repair.way in gain_pairs
        ]
        outcomes.sort(key=lambda outcome: -outcome.gain.estimate)
        # What may have given nothing back is no cause, however likely beside the others.
        sound = {outcome.code for outcome in outcomes if outcome.gain.low > 0.0}
        causes = tuple(cause for cause in causes if cause.value in sound)
        sure = tuple(cause for cause in sure if cause.value in sound)
        return Explanation(
            arm=suspect.arm.name,
            source=suspect.arm.sources[0],
            harm=self._over_folds(harm * scale).interval,
            causes=tuple(cause.value for cause in causes),
            sure=tuple(cause.value for cause in sure),
            repairs=tuple(outcomes),
            n_fits=self.design.n_folds()
            * (1 + len(suspect.repairs) + len(self._controls(suspect))),
        )


def _name(arm: str, ordered: Sequence[Repair]) -> str:
    """Return the name of a repaired arm.

    Without repairs it is the name of the arm.
    """
    return ", ".join([arm, *[" + ".join(repair.name for repair in ordered)] * bool(ordered)])
