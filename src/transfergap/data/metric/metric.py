"""Metrics: the score of target rows, and one row's contribution.

Direction dies here. A metric turns predictions into *outputs* a row, outputs into *losses* a row
(smaller is better), and scores into the units a person reads. After this module every difference is
``control - treated`` loss, so that positive means that the transfer helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric.kinds import (
    AS_LOSS,
    Computation,
    Floats,
    Kind,
    LossScale,
    RankingArea,
    RowLoss,
    WholeTarget,
)
from transfergap.errors import MetricError
from transfergap.stats import can_rank, macro_auc_rows


@dataclass(frozen=True)
class Metric:
    """A score of a model on labelled rows, with unit and losses.

    Metrics of your own are made by :func:`transfergap.make_metric`; this constructor takes the
    functions of a metric as an object.

    Parameters
    ----------
    name, title, unit : str
        ``"roc_auc"``, ``"ROC AUC"`` and ``"AUC"``: for files, for headings, for columns of a table.
    kind : {"loss", "residual", "ranking", "scorer"}
        Whether the score is a mean of losses a row, a function of the mean squared residual, an
        area under the ROC curve, or anything else (then only whole test folds have a score).
    tasks : frozenset of str
        Names of the kinds of labels that it is for, such as ``"binary"``.
    sign : {1, -1}
        1 where a larger score is better. Only this module reads it.
    computation : Computation
        How it is computed; of the same kind.
    scale : LossScale
        How a mean loss reads as a score.
    in_label_units : bool
        Whether the score has the unit of the labels, so that no margin fits all.
    is_share : bool
        Whether the score lies from 0 to 1, where nothing can be gained or lost beyond 1.
    positive : label, optional
        The positive class of two, once the metric is fitted to a target.
    note : str
        A sentence for the report on how the metric was read.

    Raises
    ------
    MetricError
        If there is no computation, or one of another kind.

    Examples
    --------
    >>> from transfergap.data.metric import metric_named
    >>> metric_named("rmse").title
    'RMSE'
    """

    name: str
    title: str
    unit: str
    kind: Kind
    tasks: frozenset[str]
    sign: int
    computation: Computation | None = None
    scale: LossScale = AS_LOSS
    in_label_units: bool = False
    is_share: bool = False
    positive: Any = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.computation is None:
            raise MetricError(
                f"The metric {self.name!r} does not say how it is computed.",
                hint="use transfergap.make_metric(name, loss=f) with a function f(y_true,"
                " prediction) that gives one loss a row, or make_metric(name, score=f)",
            )
        if self.computation.kind != self.kind:
            raise MetricError(
                f"The metric {self.name!r} is of kind {self.kind!r}, but its computation of kind"
                f" {self.computation.kind!r}."
            )

    @cached_property  # a look at a protocol takes longer than losses of a hundred rows
    def rows(self) -> RowLoss | None:
        """The losses a row; ``None`` for areas and scores of whole folds."""
        return self.computation if isinstance(self.computation, RowLoss) else None

    @property
    def has_row_losses(self) -> bool:
        """True if the score is made of losses of single rows."""
        return self.kind in ("loss", "residual")

    @property
    def has_row_values(self) -> bool:
        """True if rows have values, of which intervals can be made.

        Losses, or shares in an area; false where only whole test folds have a score.
        """
        return self.kind != "scorer"

    @property
    def ranks_rows(self) -> bool:
        """True if the score is an area: rows are compared in pairs."""
        return self.kind == "ranking"

    @property
    def has_residuals(self) -> bool:
        """True if outputs are residuals, and losses their squares."""
        return self.kind == "residual"

    @property
    def zero_one(self) -> bool:
        """True if losses come from predicted classes.

        Such losses take few values.
        """
        return self.rows is not None and self.rows.zero_one

    @property
    def wrong_above(self) -> float | None:
        """Output above which a binary row is misclassified; ``None`` if unknown."""
        return None if self.rows is None else self.rows.wrong_above

    @property
    def closed_form(self) -> Literal["squared", "log"] | None:
        """Loss that linear learners leave rows out of in closed form."""
        return None if self.rows is None else self.rows.closed_form

    def room(self, score: float) -> float:
        """Return the gain of a perfect model over a score, > 0.

        It is 1 less the score where more is better, and the score itself where 0 is perfect, or
        where nothing perfect is known.

        Examples
        --------
        >>> from transfergap.data.metric import metric_named
        >>> metric_named("roc_auc").room(0.75), metric_named("rmse").room(3.0)
        (0.25, 3.0)
        """
        distance = self._short_of_perfect(score)
        room = distance if distance > 0 else abs(score)
        return max(room, 1e-9)  # of a perfect control nothing is left, and a prior has no width

    def distance_from_perfect(self, score: float | None) -> float | None:
        """Return how far a score is from perfect; ``None`` if unknown."""
        if score is None or not self.has_row_values:
            return None
        return self._short_of_perfect(score)

    def _short_of_perfect(self, score: float) -> float:
        return 1.0 - score if self.sign > 0 else score

    @property
    def takes_weights(self) -> bool:
        """True if rows can be weighted.

        Everywhere but in some scores of whole folds.
        """
        return self.has_row_values or bool(getattr(self.computation, "takes_weights", False))

    @property
    def tells_classes_apart(self) -> bool:
        """True if the score is of the positive class of two."""
        alike = self.has_row_losses or getattr(self.computation, "has_no_positive", False)
        return self.positive is not None and not alike

    def n_outputs(self, n_rows: int) -> int:
        """Return how many outputs a trial of so many test rows has."""
        return n_rows if self.has_row_values else 1

    def outputs(
        self,
        model: Any,
        X: Any,
        y: NDArray[Any],
        classes: NDArray[Any],
        weights: Floats | None = None,
    ) -> Floats:
        """Return the stored outputs of a model's predictions for ``X``.

        Parameters
        ----------
        weights : ndarray, shape (n_rows,), optional
            Read by scores of whole folds only; losses are weighted by :meth:`losses`.

        Returns
        -------
        ndarray
            Shape (n_rows,) for losses and residuals, (n_rows, n_columns) for ranking scores, (1,)
            for a scorer: the score itself.

        Raises
        ------
        MetricError
            If the model lacks the needed output, or predicts NaN or infinity.
        """
        assert self.computation is not None
        values = self.computation.outputs(model, X, y, classes, weights)
        if not np.isfinite(values).all():
            n_bad = int((~np.isfinite(values)).sum())
            raise MetricError(f"The model's predictions gave {n_bad} values that are not finite.")
        return values

    def constant_outputs(
        self, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None = None
    ) -> Floats | None:
        """Return the outputs of the best constant prediction; ``None`` if unknown."""
        if self.rows is None:
            return None
        return self.rows.constant(WholeTarget(y, weights), classes)

    def losses(
        self,
        outputs: Floats,
        y: NDArray[Any],
        y_all: NDArray[Any],
        *,
        weights: Floats | None = None,
        weights_all: Floats | None = None,
    ) -> Floats:
        """Return each row's loss in units of the score.

        Scaled so that the mean over all target rows is in score units.

        ``y`` are the labels of the rows in ``outputs``; ``y_all`` the labels of the whole target,
        which fix the class weights of balanced accuracy and the variance behind R2. A row's weight
        multiplies its loss by its share of the mean weight, so that means are weighted means.
        """
        assert self.rows is not None
        losses = self.rows.losses(outputs, y, WholeTarget(y_all, weights_all))
        if weights is None or weights_all is None:
            return losses
        weighted: Floats = losses * (weights / weights_all.mean())
        return weighted

    def of_areas(self, areas: Floats) -> Floats:
        """Convert areas under the ROC curve to score units.

        Only for kind "ranking".
        """
        assert isinstance(self.computation, RankingArea)
        return self.computation.of_areas(areas)

    def fold_loss(
        self,
        outputs: Floats,
        y: NDArray[Any],
        classes: NDArray[Any],
        weights: Floats | None = None,
    ) -> float:
        """Return the loss of a test fold under scores without row losses.

        Minus the score where more is better; NaN where a fold of one class ranks nothing.
        """
        if not self.ranks_rows:
            return -self.gain(of=float(outputs[0]), over=0.0)
        labels, one_fold = np.searchsorted(classes, y), np.zeros(len(y), np.intp)
        if not can_rank(labels, one_fold):
            return np.nan
        return -float(self.of_areas(macro_auc_rows(outputs, labels, one_fold, weights)).mean())

    def score(self, mean_loss: float) -> float:
        """Convert a mean of :meth:`losses` to the score in display units."""
        return -mean_loss if self.ranks_rows else self.scale.score(mean_loss)

    def gap_scale(self, control_loss: float, treated_loss: float) -> float:
        """Return the factor from mean-loss differences to score differences."""
        return self.scale.gap_scale(control_loss, treated_loss)

    def gain(self, *, of: float, over: float) -> float:
        """Return how much better ``of`` is than ``over``; positive is better."""
        return self.sign * (of - over)

    def bound(self, y_all: NDArray[Any], weights_all: Floats | None = None) -> float | None:
        """Return the largest loss of a row; ``None`` without a bound."""
        if isinstance(self.computation, RankingArea):
            bound: float | None = self.computation.slope
        else:
            assert self.rows is not None
            bound = self.rows.bound(WholeTarget(y_all, weights_all))
        if bound is None or weights_all is None:
            return bound
        return bound * float(weights_all.max() / weights_all.mean())
