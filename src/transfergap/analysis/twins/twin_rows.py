"""Source rows that lie beside target rows, nearer than chance explains."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from transfergap.analysis.twins.between_rows import BetweenRows, between_rows
from transfergap.analysis.twins.label_twins import COPIES, MOST_AMONG, LabelTwins, label_twins
from transfergap.analysis.twins.neighbourhood import Neighbours, NumberRows
from transfergap.analysis.twins.remaining_copies import (
    FEWEST,
    LEAST_SHARE,
    RemainingCopies,
    remaining_copies,
)
from transfergap.analysis.twins.training_overlap import TrainingOverlap, training_overlap
from transfergap.data.copies import informative_columns, labels_agree
from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import Problem, Sample
from transfergap.data.sources.models_and_tasks import TaskSource
from transfergap.experiment.design import Design

Floats = NDArray[np.float64]
# Shares of the distance to the fourth nearest row at which the nearest one is counted.
NEAR = (0.05, 0.1, 0.2, 0.3, 0.5)
_K = 4  # neighbours, of which three may be copies of one row
_SIBLINGS = 3
_K_LABELS = 16  # neighbours, of which seven may have been made of one row
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
    def likeness(self) -> str:
        """Return what looks like that."""
        return COPIES

    @property
    def numbers(self) -> dict[str, float]:
        """Return the evidence by name."""
        return {"n_pairs": self.n_pairs, "by_chance": self.by_chance, "near": self.near}


Twins: TypeAlias = TwinRows | LabelTwins | BetweenRows | RemainingCopies | TrainingOverlap


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
    names = [arm for arm in design.treatments if arm.name in arms]
    sources = {source for arm in names for source in arm.sources}
    pairs = {
        source: twins
        for source in sorted(sources)
        if (twins := _twins_of(problem, source)) is not None
    }
    by_arm = {
        arm.name: tuple(pairs[source] for source in arm.sources if source in pairs) for arm in names
    }
    return {arm: twins for arm, twins in by_arm.items() if twins}


def _twins_of(problem: Problem, name: str) -> Twins | None:
    """Return what makes the rows of a source suspect."""
    overlap = training_overlap(problem, name)
    if overlap is not None:
        return None if overlap.are_few else overlap
    if problem.kind == "texts":
        return None  # words have no distances that mean something
    sample = _training_rows(problem, name)
    twins = None if sample is None else twin_rows(name, problem.target, sample)
    if twins is None and name in problem.sources:
        return remaining_copies(problem.sources[name], len(problem.target))
    return twins


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

    By their distances; else by their labels, where coarse columns make no distance small; else as
    rows between others, which oversampling makes; else as rows scaled to one length, as embeddings
    and counts of words often are. Sparse rows are compared in one length only.

    Parameters
    ----------
    name : str
        Of the source.
    target, source : Sample
    """
    if len(source) > _MOST_ROWS:
        source = source.rows(np.linspace(0, len(source) - 1, _MOST_ROWS).astype(int))
    if min(len(target), len(source)) < 2 * FEWEST:
        return None
    target, source = _flat(*_in_shared_columns(target, source))
    if _layout(target) != _layout(source):
        return None
    # In one length rows are compared by distance alone: a second look at labels would double the
    # false alarms.
    if hasattr(target.X, "tocsr"):
        return _beside(name, *_in_one_length(target, source), by_labels=False)
    twins = _beside(name, target, source) or between_rows(name, target.X, source.X)
    if twins is not None or hasattr(target.X, "iloc"):
        return twins  # columns of tables have units of their own
    return _beside(name, *_in_one_length(target, source), by_labels=False)


def _beside(
    name: str, target: Sample, source: Sample, *, by_labels: bool = True
) -> TwinRows | LabelTwins | None:
    """Return twin rows by their distances, else by their labels."""
    view = fit_view(target.X, [source.X])
    target_rows, source_rows = (
        NumberRows(view.of(target.X), target.y),
        NumberRows(view.of(source.X), source.y),
    )
    if not _FEWEST_NUMBERS <= target_rows.numbers.shape[1] <= _MOST_NUMBERS:
        return None
    among = np.unique(np.linspace(0, len(source) - 1, MOST_AMONG).astype(int))
    k = min(_K_LABELS, len(source) - 1)  # neighbours are looked for once, for all that follows
    wide_within, wide = source_rows.among_themselves(among, k), target_rows.beside(source_rows, k)
    within, across = wide_within.first(_K), wide.first(_K)
    # Rows made of one target row lie beside each other because of it, and are no chance.
    by_target = source_rows.part(among).beside(target_rows, 1).distances[:, 0]
    siblings = by_target <= _SIBLINGS * within.distances[:, 0]
    target_within = target_rows.among_themselves(np.arange(len(target)), _K)
    for near in reversed(NEAR):
        twins = np.flatnonzero(across.ratios < near)
        is_near = within.ratios < near
        strangers = is_near[~(siblings & is_near)]
        usual = [part for part in (strangers, target_within.ratios < near) if len(part) >= FEWEST]
        if (
            len(twins) >= max(FEWEST, LEAST_SHARE * len(target))
            and all(_stand_out(len(twins), len(target), part) for part in usual)
            and _labels_agree(target.y[twins], source.y[across.nearest[twins, 0]])
        ):
            by_chance = max(float(part.mean()) for part in usual) * len(target)
            return TwinRows(name, len(twins), len(target), by_chance, near)
    return _by_labels(name, target_rows, wide, wide_within, siblings) if by_labels else None


