"""A training function as a learner: ten lines for any loop."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from transfergap.data.problem import TrainingSet
from transfergap.learners.protocol import AnyTrainingSet, describe


@dataclass(frozen=True)
class FunctionLearner:
    """A function ``train(sources, target, *, seed, budget=None, init=None, callbacks=())``.

    Parameters
    ----------
    train : callable
        ``sources`` is a list of samples with ``.X``, ``.y`` and ``.weights`` (empty for the control
        arm); another task is in it as its :class:`transfergap.TaskSource`. ``target`` is one such
        sample. It returns a model with ``predict`` (and ``predict_proba`` for metrics of
        probabilities; columns in sorted order of the labels unless it has ``classes_``). Keywords
        that the function does not name are not passed.
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
    >>> def train(sources, target, *, seed):
    ...     return DummyClassifier().fit(target.X, target.y)
    >>> target = Sample(np.zeros((3, 1)), np.array([0, 1, 1]))
    >>> FunctionLearner(train).fit(TargetSet(target), seed=0).predict([[0.0]]).tolist()
    [1]
    """

    train: Callable[..., Any]
    budget: Any = None
    init: Any = None
    callbacks: tuple[Any, ...] = ()
    budget_name: ClassVar[str] = "budget"

    def fit(self, train: AnyTrainingSet, *, seed: int) -> Any:
        """Return the function's result."""
        sources: list[Any] = list(train.sources) if isinstance(train, TrainingSet) else []
        non_tabular = train.others if isinstance(train, TrainingSet) else ()
        sources += [source for source in non_tabular if source.kind == "task"]
        start = next((source for source in non_tabular if source.kind == "model"), self.init)
        arguments = {
            "seed": seed,
            "budget": self.budget,
            "init": start,
            "callbacks": self.callbacks,
        }
        parameters = inspect.signature(self.train).parameters
        if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            arguments = {name: value for name, value in arguments.items() if name in parameters}
        return self.train(sources, train.target, **arguments)

    def describe(self) -> str:
        """Return the function's name, a digest of its code, its settings."""
        settings = (
            f"budget={self.budget!r}, init={describe(self.init)}, callbacks={self.callbacks!r}"
        )
        return f"FunctionLearner({describe(self.train)}, {settings})"
