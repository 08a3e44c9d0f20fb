"""Tables of several domains, cut into a target and its sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from transfergap.datasets._bundle import read_table
from transfergap.datasets._draw import check_known, draw_rows

if TYPE_CHECKING:
    import pandas as pd

    LabelledTable = tuple[pd.DataFrame, NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class DomainTables:
    """The drawn target and the whole of every other domain."""

    target: LabelledTable
    sources: dict[str, LabelledTable]


def read_domains(
    file: str, target: str, *, n_target: int | None, seed: int, kind: str
) -> DomainTables:
    """Split a bundled table into a target and its sources.

    Its columns ``domain`` and ``y`` decide.

    Raises
    ------
    DataError
        If ``target`` is not a domain of the table or ``n_target`` is out of range.
    """
    table = read_table(file)
    names = list(dict.fromkeys(table["domain"].astype(str)))
    check_known(target, names, kind=kind)
    domains = {name: table[table["domain"] == name] for name in names}
    rng = np.random.default_rng(seed)
    rows = draw_rows(len(domains[target]), n_target, rng=rng, pool=f"{target!r}")
    return DomainTables(
        target=_labelled(domains[target].iloc[rows]),
        sources={name: _labelled(rows_) for name, rows_ in domains.items() if name != target},
    )


def _labelled(table: pd.DataFrame) -> LabelledTable:
    X = table.drop(columns=["domain", "y"]).reset_index(drop=True)
    return X, table["y"].to_numpy(dtype=np.int64)
