"""Design: arms and splits, as a deterministic list of cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import combinations, product
from typing import Any, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import OpaqueSource, Problem, Sample, TargetSet, TrainingSet
from transfergap.data.splitting.folds import N_FOLDS, WHOLE_PART, fold_numbers, part_of
from transfergap.data.splitting.groups import group_numbers
from transfergap.data.splitting.held_out import HeldOut
from transfergap.errors import ConfigurationError, OldAttribute, accepts_old_arguments, old_names
from transfergap.experiment.arm import CONTROL as CONTROL
from transfergap.experiment.arm import Arm as Arm
from transfergap.experiment.arm import ControlArm as ControlArm
from transfergap.experiment.cell import Cell as Cell
from transfergap.experiment.cell import Split as Split
from transfergap.experiment.cell import SplitKind
from transfergap.experiment.row_cap import capped
from transfergap.learners import Learner, may_vary
from transfergap.learners.linear import closed_form_applies
from transfergap.learners.mitigations import TargetOnly
from transfergap.learners.protocol import HoldsControl

__getattr__ = old_names(__name__)

SAFE = "safe"  # the arm of SafeTransfer
# Refits per arm that check the closed form; few, so MUCH weighs their difference four times.
N_CHECKED_ROWS = 8


class Effort(StrEnum):
    """Number of fits an arm.

    An arm without a closed form gets 20, 65 or 120; in a race 10, 20 or 65, as many as its verdict
    needs.
    """

    QUICK = "quick"
    FULL = "full"
    THOROUGH = "thorough"
    RACE = "race"


# Rounds of a race: the first partition, the second, and pairs of folds.
N_ROUNDS = 3


class HasIds(Protocol):
    """Anything that knows which cells are done."""

    def ids(self) -> set[str]:
        """Return the ids of the stored trials."""
        ...


@accepts_old_arguments
@dataclass(frozen=True)
class Design:
    """Control, treatments, folds and seeds: everything that decides which trials there are.

    Parameters
    ----------
    problem : Problem
    control : ControlArm
    treatments : tuple of Arm
        Every arm has its learner.
    effort : Effort
    seed : int
        Decides folds and training seeds, the same for every arm.
    repeats : int, optional
        Partitions of the target, where fewer than the effort's are wanted.
    parts : tuple of int
        Eighths of each fold's training rows, 8 being all of them: then every arm is fitted on these
        parts alone, for a learning curve.
    refitted : frozenset of str
        Arms of a closed form that is not to be trusted: they are fitted fold by fold as well. From
        :func:`transfergap.analysis.estimation.with_refits`; decides no other trial.
    untried : tuple of str
        Sources that were compared with others, and got no arm of their own for it: they count where
        verdicts are corrected for many arms.
    max_source_rows : int, optional
        Rows of a source that are used at most, but by learners that sum over rows.
    rounds : mapping of str to int, optional
        Of a race: the rounds, 1 to 3, of each arm that is fitted fold by fold; all where an arm is
        not named. From :func:`transfergap.analysis.estimation.first_round` and ``next_round``.
    """

    problem: Problem
    control: ControlArm
    treatments: tuple[Arm, ...]
    effort: Effort = Effort.FULL
    seed: int = 0
    repeats: int | None = None
    parts: tuple[int, ...] = ()
    refitted: frozenset[str] = frozenset()
    untried: tuple[str, ...] = ()
    max_source_rows: int | None = None
    rounds: Mapping[str, int] = field(default_factory=dict)

    precision = OldAttribute()

    def __post_init__(self) -> None:
        names = [self.control.name, *(arm.name for arm in self.treatments)]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ConfigurationError(
                f"Two arms are called {doubled[0]!r}.", hint="give every arm its own name"
            )
        if self.problem.splitting is not None and set(self.parts) - {WHOLE_PART}:
            raise ConfigurationError(
                "A learning curve trains on random parts of the target, which is no forecast.",
                hint="leave the curve out, or leave time= (cv=) out to draw it on shuffled folds",
            )
        for arm in self.treatments:
            unknown = [name for name in arm.sources if name not in self.problem.source_names]
            if unknown or not arm.sources:
                source_names = ", ".join(self.problem.source_names) or "none"
                fault = f"the unknown source {unknown[0]!r}" if unknown else "no source"
                raise ConfigurationError(
                    f"Arm {arm.name!r} uses {fault}.", hint=f"the sources are: {source_names}"
                )
            if arm.learner is None:
                raise ConfigurationError(f"Arm {arm.name!r} has no learner.")

    @property
    def n_repeats(self) -> int:
        """Partitions of the target into folds."""
        splitting = self.problem.splitting
        if splitting is not None:
            return min(self.repeats or len(splitting.repeats), len(splitting.repeats))
        if self.repeats is not None:
            return self.repeats
        return 3 if self.effort is Effort.THOROUGH else 2

    @property
    def n_pair_partitions(self) -> int:
        """Return the partitions whose pairs of folds are fitted.

        0 where the method needs none.
        """
        if not self.problem.metric.has_row_losses or self.problem.splitting is not None:
            return 0
        return {Effort.QUICK: 0, Effort.THOROUGH: 2}.get(self.effort, 1)

    def n_rounds(self, name: str) -> int:
        """Return how many rounds of a race an arm runs.

        The control runs as many as any arm.
        """
        if name != self.control.name:
            return self.rounds.get(self.read_off.get(name, name), N_ROUNDS)
        return max((self.n_rounds(other) for other in self.fitted_by_folds[1:]), default=N_ROUNDS)

    @cached_property
    def folds(self) -> NDArray[np.intp]:
        """Return the fold of each target row, shape (n_repeats, n_rows).

        -1 for rows that are not tested.
        """
        if self.problem.splitting is not None:
            return self.problem.splitting.fold_numbers(len(self.problem.target))[: self.n_repeats]
        return np.array(
            [fold_numbers(self.problem, seed=self._fold_seed(r)) for r in range(self.n_repeats)]
        )

    def n_folds(self, repeat: int = 0) -> int:
        """Return how many folds a partition has."""
        splitting = self.problem.splitting
        return N_FOLDS if splitting is None else len(splitting.repeats[repeat])

    def fold_splits(self) -> list[Split]:
        """Return every planned single fold, repeat by repeat."""
        repeats = range(self.n_repeats)
        return [Split("fold", r, (a,)) for r in repeats for a in range(self.n_folds(r))]

    @cached_property
    def clusters(self) -> NDArray[np.intp] | None:
        """Number of each row's group, or ``None`` where rows are independent."""
        groups = self.problem.target.groups
        return None if groups is None else group_numbers(groups)

    @cached_property
    def closed_form_arms(self) -> frozenset[str]:
        """Return the arms judged by closed-form leave-one-out.

        The control is among them if any arm is.
        """
        p = self.problem
        # A row's group, or the rows after it, would stay in its training set.
        if p.target.groups is not None or p.splitting is not None:
            return frozenset()

        def fits(learner: Learner | None) -> bool:
            return learner is not None and closed_form_applies(
                learner, p.metric, p.task, len(p.target), p.n_features, p.all_rows
            )

        if not fits(self.control.learner):
            return frozenset()
        names = {arm.name for arm in self.treatments if arm.judged and fits(arm.learner)}
        return frozenset(names | {self.control.name}) if names else frozenset()

    def in_closed_form(self, name: str) -> bool:
        """Return whether an arm's gap comes from closed-form leave-one-out, not from refits."""
        return name in self.closed_form_arms and name not in self.refitted

    @cached_property
    def checked_rows(self) -> tuple[int, ...]:
        """Target rows that are refitted without themselves, to check the closed form."""
        rng = np.random.default_rng([self.seed, 1])
        n = len(self.problem.target)
        return tuple(sorted(rng.choice(n, min(N_CHECKED_ROWS, n), replace=False).tolist()))

    def arm(self, name: str) -> Arm | ControlArm:
        """Return the arm of that name."""
        if name == self.control.name:
            return self.control
        return next(arm for arm in self.treatments if arm.name == name)

    def arm_names(self) -> tuple[str, ...]:
        """Return all names, the control's first."""
        return (self.control.name, *(arm.name for arm in self.treatments))

    @cached_property
    def read_off(self) -> dict[str, str]:
        """Arms that are read off the models of others, by name.

        They cost no fits. A model of the safe arm holds what the same model is without sources.
        """
        hosts = [arm for arm in self.treatments if isinstance(arm.learner, HoldsControl)]
        return {
            arm.name: host.name
            for arm in self.treatments
            for host in hosts
            if isinstance(arm.learner, TargetOnly)
            and arm.learner.learner is host.learner
            and arm.sources == host.sources
        }

    def cells(self) -> Iterator[Cell]:
        """Yield every planned cell, arms varying fastest.

        So an interrupted run holds pairs.
        """
        for split, arms in self._splits():
            seed = self._seed_of(split)
            for arm in arms:
                yield Cell(arm, split, seed)

    def pending(self, store: HasIds) -> Iterator[Cell]:
        """Yield the cells that ``store`` has no trial of, in order."""
        stored_ids = store.ids()
        return (cell for cell in self.cells() if cell.id not in stored_ids)

    def held_out(self, split: Split) -> NDArray[np.intp]:
        """Return the positions of the target rows that a split tests on."""
        return np.flatnonzero(self._tested(split))

    def _tested(self, split: Split) -> NDArray[np.bool_]:
        if split.kind in ("loo", "whole"):
            return np.ones(len(self.problem.target), bool)
        numbers = self._row_numbers if split.kind == "row" else self.folds[split.repeat]
        tested: NDArray[np.bool_] = numbers == split.held_out[0]
        for number in split.held_out[1:] if split.kind == "pair" else ():
            tested |= numbers == number
        return tested

    def trained(self, split: Split) -> NDArray[Any]:
        """Return the positions of the target rows that a split trains on."""
        if self.problem.splitting is not None:
            return self._held_out_fold(split).trained
        rows = np.flatnonzero(~self._tested(split))
        if split.kind != "part":
            return rows
        fold, eighths = split.held_out  # parts of one fold are nested: they share their order
        seed = int(np.random.SeedSequence([self.seed, 6, split.repeat, fold]).generate_state(1)[0])
        return part_of(self.problem, rows, eighths=eighths, seed=seed)

    def _held_out_fold(self, split: Split) -> HeldOut:
        assert self.problem.splitting is not None
        return self.problem.splitting.repeats[split.repeat][split.held_out[0]]

    @cached_property
    def _row_numbers(self) -> NDArray[np.intp]:
        return np.arange(len(self.problem.target))

    def training_set(self, cell: Cell) -> TargetSet | TrainingSet:
        """Return the training set of a cell's arm.

        The control's set cannot hold a source.
        """
        arm = self.arm(cell.arm)
        # A closed form leaves rows out by itself, from one fit on all of them.
        target = self.problem.target
        if cell.split.kind != "loo":
            target = target.rows(self.trained(cell.split))
        if isinstance(arm, ControlArm):
            return TargetSet(target)
        sources = self.source_samples(arm)
        held_out = self.held_out_groups(cell.split)
        if held_out is not None:
            sources = tuple(source.without_groups(held_out) for source in sources)
        if self.problem.splitting is not None:
            cutoff = self._held_out_fold(cell.split).cutoff
            sources = tuple(source.before(cutoff) for source in sources)
        return TrainingSet(target, sources, self._non_tabular_sources(arm, cell.split))

    def source_samples(self, arm: Arm) -> tuple[Sample, ...]:
        """Return the rows of an arm's sources, with or without the cap.

        A learner with ``takes_all_rows`` pays little for more of them.
        """
        if getattr(arm.learner, "takes_all_rows", False):
            return self.problem.source_samples(arm.sources)
        return tuple(self._capped[name] for name in arm.sources if name in self._capped)

    @cached_property
    def _capped(self) -> dict[str, Sample]:
        samples = {name: source.sample for name, source in self.problem.sources.items()}
        if self.max_source_rows is None:
            return samples
        by_class, limit = self.problem.task.has_classes, self.max_source_rows
        return {
            name: capped(name, sample, limit, by_class=by_class, seed=self.seed)
            for name, sample in samples.items()
        }

    def _non_tabular_sources(self, arm: Arm, split: Split) -> tuple[OpaqueSource, ...]:
        """Return an arm's models and tasks, without tested rows."""
        non_tabular = self.problem.others
        chosen = [non_tabular[name] for name in arm.sources if name in non_tabular]
        if not chosen:
            return ()
        tested = self.problem.target.rows(self.held_out(split))
        return tuple(source.without_rows_of(tested) for source in chosen)

    def held_out_groups(self, split: Split) -> NDArray[Any] | None:
        """Return the groups that a split tests on.

        No source row of theirs may be trained on.
        """
        groups = self.problem.target.groups
        return None if groups is None else np.unique(groups[self.held_out(split)])

    def _part_splits(self) -> Iterable[tuple[Split, list[str]]]:
        for fold, part in product(self.fold_splits(), self.parts):
            whole = part == WHOLE_PART  # then the audit may have made the trial already
            split = fold if whole else Split("part", fold.repeat, (*fold.held_out, part))
            yield split, list(self.arm_names())

    def _splits(self) -> Iterable[tuple[Split, list[str]]]:
        if self.parts:
            yield from self._part_splits()
            return
        closed = [name for name in self.arm_names() if name in self.closed_form_arms]
        once = [arm.name for arm in self.treatments if self._once(arm)]
        refitted = list(self.fitted_by_folds)
        if closed:
            yield Split("loo"), closed
            for row in self.checked_rows:
                yield Split("row", 0, (row,)), closed
        if once:
            yield Split("whole"), once
        if refitted == [self.control.name] and closed:
            return
        for split in self.fold_splits():
            yield split, [name for name in refitted if self._runs(name, split)]
        doubted = [name for name in refitted if may_vary(self.arm(name).learner)]
        if doubted:
            yield Split("again", 0, (0,)), doubted
        unjudged = {arm.name for arm in self.treatments if not arm.judged}
        # No verdict, no jackknife; but what is read off a model is what that one is judged against.
        paired = [name for name in refitted if name not in unjudged or name in self.read_off]
        paired = [name for name in paired if self.n_rounds(name) >= N_ROUNDS]
        # The control alone has no pairs: its jackknife fits would serve no arm.
        if paired in ([], [self.control.name]):
            return
        for r in range(self.n_pair_partitions):
            for pair in combinations(range(N_FOLDS), 2):
                yield Split("pair", r, pair), paired

    def _runs(self, name: str, split: Split) -> bool:
        # Only arms of a race have fewer rounds than all, and a race has two partitions.
        n_rounds = self.n_rounds(name)
        return n_rounds >= N_ROUNDS or split.repeat < n_rounds

    def _once(self, arm: Arm) -> bool:
        # In order of time such an arm needs a fit a fold too: later source rows are kept from it.
        return not getattr(arm.learner, "uses_target", True) and self.problem.splitting is None

    @cached_property
    def fitted_by_folds(self) -> tuple[str, ...]:
        """Names of arms that are fitted by folds, the control's first."""
        return (
            self.control.name,
            *(
                arm.name
                for arm in self.treatments
                if not self._once(arm)
                and (arm.name not in self.closed_form_arms or arm.name in self.refitted)
            ),
        )

    def _fold_seed(self, repeat: int) -> int:
        return int(np.random.SeedSequence([self.seed, 5, repeat]).generate_state(1)[0] >> 1)

    def _seed_of(self, split: Split) -> int:
        kind = "fold" if split.kind == "again" else split.kind
        numbers = [self.seed, get_args(SplitKind).index(kind)]
        state = np.random.SeedSequence([*numbers, split.repeat, *split.held_out])
        return int(state.generate_state(1)[0] >> 1)
