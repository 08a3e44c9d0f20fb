"""The learner protocol: from training set to model, one or many."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass, replace
from typing import Any, Protocol, runtime_checkable

from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.errors import warn_of_rename

AnyTrainingSet = TargetSet | TrainingSet


@runtime_checkable
class Learner(Protocol):
    """An object with ``train(training_set, *, seed) -> model``.

    The model predicts as scikit-learn's do.
    """

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Train a model on ``training_set``; the same seed repeats it."""
        ...


@dataclass(frozen=True)
class FitLearner:
    """A learner of 0.1.0, whose method is ``fit(train, *, seed)``."""

    wrapped: Any

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the learner's model."""
        return self.wrapped.fit(training_set, seed=seed)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "wrapped":  # not there yet while it is unpickled
            raise AttributeError(name)
        return getattr(self.wrapped, name)

    def describe(self) -> str:
        """Return the description of the learner itself."""
        return describe(self.wrapped)


def is_learner(thing: object) -> bool:
    """Return whether an object is trained on training sets.

    A network of torch has a method ``train`` too, which takes no seed.

    Examples
    --------
    >>> is_learner(object())
    False
    """
    return isinstance(thing, Learner) and _takes_seed(thing.train)


def as_learner(thing: Any) -> Any:
    """Return a learner of 0.1.0 as one of today.

    Anything else is returned as it is.

    Examples
    --------
    >>> as_learner("no learner")
    'no learner'
    """
    inner = getattr(thing, "learner", None)
    if is_dataclass(thing) and not isinstance(thing, type) and inner is not None:
        current = as_learner(inner)
        thing = thing if current is inner else replace(thing, learner=current)
    if hasattr(thing, "train") or hasattr(thing, "get_params") or isinstance(thing, type):
        return thing
    if not _takes_seed(getattr(thing, "fit", None)):
        return thing
    name = type(thing).__name__
    warn_of_rename(f"{name}.fit(train, *, seed)", f"{name}.train(training_set, *, seed)")
    return FitLearner(thing)


def _takes_seed(method: Any) -> bool:
    try:
        return "seed" in inspect.signature(method).parameters
    except (TypeError, ValueError):  # not callable, or a builtin that Python cannot look into
        return False


@runtime_checkable
class ChangesTrainingSet(Protocol):
    """A learner that only changes the inner learner's training set."""

    @property
    def learner(self) -> Learner:
        """The inner learner."""
        ...

    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set that the inner learner sees."""
        ...


@runtime_checkable
class HoldsControl(Protocol):
    """A learner whose models hold what they are without sources."""

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Train a model on ``training_set``; the same seed repeats it."""
        ...

    def control_of(self, model: Any) -> Any:
        """Return the model without sources inside ``model``; it predicts alike."""
        ...


def may_vary(learner: object) -> bool:
    """Return whether a learner may vary under the same seed.

    A learner vouches by an attribute ``repeatable``; one around another asks the inner one.

    Examples
    --------
    >>> may_vary(object())
    True
    """
    vouched = getattr(learner, "repeatable", None)
    if vouched is None and isinstance(inner := getattr(learner, "learner", None), Learner):
        return may_vary(inner)
    return not vouched


def describe(thing: object) -> str:
    """Describe a learner by a text that is equal across processes.

    Memory addresses are removed; estimators are spelled with all their parameters, so that a
    changed parameter is a changed design.

    Examples
    --------
    >>> describe(len)
    '<built-in function len>'
    """
    if hasattr(thing, "get_params") and not isinstance(thing, type):
        params = thing.get_params(deep=False)
        inside = ", ".join(f"{key}={describe(params[key])}" for key in sorted(params))
        return f"{type(thing).__name__}({inside})"
    if isinstance(thing, (list, tuple)):
        return "[" + ", ".join(describe(item) for item in thing) + "]"
    if isinstance(thing, dict):
        return "{" + ", ".join(f"{key!r}: {describe(thing[key])}" for key in thing) + "}"
    method = getattr(thing, "describe", None)
    if callable(method) and not isinstance(thing, type):
        return str(method())
    name = getattr(thing, "__qualname__", None)
    if name is not None and not repr(thing).startswith("<built-in"):
        return f"{getattr(thing, '__module__', '?')}.{name}{_body_of(thing)}"
    # Addresses differ between processes, and a description must not.
    return re.sub(r" at 0x[0-9a-f]+", "", repr(thing))


def brief(thing: object) -> str:
    """Return a learner's short name: its class or pipeline steps.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> brief(make_pipeline(StandardScaler(), Ridge()))
    'Pipeline(StandardScaler, Ridge)'
    """
    thing = thing.wrapped if isinstance(thing, FitLearner) else thing
    inner = getattr(thing, "estimator", None)
    if inner is not None and not hasattr(thing, "get_params"):
        return brief(inner)
    name = type(thing).__name__
    steps = getattr(thing, "steps", None)
    if steps is None:
        return name
    return f"{name}({', '.join(type(step).__name__ for _, step in steps)})"


def _body_of(thing: object) -> str:
    """Return a digest of a function's code: editing it changes the design."""
    import hashlib

    code = getattr(thing, "__code__", None)
    if code is None:
        return ""
    held = [cell.cell_contents for cell in getattr(thing, "__closure__", None) or ()]
    constants = [constant for constant in code.co_consts if not hasattr(constant, "co_code")]
    digest = hashlib.sha256(code.co_code + repr((constants, code.co_names)).encode())
    if held:
        digest.update(repr([describe(value) for value in held]).encode())
    return f"#{digest.hexdigest()[:12]}"


@runtime_checkable
class FitsMany(Protocol):
    """A learner that fits many training sets at once, faster than singly.

    The models must be those of single fits with the same seeds, up to rounding.
    """

    @property
    def most_at_once(self) -> int:
        """Number of fits worth making together; 1 if made singly."""
        ...

    def fit_many(self, trains: Sequence[AnyTrainingSet], *, seeds: Sequence[int]) -> list[Any]:
        """Return the models, in order."""
        ...


def most_at_once(learner: object) -> int:
    """Return how many fits are worth making together, at least 1.

    Examples
    --------
    >>> most_at_once(object())
    1
    """
    return learner.most_at_once if isinstance(learner, FitsMany) else 1


def fit_all(
    learner: Learner, trains: Sequence[AnyTrainingSet], *, seeds: Sequence[int]
) -> list[Any]:
    """Fit a model for each training set, together where possible.

    Parameters
    ----------
    learner : Learner
    trains : sequence of TargetSet or TrainingSet
    seeds : sequence of int
        One for each.
    """
    size = most_at_once(learner)
    if size <= 1 or not isinstance(learner, FitsMany):
        return [learner.train(train, seed=seed) for train, seed in zip(trains, seeds, strict=True)]
    models: list[Any] = []
    for start in range(0, len(trains), size):
        chosen = slice(start, start + size)
        models += learner.fit_many(trains[chosen], seeds=seeds[chosen])
    return models
