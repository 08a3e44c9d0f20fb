"""Small real data with licences, and synthetic problems of known gap."""

from __future__ import annotations

from transfergap.datasets._dataset import TransferDataset
from transfergap.datasets._digits import load_digits
from transfergap.datasets._null_shift import null_shift
from transfergap.datasets._populations import (
    BinaryPopulation,
    Loss,
    Population,
    RegressionPopulation,
)
from transfergap.datasets._sentiment import load_sentiment, load_sentiment_texts
from transfergap.datasets._shift import Fit, ShiftProblem, make_shift
from transfergap.datasets._tables import load_claims, load_flights, load_heart

__all__ = [
    "BinaryPopulation",
    "Fit",
    "Loss",
    "Population",
    "RegressionPopulation",
    "ShiftProblem",
    "TransferDataset",
    "load_claims",
    "load_digits",
    "load_flights",
    "load_heart",
    "load_sentiment",
    "load_sentiment_texts",
    "make_shift",
    "null_shift",
]
