"""Source rows moved to the target's: CORAL and optimal transport."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample
from transfergap.errors import DataError, require
from transfergap.learners.mitigations.mitigation import Facts, Mitigation, put_together, sources_of
from transfergap.learners.mitigations.skada_adapter import adapted_rows
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NumberColumns:
    """The numeric columns that vary, with the target's centres and scales.

    Parameters
    ----------
    where : tuple of int
        Positions of the columns.
    centre, scale : ndarray, shape (n_columns,)
        Means and standard deviations of the target's present values.
    """

    positions: tuple[int, ...]
    centre: Floats
    scale: Floats

    @classmethod
    def of(cls, target: Any, source: Any) -> NumberColumns:
        """Return the columns of numbers that vary in both.

        Raises
        ------
        DataError
            For texts and sparse rows, which have no columns of numbers that could be moved.
        """
        if isinstance(target, list) or hasattr(target, "tocsr"):
            rows = "Texts" if isinstance(target, list) else "Sparse rows"
            raise DataError(
                f"{rows} cannot be aligned: only columns of numbers can.",
                hint="weigh rows instead, for example with kernel-mean-matching",
            )
        numeric = _numeric(target) & _numeric(source)
        target_numbers, source_numbers = _numbers_of(target, numeric), _numbers_of(source, numeric)
        varies = (_spread(target_numbers) > 0) & (_spread(source_numbers) > 0)
        positions = tuple(int(j) for j in np.flatnonzero(numeric)[varies])
        target_numbers = target_numbers[:, varies]
        return cls(positions, _mean(target_numbers), _spread(target_numbers))

    def numbers(self, X: Any) -> Floats:
        """Return the columns in the target's scale.

        A missing value becomes the target's mean.
        """
        mask = np.zeros(X.shape[1], bool)
        mask[list(self.positions)] = True
        scaled: Floats = np.nan_to_num((_numbers_of(X, mask) - self.centre) / self.scale, nan=0.0)
        return scaled

    def put(self, X: Any, numbers: Floats) -> Any:
        """Return a copy of ``X`` with these numbers.

        Missing values stay missing.
        """
        values = numbers * self.scale + self.centre
        if not hasattr(X, "iloc"):
            changed = np.array(X, float)
            old = changed[:, list(self.positions)]
            changed[:, list(self.positions)] = np.where(np.isnan(old), old, values)
            return changed
        table = X.copy()
        for j, column in zip(self.positions, values.T, strict=True):
            missing = table.iloc[:, j].isna().to_numpy()
            table.isetitem(j, np.where(missing, np.nan, column))
        return table


def _numeric(X: Any) -> NDArray[np.bool_]:
    if not hasattr(X, "iloc"):
        return np.ones(X.shape[1], bool)
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return np.array([is_numeric_dtype(t) and not is_bool_dtype(t) for t in X.dtypes], bool)


def _numbers_of(X: Any, mask: NDArray[np.bool_]) -> Floats:
    if hasattr(X, "iloc"):
        numbers: Floats = X.loc[:, mask].to_numpy(dtype=float, na_value=np.nan)
        return numbers
    return np.asarray(X, float)[:, mask]


def _mean(values: Floats) -> Floats:
    present = ~np.isnan(values)
    total = np.where(present, values, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(present.sum(axis=0), 1), float)


def _spread(values: Floats) -> Floats:
    away = np.where(np.isnan(values), 0.0, values - _mean(values))
    counts = np.maximum((~np.isnan(values)).sum(axis=0), 1)
    return np.asarray(np.sqrt((away**2).sum(axis=0) / counts), float)


@dataclass(frozen=True)
class CORAL(Mitigation):
    """Give each source the target's means and covariances (correlation alignment; skada).

    Parameters
    ----------
    learner : Learner
    shrinkage : float
        Of both covariances towards the identity times their mean variance, in (0, 1]. Half is what
        the paper does, which adds an identity to each. Ledoit and Wolf's, skada's default, can
        leave covariances of collinear columns singular, and then gives NaN.

    Notes
    -----
    Rows of the target stay as they are, and the model predicts them as they come. Only columns of
    numbers that vary in both domains are aligned: categories, dates and texts inside a table stay.
    Each source is aligned separately; one with a single row stays. Assumes that the domains differ
    by a linear map of the columns, one that leaves labels alone. Costs one fit and two
    eigendecompositions; needs the extra ``da``. Hurts where the means differ because the classes'
    shares or the labels do, and where the target has too few rows for its covariance. Labels are
    not used. Sparse rows and lists of texts are refused.

    References
    ----------
    Sun, Feng and Saenko (2016), Return of Frustratingly Easy Domain Adaptation, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import TrainingSet
    >>> X = np.array([[0.0], [1.0], [2.0]])
    >>> train = TrainingSet(Sample(X, np.zeros(3)), (Sample(10 * X + 7, np.zeros(3)),))
    >>> learner = CORAL(FunctionLearner(lambda target, sources: sources[0].X))
    >>> learner.train(train, seed=0).round(6).ravel().tolist()
    [0.0, 1.0, 2.0]
    """

    shrinkage: float = 0.5
    facts: ClassVar[Facts] = Facts(
        assumes="the domains differ by a linear map of the columns that leaves labels alone",
        cost="1 fit, and two eigendecompositions a source; needs the extra da",
        source="Sun, Feng & Saenko (2016), Return of Frustratingly Easy Domain Adaptation, alg. 1",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Fit the inner learner on target rows and aligned source rows."""
        aligned = [
            self._aligned(source, training_set.target) for source in sources_of(training_set)
        ]
        return self.learner.train(put_together(training_set.target, aligned), seed=seed)

    def _aligned(self, source: Sample, target: Sample) -> Sample:
        columns = NumberColumns.of(target.X, source.X)
        if min(len(source), len(target)) < 2 or not columns.positions:
            return source
        target_numbers = columns.numbers(target.X)
        aligned = adapted_rows(
            "CORALAdapter", columns.numbers(source.X), target_numbers, reg=self.shrinkage
        )  # centred at zero
        return replace(source, X=columns.put(source.X, aligned + target_numbers.mean(axis=0)))


