"""Errors with hints, optional packages, and changed names of 0.1.0.

A hint says what to type next.
"""

from __future__ import annotations

import functools
import importlib
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

_Callable = TypeVar("_Callable", bound=Callable[..., Any])


class TransferGapError(Exception):
    """Base of every error that transfergap raises on purpose.

    Parameters
    ----------
    message : str
        The fault and the values at fault, in the user's names; one line.
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
    """Error for user data that cannot be audited as they are."""


class ConfigurationError(TransferGapError, ValueError):
    """Error for options, arguments or configuration files that cannot be met."""


class UnknownArmError(TransferGapError, KeyError):
    """Error for an arm that the audit does not have."""

    def __str__(self) -> str:
        return TransferGapError.__str__(self)


class MetricError(TransferGapError, ValueError):
    """Error for a metric that is unknown or does not fit.

    It has to fit the labels and the model.
    """


class LearnerError(TransferGapError, TypeError):
    """Error for a model that is not something to be trained."""


class RunDirectoryError(TransferGapError, ValueError):
    """Error for a run directory of something else, or another design."""


class IncompleteRunError(RunDirectoryError):
    """Error for an unfinished run, which has no result yet."""


class PairingError(TransferGapError, ValueError):
    """Error for numbers that should come in pairs and do not."""


class StorageError(TransferGapError, OSError):
    """Error for a trial that could not be stored."""

    def __str__(self) -> str:
        return TransferGapError.__str__(self)


class MissingExtraError(TransferGapError, ImportError):
    """Error for an optional dependency that is needed and not installed."""

    def __str__(self) -> str:
        return TransferGapError.__str__(self)


def first_line(error: Exception) -> str:
    """Return the first line of an error without its full stop.

    Examples
    --------
    >>> first_line(ValueError("Too long. And more")), first_line(OSError())
    ('Too long. And more', 'OSError')
    """
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


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


@dataclass(frozen=True)
class Rename:
    """A public name of 0.1.0 and its present one.

    Parameters
    ----------
    kind : {"name", "argument", "attribute", "value", "option"}
    place : str
        The module of a name, the function or class of an argument, the class of an attribute, the
        argument of a value; for an option "transfergap", the command line, or "audit.toml".
    before, after : str
        ``after`` is empty for what went without a successor.
    """

    kind: str
    place: str
    before: str
    after: str


# The one list of what changed: kind, old name, new name, places. The old names work by it,
# tools/migrate rewrites scripts by it, and a test compares the table of docs/migrating.md with it.
_CHANGES = (
    ("name", "Precision", "Effort", "transfergap transfergap.experiment.design"),
    ("name", "assess", "assess_trials", "transfergap transfergap.analysis.assessment"),
    ("name", "load", "load_audit", "transfergap transfergap.auditing.results"),
    ("name", "run", "run_trials", "transfergap transfergap.experiment.runner"),
    ("name", "conduct", "run_design", "transfergap.auditing.audit"),
    ("name", "design_audit", "make_design", "transfergap.auditing.audit"),
    ("name", "pose", "make_problem", "transfergap.data.validation"),
    ("name", "from_csv", "audit_curves", "transfergap.rl"),
    ("name", "FeaturesHeldNear", "DELTA", "transfergap.torch.ways"),
    ("name", "HeldNear", "L2SP", "transfergap.torch.ways"),
    ("name", "ProbeThenAll", "LPFT", "transfergap.torch.ways"),
    ("name", "SourceHeadToo", "CoTuning", "transfergap.torch.ways"),
    ("name", "SpectrumShrunk", "BSS", "transfergap.torch.ways"),
    ("argument", "budgets", "budget_curve", "AuditResult"),
    ("argument", "curve", "learning_curve", "AuditResult audit plan run_design"),
    ("argument", "precision", "effort", "AuditResult Design audit make_design"),
    ("argument", "training", "training_curves", "AuditResult"),
    ("argument", "train", "function", "FunctionLearner"),
    ("argument", "start", "weights", "ModelSource"),
    ("argument", "higher_is_better", "greater_is_better", "audit_curves compare_scores"),
    ("argument", "higher_is_better", "greater_is_better", "assess_scores"),
    ("argument", "seed", "random_state", "audit audit_agents make_design"),
    ("argument", "seed", "random_state", "load_claims load_digits load_flights load_sentiment"),
    ("argument", "seed", "random_state", "make_shift null_shift draw_target expected_gap"),
    ("argument", "margin", "", "compare_scores"),
    ("argument", "progress", "verbose", "audit"),
    ("value", "balanced", "low", "caution"),
    ("value", "safe", "medium", "caution"),
    ("value", "strict", "high", "caution"),
    ("value", "fast", "quick", "effort"),
    ("value", "()", "None", "subgroups"),
    ("attribute", "budgets", "budget_curve", "AuditResult"),
    ("attribute", "curve", "learning_curve", "AuditResult"),
    ("attribute", "precision", "effort", "AuditResult Design"),
    ("attribute", "training", "training_curves", "AuditResult"),
    ("attribute", "fit", "train", "Learner"),
    ("attribute", "says", "description", "ModelSource TaskSource"),
    ("attribute", "start", "weights", "ModelSource"),
    ("attribute", "without", "without_rows_of", "ModelSource TaskSource"),
    ("attribute", "alpha_", "mixing_weight_", "SafeTransferBase"),
    ("attribute", "weights_", "member_weights_", "SafeTransferBase"),
    ("option", "curve", "learning_curve", "audit.toml"),
    ("option", "precision", "effort", "audit.toml"),
    ("option", "--curve", "--learning-curve", "transfergap"),
    ("option", "--precision", "--effort", "transfergap"),
)
RENAMES = tuple(
    Rename(kind, place, before, after)
    for kind, before, after, places in _CHANGES
    for place in places.split()
)


def renames(kind: str, place: str) -> dict[str, str]:
    """Return the old names of a place with their new ones.

    Examples
    --------
    >>> renames("value", "nothing")
    {}
    """
    return {r.before: r.after for r in RENAMES if (r.kind, r.place) == (kind, place)}


_WARNED_PLACES: set[tuple[str, int, str]] = set()


def warn_of_rename(before: str, after: str) -> None:
    """Warn the caller outside of transfergap that a name has changed.

    Once a place, whatever the filters are: a loop of audits is told once.
    """
    level, frame = 2, sys._getframe(1)
    # Our own frames, and those of dataclasses, are no place that a user can change.
    while frame.f_back and _is_inside(module := frame.f_globals.get("__name__", "")):
        # `from module import name` asks for the name twice, first from here.
        if frame.f_code.co_name == "_handle_fromlist":
            return
        frame = frame.f_back
        level += module != "importlib._bootstrap"  # frames that warnings do not count either
    place = (frame.f_code.co_filename, frame.f_lineno, before)
    if place not in _WARNED_PLACES:
        _WARNED_PLACES.add(place)
        warnings.warn(rename_message(before, after), DeprecationWarning, stacklevel=level)


def rename_message(before: str, after: str) -> str:
    """Return a line on a name that has changed.

    Examples
    --------
    >>> rename_message("--precision", "--effort")
    '--precision is --effort now; python -m tools.migrate rewrites a script'
    """
    successor = f"is {after} now" if after else "is gone, as it had no effect"
    return f"{before} {successor}; python -m tools.migrate rewrites a script"


def _is_inside(module: str) -> bool:
    return module.partition(".")[0] in ("transfergap", "dataclasses", "importlib")


def current_value(argument: str, value: Any) -> Any:
    """Return today's value for one of 0.1.0, with a warning.

    Examples
    --------
    >>> current_value("caution", 1.5)
    1.5
    """
    after = renames("value", argument).get(value) if isinstance(value, str) else None
    if after is None:
        return value
    warn_of_rename(f"{argument}={value!r}", repr(after))
    return after


def accepts_old_arguments(function: _Callable) -> _Callable:
    """Let a function or class take its old arguments too."""
    inner: Any = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    place = function.__name__
    table = renames("argument", place)

    @functools.wraps(inner)
    def wrapper(*args: Any, **options: Any) -> Any:
        return inner(*args, **_current_options(place, table, options))

    if isinstance(function, type):
        function.__init__ = wrapper  # type: ignore[misc]
        return function
    return wrapper  # type: ignore[return-value]


def _current_options(
    place: str, table: Mapping[str, str], options: dict[str, Any]
) -> dict[str, Any]:
    for before in options.keys() & table.keys():
        after, value = table[before], options.pop(before)
        if after in options:
            raise TypeError(f"{place}() got both {after!r} and its old name {before!r}")
        warn_of_rename(f"{place}({before}=...)", after and f"{place}({after}=...)")
        if after:
            options[after] = value
    return options


class OldAttribute:
    """An attribute of 0.1.0 that reads the one of today.

    Parameters
    ----------
    place : str, optional
        As the list of renames has it; default: the name of the class.
    name : str, optional
        Of the attribute; default: the one that the class body gives it.
    """

    def __init__(self, place: str = "", name: str = "") -> None:
        self.place, self.before = place, name

    def __set_name__(self, owner: type, name: str) -> None:
        self.place, self.before = self.place or owner.__name__, name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        after = renames("attribute", self.place)[self.before]
        warn_of_rename(f"{type(instance).__name__}.{self.before}", f".{after}")
        return getattr(instance, after)


def old_name(module: str, name: str) -> Any:
    """Return the value behind an old name of a module.

    Raises
    ------
    AttributeError
        If the module has, and had, no such name.
    """
    after = renames("name", module).get(name)
    if after is None:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    warn_of_rename(f"{module}.{name}", f"{module}.{after}")
    return getattr(importlib.import_module(module), after)


def old_names(module: str) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module whose old names still work."""
    return functools.partial(old_name, module)
