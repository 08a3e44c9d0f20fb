"""SafeTransfer as a learner, for audits and for the final model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from transfergap.data.encoding import GramSummary
from transfergap.data.notations.number_marks import Marks
from transfergap.data.problem import Sample, TrainingSet
from transfergap.data.task import find_task
from transfergap.errors import OldAttribute, renames
from transfergap.learners import EstimatorLearner, describe
from transfergap.learners.progress import Verbosity
from transfergap.learners.protocol import AnyTrainingSet

_N_TIME_GROUPS = 10  # one for each fold of the engine's inner cross-validation, by convention


@dataclass(frozen=True)
class SafeLearner:
    """A learner that trusts each source as the target supports it.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
    estimator : scikit-learn estimator or pipeline, optional
        ``None`` for the linear engine; see :class:`transfergap.SafeTransferClassifier`.
    caution : {"low", "medium", "high"} or float

    Notes
    -----
    Everything is chosen within the training rows that it is given, so a trial's test rows have no
    part in it. Source rows with a label that these training rows lack are left out. Where they hold
    one class only there is nothing to tell apart, and the model is the constant that a model on the
    target alone would be.

    Examples
    --------
    >>> from transfergap.datasets import make_shift
    >>> shift = make_shift(n_target=40, shift=0.3, random_state=1)
    >>> source = Sample(*shift.sources["source"])
    >>> train = TrainingSet(Sample(shift.X, shift.y), (source,))
    >>> SafeLearner("regression").train(train, seed=0).source_influence_["source 1"] > 0.1
    True
    """

    task: str
    estimator: Any = None
    caution: str | float = "low"

    @property
    def repeatable(self) -> bool:
        """True if the estimator inside, if any, draws by the seed."""
        return self.estimator is None or EstimatorLearner(self.estimator).repeatable

    @property
    def takes_all_rows(self) -> bool:
        """True for the linear engine, which sums over rows."""
        return self.estimator is None

    fit = OldAttribute("Learner")

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return a fitted model; sources are numbered from 1."""
        sources = training_set.sources if isinstance(training_set, TrainingSet) else ()
        named = {f"source {k}": source for k, source in enumerate(sources, start=1)}
        return self.fitted(training_set.target, named, seed=seed)

    def fitted(
        self,
        target: Sample,
        sources: Mapping[str, Sample | GramSummary],
        *,
        seed: int,
        verbose: Verbosity = 0,
        marks: Mapping[str, Marks] | None = None,
    ) -> Any:
        """Return a fitted model of named sources.

        Parameters
        ----------
        target : Sample
        sources : mapping of str to Sample or GramSummary
        seed : int
        marks : mapping of str to Marks, optional
            How numbers with marks were read, so that the model reads rows to predict alike.
        verbose : {0, 1, "auto"}
            Whether to show how many fits are done.

        Raises
        ------
        DataError, ConfigurationError
        """
        from sklearn.base import clone

        from transfergap.safe.classifier import SafeTransferClassifier
        from transfergap.safe.regressor import SafeTransferRegressor

        has_classes = find_task(self.task).has_classes
        kind = SafeTransferClassifier if has_classes else SafeTransferRegressor
        if has_classes:
            classes = np.unique(target.y)
            if len(classes) == 1:
                from sklearn.dummy import DummyClassifier

                return DummyClassifier(strategy="prior").fit(target.X, target.y)
            sources = {name: _of_classes(source, classes) for name, source in sources.items()}
        estimator = None if self.estimator is None else clone(self.estimator)
        target, sources = _with_mean_weight_one(target, sources)
        model = kind(estimator, caution=self.caution, random_state=seed, verbose=verbose)
        model.fit(
            target.X,
            target.y,
            sources=sources,
            sample_weight=target.weights,
            groups=target.groups if target.times is None else _time_groups(target),
        )
        model.number_marks_ = {name: mark.saved() for name, mark in (marks or {}).items()}
        return model.set_params(verbose=0)  # how this fit was shown is no property of the model

    def control_of(self, model: Any) -> Any:
        """Return the model of :meth:`train` without its sources.

        Columns are those of its encoder, which knows the sources' categories too.
        """
        return getattr(model, "control_", model)  # one class only: no source has a part in it

    def describe(self) -> str:
        """Return the learner with all settings that decide its model."""
        estimator = "None" if self.estimator is None else describe(self.estimator)
        # As 0.1.0 called the level: a run that it stored is refused under another description.
        stored = {after: before for before, after in renames("value", "caution").items()}
        level = stored.get(str(self.caution), self.caution)
        return f"SafeLearner({self.task}, {estimator}, caution={level!r})"


def _time_groups(target: Sample) -> Any:
    """Return groups of neighbours in time.

    With random folds a row of a series is judged between its neighbours, which fill it in: then the
    target seems to need no source. Groups of the user come first.
    """
    if target.groups is not None or target.times is None:
        return target.groups
    order = np.argsort(np.argsort(target.times, kind="stable"), kind="stable")
    return order * min(_N_TIME_GROUPS, len(order)) // len(order)


def _with_mean_weight_one(
    target: Sample, sources: Mapping[str, Sample | GramSummary]
) -> tuple[Sample, Mapping[str, Sample | GramSummary]]:
    """Return the samples with weights on the scale of the target's rows.

    SafeTransfer takes a weight for a number of equal rows: with weights that stand for thousands of
    people it would trust a few rows as if they were thousands.
    """
    if target.weights is None:
        return target, sources
    share = float(target.weights.mean())

    def scaled(source: Sample | GramSummary) -> Sample | GramSummary:
        if isinstance(source, GramSummary) or source.weights is None:
            return source
        return source.weighted(source.weights / share)

    scaled_sources = {name: scaled(source) for name, source in sources.items()}
    return target.weighted(target.weights / share), scaled_sources


def _of_classes(source: Sample | GramSummary, classes: Any) -> Sample | GramSummary:
    """Return the rows of a source whose label is one of ``classes``."""
    if isinstance(source, GramSummary):
        return source
    has_class = np.isin(source.y, classes)
    return source if has_class.all() else source.rows(has_class)
