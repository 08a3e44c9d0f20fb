"""Source rows weighted by a density ratio of maximal target likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.learners.mitigations.cross_fitting import N_FOLDS
from transfergap.learners.mitigations.density_ratios import reweighted
from transfergap.learners.mitigations.facts import Facts, Mitigation
from transfergap.learners.mitigations.skada_adapter import adapted_weights
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class KLIEP(Mitigation):
    """Weigh source rows by the Kullback-Leibler importance estimation procedure (skada).

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.
    widths : tuple of float
        Candidates for the ``gamma`` of the Gaussian kernel, times 1 / number of columns; the
        likelihood of target rows left out decides.
    n_centers : int
        Target rows at which the kernels stand, at most.

    Notes
    -----
    Assumes covariate shift, as :class:`KernelMeanMatching` does. Costs one fit, and about
    ``5 len(widths)`` fits of the ratio; needs the extra ``da``. Hurts where labels mean something
    else in the source; with few target rows the ratio follows single rows. Labels are not used.

    References
    ----------
    Sugiyama, Nakajima, Kashima, von Bünau and Kawanabe (2007), Direct Importance Estimation with
    Model Selection, sections 2 and 3.

    Examples
    --------
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> target = Sample(np.array([[0.0], [0.1], [-0.1]]), np.zeros(3))
    >>> source = Sample(np.array([[0.0], [9.0]]), np.zeros(2))
    >>> learner = KLIEP(FunctionLearner(lambda target, sources: sources[0].weights))
    >>> learner.train(TrainingSet(target, (source,)), seed=0).round(1).tolist()
    [2.0, 0.0]
    """

    # Around scikit-learn's convention of one over the number of columns.
    widths: tuple[float, ...] = (0.1, 1.0, 10.0)
    n_centers: int = 100
    facts: ClassVar[Facts] = Facts(
        assumes="labels depend on the columns alike; the source covers the target",
        cost="1 fit, and 16 fits of the ratio; needs the extra da",
        source="Sugiyama et al. (2007), Direct Importance Estimation, sections 2 and 3",
        weighs=True,
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the reweighted rows."""

        def ratios(source: Floats, target: Floats) -> Floats:
            gammas = [width / max(source.shape[1], 1) for width in self.widths]
            return adapted_weights(
                "KLIEPReweightAdapter",
                source,
                target,
                gamma=gammas if len(target) > 1 else gammas[0],
                cv=min(N_FOLDS, len(target)),
                n_centers=self.n_centers,
                random_state=seed,
            )

        return self.learner.train(reweighted(training_set, ratios, seed=seed), seed=seed)
