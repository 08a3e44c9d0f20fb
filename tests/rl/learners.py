"""Training functions without an environment: quick, exact, and odd in one way each."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Walker:
    """An agent that knows how far it has come, and how noisy it is."""

    level: float
    noise: tuple[float, ...] = ()


class Place:
    """An environment that is only a name; a source of another name misleads."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self) -> Place:
        return self

    def describe(self) -> str:
        return f"Place({self.name})"


HERE, THERE = Place("here"), Place("there")


@dataclass(frozen=True)
class Walk:
    """Rises to 1 with its steps; an agent from another place starts below nothing."""

    pause_s: float = 0.0
    random: bool = False
    fails_on: int = -1

    def __call__(self, target, sources, *, seed, budget, init=None, callbacks=()):
        if seed == self.fails_on and init is not None:
            raise RuntimeError("fell into a hole")
        # Seeds differ in pace; a clock in place of the seed is what TG505 is for.
        rng = np.random.default_rng(time.perf_counter_ns() if self.random else seed)
        pace = np.exp(0.2 * rng.normal())
        start = 0.0 if init is None else init.agent.level
        if init is not None and not getattr(init, "exploration", True):
            start /= 2
        level = start
        for step in range(budget + 1):
            level = start + (1.0 - start) * (1.0 - np.exp(-3.0 * pace * step / budget))
            for callback in callbacks:
                if step % callback.every == 0:
                    time.sleep(self.pause_s)
                    callback(step, Walker(level))
        sign = 1.0 if target.name == "here" else -1.0
        return Walker(sign * level)


def level(agent, target):
    """Score of a walker."""
    return agent.level
