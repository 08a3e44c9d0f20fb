"""The contract of mitigations, as checks that authors run on their own."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.data.task import find_task
from transfergap.errors import TransferGapError
from transfergap.learners import ChangesTrainingSet, Learner, as_learner, describe
from transfergap.learners.protocol import AnyTrainingSet
from transfergap.learners.testing.small_tasks import NAMES, SmallTask, plain_learner, small_task

SEED = 3  # any constant; a failure must be repeatable
Makes = Callable[[Learner], Learner]


def check_mitigation(make_learner: Makes, task: str, *, inner: Learner | None = None) -> None:
    """Raise ``AssertionError`` unless a mitigation keeps its contract.

    Parameters
    ----------
    make_learner : callable
        From the learner that goes inside to the mitigation: its class, or a function.
    task : {"binary", "multiclass", "regression"}
        Kind of the labels.
    inner : Learner, optional
        For mitigations that need a certain model; default: a linear model behind an imputer and a
        scaler, which takes weights.

    Notes
    -----
    Checked: the same seed gives the same model; input arrays, scikit-learn's settings
    and numpy's global random state stay as they are; labels of held-out rows have no influence;
    texts, -1 and 1, tables, weights, missing values, constant columns, sources with one row, one
    class or no row at all; without a source it is the inner learner; predictions are finite and of
    known labels; descriptions tell parameters apart; learner and model can be pickled; and closed
    form sees through it only if target labels do not change the training set. A mitigation may
    refuse tables or missing values with an error of :mod:`transfergap.errors`. One with
    ``uses_target = False`` need not learn from a source of one row or class, or from none.

    Examples
    --------
    >>> from transfergap.learners.mitigations import Balanced
    >>> check_mitigation(Balanced, "regression")
    """
    trial = _Trial(make_learner, task, inner or plain_learner(task))
    _same_seed_same_model(trial)
    _nothing_is_changed(trial)
    _held_out_labels_have_no_part(trial)
    if find_task(task).has_classes:
        _labels_of_any_kind(trial)
    _rows_of_any_kind(trial)
    _odd_sources(trial)
    _without_sources(trial)
    _descriptions(trial)
    _pickles(trial)
    _closed_form_is_honest(trial)


@dataclass(frozen=True)
class _Trial:
    makes: Makes
    task: str
    inner: Learner

    @property
    def learner(self) -> Learner:
        return cast(Learner, as_learner(self.makes(self.inner)))

    @property
    def uses_target(self) -> bool:
        return bool(getattr(self.learner, "uses_target", True))

    def answers(self, train: AnyTrainingSet, X: Any, case: str) -> NDArray[np.float64]:
        """Fit, predict, check the predictions and return them as numbers."""
        model = self.learner.train(train, seed=SEED)
        labels = np.unique(np.concatenate([s.y for s in _samples(train)]))
        return _checked_answers(model, X, labels, self.task, case)


def _checked_answers(
    model: Any, X: Any, labels: NDArray[Any], task: str, case: str
) -> NDArray[np.float64]:
    predicted = np.asarray(model.predict(X))
    _require(
        predicted.shape == (len(X),),
        f"{case}: predict gives shape {predicted.shape} for {len(X)} rows",
    )
    if not find_task(task).has_classes:
        _require(bool(np.isfinite(predicted).all()), f"{case}: a prediction is not finite")
        return np.asarray(predicted, float)
    strange = sorted(set(predicted.tolist()) - set(labels.tolist()))
    _require(not strange, f"{case}: predicts {strange}, which is no label of the training rows")
    if not hasattr(model, "predict_proba"):
        return np.searchsorted(labels, predicted).astype(float)
    shares = np.asarray(model.predict_proba(X), float)
    _require(
        shares.ndim == 2 and shares.shape[0] == len(X) and bool(np.isfinite(shares).all()),
        f"{case}: predict_proba gives shape {shares.shape}, or something that is not finite",
    )
    _require(
        bool(np.allclose(shares.sum(axis=1), 1.0)), f"{case}: probabilities do not add up to 1"
    )
    model_classes = getattr(model, "classes_", None)
    if model_classes is not None:
        _require(
            len(model_classes) == shares.shape[1],
            f"{case}: {shares.shape[1]} columns, {len(model_classes)} classes_",
        )
    return shares


def _same_seed_same_model(trial: _Trial) -> None:
    case = small_task(trial.task)
    first = trial.answers(case.train, case.tested, "a plain task")
    again = trial.answers(case.train, case.tested, "a plain task")
    _require(_equal(first, again), "the same seed gives other predictions")


def _nothing_is_changed(trial: _Trial) -> None:
    import sklearn

    plain = small_task(trial.task)
    # Weights that differ: a method that overwrites them in place is caught.
    weights = np.linspace(0.5, 1.5, len(plain.sources[0]))
    case = SmallTask(plain.target, (plain.sources[0].weighted(weights), *plain.sources[1:]))
    samples = [case.target, *case.sources]
    before = [_bytes_of(sample) for sample in samples]
    settings, state = sklearn.get_config(), _global_state()
    trial.answers(case.train, case.tested, "sources with weights")
    _require(
        before == [_bytes_of(sample) for sample in samples],
        "fit or predict changes rows, labels or weights that were handed in",
    )
    _require(settings == sklearn.get_config(), "fit leaves scikit-learn's settings changed")
    _require(state == _global_state(), "fit draws from numpy's global random state")


def _held_out_labels_have_no_part(trial: _Trial) -> None:
    case = small_task(trial.task)
    turned = case.target.y.copy()
    # Labels of held-out rows are reversed, in place of the same array.
    turned[len(case.train.target) :] = turned[len(case.train.target) :][::-1]
    reversed_task = replace(case, target=replace(case.target, y=turned))
    _require(
        _equal(
            trial.answers(case.train, case.tested, "a plain task"),
            trial.answers(reversed_task.train, reversed_task.tested, "other held-out labels"),
        ),
        "labels of held-out target rows change the model",
    )


def _labels_of_any_kind(trial: _Trial) -> None:
    case = small_task(trial.task)
    plain = trial.answers(case.train, case.tested, "labels 0, 1, ...")
    for kind, names in NAMES.items():
        renamed = case.with_labels(names.__getitem__)
        answers = trial.answers(renamed.train, renamed.tested, f"labels that are {kind}")
        _require(
            answers.shape == plain.shape and bool(np.allclose(answers, plain, atol=1e-6)),
            f"labels that are {kind} give another model than 0, 1, ... in the same order",
        )


def _rows_of_any_kind(trial: _Trial) -> None:
    import pandas as pd

    case = small_task(trial.task)

    def constant(X: Any) -> Any:
        changed = X.copy()
        changed[:, 2] = 1.0
        return changed

    def holed(X: Any) -> Any:
        changed = X.copy()
        changed[::7, 3] = np.nan
        return changed

    def table(X: Any) -> Any:
        return pd.DataFrame(X, columns=[f"column {j}" for j in range(X.shape[1])])

    def float32(X: Any) -> Any:
        return X.astype(np.float32)

    for change, may_refuse in ((constant, False), (float32, False), (holed, True), (table, True)):
        changed = case.with_rows(change)
        try:
            trial.answers(changed.train, changed.tested, f"rows made by {change.__name__}")
        except TransferGapError:
            if not may_refuse:
                raise


def _odd_sources(trial: _Trial) -> None:
    case = small_task(trial.task)
    whole, second = case.sources
    empty = whole.rows(np.zeros(len(whole), bool))
    one_label = whole.rows(np.flatnonzero(whole.y == whole.y[0]))
    odd: list[tuple[str, Sequence[Sample]]] = [("a source without rows", (empty, second))]
    if trial.uses_target:
        odd += [
            ("a source with one row", (whole.rows(np.array([0])),)),
            ("a source with one label", (one_label,)),
            ("sources without rows", (empty, empty)),
        ]
    for name, sources in odd:
        trial.answers(TrainingSet(case.train.target, tuple(sources)), case.tested, name)


def _without_sources(trial: _Trial) -> None:
    case = small_task(trial.task)
    target = TargetSet(case.train.target)
    try:
        answers = trial.answers(target, case.tested, "no source")
    except (TypeError, TransferGapError):
        _require(not trial.uses_target, "it cannot be fitted without sources")
        return
    inner = _Trial(lambda learner: learner, trial.task, trial.inner)
    _require(
        _equal(answers, inner.answers(target, case.tested, "the inner learner")),
        "without sources it is not the inner learner on the target",
    )


def _descriptions(trial: _Trial) -> None:
    text = describe(trial.learner)
    _require(text == describe(trial.learner), "describe gives another text the second time")
    _require(" at 0x" not in text, f"describe tells a memory address: {text}")
    _require(
        describe(trial.inner) in text, "describe does not say which learner is inside, in full"
    )
    learner: Any = trial.learner
    for field in fields(learner) if is_dataclass(learner) else ():
        value = getattr(learner, field.name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            changed = replace(learner, **{field.name: value + 1})
            _require(describe(changed) != text, f"describe does not tell `{field.name}`")


def _pickles(trial: _Trial) -> None:
    case = small_task(trial.task)
    learner = pickle.loads(pickle.dumps(trial.learner))  # noqa: S301 - our own bytes
    model = learner.train(case.train, seed=SEED)
    again = pickle.loads(pickle.dumps(model))  # noqa: S301
    _require(
        _equal(np.asarray(model.predict(case.tested)), np.asarray(again.predict(case.tested))),
        "a model that was pickled predicts something else",
    )


def _closed_form_is_honest(trial: _Trial) -> None:
    learner = trial.learner
    if not isinstance(learner, ChangesTrainingSet):
        return
    train = small_task(trial.task).train
    turned = TrainingSet(replace(train.target, y=train.target.y[::-1].copy()), train.sources)
    one, second = _samples(learner.changed(train))[1:], _samples(learner.changed(turned))[1:]
    _require(
        [_bytes_of(sample) for sample in one] == [_bytes_of(sample) for sample in second],
        "`changed` looks at the target's labels, so closed-form leave-one-out would let a row help"
        " to judge itself: give the method another name",
    )


def _samples(train: AnyTrainingSet) -> list[Sample]:
    return [train.target, *(train.sources if isinstance(train, TrainingSet) else ())]


def _bytes_of(sample: Sample) -> tuple[bytes | None, ...]:
    parts = (sample.X, sample.y, sample.weights)
    return tuple(None if part is None else np.asarray(part).tobytes() for part in parts)


def _global_state() -> str:
    return repr(np.random.get_state())  # noqa: NPY002 - to see that nobody else uses it


def _equal(one: NDArray[Any], second: NDArray[Any]) -> bool:
    return one.shape == second.shape and bool((one == second).all())


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise AssertionError(f"The mitigation breaks its contract: {otherwise}.")
