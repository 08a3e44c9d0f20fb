"""The shared transformer of target and sources, and checks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.tables.normal_form import as_table
from transfergap.errors import ConfigurationError, DataError
from transfergap.safe.scores import ScoreModel
from transfergap.safe.sources import SourceRows

Floats = NDArray[np.float64]
_ROUNDING = 1e-12  # of a column's mean
_MOST_ROWS = 20_000  # from which spreads are read
FAR_OFF = 10.0  # target spreads between means, or times the spread: ours, beyond shifts of a domain
_LEAST_SHARE = 1 / 3  # of the columns: single ones may well be in another unit
_HINT = (
    "a transformer in front of SafeTransfer sees the target only; give it as"
    " preprocess=, which is fitted on the target and applied to the sources too"
)


@dataclass(frozen=True)
class PreprocessedScores:
    """A model of transformed rows as one of rows as they are."""

    inner: ScoreModel
    transformer: Any

    def scores(self, X: Any) -> Floats:
        """Return the inner model's scores of the transformed rows."""
        return self.inner.scores(_one_kind(self.transformer.transform(X)))


def preprocessed(
    transformer: Any, X: Any, y: NDArray[Any], rows: Mapping[str, SourceRows], *, plain_only: bool
) -> tuple[Any, Any, dict[str, SourceRows]]:
    """Fit a transformer on the target and transform all rows.

    Parameters
    ----------
    transformer : scikit-learn transformer or pipeline of such
        It is cloned.
    X, y
        Of the target.
    rows : mapping of str to SourceRows
    plain_only : bool
        Whether nothing is there that was made of rows as they are: summaries, an encoder.

    Raises
    ------
    ConfigurationError
        If it is no transformer, or there are summaries.
    DataError
        If a source lacks columns of the target.
    """
    from sklearn.base import clone

    if isinstance(transformer, type) or not hasattr(transformer, "transform"):
        kind = transformer if isinstance(transformer, type) else type(transformer)
        raise ConfigurationError(
            f"{kind.__name__} cannot preprocess rows: it has no transform.",
            hint="use a transformer such as StandardScaler(), or a pipeline of them",
        )
    if not plain_only:
        raise ConfigurationError(
            "Summaries and encoders are of rows as they are, so preprocess= cannot change these.",
            hint="transform the rows before they are summarized, or give the sources as rows",
        )
    fitted = clone(transformer)
    changed = fitted.fit(X, y).transform(X)  # fit_transform may do otherwise with the rows of fit
    sources = {
        name: replace(source, X=_transformed(fitted, source, X)) for name, source in rows.items()
    }
    return fitted, _one_kind(changed), sources


