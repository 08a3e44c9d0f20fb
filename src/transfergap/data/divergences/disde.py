"""DISDE: shares of a loss from other rows and other labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.divergence import N_DRAWS, Divergence, bootstrap_interval
from transfergap.errors import PairingError

Floats = NDArray[np.float64]
_BOUND = 1e-3  # of domain probabilities: a row that is surely of one domain shares nothing


@dataclass(frozen=True)
class LossSplit:
    """The change of a model's loss, in parts that add up.

    Parameters
    ----------
    total : Divergence
        Mean loss on the target minus mean loss on the source.
    leaving_source : Divergence
        From source rows to rows that both have.
    labels : Divergence
        On rows that both have: what differs there is the meaning of labels.
    entering_target : Divergence
        From rows that both have to target rows.
    shared : float
        Effective share of rows that both have, in [0, 1]; near 0 the parts rest on few rows.
    """

    total: Divergence
    leaving_source: Divergence
    labels: Divergence
    entering_target: Divergence
    shared: float


def disde(
    target_losses: Floats,
    source_losses: Floats,
    target_probabilities: Floats,
    source_probabilities: Floats,
    *,
    seed: int = 0,
) -> LossSplit:
    """Split a source model's loss into shifts of rows and labels.

    Parameters
    ----------
    target_losses, source_losses : ndarray, shape (n_rows,)
        Losses of one model on rows that it did not see.
    target_probabilities, source_probabilities : ndarray, shape (n_rows,)
        Held-out probability, by a domain classifier, that a row is of the target, both domains
        counting alike.
    seed : int
        Draws the bootstrap.

    Raises
    ------
    PairingError
        If losses and probabilities are not of the same rows.

    Notes
    -----
    Rows that both have are weighted by ``p q / (p + q)``: source rows by their probability of being
    of the target, and the other way round. Intervals hold the classifier fixed. Which loss is which
    cause depends on the columns: a column that was not measured looks like other labels.

    References
    ----------
    Cai, Namkoong and Yadlowsky (2023), Diagnosing Model Performance Under Distribution Shift,
    equations 1.2 and 3.1.

    Examples
    --------
    >>> half = np.full(4, 0.5)
    >>> disde(np.full(4, 3.0), np.full(4, 1.0), half, half).labels.value
    2.0
    """
    pairs = (target_losses, target_probabilities), (source_losses, source_probabilities)
    if any(loss.shape != p.shape or loss.ndim != 1 or not len(loss) for loss, p in pairs):
        raise PairingError(
            "Losses and probabilities are not of the same rows.", hint="give one of each a row"
        )
    target = target_losses, 1.0 - np.clip(target_probabilities, _BOUND, 1.0 - _BOUND)
    source = source_losses, np.clip(source_probabilities, _BOUND, 1.0 - _BOUND)
    rng = np.random.default_rng([seed, 59])
    values = _parts(*target, *source)
    draws = []
    for _ in range(N_DRAWS):
        rows = [rng.integers(len(part[0]), size=len(part[0])) for part in (target, source)]
        drawn = [x[r] for part, r in zip((target, source), rows, strict=True) for x in part]
        draws.append(_parts(*drawn))
    ends = [bootstrap_interval(column) for column in np.array(draws).T]
    counts = (len(target_losses), len(source_losses))
    total, leaving, labels, entering = (
        Divergence(value, *interval, n_rows=counts)
        for value, interval in zip(values.tolist(), ends, strict=True)
    )
    shared = [
        float(w.sum() ** 2 / (w**2).sum() / len(w) * 2 * w.mean()) for _, w in (target, source)
    ]
    return LossSplit(total, leaving, labels, entering, shared=min(*shared, 1.0))


def _parts(
    target_losses: Floats, target_weights: Floats, source_losses: Floats, source_weights: Floats
) -> Floats:
    target, source = target_losses.mean(), source_losses.mean()
    shared_target = target_losses @ target_weights / target_weights.sum()
    shared_source = source_losses @ source_weights / source_weights.sum()
    return np.array(
        [
            target - source,
            shared_source - source,
            shared_target - shared_source,
            target - shared_target,
        ]
    )
