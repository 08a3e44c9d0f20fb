"""SafeTransfer around any estimator: source models, linear engine, guard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.safe.blend import LinearBlend
from transfergap.safe.counted_fits import CountedFits
from transfergap.safe.dial import Theta, theta_posterior, trusted_share
from transfergap.safe.held_out import N_FOLDS
from transfergap.safe.members import Member, Part, alone, averaged, stacked
from transfergap.safe.scores import LinearScores, RowEncoder, ScoreModel, bounded
from transfergap.safe.source_models import pool_sizes, pools, source_models
from transfergap.safe.sources import SourceRows
from transfergap.safe.stack import TargetRows, shrunk_stack

Floats = NDArray[np.float64]
Effort = Literal["quick", "full", "thorough"]
# Each was tried at its neighbours on the sets of "choosing" (docs/decisions/0043). Penalties: from
# where forty rows decide to where none do. The stack sees left-out scores that have used the other
# rows' labels, so it must be the stiffer of the two.
AFFINE_PENALTIES = np.array([1.0, 10.0, 100.0, 1e4])
STACK_PENALTIES = np.array([3.0, 10.0, 30.0, 100.0, 300.0, 1e3])
# Weights that the stack is shrunk to, before the target speaks: linear blend, target-only
# estimator, sources, pools.
FULL_PRIOR = (0.3, 0.2, 0.5, 0.0)
THOROUGH_PRIOR = (0.4, 0.1, 0.2, 0.3)
# Of control, linear blend and stack in their average. The control's part took harm on natural
# tables from 2.5 to 1.25 %, for three hundredths of the gain.
MEMBER_PRIOR = np.array([1.0, 5.0, 5.0])


@dataclass(frozen=True)
class BlackBox:
    """Result of the black-box route.

    Parameters
    ----------
    control, model : ScoreModel
        Of the target alone, and with the sources.
    control_left_out, left_out : ndarray, shape (n_rows, n_responses)
        What they say of target rows whose labels they have not seen.
    alpha : float
        Share of the members' average in ``model``.
    weights : dict of str to float
        Share of the control and of each member; they sum to 1.
    influence : ndarray, shape (n_sources,)
        Share of each source in ``model``, in [0, 1].
    theta : Theta or None
        Posterior of the best alpha.
    n_fits : int
    notes : tuple of str
        Sources that the estimator has no model of, and why.
    """

    control: ScoreModel
    model: ScoreModel
    control_left_out: Floats
    left_out: Floats
    alpha: float
    weights: dict[str, float]
    influence: Floats
    theta: Theta | None
    n_fits: int
    notes: tuple[str, ...]


def planned_fits(n_sources: int, effort: Effort) -> int:
    """Return how many fits :func:`black_box` makes of sources that are all rows.

    There are fewer where a source or a fold has one class only.

    Examples
    --------
    >>> planned_fits(2, "full")
    8
    """
    n_pools = len(pool_sizes(n_sources)) if effort == "thorough" else 0
    return (N_FOLDS + 1) * (1 + n_pools) + n_sources


def black_box(
    estimator: Any,
    target: TargetRows,
    rows: Mapping[str, SourceRows],
    order: tuple[str, ...],
    blend: LinearBlend,
    *,
    encoder: RowEncoder,
    caution: float,
    effort: Effort,
    seed: int,
    bounds: tuple[float, float] | None = None,
    on_fit: Callable[[], None] | None = None,
) -> BlackBox:
    """Fit the estimator to all data and mix linear models in.

    Parameters
    ----------
    estimator : scikit-learn estimator or pipeline
    target : TargetRows
    rows : mapping of str to SourceRows
        Sources given as rows; those given as summaries act through ``blend`` only.
    order : tuple of str
        Names of all sources, as ``blend`` has them.
    blend : LinearBlend
    encoder : RowEncoder
        That of ``blend``.
    caution : float
        Infinity gives the control, without a fit of any source.
    effort : {"quick", "full", "thorough"}
        Six fits for the target and one a source; if thorough, six more for each of up to three
        pools.
    seed : int
    bounds : tuple of float, optional
        Smallest and largest score of the linear models, in the engine's scale: beside trees, which
        stay within the labels' range, a line fitted to twenty rows would rule the average.
    on_fit : callable, optional
        Called after each fit; see :func:`planned_fits`.

    Notes
    -----
    Scores of every model but the linear blend are first made affine to the target, by ridge to the
    identity: trees on dozens of rows are too sure of themselves. The control is the average, by
    left-out loss, of the linear control and the estimator on the target alone: either can be the
    better by far, and picking one is one more chance to be wrong. The model is the average of
    control, linear blend and a stack of blend, estimator, source models and pools, as far as the
    dial trusts it. Ours, after super learning (van der Laan, Polley and Hubbard 2007) with the
    shrinkage that dozens of rows need. Left-out scores of estimator and pools are five-fold; the
    others leave out one row or group.
    """
    labels = encoder.labels
    fits = CountedFits(estimator, labels, target, seed=seed, on_fit=on_fit)
    none = np.zeros(len(order))
    parts = [
        Part(
            LinearScores(encoder, blend.control, bounds),
            bounded(blend.control_left_out, bounds),
            none,
        ),
        Part(fits.with_target([]), fits.held_out([]), none),
    ]
    if not order or blend.average is None or np.isinf(caution):
        control = averaged(_alike(parts, target), target)[0]
        return _without_sources(control, parts, fits, len(order))
    average = blend.average
    linear = LinearScores(encoder, average.coefficients, bounds)
    parts.append(Part(linear, bounded(average.left_out, bounds), average.influence))
    places = {order.index(name): source for name, source in rows.items()}
    models = source_models(fits, places, len(order))
    notes = models.notes + _without_rows(order, rows, fits)
    parts += models.parts.values()
    first_pool = len(parts)
    if effort == "thorough":
        worth = average.influence * (1.0 - blend.reversed_share)
        ranking = sorted(models.samples, key=lambda place: -worth[place])
        pooled, more = pools(fits, models.samples, ranking, len(order))
        parts, notes = parts + pooled, notes + more
    alike = _alike(parts, target)
    control = averaged(alike[:2], target)[0]
    members = {
        "control": control,
        "linear blend": alone(parts, 2),
        "stack": _stack(parts, alike, first_pool, target),
    }
    return _mixed(
        members, parts, target, doubt=blend.doubt, caution=caution, fits=fits, notes=notes
    )


def _alike(parts: list[Part], target: TargetRows) -> list[Member]:
    """Calibrate each part affinely to the target.

    Intercept and slope, shrunk to the identity.
    """
    return [
        stacked(
            [alone(parts, place)],
            shrunk_stack([part.left_out], target, prior=np.ones(1), penalties=AFFINE_PENALTIES),
        )
        for place, part in enumerate(parts)
    ]


def _stack(parts: list[Part], alike: list[Member], first_pool: int, target: TargetRows) -> Member:
    """Return the stack of linear blend, target-only estimator, source models and pools.

    The weights that it is shrunk to are those of the constants, times each family's evidence: in a
    world without lines, a prior that half believes in lines kept .58 of the gain instead of .76.
    """
    families = [[alone(parts, 2)], [alike[1]], alike[3:first_pool], alike[first_pool:]]
    constants = THOROUGH_PRIOR if families[3] else FULL_PRIOR
    # Sources that have no model leave a family empty; its prior goes to the others.
    groups = [(family, c) for family, c in zip(families, constants, strict=True) if family]
    evidence = target.shares([averaged(family, target)[0].left_out for family, _ in groups])
    prior = np.concatenate(
        [
            np.full(len(family), constant * share / len(family))
            for (family, constant), share in zip(groups, evidence, strict=True)
        ]
    )
    members = [member for family, _ in groups for member in family]
    left_out = [member.left_out for member in members]
    stack = shrunk_stack(left_out, target, prior=prior / prior.sum(), penalties=STACK_PENALTIES)
    return stacked(members, stack)


def _without_sources(
    control: Member, parts: list[Part], fits: CountedFits, n_sources: int
) -> BlackBox:
    model = control.scores(parts)
    return BlackBox(
        model,
        model,
        control.left_out,
        control.left_out,
        0.0,
        {"control": 1.0},
        np.zeros(n_sources),
        None,
        fits.n_fits,
        (),
    )


def _without_rows(
    order: tuple[str, ...], rows: Mapping[str, SourceRows], fits: CountedFits
) -> tuple[str, ...]:
    missing = [repr(name) for name in order if name not in rows]
    if not missing:
        return ()
    return (
        f"{fits.name} needs rows: {', '.join(missing)} came as summaries, which only the linear"
        " models use.",
    )


def _mixed(
    members: dict[str, Member],
    parts: list[Part],
    target: TargetRows,
    *,
    doubt: float,
    caution: float,
    fits: CountedFits,
    notes: tuple[str, ...],
) -> BlackBox:
    """Average the members, as far as the posterior trusts it."""
    control = members["control"]
    average, shares = averaged(list(members.values()), target, MEMBER_PRIOR)
    weights = np.repeat(target.weights[:, None], target.responses.shape[1], axis=1)
    theta = theta_posterior(
        target.responses,
        control.left_out,
        average.left_out,
        weights,
        target.groups,
        doubt,
        copies=target.copies,
    )
    alpha = trusted_share(theta, caution, doubt)
    base = control.scores(parts)
    mixed = control if alpha == 0 else control.toward(average, alpha)
    used = {name: float(alpha * share) for name, share in zip(members, shares, strict=True)}
    used["control"] += 1.0 - alpha
    return BlackBox(
        control=base,
        # The same object, so that alpha 0 gives the control to the last bit.
        model=base if alpha == 0 else mixed.scores(parts),
        control_left_out=control.left_out,
        left_out=mixed.left_out,
        alpha=alpha,
        weights=used,
        influence=mixed.influence(parts),
        theta=theta,
        n_fits=fits.n_fits,
        notes=notes,
    )