@dataclass(frozen=True)
class OptimalTransport(Mitigation):
    """Move source rows onto target rows by the optimal plan (POT).

    Parameters
    ----------
    learner : Learner
    entropy : float, optional
        Regularisation of the plan, as a share of the median cost; ``None`` for the exact plan.

    Notes
    -----
    Cost of a move: squared distance of the columns in the target's scale. A row goes to the mean
    of the target rows that the plan sends it to. Only columns of numbers that vary in both domains
    are moved; the target's rows stay. Each source is moved separately; row weights do not enter the
    plan. Assumes that nearest in columns means same label, and equal shares of the classes. Costs
    one fit, and a plan whose work grows like n_source n_target (n_source + n_target); needs the
    extra ``da``. Hurts where the shares of classes differ, since rows must then cross over to the
    other class, and with noisy columns. Labels are not used. Sparse rows and lists of texts are
    refused.

    References
    ----------
    Courty, Flamary, Tuia and Rakotomamonjy (2017), Optimal Transport for Domain Adaptation,
    sections 3 and 4.

    Examples
    --------
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import TrainingSet
    >>> X = np.array([[0.0], [1.0], [2.0]])
    >>> train = TrainingSet(Sample(X, np.zeros(3)), (Sample(X + 100, np.zeros(3)),))
    >>> learner = OptimalTransport(FunctionLearner(lambda target, sources: sources[0].X))
    >>> learner.train(train, seed=0).round(6).ravel().tolist()
    [0.0, 1.0, 2.0]
    """

    entropy: float | None = None
    facts: ClassVar[Facts] = Facts(
        assumes="rows that are near in the columns have the same label; equal shares of classes",
        cost="1 fit, and a transport plan a source; needs the extra da",
        source="Courty et al. (2017), Optimal Transport for Domain Adaptation, sections 3 and 4",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Fit the inner learner on target rows and moved source rows."""
        moved = [self._moved(source, training_set.target) for source in sources_of(training_set)]
        return self.learner.train(put_together(training_set.target, moved), seed=seed)

    def _moved(self, source: Sample, target: Sample) -> Sample:
        columns = NumberColumns.of(target.X, source.X)
        if len(target) < 2 or not columns.positions:
            return source
        transported = self._carried(columns.numbers(source.X), columns.numbers(target.X))
        return replace(source, X=columns.put(source.X, transported))

    def _carried(
        self, source: NDArray[np.float64], target: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        da = require("ot", extra="da").da
        if self.entropy is None:
            # Ten times POT's default, which may end early for thousands of rows.
            plan = da.EMDTransport(max_iter=1_000_000)
        else:
            plan = da.SinkhornTransport(reg_e=self.entropy, norm="median")
        with warnings.catch_warnings():  # an unfinished plan is still a plan, and moves its rows
            warnings.simplefilter("ignore")
            moved = plan.fit(Xs=source, Xt=target).transform(Xs=source)
        return np.asarray(moved, float)
