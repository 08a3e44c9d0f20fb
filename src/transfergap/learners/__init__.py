"""Learners: the user's model, adapted to ``fit(train, *, seed) -> model``."""

from transfergap.learners.default import default_estimator
from transfergap.learners.estimator import EstimatorLearner
from transfergap.learners.function import FunctionLearner
from transfergap.learners.protocol import ChangesTrainingSet, Learner, brief, describe

__all__ = [
    "ChangesTrainingSet",
    "EstimatorLearner",
    "FunctionLearner",
    "Learner",
    "brief",
    "default_estimator",
    "describe",
]
