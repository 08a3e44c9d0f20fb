"""From time=, gap= and cv= to a splitting."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.notations.moments import as_unit_of
from transfergap.data.problem import Sample
from transfergap.data.splitting.held_out import (
    HeldOut,
    Rows,
    Splitting,
    check_classes,
    forward_folds,
)
from transfergap.data.splitting.times import (
    Times,
    are_dates,
    check_no_codes,
    check_same_kind,
    checked_times,
    gap_of,
)
from transfergap.data.task import Task
from transfergap.errors import ConfigurationError, DataError

MOST_FOLDS = 200  # leave-one-out of more rows would take a fit a row for every arm


def splitter_folds(cv: Any, y: NDArray[Any], *, groups: NDArray[Any] | None = None) -> Splitting:
    """Group a splitter's folds into repeats that test rows once.

    Parameters
    ----------
    cv : splitter or iterable of (train, test)
        Anything with ``split(X, y, groups)``, or positions or masks of rows.
    y : ndarray, shape (n_rows,)
    groups : ndarray, shape (n_rows,), optional
        Given to the splitter; rows of a group that is tested are never trained on.

    Raises
    ------
    ConfigurationError
        If it is no splitter, draws other folds each time, or trains on rows that it tests.
    DataError
        If a fold has nothing to test or to train on.

    Examples
    --------
    >>> from sklearn.model_selection import KFold
    >>> len(splitter_folds(KFold(4), np.zeros(12)).folds)
    4
    """
    pairs = _pairs(cv, y, groups)
    folds, n_dropped = [], 0
    for number, (train, test) in enumerate(pairs):
        trained, tested = _rows(train, len(y), number), _rows(test, len(y), number)
        overlap = np.intersect1d(trained, tested)
        if len(overlap):
            raise ConfigurationError(
                f"Fold {number + 1} of cv trains on {len(overlap)} of the {len(tested)} rows that"
                f" it tests, such as row {overlap[0]}.",
                hint="tested rows must be kept out of training",
            )
        if groups is not None:
            shared = np.isin(groups[trained], groups[tested])
            n_dropped += int(shared.sum())
            trained = trained[~shared]
        if not len(trained) or not len(tested):
            action = "test" if not len(tested) else "train on"
            raise DataError(
                f"Fold {number + 1} of cv has no row to {action}.", hint="give it other rows"
            )
        folds.append(HeldOut(tested, trained))
    if len(folds) < 2:
        raise ConfigurationError(
            f"cv has {len(folds)} fold.", hint="at least two are needed for an interval"
        )
    repeats = _repeats(folds)
    return Splitting("splitter", repeats, _description(cv, repeats, len(y), n_dropped))


def _pairs(cv: Any, y: NDArray[Any], groups: NDArray[Any] | None) -> list[tuple[Any, Any]]:
    rows = np.zeros((len(y), 1))
    if hasattr(cv, "split") and not isinstance(cv, str):
        with warnings.catch_warnings():
            # A splitter that ignores groups says so; here, rows of tested groups are taken out.
            warnings.simplefilter("ignore", UserWarning)
            try:
                first, again = (list(cv.split(rows, y, groups)) for _ in range(2))
            except (TypeError, ValueError) as error:
                reason = str(error).strip().rstrip(".")
                raise ConfigurationError(
                    f"{type(cv).__name__} cannot part these rows: {reason}.",
                    hint="give groups=... if it parts by groups; else give it fewer folds",
                ) from error
        if len(first) != len(again) or not all(
            np.array_equal(a[1], b[1]) for a, b in zip(first, again, strict=True)
        ):
            raise ConfigurationError(
                f"{type(cv).__name__} draws other folds each time it is called.",
                hint="give it random_state=0, so that a run can be repeated and resumed",
            )
    elif isinstance(cv, str) or not hasattr(cv, "__iter__"):
        raise ConfigurationError(
            f"cv is {cv!r}, which is no splitter.",
            hint="use e.g. GroupKFold(5), TimeSeriesSplit(5), or a list of (train, test) rows",
        )
    else:
        first = list(cv)
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in first):
        raise ConfigurationError(
            "cv does not give pairs of rows.", hint="each fold is a pair (train, test)"
        )
    if len(first) > MOST_FOLDS:
        raise ConfigurationError(
            f"cv has {len(first):,} folds: that many fits for every arm.",
            hint=f"use at most {MOST_FOLDS}",
        )
    return first


def _rows(values: Any, n_rows: int, fold: int) -> Rows:
    rows = np.asarray(values)
    if rows.dtype == bool and rows.shape == (n_rows,):
        return np.flatnonzero(rows)
    if rows.ndim == 1 and len(rows) == 0:
        return np.empty(0, np.intp)
    if rows.ndim != 1 or rows.dtype.kind not in "iu" or rows.min() < 0 or rows.max() >= n_rows:
        raise ConfigurationError(
            f"Fold {fold + 1} of cv does not give positions of the {n_rows} target rows.",
            hint=f"use whole numbers from 0 to {n_rows - 1}, or a mask",
        )
    return np.unique(rows).astype(np.intp)


def _repeats(folds: list[HeldOut]) -> tuple[tuple[HeldOut, ...], ...]:
    """Group folds into repeats.

    A new one starts where a row would be tested twice in one.
    """
    repeats: list[list[HeldOut]] = [[]]
    tested: set[int] = set()
    for fold in folds:
        rows = set(fold.tested.tolist())
        if rows & tested:
            repeats.append([])
            tested = set()
        repeats[-1].append(fold)
        tested |= rows
    return tuple(tuple(repeat) for repeat in repeats)


def _description(cv: Any, repeats: tuple[tuple[HeldOut, ...], ...], n: int, n_dropped: int) -> str:
    name = type(cv).__name__ if hasattr(cv, "split") else "a list of folds"
    n_folds = sum(len(repeat) for repeat in repeats)
    times = f" in {len(repeats)} repeats" if len(repeats) > 1 else ""
    tested = len(np.unique(np.concatenate([f.tested for repeat in repeats for f in repeat])))
    text = f"Folds from {name}: {n_folds}{times}, which test {tested} of {n} rows."
    if n_dropped:
        text += (
            f" {n_dropped} times a row was kept out of training since its group, or a copy of it,"
            " was tested."
        )
    return text


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
    check_no_codes(checked, origin)
    if target is not None:
        check_same_kind(target, checked, origin)
        checked = as_unit_of(checked, target) if are_dates(target) else checked
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
