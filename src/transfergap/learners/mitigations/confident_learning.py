"""Source rows filtered by confident learning: cleanlab's label issues are dropped."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.predictions import probabilities
from transfergap.data.problem import Sample, TargetSet, take_rows
from transfergap.errors import LearnerError, require
from transfergap.learners.mitigations.mitigation import (
    CLASSES,
    Facts,
    Mitigation,
    put_together,
    sources_of,
)
from transfergap.learners.mitigations.models import takes_classes
from transfergap.learners.protocol import AnyTrainingSet

N_FOLDS = 5  # by convention; the default of cleanlab


@dataclass(frozen=True)
class ConfidentLearning(Mitigation):
    """Drop the source rows whose labels cleanlab finds wrong.

    Parameters
    ----------
    learner : Learner
        Fits the models that judge, and the model that is returned. Models that tell no
        probabilities judge by their predictions, as if they were sure.

    Notes
    -----
    The inner learner is fitted on four fifths of a source and tells the probabilities of the rest,
    in five folds with equal shares of the classes; from these and the labels,
    ``cleanlab.filter.find_label_issues`` estimates how often labels are confused, and flags that
    many rows. Rows of a class with fewer than five stay unjudged. Assumes that wrong labels are a
    minority, and that the model is good enough to learn the source. The target has no part in it: a
    source that is wrong throughout but consistent stays as it is. Costs 5 fits a source, and one;
    needs the extra ``noise``. Hurts where the model is too simple: then hard, right rows go.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), Confident Learning, section 3.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from transfergap.learners import EstimatorLearner
    >>> ConfidentLearning(EstimatorLearner(LogisticRegression(C=2.0))).describe()[:17]
    'ConfidentLearning'
    """

    facts: ClassVar[Facts] = Facts(
        assumes="wrong labels are a minority, and the model can learn the source",
        cost="5 fits a source, and 1; needs the extra noise",
        source="Northcutt, Jiang & Chuang (2021), Confident Learning, section 3",
        tasks=CLASSES,
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Fit the inner learner on target and unflagged source rows.

        Raises
        ------
        LearnerError
            For labels that are numbers.
        MissingExtraError
            If cleanlab is not installed.
        """
        sources = sources_of(training_set)
        if not sources:
            return self.learner.train(training_set, seed=seed)
        if not takes_classes(self.learner, training_set.target.y):
            raise LearnerError(
                "Confident learning looks for wrong classes, and these labels are numbers.",
                hint="use LikelyLabels or TrustedRows for numbers",
            )
        clean = [source.rows(~self._flagged(source, seed=seed)) for source in sources]
        return self.learner.train(put_together(training_set.target, clean), seed=seed)

    def _flagged(self, source: Sample, *, seed: int) -> NDArray[np.bool_]:
        """Return which rows' labels are found wrong."""
        require("cleanlab", extra="noise")
        filters = require("cleanlab.filter", extra="noise")
        flagged = np.zeros(len(source), bool)
        labels, counts = np.unique(source.y, return_counts=True)
        judged = np.flatnonzero(np.isin(source.y, labels[counts >= N_FOLDS]))
        classes, place = np.unique(source.y[judged], return_inverse=True)
        if len(classes) < 2:
            return flagged
        shares = self._cross_fitted(source.rows(judged), classes, place, seed=seed)
        with warnings.catch_warnings():  # classes of which it cannot flag all: fewer are dropped
            warnings.simplefilter("ignore")
            flagged[judged] = filters.find_label_issues(place, shares, n_jobs=1)
        return flagged

    def _cross_fitted(
        self, rows: Sample, classes: NDArray[Any], place: NDArray[np.intp], *, seed: int
    ) -> NDArray[np.float64]:
        from sklearn.model_selection import StratifiedKFold

        folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed)
        shares = np.empty((len(rows), len(classes)))
        for fold_train, out in folds.split(place, place):
            model = self.learner.train(TargetSet(rows.rows(fold_train)), seed=seed)
            X = take_rows(rows.X, out)
            if hasattr(model, "predict_proba"):
                shares[out] = probabilities(model, X, classes)
            else:
                shares[out] = np.asarray(model.predict(X))[:, None] == classes
        return shares
