"""Table encoder: numbers and categories for linear models by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from transfergap.data.encoding.bounded_scale import FARTHEST, BoundedScale
from transfergap.data.encoding.encoded_columns import CategoryColumn, NumberColumn
from transfergap.data.encoding.encoder_fit import fit_columns
from transfergap.data.encoding.feature_encoder import FeatureEncoder


@dataclass(frozen=True)
class ColumnsAmong:
    """Choose those of some columns that a table has, for a ``ColumnTransformer``.

    A mitigation may take columns out before the model sees the table.

    Parameters
    ----------
    names : tuple of str

    Examples
    --------
    >>> import pandas as pd
    >>> ColumnsAmong(("age", "day"))(pd.DataFrame({"day": [1], "sex": ["f"]}))
    ['day']
    """

    names: tuple[str, ...]

    def __call__(self, X: Any) -> list[str]:
        return [name for name in self.names if name in set(X.columns)]


class TableEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Encode a table's numbers and categories for a linear model.

    Numbers are scaled robustly and bent towards a bound, as by skrub's ``SquashingScaler``; a
    missing one becomes the median and gets an indicator. A category gets an indicator for each
    level, of at most fifty a column; a level that was not there at fitting has none.

    Attributes
    ----------
    encoder_ : FeatureEncoder
        How columns are read.
    scaler_ : BoundedScale or None
        ``None`` where there are no numbers.
    n_features_in_ : int
    feature_names_in_ : ndarray of str

    Notes
    -----
    Labels play no part in it, so a model behind it is linear in the table's columns, save for what
    lies far out. In accuracy it is skrub's ``TableVectorizer`` with imputer and scaler or better,
    five to thirteen times as fast (``benchmarks/default_encoding.py``).

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"age": [40.0, 60.0, None], "sex": ["f", "m", "f"]})
    >>> encoder = TableEncoder().fit(table)
    >>> encoder.get_feature_names_out().tolist()
    ['age', 'age missing', 'sex=f', 'sex=m']
    >>> encoder.transform(table).round(2).tolist()
    [[-0.98, 0.0, 1.0, 0.0], [0.98, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]]
    """

    def fit(self, X: Any, y: object = None) -> TableEncoder:
        """Learn scales and categories.

        Parameters
        ----------
        X : DataFrame or array, shape (n_rows, n_features)
        y : ignored

        Raises
        ------
        DataError
            For doubled column names, and for values that are neither numbers nor texts.
        """
        self._fitted_read(X)
        return self

    def fit_transform(self, X: Any, y: object = None) -> NDArray[np.float64]:
        """Fit, and return the encoded rows; columns are read once for both."""
        return self._encoded(self._fitted_read(X))

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the encoded rows, shape (n_rows, n_encoded)."""
        check_is_fitted(self)
        return self._encoded(self.encoder_.read(X))

    def _fitted_read(self, X: Any) -> list[NDArray[Any]]:
        """Fit, and return the columns as they were read."""
        self.encoder_ = FeatureEncoder(fit_columns(X), named=hasattr(X, "iloc"))
        validate_data(self, X, skip_check_array=True)
        read = self.encoder_.read(X)
        numbers = self._numbers(read)
        self.scaler_ = None
        if numbers.shape[1]:
            # A column without any number has no quantiles; it becomes a constant.
            numbers[:, np.isnan(numbers).all(axis=0)] = 0.0
            self.scaler_ = BoundedScale.of(numbers, bound=FARTHEST)
        return read

    def _encoded(self, read: list[NDArray[Any]]) -> NDArray[np.float64]:
        numbers = self._numbers(read)
        missing = np.isnan(numbers)
        if self.scaler_ is not None:
            numbers = np.where(missing, 0.0, self.scaler_.transform(numbers))
        out = np.zeros((len(numbers), len(self.encoder_.outputs)))
        place = k = 0
        for column, values in zip(self.encoder_.columns, read, strict=True):
            if isinstance(column, CategoryColumn):
                rows = np.flatnonzero(values >= 0)
                out[rows, place + values[rows]] = 1.0
            else:
                out[:, place] = numbers[:, k]
                if column.indicator:
                    out[:, place + 1] = missing[:, k]
                k += 1
            place += len(column.outputs)
        return out

    def _numbers(self, read: list[NDArray[Any]]) -> NDArray[np.float64]:
        """Return the columns of numbers, shape (n_rows, n_numbers), NaN where missing."""
        pairs = zip(self.encoder_.columns, read, strict=True)
        numbers = [values for column, values in pairs if isinstance(column, NumberColumn)]
        return np.column_stack(numbers) if numbers else np.empty((len(read[0]), 0))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:
        """Return the names of the encoded columns, ``sex=f`` for a level."""
        check_is_fitted(self)
        return np.asarray(self.encoder_.outputs, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
