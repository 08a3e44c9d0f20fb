"""Train and score one agent: what a cell of an audit of agents comes to."""

from __future__ import annotations

import time
from functools import partial

from transfergap.cell import Cell
from transfergap.rl.design import AgentDesign
from transfergap.training_curves.runs import Floats
from transfergap.trial import Trial, tried


def attempt_agent(design: AgentDesign, cell: Cell) -> Trial:
    """Return the trial of a cell: its outputs are the learning curve.

    Whatever training or scoring raises becomes a failed trial.
    """
    return tried(cell, partial(_curve, design, cell))


def _curve(design: AgentDesign, cell: Cell) -> tuple[Floats, float, float]:
    started = time.perf_counter()
    arm, setting, recorder = design.setting(cell)
    agent = arm.train(setting)
    return recorder.curve(agent), time.perf_counter() - started, 0.0
