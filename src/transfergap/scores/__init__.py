"""Scores of pretrained features before training: probes first, all from one pass."""

from transfergap.scores.algebra import Algebra, NumpyAlgebra
from transfergap.scores.comparison import Comparison, Outcome
from transfergap.scores.feature_scores import (
    FeatureScores,
    ProbeScore,
    score_features,
    scores_of,
)
from transfergap.scores.gbc import gbc
from transfergap.scores.h_score import shrinkage_h_score
from transfergap.scores.labels import ClassCodes, Quantities, Responses
from transfergap.scores.leep import leep
from transfergap.scores.logme import logme, logme_as_published
from transfergap.scores.model_ranking import (
    Candidate,
    ModelRanking,
    RankedModel,
    Target,
    rank_features,
)
from transfergap.scores.nce import nce
from transfergap.scores.one_pass import OnePass, one_pass
from transfergap.scores.raw_inputs import raw_features
from transfergap.scores.row_values import RowValues, row_values
from transfergap.scores.sfda import sfda
from transfergap.scores.static_baseline import Prior
from transfergap.scores.torch_algebra import TorchAlgebra
from transfergap.scores.transrate import transrate

__all__ = [
    "Algebra",
    "Candidate",
    "ClassCodes",
    "Comparison",
    "FeatureScores",
    "ModelRanking",
    "NumpyAlgebra",
    "OnePass",
    "Outcome",
    "Prior",
    "ProbeScore",
    "Quantities",
    "RankedModel",
    "Responses",
    "RowValues",
    "Target",
    "TorchAlgebra",
    "gbc",
    "leep",
    "logme",
    "logme_as_published",
    "nce",
    "one_pass",
    "rank_features",
    "raw_features",
    "row_values",
    "score_features",
    "scores_of",
    "sfda",
    "shrinkage_h_score",
    "transrate",
]
