"""Computations around user functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal, cast

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric.class_order import weighs_by_order
from transfergap.data.metric.class_scores import positive_scores
from transfergap.data.metric.kinds import Floats, Kind, WholeTarget
from transfergap.data.predictions import probabilities
from transfergap.data.task import Task
from transfergap.errors import MetricError

Response = Literal["predict", "predict_proba", "decision_function"]
RESPONSES: tuple[Response, ...] = ("predict", "predict_proba", "decision_function")


@dataclass(frozen=True)
class RowFunction:
    """Values a row from ``function(y_true, prediction)``, shape (n_rows,)."""

    function: Callable[..., Any]
    greater_is_better: bool
    response: Response
    positive: Any = None
    kind: ClassVar[Kind] = "loss"
    zero_one: ClassVar[bool] = False
    wrong_above: ClassVar[float | None] = None
    closed_form: ClassVar[Literal["squared", "log"] | None] = None

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> RowFunction:
        """Return the same for this positive class, tried on labels."""
        if y is not None:
            tried_on(self._checked, y, task, classes, self.response, positive)
        return replace(self, positive=positive)

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the function's values."""
        return self._checked(
            y, response_of(model, X, classes, response=self.response, positive=self.positive)
        )

    def _checked(self, y: NDArray[Any], prediction: NDArray[Any]) -> Floats:
        values = np.asarray(self.function(y, prediction), float)
        if values.shape != (len(y),):
            raise MetricError(
                f"The loss {name_of(self.function)!r} gave shape {values.shape} for {len(y)} rows.",
                hint="return one loss for each row, or use make_metric(score=...) for one number",
            )
        check_finite(values, self.function, prediction=prediction)
        return values

    def losses(self, outputs: Floats, y: NDArray[Any], whole: WholeTarget) -> Floats:
        """Return the outputs, or minus them where more is better."""
        return -outputs if self.greater_is_better else outputs

    def constant(self, whole: WholeTarget, classes: NDArray[Any]) -> None:
        """Return ``None``: the best constant prediction is not known."""
        return

    def bound(self, whole: WholeTarget) -> None:
        """Return ``None``: the largest loss is not known."""
        return


@dataclass(frozen=True)
class FoldFunction:
    """A score of a whole fold from ``function(y_true, prediction)``."""

    function: Callable[..., Any]
    response: Response
    positive: Any = None
    kind: ClassVar[Kind] = "scorer"

    @property
    def _options(self) -> Mapping[str, Any]:
        """Arguments bound in a partial function."""
        return getattr(self.function, "keywords", {})

    @property
    def names_positive(self) -> bool:
        """True if the function receives the positive class, and heeds it."""
        return _takes(self.function, "pos_label") and not self.has_no_positive

    @property
    def has_no_positive(self) -> bool:
        """True if it averages over both classes."""
        return is_averaged(_inner(self.function), self._options)

    @property
    def weighs_by_order(self) -> bool:
        """True if errors count by how far apart the classes are."""
        return weighs_by_order(_inner(self.function), self._options)

    @property
    def pos_label(self) -> Any:
        """The positive class bound in a partial function."""
        return self._options.get("pos_label")

    @property
    def takes_weights(self) -> bool:
        """True if the function takes weights of rows."""
        return _takes(self.function, "sample_weight")

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> FoldFunction:
        """Return the same for this positive class, tried on labels."""
        score = replace(self, positive=positive)
        if y is not None:
            tried_on(score.value, y, task, classes, self.response, positive)
        return score

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the score."""
        prediction = response_of(model, X, classes, response=self.response, positive=self.positive)
        options = {} if weights is None else {"sample_weight": weights}
        return np.array([self.value(y, prediction, **options)])

    def value(self, y: NDArray[Any], prediction: NDArray[Any], **options: Any) -> float:
        """Return the function's value, as one number."""
        if self.positive is not None and self.names_positive:
            options["pos_label"] = self.positive
        number = as_number(self.function(y, prediction, **options), self.function)
        check_finite(number, self.function, prediction=prediction)
        return number


