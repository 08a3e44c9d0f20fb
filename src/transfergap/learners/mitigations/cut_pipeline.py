"""A pipeline cut before its last step, for mitigations of that step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transfergap.data.problem import Sample
from transfergap.learners import EstimatorLearner, Learner


@dataclass(frozen=True)
class CutPipeline:
    """Fitted steps, and a last step that is not fitted yet.

    Parameters
    ----------
    steps : tuple
        Fitted transformers; none where the estimator is no pipeline.
    last : estimator
    """

    steps: tuple[Any, ...]
    last: Any

    def __call__(self, X: Any) -> Any:
        """Return rows as the last step sees them."""
        for step in self.steps:
            X = step.transform(X)
        return X


def cut(learner: EstimatorLearner, sample: Sample, *, seed: int) -> CutPipeline:
    """Fit all steps but the last on the rows of ``sample``."""
    from sklearn.pipeline import Pipeline

    estimator = learner.unfitted(seed)
    if not isinstance(estimator, Pipeline):
        return CutPipeline((), estimator)
    steps, X = [], sample.X
    for _, step in estimator.steps[:-1]:
        if step is None or step == "passthrough":
            continue
        X = step.fit_transform(X, sample.y)
        steps.append(step)
    return CutPipeline(tuple(steps), estimator.steps[-1][1])


def last_step(learner: Learner) -> Any:
    """Return the last step of a learner's estimator, or ``None``."""
    if not isinstance(learner, EstimatorLearner):
        return None
    steps = getattr(learner.estimator, "steps", None)
    return learner.estimator if steps is None else steps[-1][1]
