"""Co-tuning: train the source's head on its labels of target classes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from transfergap.errors import LearnerError
from transfergap.torch.nets import Nets
from transfergap.torch.streams import Stream
from transfergap.torch.training import Added

Tensor = torch.Tensor


@dataclass(frozen=True)
class CoTuning:
    """Cross-entropy of the source head to its labels of target classes.

    The labels that it gave to each target class before.

    Parameters
    ----------
    weight : float
        The paper's lambda.

    Notes
    -----
    The relation of labels is the mean of the starting network's probabilities over the target rows
    of a class (the paper's direct way, without calibrating them first).

    References
    ----------
    You, Kou, Long and Wang (2020), Co-Tuning for Transfer Learning, sections 3.2 and 3.3.

    Examples
    --------
    >>> CoTuning().weight
    1.0
    """

    weight: float = 1.0

    def begin(self, nets: Nets, first: Stream) -> Added:
        """Return the cross-entropy, and the source's head, which goes on being trained.

        Raises
        ------
        LearnerError
            For numbers: there are no labels to relate.
        """
        if first.loss != "classes":
            raise LearnerError("Co-tuning relates classes, and these labels are numbers.")
        head_params = {
            n.rsplit(".", 1)[-1]: v for n, v in nets.params.items() if nets.tapped.in_head(n)
        }
        head = {n: (v if nets.n > 1 else v[None]).detach().clone() for n, v in head_params.items()}
        for value in head.values():
            value.requires_grad_(True)
        relation = self._relation(nets, first, int(head_params["weight"].shape[-2]))

        def old_outputs(features: Tensor) -> Tensor:
            out = torch.einsum("mbd,mcd->mbc", features, head["weight"])
            return out + head["bias"][:, None] if "bias" in head else out

        def cross_entropy(x: Tensor, y: Tensor, features: Tensor) -> Tensor:
            del x
            relation_rows = torch.gather(
                relation, 1, y[..., None].expand(-1, -1, relation.shape[2])
            )  # (M, n_rows, n_classes)
            log_shares = functional.log_softmax(old_outputs(features), dim=2)
            return -self.weight * (relation_rows * log_shares).sum(2).mean(1).sum()

        return cross_entropy, list(head.values())

    def _relation(self, nets: Nets, first: Stream, n_classes: int) -> Tensor:
        """Return the source's label given the target's, shape (M, n_classes, n_classes)."""
        totals: Tensor | None = None
        counts: Tensor | None = None
        with torch.no_grad():
            # At most 32 batches: the relation is a table of shares, and needs no more; chosen by
            # hand.
            for step in range(min(first.order.shape[1], 32)):
                X, y, _ = first.batch(step)
                shares = torch.softmax(nets(X)[0], dim=2)
                onehot = functional.one_hot(y, n_classes).to(shares.dtype)
                added = torch.einsum("mbt,mbs->mts", onehot, shares)
                totals = added if totals is None else totals + added
                counts = onehot.sum(1) if counts is None else counts + onehot.sum(1)
            assert totals is not None and counts is not None
            return totals / counts.clamp(min=1)[..., None]
