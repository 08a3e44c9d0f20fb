"""Columns copied for each domain: a common and a separate part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import Sample, stack_samples
from transfergap.errors import DataError
from transfergap.learners import EstimatorLearner, Learner
from transfergap.learners.mitigations.mitigation import Facts, Mitigation, put_together, sources_of
from transfergap.learners.mitigations.models import AdaptedModel, cut
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class Augmented(Mitigation):
    """Copy the columns once for all domains and once for each.

    Parameters
    ----------
    learner : Learner
        Meant for linear models with a penalty.

    Notes
    -----
    The copied numbers are those that the last step of a pipeline gets: its other steps are fitted
    on all rows before, since a scaler behind the copies would stretch the target's block, which is
    zero in most rows, and so take its penalty away. Learners of another kind get numbers in the
    target's scale; lists of texts are refused there. A row of domain k has its numbers in the
    common block and in block k, and zeros elsewhere; rows to predict are the target's. Assumes that
    most of the coefficients are shared, with small differences a domain. Costs one fit with (number
    of sources + 2) times the columns. Hurts where the sources are wrong and the target's rows too
    few to show it. Trees split on single blocks, for which it was not made.

    References
    ----------
    Daumé (2007), Frustratingly Easy Domain Adaptation, section 3.

    Examples
    --------
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> X = np.array([[0.0], [2.0]])
    >>> train = TrainingSet(Sample(X, np.zeros(2)), (Sample(X, np.zeros(2)),))
    >>> learner = Augmented(FunctionLearner(lambda target, sources: (target.X, sources[0].X)))
    >>> rows, source_rows = learner.train(train, seed=0).model
    >>> rows[1].tolist(), source_rows[1].tolist()
    ([1.0, 1.0, 0.0], [1.0, 0.0, 1.0])
    """

    facts: ClassVar[Facts] = Facts(
        assumes="most of what is learned is shared; the domains differ a little each",
        cost="1 fit, with (sources + 2) times the columns",
        source="Daumé (2007), Frustratingly Easy Domain Adaptation, section 3",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model of the copied columns.

        It takes rows as they are.
        """
        sources = sources_of(training_set)
        if not sources or not len(training_set.target):
            return self.learner.train(training_set, seed=seed)
        samples = (training_set.target, *sources)
        numbers, learner = self._numbers_of(samples, seed)
        n_blocks = len(samples) + 1
        copied = [
            replace(s, X=Copies(numbers, k, n_blocks)(s.X)) for k, s in enumerate(samples, start=1)
        ]
        model = learner.train(put_together(copied[0], copied[1:]), seed=seed)
        return AdaptedModel(model, Copies(numbers, 1, n_blocks))

    def _numbers_of(
        self, samples: tuple[Sample, ...], seed: int
    ) -> tuple[Callable[[Any], Any], Learner]:
        """Return the transformer to numbers, and the learner behind it."""
        inner = self.learner
        if isinstance(inner, EstimatorLearner) and hasattr(inner.estimator, "steps"):
            prepare = cut(inner, stack_samples(samples), seed=seed)
            return prepare, EstimatorLearner(prepare.last)
        if isinstance(samples[0].X, list):
            raise DataError("Texts have no columns to copy.", hint="turn them into columns first")
        return fit_view(samples[0].X, [s.X for s in samples[1:]], seed=seed).of, inner


@dataclass(frozen=True)
class Copies:
    """The map from rows to their numbers in two blocks."""

    numbers: Callable[[Any], Any]
    block: int
    n_blocks: int

    def __call__(self, X: Any) -> Any:
        """Return shape (n_rows, n_blocks * n_numbers), sparse where the numbers are."""
        numbers = self.numbers(X)
        if hasattr(numbers, "tocsr"):
            from scipy import sparse

            empty = sparse.csr_matrix(numbers.shape)
            blocks = [numbers if k in (0, self.block) else empty for k in range(self.n_blocks)]
            return sparse.hstack(blocks, format="csr")
        numbers = np.asarray(numbers, float)
        n, d = numbers.shape
        copied = np.zeros((n, self.n_blocks * d))
        copied[:, :d] = numbers
        # Common block first, then one a domain: phi(x) = (x, 0, ..., x, ..., 0) of the paper.
        copied[:, self.block * d : (self.block + 1) * d] = numbers
        return copied
