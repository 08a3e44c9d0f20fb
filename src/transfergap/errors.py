"""Errors of one line with a hint of what to type next, and optional packages."""

from __future__ import annotations

import importlib
from types import ModuleType


class TransferGapError(Exception):
    """Base of every error that transfergap raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong and what was found, in the user's own names; one line.
    hint : str, optional
        What to do about it.

    Examples
    --------
    >>> error = TransferGapError("target.csv has no column 'y'", hint="use --label outcome")
    >>> error.hint
    'use --label outcome'
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n hint: {self.hint}"


class DataError(TransferGapError, ValueError):
    """The user's data cannot be audited as they are."""


class ConfigurationError(TransferGapError, ValueError):
    """An option, an argument or a configuration file asks for something impossible."""


class MetricError(TransferGapError, ValueError):
    """The metric is unknown, or does not fit the labels or the model."""


class LearnerError(TransferGapError, TypeError):
    """The model is not something that can be trained."""


class RunDirectoryError(TransferGapError, ValueError):
    """The run directory belongs to something else, or holds another design."""


class IncompleteRunError(RunDirectoryError):
    """The run is not finished, so it has no result yet."""


class PairingError(TransferGapError, ValueError):
    """Numbers that should come in pairs do not."""


class StorageError(TransferGapError, OSError):
    """A trial could not be stored."""

    def __str__(self) -> str:
        return TransferGapError.__str__(self)


class MissingExtraError(TransferGapError, ImportError):
    """An optional dependency is needed and not installed."""

    def __str__(self) -> str:
        return TransferGapError.__str__(self)


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
