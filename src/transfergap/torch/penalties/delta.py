"""DELTA: hold features near those at the start of fine-tuning."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from transfergap.torch.nets import Nets, snapshot
from transfergap.torch.streams import Stream
from transfergap.torch.training import Added, losses_of

Tensor = torch.Tensor
_MOST_ROWS = 128  # of one batch; bounds the pass for each unit


@dataclass(frozen=True)
class DELTA:
    """Squared distance of head inputs from their start, unit by unit.

    Parameters
    ----------
    weight : float

    Notes
    -----
    Units count by an attention: how much the loss of the starting network on target rows grows when
    the unit is set to zero, through a softmax. The paper does this for feature maps of several
    layers, with a head trained first; here it is the last layer of features, and the head that
    fine-tuning starts with.

    References
    ----------
    Li, Xiong, Wang, Rao, Liu, Chen and Huan (2019), DELTA: Deep Learning Transfer using Feature Map
    with Attention for Convolutional Networks, section 3.

    Examples
    --------
    >>> DELTA().weight
    0.01
    """

    weight: float = 0.01

    def begin(self, nets: Nets, first: Stream) -> Added:
        """Return the distance to the features as they are now."""
        start = snapshot(nets)
        attention = self._attention(nets, first)

        def distance(x: Tensor, y: Tensor, features: Tensor) -> Tensor:
            del y
            with torch.no_grad():
                _, before = nets.at(start, x)
            squares = ((features - before) ** 2).mean(1)
            return self.weight * (squares * attention).sum()

        return distance, []

    def _attention(self, nets: Nets, first: Stream) -> Tensor:
        """Return how much each unit matters, shape (M, n_units), with mean one."""
        X, y, weights = first.batch(0)
        X, y, weights = X[:, :_MOST_ROWS], y[:, :_MOST_ROWS], weights[:, :_MOST_ROWS]
        with torch.no_grad():
            out, features = nets(X)
            head = _head_weight(nets)  # (M, n_outputs, n_units)
            whole = losses_of(out, y, weights, first.loss)
            without = [
                losses_of(
                    out - features[:, :, j, None] * head[:, None, :, j], y, weights, first.loss
                )
                for j in range(features.shape[2])
            ]
            # Attention as in section 3 of the paper: the softmax of the growth of the loss.
            growth = torch.stack(without, dim=1) - whole[:, None]
            return torch.softmax(growth, dim=1) * growth.shape[1]


def _head_weight(nets: Nets) -> Tensor:
    name = next(n for n in nets.params if nets.tapped.in_head(n) and n.endswith("weight"))
    value = nets.params[name].detach()
    return value if value.dim() == 3 else value[None]
