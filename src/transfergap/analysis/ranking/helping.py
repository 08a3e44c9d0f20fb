"""Probabilities that a source helps or hurts, from evidence before an audit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from scipy.special import expit

from transfergap.analysis.ranking.evidence import SourceEvidence
from transfergap.analysis.ranking.gain import Gain
from transfergap.stats.gap import Gap

ModelKind = Literal["linear", "other"]
# Sizes of targets at which probabilities were measured; others are taken as the nearest.
FEWEST_MEASURED, MOST_MEASURED = 20, 300
_MOST_SIBLING_GAIN = 0.15  # of an area: beyond it a mean over siblings is set by one of them
# Added to standard errors, which of twenty rows may be next to nothing. Set by hand.
_FLOORS = {"one_in": 0.01, "alone": 0.02}
_LOGISTIC_SPREAD = np.pi / np.sqrt(3.0)  # standard deviation of the standard logistic law


@dataclass(frozen=True)
class GapLaw:
    """A logistic law of a true gap.

    Parameters
    ----------
    centre, scale : float
        In units of the metric.

    Examples
    --------
    >>> law = GapLaw(0.02, 0.01)
    >>> round(law.above(0.01), 3), round(law.below(-0.01), 3)
    (0.731, 0.047)
    """

    centre: float
    scale: float

    @property
    def spread(self) -> float:
        """Return the standard deviation."""
        return float(self.scale * _LOGISTIC_SPREAD)

    def above(self, gap: float) -> float:
        """Return the probability of a larger gap."""
        return float(expit((self.centre - gap) / self.scale))

    def below(self, gap: float) -> float:
        """Return the probability of a smaller gap."""
        return float(expit((gap - self.centre) / self.scale))

    def measured(self, gap: Gap) -> GapLaw:
        """Return the law after a gap was measured.

        Both are weighted by their precision.
        """
        # An error of few pairs may be next to nothing; a tenth of the law's own is the least.
        variance = max(gap.error, 0.1 * self.spread) ** 2
        share = self.spread**2 / (self.spread**2 + variance)
        centre = self.centre + share * (gap.estimate - self.centre)
        return GapLaw(float(centre), float(self.scale * np.sqrt(1.0 - share)))


@dataclass(frozen=True)
class Calibration:
    """Constants of the law, and how often its probabilities were right.

    Parameters
    ----------
    centre, scale : mapping of str to tuple of float
        Coefficients by kind of model: of :func:`centre_terms` and, for the logarithm of the scale,
        of :func:`scale_terms`.
    pooled_error : float
        Median error of a gap measured in ten folds, at 100 target rows.
    bands : mapping of str to sequence
        By kind of model and budget: least and largest probability of helping, cases and the share
        of them that helped, on families that had no part in the constants.
    n_families : int
    """

    centre: Mapping[str, Sequence[float]]
    scale: Mapping[str, Sequence[float]]
    pooled_error: float
    bands: Mapping[str, Sequence[Mapping[str, float]]]
    n_families: int


@cache
def calibration() -> Calibration:
    """Return the constants, as benchmarks/predict_transfer measured them.

    Examples
    --------
    >>> calibration().n_families >= 10
    True
    """
    text = files("transfergap.analysis.ranking").joinpath("calibration.json").read_text("utf-8")
    record: dict[str, Any] = json.loads(text)
    return Calibration(**record)


def centre_terms(evidence: SourceEvidence, n_target: int) -> tuple[float, ...]:
    """Return the terms of a law's centre.

    Whether siblings tell anything, their gain, alone and by the size of the target; and how clearly
    the linear engine gains, pooled and alone.

    Examples
    --------
    >>> nothing = SourceEvidence("b", 100, Gain(0.0, 0.1), Gain(0.0, 0.1))
    >>> centre_terms(nothing, 100)
    (0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    """
    size = _log_size(n_target)
    siblings = evidence.siblings
    gain = 0.0 if siblings is None else siblings.estimate
    gain = float(np.clip(gain, -_MOST_SIBLING_GAIN, _MOST_SIBLING_GAIN))
    return (
        float(siblings is not None),
        float(np.exp(-size / 2)) if siblings is None else 0.0,
        gain,
        gain * size,
        _clearness(evidence.one_in, _FLOORS["one_in"]),
        _clearness(evidence.alone, _FLOORS["alone"]),
    )


def scale_terms(evidence: SourceEvidence, n_target: int) -> tuple[float, ...]:
    """Return the terms of the logarithm of a law's scale.

    Examples
    --------
    >>> nothing = SourceEvidence("b", 100, Gain(0.0, 0.1), Gain(0.0, 0.1))
    >>> scale_terms(nothing, 100)
    (1.0, 0.0, 1.0)
    """
    return 1.0, _log_size(n_target), float(evidence.siblings is None)


def gap_law(evidence: SourceEvidence, n_target: int, kind: ModelKind) -> GapLaw:
    """Return the law of a source's gap in ROC AUC.

    Parameters
    ----------
    evidence : SourceEvidence
    n_target : int
        Labelled target rows.
    kind : {"linear", "other"}
        Whether the model under audit is linear in its columns.

    Notes
    -----
    Ours. Centre and scale of a logistic law were fitted to 16 families of real tables of two
    classes (docs/which_sources.md). A gap that was measured in folds is weighed by its error.

    Examples
    --------
    >>> good = SourceEvidence("b", 200, Gain(0.2, 0.05), Gain(0.1, 0.1), Gain(0.08, 0.01))
    >>> bad = SourceEvidence("b", 200, Gain(-0.2, 0.05), Gain(-0.4, 0.1), Gain(-0.05, 0.01))
    >>> gap_law(good, 50, "linear").above(0.01) > gap_law(bad, 50, "linear").above(0.01)
    True
    """
    constants = calibration()
    centre = float(np.dot(constants.centre[kind], centre_terms(evidence, n_target)))
    scale = float(np.exp(np.dot(constants.scale[kind], scale_terms(evidence, n_target))))
    law = GapLaw(centre, scale)
    return law if evidence.pooled is None else law.measured(evidence.pooled)


def _log_size(n_target: int) -> float:
    return float(np.log(np.clip(n_target, FEWEST_MEASURED, MOST_MEASURED) / 100.0))


def _clearness(gain: Gain, floor: float) -> float:
    return float(np.tanh(gain.estimate / (gain.error + floor) / 2))
