"""One known cause at a time, planted in a source that was drawn like the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

CAUSES = (
    "label shares",
    "covariates",
    "concept",
    "label noise",
    "measurement",
    "swamping",
    "capacity",
    "shortcut",
    "copies",
)
FACTORS = (2.54, 0.4536, 10.0, 1000.0, 0.001, 1.609)
SHORTCUT = "site_code"


@dataclass(frozen=True, eq=False)
class Base:
    """One population: rows of a table with their labels.

    ``columns`` are the number columns that a cause may change.
    """

    name: str
    task: str
    X: pd.DataFrame
    y: np.ndarray
    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Planted:
    """A target, a source and fresh target rows to know the truth by; ``causes`` may be empty."""

    base: str
    task: str
    causes: tuple[str, ...]
    X: pd.DataFrame
    y: np.ndarray
    X_source: pd.DataFrame
    y_source: np.ndarray
    X_test: pd.DataFrame
    y_test: np.ndarray
    big_model: bool = False


Plant = Callable[[Planted, Base, np.random.Generator], Planted]


def planted(
    base: Base, causes: tuple[str, ...], *, n_target: int, n_source: int, rng: np.random.Generator
) -> Planted:
    """Draw target, source and test rows from one population, and spoil the source."""
    order = rng.permutation(len(base.y))
    first, rest = order[:n_target], order[n_target:]
    n_test = min(2000, len(rest) // 3)
    test, pool = rest[:n_test], rest[n_test:]
    if "swamping" in causes or "covariates" in causes or "label shares" in causes:
        source = pool
    else:
        source = pool[:n_source]

    def rows(index: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        return base.X.iloc[index].reset_index(drop=True), base.y[index]

    made = Planted(base.name, base.task, causes, *rows(first), *rows(source), *rows(test))
    for cause in causes:
        made = _PLANTS[cause](made, base, rng)
    if len(made.y_source) > n_source and "swamping" not in causes:
        kept = rng.permutation(len(made.y_source))[:n_source]
        made = replace(
            made,
            X_source=made.X_source.iloc[kept].reset_index(drop=True),
            y_source=made.y_source[kept],
        )
    return made


def _useful_score(made: Planted, base: Base, rng: np.random.Generator) -> np.ndarray:
    """Return a random direction in the more useful half of the columns, at least two of them."""
    useful = _useful_columns(base)
    half = replace(base, columns=tuple(useful[: max(2, len(useful) // 2)]))
    values = (made.X_source[list(half.columns)] - base.X[list(half.columns)].mean()).to_numpy(float)
    spread = base.X[list(half.columns)].std().to_numpy()
    weights = rng.choice([-1.0, 1.0], len(spread)) * rng.uniform(0.5, 1.0, len(spread))
    score = np.clip(values / np.where(spread > 0, spread, 1.0), -3, 3) @ weights
    return (score - score.mean()) / score.std()


def _label_shares(made: Planted, base: Base, rng: np.random.Generator) -> Planted:
    classes = np.unique(base.y)
    odds = np.exp(rng.choice([-1, 1]) * rng.uniform(1.5, 2.5))
    keep = np.where(made.y_source == classes[1], odds, 1.0)
    chosen = rng.random(len(keep)) < keep / keep.max()
    return _source_rows(made, chosen)


def _covariates(made: Planted, base: Base, rng: np.random.Generator) -> Planted:
    """Source rows lie at one end of a column that the label depends on in a curve."""
    columns = list(base.columns)
    z = (base.X[columns] - base.X[columns].mean()) / base.X[columns].std()
    z = np.nan_to_num(np.clip(z.to_numpy(float), -3, 3))
    y = base.y if base.task == "regression" else pd.factorize(base.y, sort=True)[0]
    design = np.column_stack([np.ones(len(z)), z])
    left = y - design @ np.linalg.lstsq(design, np.asarray(y, float), rcond=None)[0]
    curved = np.abs([np.corrcoef(left, column**2)[0, 1] for column in z.T])
    most = columns[int(np.argmax(np.nan_to_num(curved)))]
    values = made.X_source[most].rank(pct=True).to_numpy()
    end = values if rng.random() < 0.5 else 1.0 - values
    odds = np.exp(rng.uniform(10, 20) * (end - rng.uniform(0.7, 0.85)))
    return _source_rows(made, rng.random(len(end)) < odds / (1.0 + odds))


def _concept(made: Planted, base: Base, rng: np.random.Generator) -> Planted:
    """What the useful columns say of the label is another thing in the source."""
    score, strength = _useful_score(made, base, rng), rng.uniform(0.7, 2.0)
    if base.task == "regression":
        if rng.random() < 0.3:
            y = 2 * base.y.mean() - made.y_source
        else:
            y = made.y_source + strength * base.y.std() * score
        return replace(made, y_source=y)
    classes = np.unique(base.y)
    if rng.random() < 0.3:
        return replace(made, y_source=np.where(made.y_source == classes[0], classes[1], classes[0]))
    pushed = rng.random(len(score)) < np.clip(np.abs(score) * strength * 0.5, 0, 0.95)
    moved = np.where(score > 0, classes[1], classes[0])
    return replace(made, y_source=np.where(pushed, moved, made.y_source))


def _label_noise(made: Planted, base: Base, rng: np.random.Generator) -> Planted:
    wrong = rng.random(len(made.y_source)) < rng.uniform(0.1, 0.4)
    if base.task == "regression":
        y = made.y_source.copy()
        heavy = rng.random() < 0.5
        other = rng.permutation(y) + (
            rng.standard_t(2, len(y)) * 2 * base.y.std() if heavy else 0.0
        )
        return replace(made, y_source=np.where(wrong, other, y))
    classes = np.unique(base.y)
    if rng.random() < 0.5:  # one class is marked as the other
        wrong &= made.y_source == classes[rng.integers(2)]
    flipped = np.where(made.y_source == classes[0], classes[1], classes[0])
    return replace(made, y_source=np.where(wrong, flipped, made.y_source))


def _measurement(made: Planted, base: Base, rng: np.random.Generator) -> Planted:
    X = made.X_source.copy()
    useful = _useful_columns(base)
    for column in useful[: int(rng.integers(1, 4))]:
        if rng.random() < 0.2:
            X[column] = 1.8 * X[column] + 32.0
        else:
            X[column] = X[column] * rng.choice(FACTORS)
    return replace(made, X_source=X)


def _useful_columns(base: Base) -> list[str]:
    y = pd.factorize(base.y, sort=True)[0] if base.task != "regression" else base.y
    size = {c: abs(float(base.X[c].corr(pd.Series(y, index=base.X.index)))) for c in base.columns}
    return sorted(base.columns, key=lambda c: -(size[c] if size[c] == size[c] else 0.0))


def _swamping(made: Planted, base: Base, rng: np.random.Generator) -> Planted:
    """A somewhat different source, so large that the target does not count."""
    n_wanted = 20 * len(made.y)
    rows = rng.choice(len(made.y_source), n_wanted, replace=len(made.y_source) < n_wanted)
    X = made.X_source.iloc[rows].reset_index(drop=True)
    if len(made.y_source) < n_wanted:  # fresh looking rows: a little noise in every number column
        for column in base.columns:
            X[column] = X[column] + 0.05 * base.X[column].std() * rng.normal(size=n_wanted)
    made = replace(made, X_source=X, y_source=made.y_source[rows])
    score, strength = _useful_score(made, base, rng), rng.uniform(0.3, 0.5)
    if base.task == "regression":
        return replace(made, y_source=made.y_source + strength * base.y.std() * score)
    classes = np.unique(base.y)
    pushed = rng.random(len(score)) < np.clip(np.abs(score) * strength * 0.5, 0, 0.95)
    moved = np.where(score > 0, classes[1], classes[0])
    return replace(made, y_source=np.where(pushed, moved, made.y_source))


def _capacity(made: Planted, base: Base, rng: np.random.Generator) -> Planted:
    return replace(made, big_model=True)


def _shortcut(made: Planted, base: Base, rng: np.random.Generator) -> Planted:
    codes = pd.factorize(base.y, sort=True)[0] if base.task != "regression" else base.y
    centre, spread = codes.mean(), codes.std()
    y = made.y_source
    own = (np.searchsorted(np.unique(base.y), y) if base.task != "regression" else y) - centre
    marker = own / spread + rng.uniform(0.3, 0.8) * rng.normal(size=len(y))
    sets = {
        "X": rng.normal(size=len(made.y)),
        "X_test": rng.normal(size=len(made.y_test)),
        "X_source": marker,
    }
    return replace(
        made, **{key: getattr(made, key).assign(**{SHORTCUT: v}) for key, v in sets.items()}
    )


def _copies(made: Planted, base: Base, rng: np.random.Generator) -> Planted:
    n_rows = len(made.y_source)
    few = rng.choice(n_rows, max(10, n_rows // 40), replace=False)
    return _source_rows(made, np.concatenate([few, rng.choice(few, n_rows - len(few))]))


def _source_rows(made: Planted, index: np.ndarray) -> Planted:
    positions = np.flatnonzero(index) if index.dtype == bool else index
    return replace(
        made,
        X_source=made.X_source.iloc[positions].reset_index(drop=True),
        y_source=made.y_source[positions],
    )


_PLANTS: dict[str, Plant] = {
    "label shares": _label_shares,
    "covariates": _covariates,
    "concept": _concept,
    "label noise": _label_noise,
    "measurement": _measurement,
    "swamping": _swamping,
    "capacity": _capacity,
    "shortcut": _shortcut,
    "copies": _copies,
}
