"""Looks at the trials of a run that goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from transfergap.analysis.estimation import ArmEstimate, estimate_gaps
from transfergap.experiment.design import Design
from transfergap.experiment.stages import stages
from transfergap.experiment.trial import Trial
from transfergap.stats.gap import Gap, Verdict, judge

# Pairs of folds: the corrected resampled t of fewer has intervals that tell nothing.
FEWEST_TRIALS = 4
# Each look comes when there are half as many trials again: more would be read by nobody.
GROWTH = 1.5


@dataclass(frozen=True)
class ArmLook:
    """Estimate of an arm so far.

    Parameters
    ----------
    arm : str
    n_trials, n_planned : int
        Failed ones count.
    gap : Gap or None
        ``None`` where too few pairs are complete.
    verdict : Verdict or None
        Only once every planned trial is there, since stopping at a look that pleases would make
        more errors than stated. Arms that are still to come count in its correction.
    """

    arm: str
    n_trials: int
    n_planned: int
    gap: Gap | None
    verdict: Verdict | None = None

    @property
    def is_complete(self) -> bool:
        """Return whether every planned trial is there."""
        return self.n_trials >= self.n_planned


@dataclass(frozen=True)
class FirstLook:
    """The judged arms so far; it is never stored.

    Parameters
    ----------
    arms : tuple of ArmLook
        Those of the stages that have begun.
    stage : tuple of str
        Names of those that are being fitted, or have just been.
    margin : float
        Of the audit.
    """

    arms: tuple[ArmLook, ...]
    stage: tuple[str, ...]
    margin: float

    @property
    def latest(self) -> tuple[ArmLook, ...]:
        """Return the arms of the stage."""
        return tuple(arm for arm in self.arms if arm.arm in self.stage)

    @property
    def is_complete(self) -> bool:
        """Return whether every planned trial of the stage is there."""
        return all(arm.is_complete for arm in self.latest)


class FirstLooks:
    """Collector of trials that tells when a look is due.

    Parameters
    ----------
    design : Design
    trials : iterable of Trial
        Stored before.

    Examples
    --------
    >>> from transfergap import make_problem
    >>> from transfergap.auditing.audit import make_design
    >>> from transfergap.datasets import make_shift
    >>> from transfergap.experiment.runner import run_trials
    >>> from transfergap.experiment.store import TrialStore
    >>> shift = make_shift(n_target=40, shift=0.3, task="binary", random_state=1)
    >>> problem = make_problem(shift.X, shift.y, sources=shift.sources)
    >>> design, looks = make_design(None, problem, arms=["source pooled"]), []
    >>> collected = FirstLooks(design)
    >>> run_trials(design, TrialStore(), on_trial=lambda trial: looks.append(collected.add(trial)))
    >>> [look.arms[0].n_trials for look in looks if look is not None]
    [4, 6, 9, 13, 19, 20]
    """

    def __init__(self, design: Design, trials: Iterable[Trial] = ()) -> None:
        self.design = design
        self._planned = Counter(cell.arm for cell in design.cells())
        self._ids = {cell.id for cell in design.cells()}
        judged = {arm.name for arm in design.treatments if arm.judged}
        chosen = (tuple(name for name in stage if name in judged) for stage in stages(design))
        self._stages = [stage for stage in chosen if stage]
        self._trials: dict[str, Trial] = {}
        self._counts: Counter[str] = Counter()
        self._n_begun, self._due_at = 0, FEWEST_TRIALS
        for trial in trials:
            self._count(trial)
        # What an interrupted run had complete was shown then.
        while self._n_begun < len(self._stages) and self._is_complete(self._stages[self._n_begun]):
            self._n_begun += 1

    def add(self, trial: Trial) -> FirstLook | None:
        """Count a trial; return a look where one is due.

        It is due when every arm of a stage has four trials, half as many again and so on, and when
        the stage is complete.
        """
        if not self._count(trial) or self._n_begun >= len(self._stages):
            return None
        stage = self._stages[self._n_begun]
        n_trials = min(self._counts[name] for name in stage)
        is_complete = self._is_complete(stage)
        if not is_complete and n_trials < self._due_at:
            return None
        look = self._look(stage)
        self._due_at = FEWEST_TRIALS if is_complete else int(GROWTH * n_trials)
        self._n_begun += is_complete
        return look

    def _count(self, trial: Trial) -> bool:
        """Count a trial of the design, once."""
        cell = trial.cell
        if cell.id not in self._ids or cell.id in self._trials:
            return False
        self._trials[cell.id] = trial
        self._counts[cell.arm] += 1
        return True

    def _is_complete(self, stage: tuple[str, ...]) -> bool:
        # An arm may be judged by a control that is read off its own fits.
        inside = [guest for guest, host in self.design.read_off.items() if host in stage]
        names = (self.design.control.name, *stage, *inside)
        return all(self._counts[name] >= self._planned[name] for name in names)

    def _look(self, stage: tuple[str, ...]) -> FirstLook:
        estimates = estimate_gaps(self.design, self._trials.values())
        verdicts = self._verdicts(estimates)
        begun = [name for one in self._stages[: self._n_begun + 1] for name in one]
        arms = tuple(
            ArmLook(
                name,
                min(self._counts[name], self._planned[name]),
                self._planned[name],
                estimates[name].gap,
                verdicts.get(name),
            )
            for name in begun
        )
        return FirstLook(arms, stage, self.design.problem.margin)

    def _verdicts(self, estimates: Mapping[str, ArmEstimate]) -> dict[str, Verdict]:
        """Return the verdicts of complete arms, corrected for all."""
        judged = [name for stage in self._stages for name in stage]
        complete = {
            name: gap
            for name in judged
            if self._is_complete((name,))
            and (gap := estimates[name].gap) is not None
            and not estimates[name].closed_form_is_off
        }
        n_more = len(judged) - len(complete) + len(self.design.untried)
        verdicts = judge(list(complete.values()), self.design.problem.margin, n_more=n_more)
        return dict(zip(complete, verdicts, strict=True))
