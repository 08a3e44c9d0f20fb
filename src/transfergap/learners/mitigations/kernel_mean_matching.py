"""Source rows weighted so that kernel means equal the target's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.learners.mitigations.density_ratios import reweighted
from transfergap.learners.mitigations.facts import Facts, Mitigation
from transfergap.learners.mitigations.skada_adapter import adapted_weights
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class KernelMeanMatching(Mitigation):
    """Weigh source rows by kernel mean matching; by the package skada, extra ``da``.

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.
    gamma : float, optional
        Of the Gaussian kernel ``exp(-gamma |a - b|^2)`` on columns in the target's scale; default:
        1 / number of columns.
    bound : float
        Largest weight.
    max_rows : int
        More source rows are matched in random parts of at most this size, since the work grows with
        the square of the rows.

    Notes
    -----
    Assumes covariate shift: labels depend on the columns in source and target alike, and the
    source covers the target. Costs one fit, and a quadratic program of the source's rows. Hurts
    where labels mean something else in the source, where few rows get all the weight, and with
    many columns, in which a kernel sees every row equally far from all others. Tables, texts and
    sparse rows are compared as :func:`transfergap.data.encoding.features.fit_view` sees them;
    labels are not used.

    References
    ----------
    Huang, Smola, Gretton, Borgwardt and Schölkopf (2006), Correcting Sample Selection Bias by
    Unlabeled Data, section 3; parts as in Miao, Farahat and Kamel (2015), Ensemble Kernel Mean
    Matching.

    Examples
    --------
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> target = Sample(np.array([[0.0], [0.1], [-0.1]]), np.zeros(3))
    >>> source = Sample(np.array([[0.0], [9.0]]), np.zeros(2))
    >>> learner = KernelMeanMatching(FunctionLearner(lambda target, sources: sources[0].weights))
    >>> near, far = learner.train(TrainingSet(target, (source,)), seed=0)
    >>> bool(near > 5 * far), round(float(near + far), 6)
    (True, 2.0)
    """

    gamma: float | None = None
    # The bound B of Huang et al. (2006), whose experiments use 1000.
    bound: float = 1000.0
    # A quadratic program grows like n^3, so rows are matched in parts; size chosen by hand.
    max_rows: int = 1000
    facts: ClassVar[Facts] = Facts(
        assumes="labels depend on the columns alike; the source covers the target",
        cost="1 fit, and a quadratic program of the source's rows; needs the extra da",
        source="Huang et al. (2006), Correcting Sample Selection Bias, section 3",
        weighs=True,
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the reweighted rows."""

        def ratios(source: Floats, target: Floats) -> Floats:
            n_parts = -(-len(source) // self.max_rows)
            order = np.random.default_rng(seed).permutation(len(source))
            weights = np.empty(len(source))
            for part in np.array_split(order, n_parts):
                weights[part] = self._matched(source[part], target)
            return weights

        return self.learner.train(reweighted(training_set, ratios, seed=seed), seed=seed)

    def _matched(self, source: Floats, target: Floats) -> Floats:
        return adapted_weights("KMMReweightAdapter", source, target, gamma=self.gamma, B=self.bound)
