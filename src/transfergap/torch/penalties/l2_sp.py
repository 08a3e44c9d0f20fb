"""L2-SP: hold the weights near those that fine-tuning started from."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from transfergap.torch.nets import Nets, snapshot
from transfergap.torch.streams import Stream
from transfergap.torch.training import Added

Tensor = torch.Tensor


@dataclass(frozen=True)
class L2SP:
    """Half the squared distance of weights to start, head to zero.

    Parameters
    ----------
    weight : float
        Of the distance, the paper's alpha.
    head : float
        Of the squared size of the head's weights, the paper's beta.

    References
    ----------
    Li, Grandvalet and Davoine (2018), Explicit Inductive Bias for Transfer Learning with
    Convolutional Networks, section 3.2.

    Examples
    --------
    >>> L2SP().weight
    0.01
    """

    weight: float = 0.01
    head: float = 0.01

    def begin(self, nets: Nets, first: Stream) -> Added:
        """Return the distance to the weights as they are now."""
        del first
        # The start is fixed here: later steps must not move what they are held to.
        start = snapshot(nets)

        def distance(x: Tensor, y: Tensor, features: Tensor) -> Tensor:
            del x, y
            total = features.new_zeros(())
            for name, value in nets.params.items():
                if nets.tapped.in_head(name):
                    # A new head has no start to stay near, so it is held near zero (section 3 of
                    # the paper).
                    total = total + 0.5 * self.head * (value**2).sum()
                else:
                    total = total + 0.5 * self.weight * ((value - start[name]) ** 2).sum()
            return total

        return distance, []
