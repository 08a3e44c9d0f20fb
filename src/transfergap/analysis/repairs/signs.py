"""Signs of a cause in the data: cheap and sensitive.

They explain nothing until a repair confirms them. A repair is only tried where there is a sign of
what it repairs, so that fits are not spent on causes that cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from transfergap.data.divergences import domain_auc
from transfergap.data.divergences.columns_apart import ColumnApart, columns_apart
from transfergap.data.notations.sentinels import sentinel_values
from transfergap.data.notations.spelling import listing
from transfergap.data.problem import Problem, Sample
from transfergap.learners.mitigations.common_columns import gappy_columns
from transfergap.learners.mitigations.likely_labels import suspicion
from transfergap.learners.mitigations.row_choice import without_copies
from transfergap.learners.mitigations.shared_features import unshared_columns

LEVEL = 0.01  # of each sign
# Ten points above the target's own share: docs/methods.md, "Causes by repair".
FEWEST_COPIES = 0.10
# Total variation of class shares: smaller shifts are not worth the fits of a repair.
LEAST_SHARE = 0.05
# More columns than a quarter are another population, not a shortcut.
MOST_SHORTCUTS = 4  # one column in so many
# Tests at 1 % have hardly any power with fewer.
FEWEST_ROWS = 10
# Signs decide only which repairs are tried: more rows cost time for nothing.
MOST_ROWS = 5000


@dataclass(frozen=True)
class Signs:
    """Differences of a source from the target.

    Texts are empty where there is none.

    Parameters
    ----------
    copies, shares, inputs, labels, shortcuts, gaps, codes : str
        A sentence each.
    apart : tuple of ColumnApart
        Columns that seem measured differently.
    """

    copies: str = ""
    shares: str = ""
    inputs: str = ""
    labels: str = ""
    shortcuts: str = ""
    gaps: str = ""
    codes: str = ""
    apart: tuple[ColumnApart, ...] = ()


def signs_of(problem: Problem, source: str, *, seed: int) -> Signs:
    """Return the signs of a source.

    Parameters
    ----------
    problem : Problem
    source : str
    seed : int
        Of cross-fits.
    """
    target, source_rows = problem.target, thinned(problem.sources[source].sample, seed)
    if len(source_rows) < FEWEST_ROWS:
        return Signs()
    columns = problem.kind in ("table", "array")
    return Signs(
        copies=_copies(target, source_rows),
        shares=_shares(problem, source_rows) if problem.task.has_classes else "",
        inputs=_inputs(target, source_rows, seed),
        labels=_labels(problem, source_rows),
        shortcuts=_shortcuts(problem, source_rows) if columns else "",
        gaps=_gaps(problem, source_rows) if columns else "",
        codes=_codes(target, source_rows) if columns else "",
        apart=columns_apart(target.X, source_rows.X) if columns else (),
    )


def thinned(source: Sample, seed: int) -> Sample:
    """Return at most ``MOST_ROWS`` random rows of a source.

    They are enough for any sign.
    """
    if len(source) <= MOST_ROWS:
        return source
    rng = np.random.default_rng([seed, 11])
    return source.rows(np.sort(rng.choice(len(source), MOST_ROWS, replace=False)))


def _copies(target: Sample, source: Sample) -> str:
    shares = [1.0 - len(without_copies(sample)) / len(sample) for sample in (target, source)]
    if shares[1] - shares[0] < FEWEST_COPIES:
        return ""
    n_different = round((1.0 - shares[1]) * len(source))
    return (
        f"only {n_different:,} of its {len(source):,} rows are different"
        f" ({100 * shares[1]:.0f} % copies; {100 * shares[0]:.0f} % in the target)"
    )


def _shares(problem: Problem, source: Sample) -> str:
    samples = (problem.target, source)
    counts = np.array(
        [[np.count_nonzero(s.y == label) for label in problem.classes] for s in samples]
    )
    shares = counts / counts.sum(axis=1, keepdims=True)
    apart = np.abs(shares[0] - shares[1])
    p_value = float(stats.chi2_contingency(counts[:, counts.sum(axis=0) > 0]).pvalue)
    if 0.5 * float(apart.sum()) < LEAST_SHARE or p_value > LEVEL:
        return ""
    largest = int(np.argmax(apart))
    return (
        f"{problem.classes[largest]!s} is {100 * shares[1, largest]:.0f} % of it and"
        f" {100 * shares[0, largest]:.0f} % of the target"
    )


def _inputs(target: Sample, source: Sample, seed: int) -> str:
    value = domain_auc(target, source, seed=seed)
    if value.p_value > LEVEL:
        return ""
    return f"a model tells its rows from target rows with AUC {value.auc:.2f}"


def _labels(problem: Problem, source: Sample) -> str:
    target = problem.target
    doubts = suspicion(target, source, classes=problem.task.has_classes)
    shares = [float(np.mean(doubt > 0)) for doubt in doubts]
    if shares[1] <= shares[0]:
        return ""
    counts = np.array([[s * len(d), (1 - s) * len(d)] for s, d in zip(shares, doubts, strict=True)])
    if float(stats.fisher_exact(np.round(counts)).pvalue) > LEVEL:
        return ""
    return (
        f"{100 * shares[1]:.0f} % of its labels look unlikely beside its own other rows"
        f" ({100 * shares[0]:.0f} % in the target)"
    )


def _gaps(problem: Problem, source: Sample) -> str:
    columns = gappy_columns(problem.target.X, source.X)
    if not columns:
        return ""
    verb = "is" if len(columns) == 1 else "are"
    return f"{_named(problem, columns)} {verb} missing far more often on one side than on the other"


def _codes(target: Sample, source: Sample) -> str:
    """Return which values look like codes for missing ones.

    Where the target's columns are whole, the model may take no missing value: then there is
    nothing that can be tried.
    """
    if not _has_missing(target.X):
        return ""
    values = sentinel_values(source.X)
    codes = dict.fromkeys(value.value for value in values)
    columns = dict.fromkeys(repr(value.column) for value in values)
    if not codes:
        return ""
    return f"{listing(list(codes), 3)} looks like a code for missing in {listing(list(columns), 3)}"


def _has_missing(X: Any) -> bool:
    import pandas as pd

    return bool(pd.DataFrame(X).isna().to_numpy().any())


def _named(problem: Problem, columns: tuple[int, ...]) -> str:
    names = problem.column_names or tuple(str(j) for j in range(problem.n_features or 0))
    return listing([repr(names[j]) for j in columns], 3)


def _shortcuts(problem: Problem, source: Sample) -> str:
    columns = unshared_columns(problem.target, source, classes=problem.task.has_classes)
    n_columns = problem.n_features or 0
    if not columns or len(columns) > max(1, n_columns // MOST_SHORTCUTS):
        return ""
    verb = "tells" if len(columns) == 1 else "tell"
    return f"{_named(problem, columns)} {verb} the label there, and not in the target"
