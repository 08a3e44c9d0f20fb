"""Learning curves by arm and seed, at the same steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.training_curves.copied_curves import copied_curves
from transfergap.errors import DataError
from transfergap.stats import LARGEST_SCORE

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
FEWEST_PAIRS = 2  # of runs: with fewer there is no spread
# One step has no curve, and no area.
FEWEST_STEPS = 2


@dataclass(frozen=True)
class Run:
    """Learning curve of one agent.

    Parameters
    ----------
    arm : str
    seed : int
        Runs of different arms with the same seed are a pair.
    steps, scores : ndarray, shape (n_steps,)
        Steps of training, increasing, and the score at each; more is better.
    """

    arm: str
    seed: int
    steps: Floats
    scores: Floats


@dataclass(frozen=True)
class DroppedRun:
    """A run left out with its pair, and the reason.

    Parameters
    ----------
    arm : str
    seed : int
    reason : str
    same_as : int, optional
        The seed whose curve it is a copy of.
    is_broken : bool
        Whether it has a score that is no number, or ends before the others.
    """

    arm: str
    seed: int
    reason: str
    same_as: int | None = None
    is_broken: bool = False


@dataclass(frozen=True)
class Pairs:
    """The seeds that an arm shares with the control.

    Parameters
    ----------
    seeds : tuple of int
    control, treated : ndarray, shape (n_seeds, n_steps)
    """

    seeds: tuple[int, ...]
    control: Floats
    treated: Floats


@dataclass(frozen=True)
class TrainingRuns:
    """Curves of a control and other arms at the same steps.

    Parameters
    ----------
    control : str
        Name of the arm that trains on the target alone.
    steps : ndarray, shape (n_steps,)
        Increasing; the last is the budget.
    curves : mapping of str to mapping of int to ndarray, shape (n_steps,)
        Scores by arm and seed, the control first; more is better.
    dropped : tuple of DroppedRun
    left_out : tuple of Run
        Those runs as they were.

    Examples
    --------
    >>> runs = gather([Run("control", 0, np.array([0, 10]), np.array([0.0, 1.0])),
    ...                Run("b", 0, np.array([0, 10]), np.array([0.5, 1.0]))], control="control")
    >>> runs.pairs("b").treated.tolist()
    [[0.5, 1.0]]
    """

    control: str
    steps: Floats
    curves: Mapping[str, Mapping[int, Floats]]
    dropped: tuple[DroppedRun, ...] = ()
    left_out: tuple[Run, ...] = ()

    @property
    def budget(self) -> float:
        """Return the last step."""
        return float(self.steps[-1])

    @property
    def treatments(self) -> tuple[str, ...]:
        """Return all arms but the control."""
        return tuple(arm for arm in self.curves if arm != self.control)

    def broken(self, arm: str) -> tuple[DroppedRun, ...]:
        """Return the runs of an arm that were left out as broken."""
        return tuple(run for run in self.dropped if run.arm == arm and run.is_broken)

    def of(self, arm: str) -> Floats:
        """Return all curves of an arm, shape (n_seeds, n_steps)."""
        by_seed = self.curves[arm]
        return np.array([by_seed[seed] for seed in sorted(by_seed)]).reshape(-1, len(self.steps))

    def pairs(self, arm: str) -> Pairs:
        """Return the curves of seeds shared with the control."""
        before, after = self.curves[self.control], self.curves[arm]
        seeds = tuple(sorted(set(before) & set(after)))
        shape = (len(seeds), len(self.steps))
        return Pairs(
            seeds,
            np.array([before[seed] for seed in seeds]).reshape(shape),
            np.array([after[seed] for seed in seeds]).reshape(shape),
        )


def gather(runs: Iterable[Run], *, control: str, arms: Iterable[str] = ()) -> TrainingRuns:
    """Return runs as curves at the same steps.

    Parameters
    ----------
    runs : iterable of Run
        In any order. The steps are those that most runs have; a run with other steps, or with a
        score that is no finite number or beyond 1e75, is dropped and counted, and costs its pair.
        So is a copy of an arm's run under another seed: one run is no evidence on several seeds.
    control : str
    arms : iterable of str
        Arms that are to be there even without a run, in their order.

    Returns
    -------
    TrainingRuns

    Raises
    ------
    DataError
        If there is no usable run of the control, fewer than two steps, or a run twice.
    """
    every = list(runs)
    _check_once(every)
    grids = Counter(tuple(float(step) for step in run.steps) for run in every)
    if not grids:
        raise DataError("There are no learning curves.", hint="give at least one for each arm")
    steps = max(grids, key=lambda grid: (grids[grid], len(grid)))
    _check_steps(steps)
    names = dict.fromkeys([control, *arms, *(run.arm for run in every)])
    curves: dict[str, dict[int, Floats]] = {name: {} for name in names}
    dropped = []
    for run in every:
        reason = _unusable(run, steps)
        if reason:
            dropped.append(DroppedRun(run.arm, run.seed, reason, is_broken=_is_broken(run, steps)))
        else:
            curves[run.arm][run.seed] = np.asarray(run.scores, float)
    _check_steps_are_shared(every, curves, control)
    dropped += _without_copies(curves)
    if not curves[control]:
        raise _no_control_error(control, names, dropped)
    lost = {(run.arm, run.seed) for run in dropped}
    left_out = tuple(run for run in every if (run.arm, run.seed) in lost)
    return TrainingRuns(control, np.array(steps), curves, tuple(dropped), left_out)


def _no_control_error(
    control: str, names: Iterable[str], dropped: Iterable[DroppedRun]
) -> DataError:
    message = f"The arm {control!r} has no usable learning curve"
    reasons = Counter(run.reason for run in dropped if run.arm == control)
    if not reasons:
        arm_names = ", ".join(name for name in names if name != control)
        return DataError(
            f"{message}.",
            hint=f"rename the arm trained on the target alone to {control!r}"
            f" (there are: {arm_names})",
        )
    reason, n_runs = reasons.most_common(1)[0]
    return DataError(
        f"{message}: {n_runs} of its {reasons.total()} runs were left out ({reason}).",
        hint="every run needs a finite score at each of the steps that most runs have",
    )


def _without_copies(curves: Mapping[str, dict[int, Floats]]) -> list[DroppedRun]:
    """Remove copies of runs from each arm, and return them."""
    dropped = []
    for arm, of_arm in curves.items():
        for seed, original in copied_curves(dict(sorted(of_arm.items()))).items():
            del of_arm[seed]
            reason = f"the same curve as seed {original}, but for rounding"
            dropped.append(DroppedRun(arm, seed, reason, same_as=original))
    return dropped


def _check_steps_are_shared(
    runs: list[Run], curves: Mapping[str, Mapping[int, Floats]], control: str
) -> None:
    """Raise if pairs of runs share no steps with scores."""
    seeds: dict[str, set[int]] = {}
    for run in runs:
        if not _unusable_scores(run):
            seeds.setdefault(run.arm, set()).add(run.seed)
    with_control = seeds.get(control, set())
    for arm, arm_seeds in seeds.items():
        paired_seeds = arm_seeds & with_control
        usable = set(curves[arm]) & set(curves[control])
        if arm == control or len(paired_seeds) < FEWEST_PAIRS or len(usable) >= FEWEST_PAIRS:
            continue
        first = max(float(run.steps[0]) for run in runs)
        last = min(float(run.steps[-1]) for run in runs)
        ranges = ", ".join(f"{name!r} from {_range_of(runs, name)}" for name in (control, arm))
        message = (
            f"Runs were scored at different steps: of {len(paired_seeds)} pairs of {arm!r} with"
            f" {control!r}, {len(usable)} have the steps that most runs have ({ranges})."
        )
        if first >= last:  # nothing to compare at, as where an agent was resumed
            raise DataError(
                message,
                hint="if the steps of a resumed agent go on from its pretraining, count them from"
                " each run's own start: from_start=True in audit_curves(), `--from-start` in"
                " `transfergap import`",
            )
        raise DataError(
            message,
            hint=f"compare them at steps of your choice from {first:g} to {last:g}, each run with"
            f" its last score by then: steps=[...] in audit_curves(), `--steps"
            f" {first:g}:{last:g}:20` in `transfergap import`; or count from each run's own start"
            " (from_start=True, `--from-start`) if agents were resumed",
        )


def _range_of(runs: list[Run], arm: str) -> str:
    """Return the first and the last step of an arm's runs."""
    steps = [run.steps for run in runs if run.arm == arm]
    return f"{min(float(at[0]) for at in steps):g} to {max(float(at[-1]) for at in steps):g}"


