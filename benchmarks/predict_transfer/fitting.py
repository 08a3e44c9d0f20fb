"""Constants of the law of a gap, fitted to cases; and what rivals fit to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from transfergap.analysis.ranking.evidence import SourceEvidence
from transfergap.analysis.ranking.gain import Gain
from transfergap.analysis.ranking.helping import centre_terms, scale_terms

# Gaps at which the law's probabilities are fitted: around the margins in use.
THRESHOLDS = np.array([-0.05, -0.03, -0.02, -0.01, -0.005, 0.0, 0.005, 0.01, 0.02, 0.03, 0.05])
_UNIT, _SCALE, _PENALTY = 0.05, 0.02, 0.01
Case = dict[str, Any]


@dataclass(frozen=True)
class Constants:
    """Coefficients of centre and log scale."""

    centre: tuple[float, ...]
    scale: tuple[float, ...]

    def above(self, cases: Sequence[Case], gap: float) -> np.ndarray:
        """Return each case's probability of a larger gap."""
        X, S = terms(cases)
        e = (X @ np.array(self.centre) - gap) / np.exp(S @ np.array(self.scale))
        return 1.0 / (1.0 + np.exp(-np.clip(e, -30, 30)))


def evidence_of(case: Case) -> SourceEvidence:
    siblings = case["siblings"]
    return SourceEvidence(
        case["source"],
        case["n_source"],
        Gain(*case["one_in"]),
        Gain(*case["alone"]),
        None if siblings is None else Gain(siblings, np.inf),
    )


def terms(cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray]:
    told = [(evidence_of(case), case["n"]) for case in cases]
    return (
        np.array([centre_terms(*one) for one in told]),
        np.array([scale_terms(*one) for one in told]),
    )


def fitted(cases: Sequence[Case]) -> Constants:
    """Fit the law by the log loss of its probabilities at all thresholds.

    Every family weighs the same; a small ridge penalty keeps coefficients of few cases at bay.
    """
    X, S = terms(cases)
    gaps, families = np.array([c["gap"] for c in cases]), np.array([c["family"] for c in cases])
    names, counts = np.unique(families, return_counts=True)
    weights = 1.0 / counts[np.searchsorted(names, families)] / len(names)
    above, k = gaps[:, None] > THRESHOLDS, X.shape[1]

    def loss(theta: np.ndarray) -> float:
        scale = _SCALE * np.exp(S @ theta[k:])
        e = (_UNIT * (X @ theta[:k])[:, None] - THRESHOLDS) / scale[:, None]
        lost = np.where(above, np.logaddexp(0, -e), np.logaddexp(0, e)).mean(axis=1)
        return 10 * float(weights @ lost) + _PENALTY * float(theta @ theta)

    theta = minimize(loss, np.zeros(k + S.shape[1]), method="L-BFGS-B").x
    scale = theta[k:] + np.array([np.log(_SCALE), *[0.0] * (S.shape[1] - 1)])
    return Constants(tuple(_UNIT * theta[:k]), tuple(scale))


def left_out(cases: Sequence[Case], gap: float) -> np.ndarray:
    """Return probabilities of a larger gap from constants of the other families."""
    families = np.array([c["family"] for c in cases])
    probability = np.empty(len(cases))
    for family in np.unique(families):
        others = [c for c in cases if c["family"] != family]
        here = np.flatnonzero(families == family)
        probability[here] = fitted(others).above([cases[i] for i in here], gap)
    return probability
