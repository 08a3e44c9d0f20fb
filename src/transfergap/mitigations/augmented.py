"""Columns copied for each domain, so that a linear model has a common and an own part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import DataError
from transfergap.learners import Learner
from transfergap.learners.protocol import AnyTrainingSet
from transfergap.mitigations.adapted_model import AdaptedModel
from transfergap.mitigations.facts import Facts, spelled
from transfergap.mitigations.training_rows import put_together, sources_of
from transfergap.views import View, fit_view


@dataclass(frozen=True)
class Augmented:
    """Give the model a copy of the columns for all domains, and one more for each domain.

    Parameters
    ----------
    learner : Learner
        Made for columns of numbers; meant for linear models with a penalty.

    Notes
    -----
    Rows become numbers in the target's scale first, so categories of tables arrive as columns of 0
    and 1, and a step that names columns finds none. A row of domain k has its numbers in the common
    block and in block k, and zeros elsewhere; rows to predict are the target's. Assumes that most
    of what is learned is shared, with small differences a domain. Costs one fit with
    (number of sources + 2) times the columns. Hurts little with a linear model: the target's block
    can undo the rest as far as its rows go. Trees split on blocks, for which it was not made. A
    scaler in the learner stretches the target's block, which is zero in most rows, and so lowers
    its penalty. Lists of texts are refused.

    References
    ----------
    Daumé (2007), Frustratingly Easy Domain Adaptation, section 3.

    Examples
    --------
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.problem import Sample, TrainingSet
    >>> X = np.array([[0.0], [2.0]])
    >>> train = TrainingSet(Sample(X, np.zeros(2)), (Sample(X, np.zeros(2)),))
    >>> learner = Augmented(FunctionLearner(lambda sources, target: (target.X, sources[0].X)))
    >>> rows, source_rows = learner.fit(train, seed=0).model
    >>> rows[1].tolist(), source_rows[1].tolist()
    ([1.0, 1.0, 0.0], [1.0, 0.0, 1.0])
    """

    learner: Learner
    facts: ClassVar[Facts] = Facts(
        assumes="most of what is learned is shared; the domains differ a little each",
        cost="1 fit, with (sources + 2) times the columns",
        source="Daumé (2007), Frustratingly Easy Domain Adaptation, section 3",
    )

    def fit(self, train: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model of the copied columns, which takes rows as they are."""
        sources = sources_of(train)
        if not sources or not len(train.target):
            return self.learner.fit(train, seed=seed)
        if isinstance(train.target.X, list):
            raise DataError("Texts have no columns to copy.", hint="turn them into columns first")
        view = fit_view(train.target.X, [source.X for source in sources], seed=seed)
        n_blocks = len(sources) + 2
        copied = [
            replace(s, X=Copies(view, k, n_blocks)(s.X))
            for k, s in enumerate((train.target, *sources), start=1)
        ]
        model = self.learner.fit(put_together(copied[0], copied[1:]), seed=seed)
        return AdaptedModel(model, Copies(view, 1, n_blocks))

    def describe(self) -> str:
        """Return the mitigation with its learner."""
        return spelled(self)


@dataclass(frozen=True)
class Copies:
    """From rows to their numbers in the common block and in one other."""

    view: View
    block: int
    n_blocks: int

    def __call__(self, X: Any) -> NDArray[np.float64]:
        """Return shape (n_rows, n_blocks * n_numbers)."""
        numbers = self.view.of(X)
        n, d = numbers.shape
        copied = np.zeros((n, self.n_blocks * d))
        copied[:, :d] = numbers
        copied[:, self.block * d : (self.block + 1) * d] = numbers
        return copied
