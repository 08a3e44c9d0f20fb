"""Learners: the user's model, adapted to ``fit(train, *, seed) -> model``."""

from transfergap.learners.batches import FitsMany, fit_all, most_at_once
from transfergap.learners.default import default_estimator
from transfergap.learners.estimator import EstimatorLearner
from transfergap.learners.function import FunctionLearner
from transfergap.learners.protocol import ChangesTrainingSet, Learner, brief, describe, may_vary
from transfergap.learners.random_states import seeded_states
from transfergap.learners.weight_trial import WeightUse

__all__ = [
    "ChangesTrainingSet",
    "EstimatorLearner",
    "FitsMany",
    "FunctionLearner",
    "Learner",
    "WeightUse",
    "brief",
    "default_estimator",
    "describe",
    "fit_all",
    "may_vary",
    "most_at_once",
    "seeded_states",
]
