"""Safe model of an audit, as an arm or fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfergap.data.problem import Problem
from transfergap.errors import ConfigurationError
from transfergap.experiment.design import Design
from transfergap.learners import EstimatorLearner, Learner, default_estimator
from transfergap.learners.linear import is_linear
from transfergap.learners.progress import Verbosity

if TYPE_CHECKING:
    from transfergap.safe.learner import SafeLearner

MOST_SPARSE = 256  # columns: beyond it the linear engine projects them
_SAFE_PACKAGE = "transfergap.safe"


def safe_learner(
    learner: Learner, problem: Problem, *, caution: str | float = "low"
) -> SafeLearner:
    """Return the safe learner of a model.

    Linear, and with the model inside if it is not. A linear model of columns gets the linear
    engine alone, which is nearly the same model and far faster. Where texts, dates or thousands
    of sparse columns are turned into features, the engine would have worse ones, so such a
    model is fitted inside too. A learner that cannot be fitted inside gives way to the default
    model.
    """
    if not problem.task.predictions_are_labels:
        raise ConfigurationError(
            f"There is no safe model of {problem.task} labels: it learns by squared losses.",
            hint="use an arm of your own model, such as one that an audit says helps",
        )
    from transfergap.safe.learner import SafeLearner  # not before an audit: it imports pandas

    estimator = (
        learner.estimator if isinstance(learner, EstimatorLearner) else default_estimator(problem)
    )
    wide = problem.kind == "sparse" and (problem.n_features or 0) > MOST_SPARSE
    if (is_linear(estimator, problem.all_rows) and not wide) or type(
        estimator
    ).__module__.startswith(_SAFE_PACKAGE):
        estimator = None
    return SafeLearner(problem.task, estimator, caution)


def fitted_safe(design: Design, *, caution: str | float = "low", verbose: Verbosity = 0) -> Any:
    """Return the model of the arm ``safe``.

    It is fitted on all rows of target and sources.
    """
    problem = design.problem
    learner = safe_learner(design.control.learner, problem, caution=caution)
    sources = {name: source.sample for name, source in problem.sources.items()}
    return learner.fitted(
        problem.target, sources, seed=design.seed, verbose=verbose, marks=problem.marks
    )
