"""Penalties that hold a fine-tuned network near its start."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from transfergap.errors import LearnerError
from transfergap.torch.nets import Nets, snapshot
from transfergap.torch.training import Added, Stream, losses_of

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
