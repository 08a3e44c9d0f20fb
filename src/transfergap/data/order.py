"""Splittings of target rows from times, gaps or splitters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from transfergap.data.forward_folds import forward_folds
from transfergap.data.problem import Sample
from transfergap.data.splitter_folds import splitter_folds
from transfergap.data.splitting import Splitting, check_classes
from transfergap.data.task import Task
from transfergap.data.times import Times, check_same_kind, checked_times, gap_of
from transfergap.errors import ConfigurationError, DataError


@dataclass(frozen=True)
class Order:
    """The user's request for held-out rows: times, gap and splitter.

    Parameters
    ----------
    time : str or array-like, optional
        A column of the target's table, or one value a target row.
    gap : str, number or timedelta
        Span or rows left out between training rows and a tested block.
    cv : splitter or iterable of (train, test), optional
    """

    time: Any = None
    gap: Any = 0
    cv: Any = None

    def __post_init__(self) -> None:
        if self.time is not None and self.cv is not None:
            raise ConfigurationError(
                "Both time= and cv= say how rows are held out.",
                hint="give one: time= makes forward folds, cv= takes yours as they are",
            )
        if self.time is None and self.gap not in (0, None):
            raise ConfigurationError(
                f"There is a gap of {self.gap!r}, but no times.", hint="give time= or --time too"
            )

    def taken_out(self, X: Any, sources: Any) -> tuple[Any, Any, Any]:
        """Return rows, times of the target, and sources with their times.

        A column of times stays a feature where it holds numbers. Dates and texts are taken out:
        they are there for the order.
        """
        if not isinstance(self.time, str):
            return X, self.time, sources
        columns = [str(column) for column in getattr(X, "columns", ())]
        if self.time not in columns:
            raise ConfigurationError(
                f"The target has no column {self.time!r} to take times from.",
                hint=f"it has: {', '.join(columns[:12])}"
                if columns
                else "give one time a row: time=[...]",
            )
        # Dates and texts would give every row a name; a number may be a trend that models use.
        keep = is_feature(X[self.time])
        features = X if keep else X.drop(columns=[self.time])
        if not isinstance(sources, Mapping):
            return features, X[self.time], sources
        return features, X[self.time], {k: self._timed(s, keep=keep) for k, s in sources.items()}

    def _timed(self, source: Any, *, keep: bool) -> Any:
        """Take a source's times from its column, if it has one."""
        if isinstance(source, (tuple, list)) and len(source) == 2:
            source = Sample(source[0], source[1])
        if not isinstance(source, Sample) or self.time not in getattr(source.X, "columns", ()):
            return source
        times = source.X[self.time] if source.times is None else source.times
        features = source.X if keep else source.X.drop(columns=[self.time])
        return replace(source, X=features, times=times)


def is_feature(column: Any) -> bool:
    """Return whether a column of times stays a feature.

    Numbers do, dates and texts do not.

    Each date is another value that no model has seen. A number may be a season or an age, and what
    a model makes of values beyond those it saw is what forward folds test.
    """
    import pandas as pd

    return bool(pd.api.types.is_numeric_dtype(column)) and not pd.api.types.is_bool_dtype(column)


def with_times(sample: Sample, times: Any, origin: str, target: Times | None = None) -> Sample:
    """Return a sample with checked times; without any where none are given.

    Raises
    ------
    DataError
        For times that cannot be read, or that a target without times cannot be compared with.
    """
    if times is None:
        return sample
    checked = checked_times(times, len(sample), origin)
    if target is not None:
        check_same_kind(target, checked, origin)
    return replace(sample, times=checked)


def check_no_times(label: str, sample: Sample) -> None:
    """Raise ``DataError`` if a source has times and the target has none."""
    if sample.times is not None:
        raise DataError(
            f"The source {label!r} has times, and the target has none.",
            hint="give the target's too: time=[...]",
        )


def splitting_of(order: Order, target: Sample, task: Task) -> Splitting | None:
    """Return how a target is held out; ``None`` where shuffled folds do.

    Raises
    ------
    ConfigurationError, DataError
    """
    if target.times is not None:
        gap = gap_of(order.gap, target.times)
        splitting = forward_folds(target.times, gap=gap, groups=target.groups)
    elif order.cv is not None:
        splitting = splitter_folds(order.cv, target.y, groups=target.groups)
    else:
        return None
    if task.has_classes:
        check_classes(splitting, target.y)
    return splitting
