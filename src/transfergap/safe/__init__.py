"""SafeTransfer: one model that trusts sources only while they help."""

from transfergap.safe.classifier import SafeTransferClassifier
from transfergap.safe.promise import ExpectedGain
from transfergap.safe.regressor import SafeTransferRegressor
from transfergap.safe.report import SafeReport, SourceUse
from transfergap.safe.scores import FittedModel

__all__ = [
    "ExpectedGain",
    "FittedModel",
    "SafeReport",
    "SafeTransferClassifier",
    "SafeTransferRegressor",
    "SourceUse",
]
