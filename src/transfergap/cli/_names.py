"""Names on a command line or in a file, as Python objects."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from transfergap.errors import ConfigurationError, LearnerError


def model_named(name: str) -> Any:
    """Return the estimator or learner that ``module:name`` names; functions are called.

    Modules are looked for in the current directory too.

    Raises
    ------
    ConfigurationError
        If it cannot be found or made.
    """
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        raise ConfigurationError(
            f"{name!r} does not name a model.", hint="write --model my_module:make_model"
        )
    # As `python -m` does: the user's module lies beside the data.
    directory = str(Path.cwd())
    if directory not in sys.path:
        sys.path.insert(0, directory)
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise ConfigurationError(
            f"The module {module_name!r} of --model {name} cannot be imported: {error}.",
            hint="run from the directory that holds it, or install it",
        ) from error
    if not hasattr(module, attribute):
        raise ConfigurationError(
            f"The module {module_name!r} has no {attribute!r}.",
            hint=f"it has: {', '.join(n for n in dir(module) if not n.startswith('_'))[:200]}",
        )
    model = getattr(module, attribute)
    if hasattr(model, "train") or hasattr(model, "fit") or not callable(model):
        return model
    try:
        return model()
    # Whatever the user's function raises is shown as the user's.
    except Exception as error:
        raise LearnerError(
            f"{name} failed when it was called: {type(error).__name__}: {error}.",
            hint="it must take no arguments and return an estimator",
        ) from error
