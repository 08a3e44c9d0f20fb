"""Columns whose unit differs between target and source by a factor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.finding import Finding, NotApplicable
from transfergap.data.divergences.columns_apart import (
    number_columns,
    thousands_factor,
    unit_factor,
)


@check("TG113", "units look different")
def units_differ(evidence: Evidence) -> Iterator[Finding]:
    """Find number columns in another unit than the target's.

    They fit the target after division by a factor between units.

    Notes
    -----
    Ours; see :func:`transfergap.data.divergences.columns_apart.unit_factor`.
    """
    if evidence.problem.kind in ("texts", "sparse"):
        raise NotApplicable("only tables and arrays have columns with units")
    target = {name: values for _, name, values in number_columns(evidence.problem.target.X)}
    for source_name, source in evidence.problem.sources.items():
        for _, name, values in number_columns(source.sample.X):
            if name not in target:
                continue
            points = thousands_factor(target[name], values)
            factor = points or unit_factor(target[name], values)
            if factor is None:
                continue
            size = f"{factor:g} times larger" if factor > 1 else f"{1 / factor:g} times smaller"
            yield Finding.strong(
                source_name,
                f"Column {name} is {size} in {source_name} than in the target (median"
                f" {np.median(values):.4g} against {np.median(target[name]):.4g}), and alike"
                " once that factor is taken out.",
                _remedy(name, source_name, factor, thousands=points is not None),
                {"factor": factor},
            )


def _remedy(name: str, source_name: str, factor: float, *, thousands: bool) -> str:
    remedy = f"If the unit differs, divide column {name} of {source_name} by {factor:g}."
    if thousands:
        remedy += " One file may mark thousands with points (1.250 for 1250): write them without."
    return remedy
