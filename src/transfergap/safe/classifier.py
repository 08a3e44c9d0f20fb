"""SafeTransfer for classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from transfergap.data.encoding import Encoder
from transfergap.data.labels.reading import missing_values
from transfergap.errors import DataError
from transfergap.safe.base import SafeTransferBase
from transfergap.safe.sources import with_plain_numbers
from transfergap.safe.target_rows import flat_labels, weighing_rows

Floats = NDArray[np.float64]


class SafeTransferClassifier(ClassifierMixin, SafeTransferBase):  # type: ignore[misc]
    """A classifier that uses its sources only as far as they help.

    Parameters
    ----------
    estimator : scikit-learn classifier or pipeline, optional
        ``None`` for the linear engine alone; otherwise a learner whose models of the sources join
        the linear candidates.
    caution : {"low", "medium", "high"} or float
        How much of the model on the target alone to keep: a number z >= 0 keeps z / 4 at least (1,
        1.64, 2.33 for the names); 4 and more, ``inf`` too, is that model itself.
    effort : {"quick", "full", "thorough"}
        With an ``estimator``: about K + 6 fits for K sources, or K + 24 if thorough. Quick and full
        are one here: without left-out scores there is nothing to weigh sources by.
    random_state : int, RandomState or None
        ``None`` is as good as 0.
    preprocess : scikit-learn transformer or pipeline of such, optional
        Fitted on the target's rows, and applied to them, to the sources and to rows to predict: a
        transformer in front of this model, in a pipeline, would see no source.
    verbose : {0, 1, "auto"}
        Whether to show the fits of the estimator as they are made: a bar in a notebook or on a
        terminal, lines elsewhere; ``"auto"``: a bar only.

    Attributes
    ----------
    classes_ : ndarray
    control_ : FittedModel
        The model on the target alone; predicts as this one does.
    source_influence_ : dict of str to float
        Share of each source in the information behind the model, in [0, 1].
    source_rows_ : dict of str to float
        Labelled target rows that each source counts for in the linear engine: its influence over
        that of one target row.
    credibility_ : float
        Share of the target's own rows in the information that is not the penalty's, in [0, 1].
    source_reversed_ : dict of str to float
        Probability that a source's labels are reversed.
    member_weights_ : dict of str to float
        Share of the control and of each candidate; they sum to 1.
    mixing_weight_ : float
        Share of the sources' blend, in [0, 1]; the rest is the control.
    expected_gain_ : ExpectedGain
        With its interval, in Brier score.
    report_ : SafeReport
        ``print`` it; ``report_.to_frame()`` is a table.
    encoder_ : Encoder
    n_fits_ : int
        Fits of ``estimator``.

    Notes
    -----
    The target's labels are modelled by least squares on -1 and 1 (a Newton step of the logistic
    likelihood at zero) and calibrated by Platt scaling on left-out predictions; several classes one
    against the rest. With summaries of a later round, Newton steps are taken where that round says.
    Method and evidence: docs/safe_transfer.md.

    Examples
    --------
    >>> from transfergap import SafeTransferClassifier
    >>> from transfergap.datasets import make_shift
    >>> shift = make_shift(n_target=40, shift=0.3, task="binary", random_state=1)
    >>> model = SafeTransferClassifier().fit(shift.X, shift.y, sources=shift.sources)
    >>> model.source_influence_["source"] > 0.1
    True
    """

    def fit(
        self,
        X: Any,
        y: Any,
        sources: Mapping[str, Any] | None = None,
        sample_weight: Any = None,
        groups: Any = None,
        encoder: Encoder | None = None,
    ) -> SafeTransferClassifier:
        """Fit to a target and its sources.

        Parameters
        ----------
        X : DataFrame, array, sparse matrix or list of str, shape (n_rows, n_features)
            Target rows; missing values and categories are taken care of.
        y : array-like, shape (n_rows,)
        sources : mapping of str to (X, y), (X, y, weights), Sample, SourceFile or GramSummary
        sample_weight : array-like, shape (n_rows,), optional
            A weight of 2 counts as the row given twice.
        groups : array-like, shape (n_rows,), optional
            Rows of one group (a patient) are left out together.
        encoder : Encoder, optional
            Instead of one fitted here; that of the summaries if there are some.

        Returns
        -------
        SafeTransferClassifier
            Itself.

        Raises
        ------
        DataError, ConfigurationError
            Both are ``ValueError``, with a hint.
        """
        X, sources, self.number_marks_ = with_plain_numbers(X, sources)
        X = self._checked(X, reset=True)
        labels = flat_labels(X, y)
        if missing_values(labels).any() or (labels.dtype.kind == "f" and np.isinf(labels).any()):
            raise DataError(
                "Input y contains NaN or infinity.", hint="drop rows without a finite label"
            )
        check_classification_targets(labels)
        _check_lengths(X, labels)
        X, labels, copies, numbers = weighing_rows(X, labels, sample_weight, groups)
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:
            raise DataError(
                f"The target has one class only, {self.classes_[0]!s}.",
                hint="a classifier needs rows of two classes or more",
            )
        task = "binary" if len(self.classes_) == 2 else "multiclass"
        self._fit(X, labels, task, sources, copies, numbers, encoder)
        if len(self.model_.classes_) > len(self.classes_):  # an encoder may know more of them
            self.classes_ = self.model_.classes_
        return self

    def decision_function(self, X: Any) -> Floats:
        """Return log odds: shape (n_rows,) for two classes, else (n_rows, n_classes)."""
        check_is_fitted(self, "model_")
        return self.model_.decision_function(self._rows(X))

    def predict_proba(self, X: Any) -> Floats:
        """Return calibrated probabilities, shape (n_rows, n_classes)."""
        check_is_fitted(self, "model_")
        return self.model_.predict_proba(self._rows(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return labels, shape (n_rows,)."""
        check_is_fitted(self, "model_")
        predicted: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return predicted


def _check_lengths(X: Any, y: NDArray[Any]) -> None:
    from sklearn.utils.validation import check_consistent_length

    check_consistent_length(X, y)