@dataclass(frozen=True)
class ModelFunction:
    """A score of a whole fold from ``function(model, X, y)``."""

    function: Callable[..., Any]
    kind: ClassVar[Kind] = "scorer"

    @property
    def takes_weights(self) -> bool:
        """True if the function takes weights of rows."""
        return _takes(self.function, "sample_weight")

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the score."""
        options = {} if weights is None else {"sample_weight": weights}
        number = as_number(self.function(model, X, y, **options), self.function)
        check_finite(number, self.function)
        return np.array([number])


@dataclass(frozen=True)
class SklearnScorer:
    """A fold score of a scikit-learn scorer, in its function's scale."""

    scorer: Any
    kind: ClassVar[Kind] = "scorer"

    @property
    def sign(self) -> int:
        """1 if more of the inner function is better, else -1."""
        return 1 if self.scorer._sign > 0 else -1

    @property
    def response(self) -> Response:
        """Response that the inner function receives; of several the first."""
        method = self.scorer._response_method
        return cast(Response, method if isinstance(method, str) else method[0])

    def value(self, y: NDArray[Any], prediction: NDArray[Any]) -> float:
        """Return the inner function's value."""
        function = self.scorer._score_func
        return as_number(function(y, prediction, **self.scorer._kwargs), function)

    @property
    def names_positive(self) -> bool:
        """True if the inner function receives the positive class, and heeds it."""
        return _takes(self.scorer._score_func, "pos_label") and not self.has_no_positive

    @property
    def has_no_positive(self) -> bool:
        """True if the inner function averages over both classes."""
        return is_averaged(self.scorer._score_func, self.scorer._kwargs)

    @property
    def weighs_by_order(self) -> bool:
        """True if errors count by how far apart the classes are."""
        return weighs_by_order(self.scorer._score_func, self.scorer._kwargs)

    @property
    def takes_weights(self) -> bool:
        """True if the inner function takes weights of rows."""
        return _takes(self.scorer._score_func, "sample_weight")

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> SklearnScorer:
        """Return the scorer of this positive class, unless it has one."""
        options = self.scorer._kwargs
        if not task.has_two_classes or not self.names_positive:
            return self
        if "pos_label" in options:
            return self
        from sklearn.metrics import make_scorer

        scorer = make_scorer(
            self.scorer._score_func,
            response_method=self.scorer._response_method,
            greater_is_better=self.sign > 0,
            pos_label=positive,
            **options,
        )
        return replace(self, scorer=scorer)

    @property
    def pos_label(self) -> Any:
        """The positive class bound in the scorer."""
        return self.scorer._kwargs.get("pos_label")

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the score."""
        options = {} if weights is None else {"sample_weight": weights}
        value = as_number(self.scorer(model, X, y, **options), self.scorer._score_func)
        check_finite(value, self.scorer._score_func)
        return np.array([self.sign * value])


def response_of(
    model: Any, X: Any, classes: NDArray[Any], *, response: Response, positive: Any
) -> NDArray[Any]:
    """Return predictions; of two classes the positive one's scores or probabilities, flat."""
    if response == "predict":
        return np.asarray(model.predict(X)).reshape(-1)
    if response == "predict_proba":
        p = probabilities(model, X, classes)
        return p[:, int(np.flatnonzero(classes == positive)[0])] if len(classes) == 2 else p
    if len(classes) == 2:
        return positive_scores(model, X, classes, positive)
    return np.asarray(model.decision_function(X), float)


