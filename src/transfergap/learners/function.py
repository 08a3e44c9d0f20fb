"""A training function as a learner: ten lines for any loop."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from transfergap.data.problem import TrainingSet
from transfergap.errors import OldAttribute, accepts_old_arguments, warn_of_rename
from transfergap.learners.protocol import AnyTrainingSet, describe


@dataclass(frozen=True)
class SourcesFirst:
    """A training function of 0.1.0, ``train(sources, target, ...)``, called as today's are."""

    function: Callable[..., Any]

    def __call__(self, target: Any, sources: Any, **options: Any) -> Any:
        """Return the function's model of sources and target."""
        return self.function(sources, target, **options)

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(self.function)

    def describe(self) -> str:
        """Return the description of the function itself."""
        return describe(self.function)


def target_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of ``(target, sources, ...)`` from one of either order.

    The names of its first two parameters tell the order: in 0.1.0 sources came first.

    Examples
    --------
    >>> target_first(print) is print
    True
    """
    if not callable(function) or isinstance(function, SourcesFirst):
        return function
    try:
        names = [*inspect.signature(function).parameters, "", ""]
    except (TypeError, ValueError):  # of builtins, which Python cannot look into
        return function
    if not (names[0].startswith(("source", "src")) or names[1].startswith(("target", "tgt"))):
        return function
    warn_of_rename(f"train({names[0]}, {names[1]}, ...)", f"train({names[1]}, {names[0]}, ...)")
    return SourcesFirst(function)


@accepts_old_arguments
@dataclass(frozen=True)
class FunctionLearner:
    """A function ``train(target, sources, *, seed, budget=None, init=None, callbacks=())``.

    Parameters
    ----------
    function : callable
        ``target`` is a sample with ``.X``, ``.y`` and ``.weights``. ``sources`` is a list of such
        samples (empty for the control arm); another task is in it as its
        :class:`transfergap.TaskSource`. It returns a model with ``predict`` (and ``predict_proba``
        for metrics of probabilities; columns in sorted order of the labels unless it has
        ``classes_``). Keywords that the function does not name are not passed.
    budget : object, optional
        Handed through: steps, epochs, seconds, whatever the function understands. If it is a
        number, the audit also trains with a quarter and a half of it.
    init : object, optional
        Where training starts. In an arm with a pretrained model it is that model's
        :class:`transfergap.ModelSource`: read ``init.state_dict()`` or ``init.path``.
    callbacks : tuple, optional
        Handed through.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyClassifier
    >>> from transfergap.data.problem import Sample, TargetSet
    >>> def train(target, sources, *, seed):
    ...     return DummyClassifier().fit(target.X, target.y)
    >>> target = Sample(np.zeros((3, 1)), np.array([0, 1, 1]))
    >>> FunctionLearner(train).train(TargetSet(target), seed=0).predict([[0.0]]).tolist()
    [1]
    """

    function: Callable[..., Any]
    budget: Any = None
    init: Any = None
    callbacks: tuple[Any, ...] = ()
    budget_name: ClassVar[str] = "budget"
    fit = OldAttribute("Learner")

    def __post_init__(self) -> None:
        object.__setattr__(self, "function", target_first(self.function))

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the function's result."""
        sources: list[Any] = (
            list(training_set.sources) if isinstance(training_set, TrainingSet) else []
        )
        non_tabular = training_set.others if isinstance(training_set, TrainingSet) else ()
        sources += [source for source in non_tabular if source.kind == "task"]
        start = next((source for source in non_tabular if source.kind == "model"), self.init)
        arguments = {
            "seed": seed,
            "budget": self.budget,
            "init": start,
            "callbacks": self.callbacks,
        }
        parameters = inspect.signature(self.function).parameters
        if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            arguments = {name: value for name, value in arguments.items() if name in parameters}
        return self.function(training_set.target, sources, **arguments)

    def describe(self) -> str:
        """Return the function's name, a digest of its code, its settings."""
        settings = (
            f"budget={self.budget!r}, init={describe(self.init)}, callbacks={self.callbacks!r}"
        )
        return f"FunctionLearner({describe(self.function)}, {settings})"
