"""The design of agents' curves, and the attempt of a training."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfergap.analysis.training_curves import CurveMetric
from transfergap.experiment.cell import Cell, Split
from transfergap.experiment.design import CONTROL, HasIds
from transfergap.experiment.run_directory import SCHEMA, versions
from transfergap.experiment.trial import Outcome, Trial, tried
from transfergap.learners import describe
from transfergap.rl.arms import Scratch
from transfergap.rl.contract import (
    AgentArm,
    DerivedArm,
    Evaluate,
    MakeEnvironment,
    Setting,
    Train,
    TrainedArm,
)
from transfergap.rl.episodes import Recorder

if TYPE_CHECKING:
    from typing_extensions import TypeIs

# the plain run, and the control's repeat for TG505
_ONCE, _AGAIN = Split("seed", 0), Split("seed", 1)
# on which learning curves depend, beside those of every audit
_PACKAGES = ("gymnasium", "stable-baselines3", "torch")


@dataclass(frozen=True)
class AgentDesign:
    """Everything that decides which agents are trained, and how they are judged.

    Parameters
    ----------
    train, evaluate : callable
    target : callable
        Makes the target's environment.
    sources : mapping of str to factory, Path or Policy
    arms : tuple of AgentArm
        Beside the control.
    seeds : tuple of int
    budget, every, pretraining : int
        Steps: of training on the target, from one score to the next, of training on a source.
    charged : bool
        Whether steps on a source count as steps of the curve.
    margin : float
    judged_by : CurveMetric
    threshold : float or None
    lowest : float
    name, score : str
        What target and score are called.
    """

    train: Train
    evaluate: Evaluate
    target: MakeEnvironment
    sources: Mapping[str, Any]
    arms: tuple[AgentArm, ...]
    seeds: tuple[int, ...]
    budget: int
    every: int
    pretraining: int
    charged: bool
    margin: float
    judged_by: CurveMetric
    threshold: float | None
    lowest: float
    name: str
    score: str

    @property
    def trained(self) -> tuple[TrainedArm, ...]:
        """The trained arms, control first, each once.

        They include those that only a race needs.
        """
        arms: dict[str, TrainedArm] = {CONTROL: Scratch()}
        for arm in self.arms:
            for needed in arm.needs if is_derived(arm) else (arm,):
                arms.setdefault(needed.name, needed)
        return tuple(arms.values())

    @property
    def derived(self) -> tuple[DerivedArm, ...]:
        """The arms that are made from curves of others."""
        return tuple(arm for arm in self.arms if is_derived(arm))

    def arm_names(self) -> tuple[str, ...]:
        """Return all arms, the control first, in the order of the report."""
        names = dict.fromkeys([CONTROL, *(arm.name for arm in self.arms)])
        return tuple(names | dict.fromkeys(arm.name for arm in self.trained))

    def cells(self) -> Iterator[Cell]:
        """Yield every cell, seed by seed.

        The arms of a seed together, so that a stop leaves whole pairs.
        """
        # Seed by seed: pairs are the unit of inference (docs/decisions/0018).
        for i, seed in enumerate(self.seeds):
            for arm in self.trained:
                yield Cell(arm.name, _ONCE, seed)
            # One repeat is enough to see whether a seed decides training (TG505).
            if i == 0:
                yield Cell(CONTROL, _AGAIN, seed)

    def pending(self, store: HasIds) -> Iterator[Cell]:
        """Yield the cells that ``store`` has no trial of, in order."""
        stored = store.ids()
        return (cell for cell in self.cells() if cell.id not in stored)

    def setting(self, cell: Cell) -> tuple[TrainedArm, Setting, Recorder]:
        """Return a cell's arm, training setting, and curve recorder."""
        arm = next(arm for arm in self.trained if arm.name == cell.arm)
        recorder = Recorder(self.evaluate, self.target, self.every, self.budget)
        sources = {name: self.sources[name] for name in arm.sources}
        setting = Setting(
            self.train, self.target, sources, cell.seed, self.budget, self.pretraining, (recorder,)
        )
        return arm, setting, recorder

    def record(self) -> dict[str, Any]:
        """Return what ``design.json`` holds: everything that decides trials and verdicts."""
        return {
            "schema": SCHEMA,
            "target": {"name": self.name, "environment": describe(self.target)},
            "sources": {name: _described(source) for name, source in self.sources.items()},
            "train": describe(self.train),
            "evaluate": describe(self.evaluate),
            "arms": [repr(arm) for arm in self.arms],
            "seeds": list(self.seeds),
            "budget": self.budget,
            "eval_every": self.every,
            "pretraining": self.pretraining,
            "charged": self.charged,
            "margin": self.margin,
            "judged_by": str(self.judged_by),
            "threshold": self.threshold,
            "lowest": self.lowest,
            "versions": versions_of_agents(),
        }


def is_again(cell: Cell) -> bool:
    """Return whether a cell repeats the control, to test seeds."""
    return cell.split == _AGAIN


def is_derived(arm: AgentArm) -> TypeIs[DerivedArm]:
    """Return whether an arm is made from the curves of others."""
    return hasattr(arm, "derived")


def versions_of_agents() -> dict[str, str]:
    """Return the versions of installed packages that curves depend on."""
    installed = dict(versions())
    for package in _PACKAGES:
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            continue
    return installed


def _described(source: Any) -> str:
    if isinstance(source, Path):
        # The content, as a path may hold another agent tomorrow.
        return f"file {hashlib.sha256(source.read_bytes()).hexdigest()[:16]}"
    return describe(source)


def attempt_agent(design: AgentDesign, cells: Sequence[Cell]) -> list[Trial]:
    """Return the trials of cells: their outputs are the learning curves.

    Whatever training or scoring raises becomes a failed trial.
    """
    return [trial for cell in cells for trial in tried([cell], partial(_curves, design, cell))]


def _curves(design: AgentDesign, cell: Cell) -> list[Outcome]:
    started = time.perf_counter()
    arm, setting, recorder = design.setting(cell)
    agent = arm.train(setting)
    return [(recorder.curve(agent), time.perf_counter() - started, 0.0)]
