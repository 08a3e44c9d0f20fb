"""SafeTransfer for numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from transfergap.data.encoding import Encoder
from transfergap.errors import DataError
from transfergap.safe.base import SafeTransferBase
from transfergap.safe.sources import with_plain_numbers
from transfergap.safe.target_rows import flat_labels, weighing_rows

Floats = NDArray[np.float64]


class SafeTransferRegressor(RegressorMixin, SafeTransferBase):  # type: ignore[misc]
    """A regressor that uses its sources only as far as they help.

    Parameters and attributes are those of :class:`SafeTransferClassifier`; ``expected_gain_`` is in
    R2, the share of the labels' variance.

    Parameters
    ----------
    estimator : scikit-learn regressor or pipeline, optional
    caution : {"low", "medium", "high"} or float
    effort : {"quick", "full", "thorough"}
    random_state : int, RandomState or None
    preprocess : scikit-learn transformer or pipeline of such, optional
    verbose : {0, 1, "auto"}

    Examples
    --------
    >>> from transfergap import SafeTransferRegressor
    >>> from transfergap.datasets import make_shift
    >>> shift = make_shift(n_target=40, shift=0.3, random_state=1)
    >>> model = SafeTransferRegressor().fit(shift.X, shift.y, sources=shift.sources)
    >>> risk = lambda m: shift.population.risk(*m, loss="squared")
    >>> model.mixing_weight_ > 0.5, model.expected_gain_.estimate > 0
    (True, True)
    """

    def fit(
        self,
        X: Any,
        y: Any,
        sources: Mapping[str, Any] | None = None,
        sample_weight: Any = None,
        groups: Any = None,
        encoder: Encoder | None = None,
    ) -> SafeTransferRegressor:
        """Fit to a target and its sources; parameters as for :meth:`SafeTransferClassifier.fit`.

        Returns
        -------
        SafeTransferRegressor
            Itself.

        Raises
        ------
        DataError, ConfigurationError
            Both are ``ValueError``, with a hint.
        """
        X, sources, self.number_marks_ = with_plain_numbers(X, sources)
        X = self._checked(X, reset=True)
        numbers = flat_labels(X, y)
        if numbers.dtype.kind not in "biuf":
            try:
                numbers = numbers.astype(float)
            except (TypeError, ValueError):
                raise DataError(
                    f"The labels are text ({str(numbers[0])!r}), but a regression needs numbers.",
                    hint="use SafeTransferClassifier for classes",
                ) from None
        numbers = numbers.astype(float)
        if not np.isfinite(numbers).all():
            raise DataError(
                "The labels contain NaN or infinity.", hint="drop rows without a finite label"
            )
        check_consistent_length(X, numbers)
        X, numbers, copies, group_numbers = weighing_rows(X, numbers, sample_weight, groups)
        self._fit(X, numbers, "regression", sources, copies, group_numbers, encoder)
        return self

    def predict(self, X: Any) -> Floats:
        """Return numbers, shape (n_rows,)."""
        check_is_fitted(self, "model_")
        return self.model_.predict(self._rows(X))
