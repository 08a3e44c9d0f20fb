"""Source rows transported to the target by the cheapest plan."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample
from transfergap.errors import require
from transfergap.learners.mitigations.facts import Facts, Mitigation
from transfergap.learners.mitigations.number_columns import NumberColumns
from transfergap.learners.mitigations.training_rows import put_together, sources_of
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class OptimalTransport(Mitigation):
    """Move each source row to where the optimal plan takes it among the target's rows (POT).

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
