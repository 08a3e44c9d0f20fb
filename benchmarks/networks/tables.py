"""Real tables and texts cut into domains, which lie beside the checkout in ../shared/data.

Where that folder is absent the tables are left out (``absent_families`` says so), and texts come
from the 1,000 a register that the package carries instead of all 12,593.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from benchmarks.networks.corruptions import noisy_labels
from benchmarks.networks.pair import Pair, Rows
from benchmarks.safe_transfer.bundled_sets import sentiment
from benchmarks.safe_transfer.domains import DataSet
from benchmarks.safe_transfer.shared_sets import shared_sets

TABLES = ("adult_origin", "flights_carrier", "heart4", "injury2", "student", "taiwan_credit",
          "wine2")  # fmt: skip
FEWEST_TARGET, FEWEST_SOURCE = 290, 80
N_SOURCE = 2500


@cache
def domains(family: str) -> dict[str, Rows]:
    """Return a set's domains, all columns standardised by the rows of all domains, gaps at zero."""
    data = read(family)
    whole = np.concatenate([domain.X for domain in data.domains.values()])
    centre, spread = np.nanmean(whole, axis=0), np.nanstd(whole, axis=0)
    spread[spread == 0] = 1.0
    return {
        name: Rows(
            np.clip(np.nan_to_num((domain.X - centre) / spread), -8, 8).astype(np.float32),
            domain.y.astype(np.int64),
            None if domain.units is None else domain.units.astype(np.int64),
        )
        for name, domain in data.domains.items()
    }


def read(family: str) -> DataSet:
    if family != "texts":
        return shared_sets()[family]()
    return shared_sets().get("sentiment_vader4", sentiment)()


def table_pairs(family: str) -> list[Pair]:
    """Each domain as target: of the next ones in the alphabet, and of the next with wrong labels.

    The next two where a set has up to five domains, else the next one.
    """
    found, names = [], list(domains(family))
    n_next = 2 if len(names) <= 5 else 1
    for at, target in enumerate(names):
        if len(domains(family)[target]) < FEWEST_TARGET:
            continue
        ring = names[at + 1 :] + names[:at]
        nexts = [name for name in ring if len(apart(family, name, target)) >= FEWEST_SOURCE]
        found += [pair_of(family, source, target) for source in nexts[:n_next]]
        found.append(pair_of(family, nexts[0], target, noisy=True))
    return found


def text_pairs() -> list[Pair]:
    """Return all ordered pairs of registers."""
    names = list(domains("texts"))
    return [pair_of("texts", a, b) for b in names for a in names if a != b]


def pair_of(family: str, source: str, target: str, *, noisy: bool = False) -> Pair:
    return Pair(
        f"{family}: {source}{', noisy labels,' if noisy else ''} to {target}",
        family,
        partial(_domain, family, target),
        partial(_source, family, source, target, noisy),
        n_classes=2,
        n_all=len(domains(family)[target]),
    )


def _domain(family: str, name: str) -> Rows:
    return domains(family)[name]


def apart(family: str, name: str, target: str) -> Rows:
    """Return a domain's rows without the people of ``target``."""
    rows, others = domains(family)[name], domains(family)[target]
    if rows.units is None or others.units is None:
        return rows
    return rows.take(np.flatnonzero(~np.isin(rows.units, others.units)))


def _source(family: str, name: str, target: str, noisy: bool, rng: np.random.Generator) -> Rows:
    rows = apart(family, name, target)
    if len(rows) > N_SOURCE:
        rows = rows.take(np.random.default_rng(5).permutation(len(rows))[:N_SOURCE])
    return noisy_labels(rows, rng) if noisy else rows
