"""Errors with a hint of what to type next, optional packages, and names of 0.1.0 that changed."""

from __future__ import annotations

import functools
import importlib
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, TypeVar

_Callable = TypeVar("_Callable", bound=Callable[..., Any])


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


@dataclass(frozen=True)
class Rename:
    """A public name of 0.1.0 and what it is called now.

    Parameters
    ----------
    kind : {"name", "argument", "attribute", "value", "option"}
    place : str
        The module of a name, the function or class of an argument, the class of an attribute, the
        argument of a value; for an option "transfergap", the command line, or "audit.toml".
    before, after : str
        ``after`` is empty for what went without a successor.
    """

    kind: Literal["name", "argument", "attribute", "value", "option"]
    place: str
    before: str
    after: str


# The one list of what changed: the old names work by it, tools/migrate rewrites scripts by it,
# and a test compares the table of docs/migrating.md with it.
RENAMES = (
    Rename("name", "transfergap", "Precision", "Effort"),
    Rename("name", "transfergap", "assess", "assess_trials"),
    Rename("name", "transfergap", "load", "load_audit"),
    Rename("name", "transfergap", "run", "run_trials"),
    Rename("name", "transfergap.analysis.assessment", "assess", "assess_trials"),
    Rename("name", "transfergap.auditing.audit", "conduct", "run_design"),
    Rename("name", "transfergap.auditing.audit", "design_audit", "make_design"),
    Rename("name", "transfergap.auditing.results", "load", "load_audit"),
    Rename("name", "transfergap.data.validation", "pose", "make_problem"),
    Rename("name", "transfergap.experiment.design", "Precision", "Effort"),
    Rename("name", "transfergap.experiment.runner", "run", "run_trials"),
    Rename("name", "transfergap.rl", "from_csv", "audit_curves"),
    Rename("name", "transfergap.torch.ways", "FeaturesHeldNear", "DELTA"),
    Rename("name", "transfergap.torch.ways", "HeldNear", "L2SP"),
    Rename("name", "transfergap.torch.ways", "ProbeThenAll", "LPFT"),
    Rename("name", "transfergap.torch.ways", "SourceHeadToo", "CoTuning"),
    Rename("name", "transfergap.torch.ways", "SpectrumShrunk", "BSS"),
    Rename("argument", "AuditResult", "budgets", "budget_curve"),
    Rename("argument", "AuditResult", "curve", "learning_curve"),
    Rename("argument", "AuditResult", "precision", "effort"),
    Rename("argument", "AuditResult", "training", "training_curves"),
    Rename("argument", "Design", "precision", "effort"),
    Rename("argument", "FunctionLearner", "train", "function"),
    Rename("argument", "ModelSource", "start", "weights"),
    Rename("argument", "assess_scores", "higher_is_better", "greater_is_better"),
    Rename("argument", "audit", "curve", "learning_curve"),
    Rename("argument", "audit", "precision", "effort"),
    Rename("argument", "audit", "seed", "random_state"),
    Rename("argument", "audit_agents", "seed", "random_state"),
    Rename("argument", "audit_curves", "higher_is_better", "greater_is_better"),
    Rename("argument", "compare_scores", "higher_is_better", "greater_is_better"),
    Rename("argument", "compare_scores", "margin", ""),
    Rename("argument", "draw_target", "seed", "random_state"),
    Rename("argument", "expected_gap", "seed", "random_state"),
    Rename("argument", "load_claims", "seed", "random_state"),
    Rename("argument", "load_digits", "seed", "random_state"),
    Rename("argument", "load_flights", "seed", "random_state"),
    Rename("argument", "load_sentiment", "seed", "random_state"),
    Rename("argument", "make_design", "precision", "effort"),
    Rename("argument", "make_design", "seed", "random_state"),
    Rename("argument", "make_shift", "seed", "random_state"),
    Rename("argument", "null_shift", "seed", "random_state"),
    Rename("argument", "plan", "curve", "learning_curve"),
    Rename("argument", "run_design", "curve", "learning_curve"),
    Rename("value", "caution", "balanced", "low"),
    Rename("value", "caution", "safe", "medium"),
    Rename("value", "caution", "strict", "high"),
    Rename("value", "effort", "fast", "quick"),
    Rename("value", "subgroups", "()", "None"),
    Rename("attribute", "AuditResult", "budgets", "budget_curve"),
    Rename("attribute", "AuditResult", "curve", "learning_curve"),
    Rename("attribute", "AuditResult", "precision", "effort"),
    Rename("attribute", "AuditResult", "training", "training_curves"),
    Rename("attribute", "Design", "precision", "effort"),
    Rename("attribute", "Learner", "fit", "train"),
    Rename("attribute", "ModelSource", "says", "description"),
    Rename("attribute", "ModelSource", "start", "weights"),
    Rename("attribute", "ModelSource", "without", "without_rows_of"),
    Rename("attribute", "SafeTransferBase", "alpha_", "mixing_weight_"),
    Rename("attribute", "SafeTransferBase", "weights_", "member_weights_"),
    Rename("attribute", "TaskSource", "says", "description"),
    Rename("attribute", "TaskSource", "without", "without_rows_of"),
    Rename("option", "audit.toml", "curve", "learning_curve"),
    Rename("option", "audit.toml", "precision", "effort"),
    Rename("option", "transfergap", "--curve", "--learning-curve"),
    Rename("option", "transfergap", "--precision", "--effort"),
)


def renames(kind: str, place: str) -> dict[str, str]:
    """Return the old names of a place with their new ones.

    Examples
    --------
    >>> renames("value", "nothing")
    {}
    """
    return {r.before: r.after for r in RENAMES if (r.kind, r.place) == (kind, place)}


def warn_of_rename(before: str, after: str) -> None:
    """Warn the caller outside of transfergap that a name has changed."""
    level, frame = 2, sys._getframe(1)
    # Our own frames, and those of dataclasses, are no place that a user can change.
    while frame.f_back and _is_inside(frame.f_globals.get("__name__", "")):
        frame, level = frame.f_back, level + 1
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
    """Return the value of today for a value of 0.1.0, with a warning.

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
    """Let a function, or the making of a class, take its old arguments too."""
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
    """Return what an old name of a module stands for.

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
