"""Evidence on sources before an audit, at no fits and at few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.estimation import estimate_gaps
from transfergap.analysis.ranking.gain import Gain
from transfergap.data.encoding import GramSummary
from transfergap.data.problem import Problem
from transfergap.experiment.arms import default_arms
from transfergap.experiment.design import ControlArm, Design, Effort
from transfergap.experiment.trial import Trial, attempt
from transfergap.learners import Learner
from transfergap.stats import cluster_variance
from transfergap.stats.gap import Gap
from transfergap.stats.one_thread import one_thread

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SourceEvidence:
    """Evidence on one source.

    Parameters
    ----------
    source : str
    n_rows : int
        Rows of the source.
    one_in : Gain
        Linear engine: target and this source, against the target alone.
    alone : Gain
        Linear engine: this source alone, against the target alone.
    siblings : Gain or None
        Linear engine: what it adds to samples of other sources, as large as the target; in area for
        two classes. ``None`` without another source of enough rows.
    only : Gap or None
        The user's model trained on the source alone, against the control; one fit.
    pooled : Gap or None
        The user's model trained on target and source, against the control; a fit a fold.
    """

    source: str
    n_rows: int
    one_in: Gain
    alone: Gain
    siblings: Gain | None = None
    only: Gap | None = None
    pooled: Gap | None = None


def closed_form_evidence(
    problem: Problem, *, summaries: Mapping[str, GramSummary] | None = None, seed: int = 0
) -> tuple[SourceEvidence, ...]:
    """Compare all sources with the target in closed form, at no fits.

    Parameters
    ----------
    problem : Problem
    summaries : mapping of str to GramSummary, optional
        Sources of which sums are all that is known. Their encoder codes all rows.
    seed : int
        Draws target rows where there are very many.

    Returns
    -------
    tuple of SourceEvidence
        In the order of the problem, then the summaries; sources without usable rows are left out.

    Notes
    -----
    Gains of ridge regression of the encoded columns, as shares of the variance of the target's
    labels, each target row (or group) left out in closed form; and what each source adds to others.
    Cost: two eigendecompositions a source, and at most 18 small ones.

    Examples
    --------
    >>> from transfergap.datasets import make_shift
    >>> from transfergap.data.validation import make_problem
    >>> near, far = (make_shift(n_target=60, shift=shift, random_state=1) for shift in (0.1, 3.0))
    >>> sources = {"near": near.sources["source"], "far": far.sources["source"]}
    >>> near, far = closed_form_evidence(make_problem(near.X, near.y, sources=sources))
    >>> near.one_in.estimate > far.one_in.estimate
    True
    """
    from transfergap.analysis.ranking.encoding import (
        encoded,  # not before an audit: it needs scikit-learn
    )
    from transfergap.analysis.ranking.siblings import sibling_gains

    # Sums of BLAS depend on the number of threads (decision 0007).
    with one_thread(blas_only=True):
        data = encoded(problem, summaries=summaries, seed=seed)
        fits, unit = data.fits, data.variance
        single = np.eye(len(data.names), dtype=bool)
        control = fits.losses(np.zeros(len(data.names), bool))

        def gain(losses: Floats) -> Gain:
            rows = (control - losses) / unit
            # Rounded at 1e-12, so that equal sources tie on every machine.
            error = float(np.sqrt(cluster_variance(rows, fits.clusters)))
            return Gain(round(float(rows.mean()), 12), round(error, 12))

        siblings = sibling_gains(data, seed=seed)
        n_rows = {name: len(source.sample) for name, source in problem.sources.items()}
        n_rows |= {name: round(float(s.grams[0, -1, -1])) for name, s in (summaries or {}).items()}
        return tuple(
            SourceEvidence(
                name,
                n_rows[name],
                gain(fits.losses(single[k])),
                gain(fits.losses_alone(k)),
                siblings[k],
            )
            for k, name in enumerate(data.names)
        )


@dataclass
class FittedEvidence:
    """Gaps of the user's model, a few fits at a time.

    Parameters
    ----------
    problem : Problem
    learner : Learner
    seed : int
        Of folds and training.

    Notes
    -----
    The fits are trials of an audit of one partition: the control costs a fit a fold once, a source
    alone one fit, a source pooled with the target a fit a fold. Trials are remembered, so that the
    control is fitted once.
    """

    problem: Problem
    learner: Learner
    seed: int = 0

    def __post_init__(self) -> None:
        self._trials: dict[str, Trial] = {}

    @property
    def n_fits(self) -> int:
        """Fits so far."""
        return len(self._trials)

    def n_missing(self, arms: Sequence[str]) -> int:
        """Return how many fits the gaps of these arms would cost now."""
        return sum(cell.id not in self._trials for cell in self._design(arms).cells())

    def gaps(self, arms: Sequence[str]) -> dict[str, Gap]:
        """Return the gaps of arms such as ``b only``, by name.

        Arms whose trials fail, or whose gap has no bounds, are left out.
        """
        design = self._design(arms)
        for cell in design.cells():
            if cell.id not in self._trials:
                self._trials[cell.id] = attempt(design, [cell])[0]
        trials = [self._trials[cell.id] for cell in design.cells()]
        gaps = {name: estimate.gap for name, estimate in estimate_gaps(design, trials).items()}
        return {name: gap for name, gap in gaps.items() if gap and np.isfinite(gap.error)}

    def _design(self, arms: Sequence[str]) -> Design:
        treatments = {
            arm.name: arm for arm in default_arms(list(self.problem.sources), self.learner)
        }
        return Design(
            self.problem,
            ControlArm(self.learner),
            tuple(treatments[name] for name in arms),
            Effort.QUICK,
            self.seed,
            repeats=1,
        )


def with_gaps(evidence: SourceEvidence, gaps: dict[str, Gap]) -> SourceEvidence:
    """Return evidence with the gaps of a source's two arms."""
    return replace(
        evidence,
        only=gaps.get(f"{evidence.source} only", evidence.only),
        pooled=gaps.get(f"{evidence.source} pooled", evidence.pooled),
    )