def as_number(value: Any, function: Any) -> float:
    """Return a score as a float; raise ``MetricError`` if it is none."""
    if np.ndim(value) != 0:
        raise MetricError(
            f"The metric {name_of(function)!r} gave shape {np.shape(value)}, not one number.",
            hint="for one value a row use make_metric(loss=...)",
        )
    try:
        return float(value)
    except (TypeError, ValueError):
        raise MetricError(
            f"The metric {name_of(function)!r} gave {value!r}, not a number.",
            hint="return one number, or use make_metric(loss=...) for one a row",
        ) from None


def check_finite(
    values: Floats | float, function: Any, *, prediction: NDArray[Any] | None = None
) -> None:
    """Raise ``MetricError`` if a function gave NaN or infinity.

    Not where its predictions have some already: those are the model's.
    """
    bad = ~np.isfinite(values)
    if not bad.any() or not _are_finite(prediction):
        return
    what = (
        f"gave {values:g}, which is no finite number"
        if isinstance(values, float)
        else f"gave {int(bad.sum())} of {bad.size} values that are not finite"
    )
    raise MetricError(
        f"The metric {name_of(function)!r} {what}.",
        hint="mend the function, or leave out the rows that it has no value for",
    )


def _are_finite(prediction: NDArray[Any] | None) -> bool:
    if prediction is None or prediction.dtype.kind not in "fc":
        return True
    return bool(np.isfinite(prediction).all())


def tried_on(
    function: Callable[[Any, Any], Any],
    y: NDArray[Any],
    task: Task,
    classes: NDArray[Any],
    response: Response,
    positive: Any,
) -> None:
    """Raise ``MetricError`` if a function rejects all predictions of these labels.

    It is tried on the labels themselves, and on the same predictions in another order: a function
    that fails on both would fail in every trial.
    """
    predicted = perfect_predictions(y, task, classes, response, positive)
    mean = predicted[::-1] if task.has_classes else np.full(len(y), y.mean())
    try:
        function(y, predicted)
    except Exception as first:
        try:
            function(y, mean)
        except Exception:
            raise MetricError(
                f"The metric fails on the target's own labels: {_in_one_line(first)}",
                hint=getattr(first, "hint", None)
                or "it is called as function(y_true, prediction); wrap a function with other"
                " arguments by scikit-learn's make_scorer, or say response='predict_proba' in"
                " make_metric",
            ) from first


def perfect_predictions(
    y: NDArray[Any], task: Task, classes: NDArray[Any], response: Response, positive: Any
) -> NDArray[Any]:
    """Return the labels as predictions, or probabilities that are right."""
    if response == "predict" or not task.has_classes:
        return np.asarray(y)
    if len(classes) == 2:
        return np.where(y == positive, 0.75, 0.25)
    predicted = np.full((len(y), len(classes)), 0.5 / max(len(classes) - 1, 1))
    predicted[np.arange(len(y)), np.searchsorted(classes, y)] = 0.5
    return predicted


def name_of(function: Any) -> str:
    """Return the name of a function or scorer."""
    if isinstance(function, partial):
        return name_of(function.func)
    name = getattr(function, "__name__", type(function).__name__)
    return "metric" if name == "<lambda>" else str(name)


def is_averaged(function: Callable[..., Any], options: Mapping[str, Any]) -> bool:
    """Return whether a score of one class is averaged over classes.

    Examples
    --------
    >>> from sklearn.metrics import average_precision_score, f1_score
    >>> is_averaged(f1_score, {"average": "macro"}), is_averaged(f1_score, {})
    (True, False)
    >>> is_averaged(average_precision_score, {"average": "macro"})  # of two classes: of one
    False
    """
    if not _takes(function, "average"):
        return False
    usual = inspect.signature(function).parameters["average"].default
    return bool(usual == "binary" and options.get("average", usual) != usual)


def _inner(function: Callable[..., Any]) -> Callable[..., Any]:
    return function.func if isinstance(function, partial) else function


def _takes(function: Callable[..., Any], parameter: str) -> bool:
    try:
        return parameter in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _in_one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else ""
    return text if isinstance(error, MetricError) else f"{type(error).__name__}: {text}"
