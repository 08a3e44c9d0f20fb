"""Scores of pretrained features before training: probes first, all from one pass."""

from transfergap.analysis.scores.algebra import Algebra, NumpyAlgebra
from transfergap.analysis.scores.comparison import Comparison, Outcome
from transfergap.analysis.scores.feature_scores import (
    FeatureScores,
    ProbeScore,
    score_features,
    scores_of,
)
from transfergap.analysis.scores.gbc import gbc
from transfergap.analysis.scores.h_score import shrinkage_h_score
from transfergap.analysis.scores.labels import ClassCodes, Quantities, Responses
from transfergap.analysis.scores.leep import leep
from transfergap.analysis.scores.logme import logme, logme_as_published
from transfergap.analysis.scores.model_ranking import (
    Candidate,
    ModelRanking,
    RankedModel,
    Target,
    rank_features,
)
from transfergap.analysis.scores.nce import nce
from transfergap.analysis.scores.one_pass import OnePass, one_pass
from transfergap.analysis.scores.raw_inputs import raw_features
from transfergap.analysis.scores.row_values import RowValues, row_values
from transfergap.analysis.scores.sfda import sfda
from transfergap.analysis.scores.static_baseline import Prior
from transfergap.analysis.scores.torch_algebra import TorchAlgebra
from transfergap.analysis.scores.transrate import transrate

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
