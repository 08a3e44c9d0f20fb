"""A Gymnasium environment by id: a value that pickles."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transfergap.errors import ConfigurationError, first_line, require
from transfergap.learners import describe

N_STEPS = 1_000  # of random actions: enough for many falls of a pole


@dataclass(frozen=True)
class Environment:
    """A factory of a registered environment.

    Parameters
    ----------
    id : str
        As in ``gymnasium.make``; ``"package:Name-v0"`` imports the package that registers it.
    options : mapping
        Keywords of ``gymnasium.make``.
    physics : mapping
        Attributes of the bare environment with other values, such as the length of a pole; each
        must be there already.

    Raises
    ------
    ConfigurationError
        When it is called: if Gymnasium cannot make it, it has no such attribute, or the attribute
        changes no step of 1,000 with random actions.

    Notes
    -----
    Values are set while the environment is being made, so that values computed from them, such as
    a total mass, is right too; and once more when it is made.

    Examples
    --------
    >>> make = Environment("CartPole-v1", physics={"gravity": 20.0})
    >>> make().unwrapped.gravity
    20.0
    """

    id: str
    options: Mapping[str, Any] = field(default_factory=dict)
    physics: Mapping[str, float] = field(default_factory=dict)
    _tried: list[bool] = field(default_factory=list, init=False, repr=False, compare=False)

    def __call__(self) -> Any:
        """Return a new environment."""
        if not isinstance(self.physics, Mapping):
            raise ConfigurationError(
                f"physics is {self.physics!r}.", hint="give physics={attribute: value}"
            )
        environment = self._create({})
        if not self.physics:
            return environment
        for name in self.physics:
            if not hasattr(environment.unwrapped, name):
                raise ConfigurationError(
                    f"The environment {self.id!r} has no attribute {name!r}.",
                    hint="physics= changes what is there; use options= for keywords of make()",
                )
        environment.close()
        if not self._tried:
            self._check_steps()
            self._tried.append(True)
        return self._create(self.physics)

    def _check_steps(self) -> None:
        """Raise ``ConfigurationError`` for an attribute that no step depends on."""
        for name, value in self.physics.items():
            changed = self._create({name: value})
            before = getattr(self._create({}).unwrapped, name)
            try:
                is_idle = value != before and not steps_differ(self._create({}), changed)
            except Exception as error:  # of the environment's code, whatever it is
                raise ConfigurationError(
                    f"The environment {self.id!r} cannot step with {name!r} of {value!r}:"
                    f" {type(error).__name__}: {first_line(error)}.",
                    hint=f"give a value of the kind that is there: {before!r}",
                ) from error
            if is_idle:
                raise ConfigurationError(
                    f"The attribute {name!r} of {self.id!r} changes no step: {value!r} in place of"
                    f" {before!r} is the same in {N_STEPS:,} steps with random actions.",
                    hint="the environment may have read it while it was made: look for a keyword"
                    " for options=, or give a function that makes the environment",
                )

    def _create(self, physics: Mapping[str, Any]) -> Any:
        gymnasium = require("gymnasium", extra="rl")
        try:
            environment = gymnasium.make(self.id, **self.options)
            if physics:
                spec = copy(environment.spec)
                spec.entry_point = _creator(spec.entry_point, physics)
                environment = gymnasium.make(spec, **self.options)
        except (gymnasium.error.Error, TypeError, ModuleNotFoundError) as error:
            raise ConfigurationError(
                f"The environment {self.id!r} cannot be made: {first_line(error)}.",
                hint="try gymnasium.make() with the same id and options",
            ) from error
        for name, value in physics.items():
            setattr(environment.unwrapped, name, value)
        return environment

    def describe(self) -> str:
        """Return a text that is the same in every process."""
        return f"Environment({self.id}, {describe(self.options)}, {describe(self.physics)})"


def steps_differ(one: Any, second_environment: Any) -> bool:
    """Return whether environments differ within a thousand equal actions."""
    # Fixed actions: a difference must come from the physics, not from the actions.
    one.action_space.seed(0)
    over, episode = True, 0
    for _ in range(N_STEPS):
        if over:
            starts = one.reset(seed=episode)[0], second_environment.reset(seed=episode)[0]
            if not _equal(*starts):
                return True
            episode += 1
        action = one.action_space.sample()
        first, second = one.step(action)[:4], second_environment.step(action)[:4]
        if not all(_equal(a, b) for a, b in zip(first, second, strict=True)):
            return True
        over = bool(first[2] or first[3])
    return False


def _equal(one: Any, second: Any) -> bool:
    if isinstance(one, Mapping):
        return all(_equal(one[key], second[key]) for key in one)
    if isinstance(one, tuple):
        return all(_equal(a, b) for a, b in zip(one, second, strict=True))
    return bool(np.array_equal(one, second))


def _creator(entry_point: Any, physics: Mapping[str, Any]) -> Any:
    """Return a creator that sets attributes as soon as assigned."""
    registration = require("gymnasium.envs.registration", extra="rl")
    creator: Any = entry_point
    if not callable(creator):
        creator = registration.load_env_creator(entry_point)
    if not isinstance(creator, type):
        return creator  # a function: attributes are set once it has made one

    kind: Any = creator

    def assign(self: Any, name: str, value: Any) -> None:
        kind.__setattr__(self, name, physics.get(name, value) if being_made else value)

    being_made: list[bool] = []
    changed = type(creator.__name__, (creator,), {"__setattr__": assign})

    def make(**options: Any) -> Any:
        being_made.append(True)
        try:
            return changed(**options)
        finally:
            being_made.clear()

    return make
