"""The one place that knows which optional package belongs to which extra."""

from __future__ import annotations

import importlib
from types import ModuleType

from transfergap.errors import MissingExtraError


def require(module: str, *, extra: str) -> ModuleType:
    """Import an optional dependency, or say which extra brings it.

    Raises
    ------
    MissingExtraError
        If ``module`` is not installed.

    Examples
    --------
    >>> require("json", extra="none").__name__
    'json'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"This needs the package {module!r}, which is not installed.",
            hint=f"pip install 'transfergap[{extra}]'",
        ) from error
