"""Divergences between samples, one file each."""

from transfergap.data.divergences.domain_auc import DomainAUC, domain_auc

__all__ = ["DomainAUC", "domain_auc"]
