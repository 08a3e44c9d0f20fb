"""Source rows that lie beside target rows, nearer than chance explains."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from transfergap.analysis.label_twins import MOST_AMONG, LabelTwins, label_twins
from transfergap.data.copies import informative_columns, labels_agree
from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import Problem, Sample
from transfergap.data.sources import TaskSource
from transfergap.experiment.design import Design

Floats = NDArray[np.float64]
# Shares of the distance to the fourth nearest row at which the nearest one is counted.
NEAR = (0.05, 0.1, 0.2, 0.3, 0.5)
_K = 4  # neighbours, of which three may be copies of one row
FEWEST = 8  # pairs, and at least this share of the target's rows: chosen by hand
LEAST_SHARE = 0.05
_RARE = 1e-3  # chance of so many at any of the shares, were the files drawn apart
_MOST_BY_CHANCE = 0.25  # of the pairs
_MOST_ROWS = 20_000  # of a source: more only cost time
_MOST_NUMBERS = 300  # of a row: of wider ones an even choice is compared, as more are dear
_FEWEST_NUMBERS = 2  # one column alone makes neighbours of strangers


@dataclass(frozen=True)
class TwinRows:
    """Pairs of a target and a source row that lie close together.

    Parameters
    ----------
    source : str
    n_pairs, n_rows : int
        Target rows with a twin, of all.
    by_chance : float
        Pairs that rows of the source among themselves let expect.
    near : float
        Share of the distance to the fourth nearest row within which twins lie.
    """

    source: str
    n_pairs: int
    n_rows: int
    by_chance: float
    near: float

    @property
    def sentence(self) -> str:
        """Return the evidence in a sentence."""
        return (
            f"{self.n_pairs} of {self.n_rows} target rows have a row of {self.source} within"
            f" {self.near:.0%} of the distance to the next ones, with a label to match; rows of"
            f" {self.source} among themselves let expect {self.by_chance:.0f}."
        )

    @property
    def numbers(self) -> dict[str, float]:
        """Return the evidence by name."""
        return {"n_pairs": self.n_pairs, "by_chance": self.by_chance, "near": self.near}


Twins: TypeAlias = TwinRows | LabelTwins


def twins_of_arms(design: Design, arms: Collection[str]) -> dict[str, tuple[Twins, ...]]:
    """Return twin rows in the sources of some arms.

    Copies with noise, and persons measured again, are found by no column; but each lies much nearer
    to its target row than any other row does.

    Parameters
    ----------
    design : Design
    arms : collection of str
        Names of the arms to look at.

    Notes
    -----
    Ours, after the ratio test of Lowe (2004) for matching points of two pictures; the source's own
    rows say how small a ratio chance brings about, whatever the number of columns.

    References
    ----------
    Lowe (2004), Distinctive Image Features from Scale-Invariant Keypoints, section 7.1.
    """
    problem = design.problem
    if problem.kind not in ("table", "array"):
        return {}  # words have no distances that mean something
    names = [arm for arm in design.treatments if arm.name in arms]
    sources = {source for arm in names for source in arm.sources}
    pairs = {
        source: twins
        for source in sorted(sources)
        if (sample := _training_rows(problem, source)) is not None
        and (twins := twin_rows(source, problem.target, sample)) is not None
    }
    by_arm = {
        arm.name: tuple(pairs[source] for source in arm.sources if source in pairs) for arm in names
    }
    return {arm: twins for arm, twins in by_arm.items() if twins}


def _training_rows(problem: Problem, name: str) -> Sample | None:
    """Return the source rows that are trained on in every fold.

    ``None`` for a pretrained model. Rows of a task that are known for target rows are not trained
    on while these are tested, so they are no leak.
    """
    if name in problem.sources:
        return problem.sources[name].sample
    extra = problem.others.get(name)
    if not isinstance(extra, TaskSource):
        return None
    return extra.sample.rows(extra.training_mask(problem.target))


def twin_rows(name: str, target: Sample, source: Sample) -> Twins | None:
    """Return twin rows that chance does not explain.

    By their distances; else by their labels, where coarse columns make no distance small.

    Parameters
    ----------
    name : str
        Of the source.
    target, source : Sample
    """
    from sklearn.neighbors import NearestNeighbors

    if len(source) > _MOST_ROWS:
        source = source.rows(np.linspace(0, len(source) - 1, _MOST_ROWS).astype(int))
    if min(len(target), len(source)) < 2 * FEWEST:
        return None
    target, source = _flat(target, source)
    if np.shape(target.X)[1:] != np.shape(source.X)[1:]:
        return None
    view = fit_view(target.X, [source.X])
    target_numbers, source_numbers = view.of(target.X), view.of(source.X)
    if not _FEWEST_NUMBERS <= target_numbers.shape[1] <= _MOST_NUMBERS:
        return None
    search = NearestNeighbors(n_neighbors=_K + 1).fit(source_numbers)
    distances, nearest = search.kneighbors(target_numbers, _K)
    ratios = _ratios(distances)
    among = np.unique(np.linspace(0, len(source) - 1, len(target)).astype(int))
    within = _ratios(_among_themselves(search, source_numbers, among)[0])
    for near in reversed(NEAR):
        twins = np.flatnonzero(ratios < near)
        count = int((within < near).sum())
        expected = count * len(target) / len(among)
        share = len(target) / (len(target) + len(among))
        chance = float(binom.sf(len(twins) - 1, len(twins) + count, share))
        if (
            len(twins) >= max(FEWEST, LEAST_SHARE * len(target))
            and chance < _RARE / len(NEAR)
            and expected <= _MOST_BY_CHANCE * len(twins)
            and _labels_agree(target.y[twins], source.y[nearest[twins, 0]])
        ):
            return TwinRows(name, len(twins), len(target), expected, near)
    rows = np.unique(np.linspace(0, len(source) - 1, MOST_AMONG).astype(int))
    beside = _among_themselves(search, source_numbers, rows)[1]
    # A source row is a copy of one row at most; rows that share a nearest row share its luck.
    order = np.argsort(distances[:, 0], kind="stable")
    pairs = order[np.unique(nearest[order, 0], return_index=True)[1]]
    if len(pairs) < 2 * FEWEST:
        return None
    return label_twins(name, target.y[pairs], source.y, nearest[pairs], beside, rows)


def _among_themselves(
    search: Any, numbers: Floats, rows: NDArray[np.intp]
) -> tuple[Floats, NDArray[np.intp]]:
    """Return distances and numbers of each row's neighbours, without the row itself."""
    distances, nearest = search.kneighbors(numbers[rows])
    # Of equal rows, another may come first; it is the row itself that goes.
    itself = nearest == rows[:, None]
    itself[:, -1] |= ~itself.any(axis=1)
    shape = len(rows), distances.shape[1] - 1
    return distances[~itself].reshape(shape), nearest[~itself].reshape(shape)


def _labels_agree(target: NDArray[Any], source: NDArray[Any]) -> bool:
    """Return whether labels of pairs tell one another, in any column."""
    columns = source.reshape(len(source), -1).T
    return any(labels_agree(target, column) for column in columns)


def _flat(*samples: Sample) -> list[Sample]:
    """Return samples with one vector a row; tables stay."""
    if any(hasattr(sample.X, "iloc") for sample in samples):
        return list(samples)
    rows = [np.asarray(sample.X).reshape(len(sample), -1) for sample in samples]
    if rows[0].shape[1] == rows[1].shape[1] and rows[0].shape[1] > _MOST_NUMBERS:
        chosen = list(informative_columns(*rows))
        rows = [X[:, chosen] for X in rows]
    return [replace(sample, X=X) for sample, X in zip(samples, rows, strict=True)]


def _ratios(distances: Floats) -> Floats:
    """Return the nearest distance over the farthest.

    1 where all rows are equal.
    """
    farthest = distances[:, -1]
    return np.where(farthest > 0, distances[:, 0] / np.where(farthest > 0, farthest, 1.0), 1.0)
