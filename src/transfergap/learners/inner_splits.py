"""Groups for splitters inside an estimator, kept together in its folds."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from transfergap.data.problem import Sample


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