def _check_once(runs: list[Run]) -> None:
    counts = Counter((run.arm, run.seed) for run in runs)
    twice = [key for key, times in counts.items() if times > 1]
    if twice:
        arm, seed = twice[0]
        raise DataError(
            f"Arm {arm!r} has {counts[twice[0]]} curves of seed {seed}.",
            hint="give each run of an arm a seed of its own",
        )


def _check_steps(steps: tuple[float, ...]) -> None:
    if len(steps) < FEWEST_STEPS:
        raise DataError(
            f"The learning curves have {len(steps)} step.",
            hint="a curve needs two; a single score a run is for compare_scores()",
        )
    if not (np.all(np.isfinite(steps)) and np.all(np.diff(steps) > 0)):
        raise DataError("The steps do not increase.", hint="sort each run by its steps")


def _unusable(run: Run, steps: tuple[float, ...]) -> str:
    if tuple(float(step) for step in run.steps) != steps:
        return f"{len(run.steps)} steps, where most runs have {len(steps)}, or others"
    return _unusable_scores(run)


def _is_broken(run: Run, steps: tuple[float, ...]) -> bool:
    """Return whether a run failed.

    One that was scored at other steps did not.
    """
    return bool(_unusable_scores(run)) or float(run.steps[-1]) < steps[-1]


def _unusable_scores(run: Run) -> str:
    if not np.all(np.isfinite(run.scores)):
        return "a score is no finite number"
    if np.max(np.abs(run.scores)) > LARGEST_SCORE:
        return "a score is too large to be computed with"
    return ""


def read_long_table(path: str | Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return the table in a CSV file.

    Parameters
    ----------
    path : str or Path
    columns : sequence of str
        Named where it cannot be read.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    import pandas as pd

    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read as CSV: {error}", hint=f"columns: {', '.join(columns)}"
        ) from error
