"""Source rows with labels of the target's model, if that helps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from transfergap.data.predictions import probabilities
from transfergap.data.problem import Sample, TargetSet
from transfergap.learners.mitigations.cross_fitting import N_FOLDS
from transfergap.learners.mitigations.gated import Gated
from transfergap.learners.mitigations.mitigation import (
    CLASSES,
    Facts,
    Mitigation,
    put_together,
    sources_of,
)
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class PseudoLabelled(Mitigation):
    """Learn from the sources' rows with pseudo-labels, ungated; see :class:`SelfTraining`."""

    # Chosen by hand; .9 is a common threshold of pseudo-labels.
    n_rounds: int = 3
    confidence: float = 0.9

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the model of the last round."""
        target, sources = training_set.target, sources_of(training_set)
        model = self.learner.train(TargetSet(target), seed=seed)
        if not hasattr(model, "predict_proba"):
            return model
        for _ in range(self.n_rounds):
            labelled = [self._labelled(model, source, target) for source in sources]
            if not any(len(source) for source in labelled):
                break
            model = self.learner.train(put_together(target, labelled), seed=seed)
        return model

    def _labelled(self, model: Any, source: Sample, target: Sample) -> Sample:
        classes = np.asarray(getattr(model, "classes_", np.unique(target.y)))
        shares = probabilities(model, source.X, classes)
        sure = shares.max(axis=1) >= self.confidence
        return replace(source, y=classes[shares.argmax(axis=1)]).rows(sure)


@dataclass(frozen=True)
class SelfTraining(Mitigation):
    """Label source rows by the target's model, if that helps.

    The sources' own labels are forgotten.

    Parameters
    ----------
    learner : Learner
        A classifier with ``predict_proba``; without it the target is fitted alone.
    n_rounds : int
        How often rows are labelled anew.
    confidence : float
        Rows whose likeliest class has less probability are left out of a round.
    n_folds : int
        Of the gate, at most.

    Notes
    -----
    The gate is :class:`Gated`: cross-validation on the target's rows against the target alone, and
    ties go to the target alone. Assumes that classes form clusters that source and target share.
    Costs at most ``(n_folds + 1) (n_rounds + 1) + n_folds`` fits. Hurts where a confident model is
    wrong: it then teaches itself its own errors; the gate sees that only as far as the target's
    rows go. It uses target labels, so no closed form sees through it.

    References
    ----------
    Yarowsky (1995), Unsupervised Word Sense Disambiguation, and Lee (2013),
    Pseudo-Label, section 2; the gate is ours.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from transfergap.learners import EstimatorLearner
    >>> from transfergap.data.problem import TrainingSet
    >>> X = np.repeat([[-2.0], [2.0]], 5, axis=0)
    >>> y = np.repeat([0, 1], 5)
    >>> turned = TrainingSet(Sample(X, y), (Sample(X, 1 - y),))
    >>> model = SelfTraining(EstimatorLearner(LogisticRegression())).train(turned, seed=0)
    >>> model.predict([[-2.0], [2.0]]).tolist()
    [0, 1]
    """

    n_rounds: int = 3
    confidence: float = 0.9
    n_folds: int = N_FOLDS
    facts: ClassVar[Facts] = Facts(
        assumes="classes form clusters that source and target share",
        cost="up to 29 fits (5 folds with and without, 3 rounds each)",
        source="Yarowsky (1995); Lee (2013), Pseudo-Label, section 2; the gate is ours",
        tasks=CLASSES,
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the self-trained model, or that of the target alone."""
        if not len(training_set.target):
            return self.learner.train(training_set, seed=seed)
        inner = PseudoLabelled(self.learner, self.n_rounds, self.confidence)
        return Gated(inner, self.learner, self.n_folds).train(training_set, seed=seed)
