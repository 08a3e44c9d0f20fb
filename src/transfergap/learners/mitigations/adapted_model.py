"""A model that sees rows as its mitigation has made them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AdaptedModel:
    """Change rows, then ask the inner model.

    Parameters
    ----------
    model : fitted model
        It has ``predict_proba``, ``decision_function`` and ``classes_`` here where it has them.
    change : callable
        From rows as the user has them to rows as the model was trained on. Looks at no label.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyRegressor
    >>> inner = DummyRegressor().fit(np.zeros((2, 1)), [1.0, 3.0])
    >>> model = AdaptedModel(inner, lambda X: X[:, :1])
    >>> model.predict(np.zeros((1, 5))).tolist(), hasattr(model, "predict_proba")
    ([2.0], False)
    """

    model: Any
    change: Callable[[Any], Any]

    def predict(self, X: Any) -> Any:
        """Return the inner model's answers for the changed rows."""
        return self.model.predict(self.change(X))

    @property
    def predict_proba(self) -> Callable[[Any], Any]:
        """The inner model's probabilities for the changed rows, where it has any."""
        inner = self.model.predict_proba
        return lambda X: inner(self.change(X))

    @property
    def decision_function(self) -> Callable[[Any], Any]:
        """The inner model's scores for the changed rows, where it has any."""
        inner = self.model.decision_function
        return lambda X: inner(self.change(X))

    @property
    def classes_(self) -> Any:
        """The inner model's classes, where it has any."""
        return self.model.classes_
