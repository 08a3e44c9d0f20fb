"""Train and score one agent: the trial of a cell."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from transfergap.experiment.cell import Cell
from transfergap.experiment.trial import Outcome, Trial, tried
from transfergap.rl.design import AgentDesign


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