def _transformed(fitted: Any, source: SourceRows, X: Any) -> Any:
    """Return a source's rows as the target's transformer changes them."""
    rows = _in_order(source, X)
    try:
        return _one_kind(fitted.transform(rows))
    except (TypeError, ValueError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise DataError(
            f"The transformer of the target fails on the source {source.name!r}: {reason}.",
            hint="let it take what only sources hold, such as"
            " OneHotEncoder(handle_unknown='ignore'), or mend these rows",
        ) from error


def check_source_columns(X: Any, rows: Mapping[str, SourceRows]) -> None:
    """Raise ``DataError`` for source columns that no transformer would leave.

    That is another number beside a target without names, or names beside a target with others or
    with none: what scikit-learn's transformers return has no names.
    """
    if isinstance(X, list):
        return
    for name, source in rows.items():
        if isinstance(source.X, list):
            raise DataError(
                f"The source {name!r} is a list of texts, and the target has {X.shape[1]} columns.",
                hint=_HINT,
            )
        if hasattr(X, "iloc") and hasattr(source.X, "iloc"):
            _in_order(source, X)
        elif hasattr(source.X, "iloc"):
            raise DataError(
                f"The columns of the source {name!r} have names ({_listed(source.X)}), and those of"
                " the target have none.",
                hint=f"give both as tables, or both as arrays; {_HINT}",
            )
        elif source.X.shape[1] != X.shape[1]:
            raise DataError(
                f"The source {name!r} has {source.X.shape[1]} columns, and the target has"
                f" {X.shape[1]}.",
                hint=_HINT,
            )


def _listed(X: Any) -> str:
    names = [str(name) for name in X.columns]
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def scale_notes(X: Any, rows: Mapping[str, SourceRows]) -> tuple[str, ...]:
    """Note each source mostly far outside the target's scale.

    Examples
    --------
    >>> source = SourceRows("b", np.array([[50.0], [60.0]]), np.array([0, 1]), None)
    >>> [note[:54] for note in scale_notes(np.array([[-1.0], [1.0]]), {"b": source})]
    ["1 of 1 columns of 'b' lie far outside the target's sca"]
    """
    notes = []
    target = _spreads(X) if rows else {}
    by_name = hasattr(X, "iloc")
    for name, source in rows.items():
        n_far, n_columns = _far_columns(
            target, _spreads(source.X), by_name=by_name and hasattr(source.X, "iloc")
        )
        if n_columns and n_far >= _LEAST_SHARE * n_columns:
            notes.append(
                f"{n_far} of {n_columns} columns of {name!r} lie far outside the target's scale."
                f" If the target was scaled and {name!r} was not, its whole gain is lost: {_HINT}."
            )
    return tuple(notes)


Spread = tuple[float, float]  # mean and standard deviation of a column's finite numbers


def _far_columns(
    target: Mapping[Any, Spread], source: Mapping[Any, Spread], *, by_name: bool
) -> tuple[int, int]:
    """Count numeric columns far off, and all that vary."""
    if by_name:
        pairs = [(spread, source[c]) for c, spread in target.items() if c in source]
    else:
        pairs = list(zip(target.values(), source.values()))
    pairs = [(a, b) for a, b in pairs if a[1] > 0 and np.isfinite(b[0])]
    return sum(_is_far(a, b) for a, b in pairs), len(pairs)


def _is_far(target: Spread, source: Spread) -> bool:
    ratio = source[1] / target[1]
    return (
        abs(source[0] - target[0]) > FAR_OFF * target[1]
        or ratio > FAR_OFF
        or 0 < ratio < 1 / FAR_OFF
    )


def _spreads(X: Any) -> dict[Any, Spread]:
    """Return the spread of each numeric column, by name or position.

    None of texts or sparse rows; NaN where a column holds no finite number.
    """
    if isinstance(X, list) or hasattr(X, "tocsr"):
        return {}
    if hasattr(X, "iloc"):
        chosen = X.select_dtypes("number")
        names, values = list(chosen.columns), chosen.to_numpy(float, na_value=np.nan)
    elif X.dtype.kind in "biuf":
        names, values = list(range(X.shape[1])), np.asarray(X, float)
    else:
        return {}
    # An even choice of very many rows tells the scale as well.
    values = values[:: max(len(values) // _MOST_ROWS, 1)]
    finite = np.isfinite(values)
    count = finite.sum(axis=0)
    held = values if finite.all() else np.where(finite, values, 0.0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        means = held.sum(axis=0) / count
        squares = (np.where(finite, values - means, 0.0) ** 2).sum(axis=0) / count
        spreads = np.sqrt(squares)
    # A constant column's spread is rounding.
    spreads[spreads <= _ROUNDING * np.abs(means)] = 0.0
    return dict(zip(names, zip(means.tolist(), spreads.tolist(), strict=True), strict=True))


def _in_order(source: SourceRows, X: Any) -> Any:
    """Return a source's columns as the target has them."""
    if not (hasattr(X, "iloc") and hasattr(source.X, "iloc")):
        return source.X
    missing = [repr(str(column)) for column in X.columns if column not in source.X.columns]
    if missing:
        raise DataError(
            f"The source {source.name!r} lacks columns of the target: {', '.join(missing[:5])}.",
            hint=f"give it these columns, or drop them; and {_HINT}",
        )
    return source.X.loc[:, list(X.columns)]


def _one_kind(X: Any) -> Any:
    """Return transformed rows as the engine takes them."""
    return X.tocsr() if hasattr(X, "tocsr") else as_table(X)