def _by_labels(
    name: str,
    target_rows: NumberRows,
    across: Neighbours,
    within: Neighbours,
    siblings: NDArray[np.bool_],
) -> LabelTwins | None:
    """Return twins that labels tell better than within one file.

    First beside all rows of the source. Rows made of one target row tell one another's label, too:
    then beside the target's, and beside those of the source that have no target row between them.
    """
    pairs, n_rows = across.each_once(), len(target_rows.labels)
    if len(pairs.labels) < 2 * FEWEST:
        return None
    twins = label_twins(name, pairs.first(_K).labelled, [within.first(_K).labelled])
    if twins is not None:
        return twins
    k = min(across.nearest.shape[1], n_rows // 2 - 1)
    # Parts of the target, the one as small as the source.
    step = max(2, int(np.ceil(n_rows / len(across.partners))))
    is_part = np.arange(n_rows) % step == 0
    one, other = target_rows.part(is_part), target_rows.part(~is_part)
    usual = [other.beside(one, k).each_once()]
    if step == 2:
        usual.append(one.beside(other, k).each_once())
    usual.append(within.part(~siblings).first(k))
    return label_twins(
        name,
        pairs.first(k).labelled,
        [part.labelled for part in usual if len(part.labels) >= FEWEST],
        n_siblings=k // 2,
    )


def _stand_out(n_twins: int, n_rows: int, are_near: NDArray[np.bool_]) -> bool:
    """Return whether twins are more than within one file."""
    count, n_among = int(are_near.sum()), len(are_near)
    chance = float(binom.sf(n_twins - 1, n_twins + count, n_rows / (n_rows + n_among)))
    few = count * n_rows / n_among <= _MOST_BY_CHANCE * n_twins
    return few and chance < _RARE / len(NEAR)


def _labels_agree(target: NDArray[Any], source: NDArray[Any]) -> bool:
    """Return whether labels of pairs tell one another, in any column."""
    columns = source.reshape(len(source), -1).T
    return any(labels_agree(target, column) for column in columns)


def _in_one_length(*samples: Sample) -> list[Sample]:
    """Return samples whose rows have length 1."""
    from sklearn.preprocessing import normalize

    rows = [sample.X for sample in samples]
    if not hasattr(rows[0], "tocsr"):
        rows = [np.nan_to_num(X.astype(float)) for X in rows]
    return [replace(sample, X=normalize(X)) for sample, X in zip(samples, rows, strict=True)]


def _in_shared_columns(target: Sample, source: Sample) -> tuple[Sample, Sample]:
    """Return two tables in the columns that both have.

    A task has columns of its own, and may lack those of the target. Other rows stay as they are.
    """
    if not (hasattr(target.X, "iloc") and hasattr(source.X, "iloc")):
        return target, source
    shared = [column for column in target.X.columns if column in source.X.columns]
    if len(shared) == target.X.shape[1] == source.X.shape[1]:
        return target, source
    return replace(target, X=target.X[shared]), replace(source, X=source.X[shared])


def _layout(sample: Sample) -> tuple[bool, bool, tuple[int, ...]]:
    """Return what two samples must have in common to be compared."""
    X = sample.X
    return hasattr(X, "iloc"), hasattr(X, "tocsr"), np.shape(X)[1:]


def _flat(*samples: Sample) -> list[Sample]:
    """Return samples with one vector a row; tables and sparse rows stay."""
    if any(hasattr(sample.X, "iloc") or hasattr(sample.X, "tocsr") for sample in samples):
        return list(samples)
    rows = [np.asarray(sample.X).reshape(len(sample), -1) for sample in samples]
    if rows[0].shape[1] == rows[1].shape[1] and rows[0].shape[1] > _MOST_NUMBERS:
        chosen = list(informative_columns(*rows))
        rows = [X[:, chosen] for X in rows]
    return [replace(sample, X=X) for sample, X in zip(samples, rows, strict=True)]
