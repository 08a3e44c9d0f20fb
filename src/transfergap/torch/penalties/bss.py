"""BSS: batch spectral shrinkage, against features that transfer badly."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from transfergap.torch.nets import Nets
from transfergap.torch.streams import Stream
from transfergap.torch.training import Added

Tensor = torch.Tensor


@dataclass(frozen=True)
class BSS:
    """The squares of the smallest singular values of a batch of features.

    Parameters
    ----------
    weight : float
        The paper's eta.
    smallest : int
        How many singular values, the paper's k.

    References
    ----------
    Chen, Wang, Fu, Long and Wang (2019), Catastrophic Forgetting Meets Negative Transfer: Batch
    Spectral Shrinkage for Safe Transfer Learning, section 3.2.

    Examples
    --------
    >>> BSS().smallest
    1
    """

    weight: float = 1e-3
    smallest: int = 1

    def begin(self, nets: Nets, first: Stream) -> Added:
        """Return the function of a batch's features."""
        del nets, first

        def spectral(x: Tensor, y: Tensor, features: Tensor) -> Tensor:
            del x, y
            # Gradients of singular values have no trouble with equal ones, unlike vectors'.
            values = torch.linalg.svdvals(features.flatten(2))
            # The k smallest singular values of a batch's features (Chen et al. 2019, section 4).
            total: Tensor = self.weight * (values[..., -self.smallest :] ** 2).sum()
            return total

        return spectral, []
