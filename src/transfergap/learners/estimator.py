"""scikit-learn estimators as learners."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample, TrainingSet
from transfergap.errors import LearnerError, OldAttribute
from transfergap.learners.protocol import AnyTrainingSet, describe
from transfergap.learners.random_states import draws_by_seed, seeded_states
from transfergap.learners.weight_trial import WeightUse, few_rows, fitted_model, try_weights


def with_group_splits(model: Any, sample: Sample) -> Any:
    """Replace a model's group splitters by splits of these rows.

    Parameters
    ----------
    model : scikit-learn estimator
        A clone: its parameters are set.
    sample : Sample
        Training rows of the coming fit.

    Notes
    -----
    No ``fit`` need hand groups on. Splitters inside a model that fits on parts of its rows stay
    as they are: they are asked for other rows.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.model_selection import GridSearchCV, GroupKFold
    >>> sample = Sample(np.eye(4), np.arange(4.0), groups=np.array([1, 1, 2, 2]))
    >>> search = GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=GroupKFold(2))
    >>> [test.tolist() for _, test in with_group_splits(search, sample).cv]
    [[2, 3], [0, 1]]
    """
    if sample.groups is None:
        return model
    splits = {
        # A list of splits is accepted wherever a splitter is, and needs no groups.
        name: list(splitter.split(sample.X, sample.y, sample.groups))
        for name, splitter in _group_splitters(model)
    }
    return model.set_params(**splits) if splits else model


def _group_splitters(estimator: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in estimator.get_params(deep=True).items():
        if "__" in name:
            continue
        if _splits_by_groups(value):
            yield before + name, value
        elif _hands_all_rows_on(estimator) and _is_estimator(value):
            yield from _group_splitters(value, f"{before}{name}__")


def _splits_by_groups(value: Any) -> bool:
    if isinstance(value, type) or not hasattr(value, "split") or not hasattr(value, "get_n_splits"):
        return False
    if type(value).__module__.startswith("sklearn."):
        return value.get_metadata_routing().split.requests.get("groups") is True
    return "groups" in inspect.signature(value.split).parameters


def _hands_all_rows_on(estimator: Any) -> bool:
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.pipeline import FeatureUnion, Pipeline

    kinds = (Pipeline, FeatureUnion, ColumnTransformer, TransformedTargetRegressor)
    return isinstance(estimator, kinds)


def _is_estimator(value: Any) -> bool:
    return hasattr(value, "get_params") and not isinstance(value, type)


MOST_REPEATED = 10.0  # times that a row is repeated on average, where a model takes no weights
MOST_CLASSES = 30  # more different labels of a model that tells nothing of them are numbers


@dataclass(frozen=True)
class EstimatorLearner:
    """The user's estimator, cloned and refitted on an arm's rows.

    Parameters
    ----------
    estimator : scikit-learn estimator or pipeline
        Never fitted in place. Every ``random_state`` left at ``None`` gets the trial's seed; one
        that the user set stays.
    weight_use : WeightUse, optional
        Effect of sample weights on the model, from :meth:`tried_on`; else each fit tries it.
    is_default : bool
        Whether the estimator was made for the problem's columns, so that other columns get another.

    Notes
    -----
    Sample weights go to the last step of a pipeline. Where a trial shows that they do not change
    the model, rows are repeated and left out instead, so that each counts as its weight on average.

    Global random states are seeded while it fits, and left as they were. Where rows have groups,
    splitters by groups inside it get them, and so does a ``fit`` with a parameter ``groups``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from transfergap.data.problem import Sample, TargetSet
    >>> sample = Sample(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1]))
    >>> EstimatorLearner(LogisticRegression()).train(TargetSet(sample), seed=0).predict([[3.0]])
    array([1])
    """

    estimator: Any
    weight_use: WeightUse | None = field(default=None, repr=False, compare=False)
    is_default: bool = field(default=False, repr=False, compare=False)

    @cached_property
    def repeatable(self) -> bool:
        """True if all parts draw by the seed.

        Parts of other libraries are tried.
        """
        return draws_by_seed(self.estimator)

    fit = OldAttribute("Learner")

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return a fitted clone."""
        from sklearn import config_context

        sample = (
            training_set.stacked() if isinstance(training_set, TrainingSet) else training_set.target
        )
        options: dict[str, Any] = {}
        if sample.weights is not None:
            parameter = weight_parameter(self.estimator)
            if parameter is not None and self.use_of_weights(sample) is WeightUse.COUNT:
                # Where weights are ignored, "balanced" would be plain pooling
                # (docs/decisions/0024).
                options[parameter] = sample.weights
            else:
                sample = _repeated(sample, np.random.default_rng(seed))
        # Splitters by groups inside the model need the groups of these very rows.
        model = with_group_splits(self.unfitted(seed), sample)
        options |= _groups_for(model, sample)
        # Importing skada turns metadata routing on, and with it pipelines refuse the parameters.
        routing = config_context(enable_metadata_routing=False) if options else nullcontext()
        with routing, seeded_states(seed):
            return fitted_model(model, sample, **options)

    def tried_on(self, sample: Sample) -> EstimatorLearner:
        """Return the learner with the effect of sample weights measured."""
        return replace(self, weight_use=self.use_of_weights(sample))

    def use_of_weights(self, sample: Sample) -> WeightUse:
        """Return the model's use of sample weights, measured if necessary."""
        parameter = weight_parameter(self.estimator)
        if parameter is None:
            return WeightUse.ABSENT
        if self.weight_use is not None:
            return self.weight_use
        kind = labels_for(self.estimator)
        are_classes = (
            len(np.unique(sample.y)) <= MOST_CLASSES if kind is None else kind == "classes"
        )
        few = few_rows(sample, classes=are_classes)
        model = with_group_splits(self.unfitted(0), few)
        return try_weights(model, parameter, few, **_groups_for(model, few))

    def unfitted(self, seed: int) -> Any:
        """Return a clone of the estimator whose open random states are set."""
        from sklearn.base import clone

        model = clone(self.estimator)
        # A random state that the user set is part of the model, and stays.
        if self._open_states:
            model.set_params(**dict.fromkeys(self._open_states, seed))
        return model

    @cached_property
    def _open_states(self) -> tuple[str, ...]:
        """Names of the random states that the user left open."""
        return tuple(
            name
            for name, value in self.estimator.get_params(deep=True).items()
            if value is None and (name == "random_state" or name.endswith("__random_state"))
        )

    def describe(self) -> str:
        """Return the estimator with all its parameters."""
        return describe(self.estimator)


