"""Divergences between samples, one file each."""

from transfergap.data.divergences.concept_gap import concept_gap
from transfergap.data.divergences.disde import LossSplit, disde
from transfergap.data.divergences.divergence import Divergence
from transfergap.data.divergences.domain_auc import DomainAUC, domain_auc
from transfergap.data.divergences.energy import energy_distance
from transfergap.data.divergences.label_shift import ClassShares, bbse, mlls
from transfergap.data.divergences.label_variation import label_variation
from transfergap.data.divergences.mmd import mmd
from transfergap.data.divergences.moments import coral_distance, frechet_distance
from transfergap.data.divergences.otdd import otdd
from transfergap.data.divergences.transport import sinkhorn_divergence, sliced_wasserstein

__all__ = [
    "ClassShares",
    "Divergence",
    "DomainAUC",
    "LossSplit",
    "bbse",
    "concept_gap",
    "coral_distance",
    "disde",
    "domain_auc",
    "energy_distance",
    "frechet_distance",
    "label_variation",
    "mlls",
    "mmd",
    "otdd",
    "sinkhorn_divergence",
    "sliced_wasserstein",
]
