"""An environment of Gymnasium by its id: a value that pickles and can be described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from transfergap._optional import require
from transfergap.errors import ConfigurationError
from transfergap.learners import describe


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
        Attributes that are set on the bare environment once it is made, such as the length of a
        pole; each must be there already.

    Raises
    ------
    ConfigurationError
        When it is called: if Gymnasium cannot make it, or it has no such attribute.

    Examples
    --------
    >>> make = Environment("CartPole-v1", physics={"gravity": 20.0})
    >>> make().unwrapped.gravity
    20.0
    """

    id: str
    options: Mapping[str, Any] = field(default_factory=dict)
    physics: Mapping[str, float] = field(default_factory=dict)

    def __call__(self) -> Any:
        """Return a new environment."""
        gymnasium = require("gymnasium", extra="rl")
        try:
            made = gymnasium.make(self.id, **self.options)
        except (gymnasium.error.Error, TypeError, ModuleNotFoundError) as error:
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ConfigurationError(
                f"The environment {self.id!r} cannot be made: {said}",
                hint="try gymnasium.make() with the same id and options",
            ) from error
        for name, value in self.physics.items():
            if not hasattr(made.unwrapped, name):
                raise ConfigurationError(
                    f"The environment {self.id!r} has no attribute {name!r}.",
                    hint="physics= changes what is there; use options= for keywords of make()",
                )
            setattr(made.unwrapped, name, value)
        return made

    def describe(self) -> str:
        """Return a text that is the same in every process."""
        return f"Environment({self.id}, {describe(self.options)}, {describe(self.physics)})"