def check_estimator_like(model: object) -> None:
    """Raise ``LearnerError`` unless ``model`` can be cloned, fitted and asked for predictions."""
    if isinstance(model, type):
        raise LearnerError(
            f"The model {model.__name__} is a class, not an object.", hint=f"use {model.__name__}()"
        )
    missing = [name for name in ("fit", "predict", "get_params") if not hasattr(model, name)]
    if missing == ["predict"] and labels_for(model) is not None:
        return  # a stacking has its methods once it is fitted
    if missing:
        raise LearnerError(
            f"The model {type(model).__name__} has no `{missing[0]}` method.",
            hint="pass a scikit-learn estimator or pipeline, or wrap a training function in"
            " transfergap.learners.FunctionLearner",
        )
    try:
        model.get_params()  # type: ignore[attr-defined]
    except (RuntimeError, AttributeError, TypeError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise LearnerError(
            f"The parameters of the model {type(model).__name__} cannot be read: {reason}.",
            hint="name each parameter in __init__, and keep it as an attribute of that name",
        ) from error


def labels_for(model: object) -> Literal["classes", "numbers"] | None:
    """Return the label kind of a scikit-learn model; ``None`` if unknown.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> labels_for(Ridge())
    'numbers'
    """
    from sklearn.base import is_classifier, is_regressor

    if isinstance(model, type) or not hasattr(model, "get_params"):
        return None
    try:
        return "numbers" if is_regressor(model) else "classes" if is_classifier(model) else None
    except AttributeError:  # not quite an estimator: the labels and the metric decide
        return None


def weight_parameter(model: Any) -> str | None:
    """Return the name of ``model.fit``'s sample weights, or ``None``."""
    return _fit_parameter(model, "sample_weight")


def _fit_parameter(model: Any, parameter: str) -> str | None:
    """Return the full name of a parameter of ``fit``.

    That of a pipeline is its last step's.
    """
    from sklearn.pipeline import Pipeline
    from sklearn.utils.validation import has_fit_parameter

    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        inner = _fit_parameter(last, parameter)
        return None if inner is None else f"{name}__{inner}"
    return parameter if has_fit_parameter(model, parameter) else None


def _groups_for(model: Any, sample: Sample) -> dict[str, Any]:
    """Return the groups under ``fit``'s name for them, if any."""
    parameter = None if sample.groups is None else _fit_parameter(model, "groups")
    return {} if parameter is None else {parameter: sample.groups}


def _repeated(sample: Sample, rng: np.random.Generator) -> Sample:
    """Return the rows as often as they weigh, without weights.

    Weights that stand for thousands of people would repeat each row thousands of times, so they
    are divided down.
    """
    assert sample.weights is not None
    # Weights of a survey may be in the thousands; repeated so often, no fit would end.
    share = max(float(sample.weights.mean()) / MOST_REPEATED, 1.0)
    rows = resampled_rows(sample.weights / share, rng)
    return Sample(sample.X, sample.y, groups=sample.groups).rows(rows)


def resampled_rows(weights: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    """Repeat row positions by weight, rounded up or down at random.

    Systematic resampling in random order: a row of weight 1 stays exactly once.

    Examples
    --------
    >>> resampled_rows(np.array([1.0, 2.0]), np.random.default_rng(0)).tolist()
    [0, 1, 1]
    """
    order = rng.permutation(len(weights))
    # Systematic resampling (Kitagawa 1996): one uniform draw serves all fractions.
    edges = np.floor(np.concatenate([[0.0], np.cumsum(weights[order] % 1.0)]) + rng.random())
    counts = np.floor(weights).astype(int)
    counts[order] += np.diff(edges).astype(int)
    return np.repeat(np.arange(len(weights)), counts)
