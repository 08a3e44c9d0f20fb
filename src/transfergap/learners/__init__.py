"""Learners: the user's model, adapted to ``train(training_set, *, seed) -> model``."""

from transfergap.learners.default import default_estimator
from transfergap.learners.estimator import EstimatorLearner
from transfergap.learners.function import FunctionLearner, target_first
from transfergap.learners.in_context import InContextLearner
from transfergap.learners.protocol import (
    ChangesTrainingSet,
    FitsMany,
    Learner,
    as_learner,
    brief,
    describe,
    fit_all,
    is_learner,
    may_vary,
    most_at_once,
)
from transfergap.learners.random_states import seeded_states
from transfergap.learners.weight_trial import WeightUse

__all__ = [
    "ChangesTrainingSet",
    "EstimatorLearner",
    "FitsMany",
    "FunctionLearner",
    "InContextLearner",
    "Learner",
    "WeightUse",
    "as_learner",
    "brief",
    "default_estimator",
    "describe",
    "fit_all",
    "is_learner",
    "may_vary",
    "most_at_once",
    "seeded_states",
    "target_first",
]
