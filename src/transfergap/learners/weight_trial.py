"""Trials of whether sample weights change a model.

A signature promises too much.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample, stack_samples
from transfergap.learners.random_states import draws_by_seed, seeded_states

MOST_ROWS = 50  # few, but with their copies enough for leaves of twenty rows
# Rows weigh 1, 30 or 900: nothing that counts weights can overlook that. Some models have no
# solution then (NuSVC), and get 1, 2 or 4.
_FACTORS = (30.0, 2.0)
_ROUNDING = 1e-9  # relative to the outputs: less is no effect of weights

Weights = NDArray[np.float64]
Calls = dict[str, list[str]]  # digests of what each model inside was fitted on


class WeightUse(StrEnum):
    """Use that a model makes of sample weights."""

    COUNT = "they change the model"
    ABSENT = "its fit takes no sample weights"
    REFUSED = "it fails when it is given sample weights"
    SWALLOWED = "its fit takes sample weights, but they do not change the model"
    KEPT_FROM_INSIDE = "it takes sample weights, but does not hand them to the model inside"


def try_weights(model: Any, parameter: str, sample: Sample, **options: Any) -> WeightUse:
    """Measure a model's use of sample weights by small fits.

    Parameters
    ----------
    model : scikit-learn estimator
        With its random states set. It is cloned.
    parameter : str
        Under which its ``fit`` takes them.
    sample : Sample
        Few rows; see :func:`few_rows`.
    **options
        Further keywords of ``fit``.

    Notes
    -----
    Two fits with extreme weights, one the other's reverse. Where models are inside a model, what
    reaches them tells whether those get other weights, or other rows, too: a calibration may weigh
    rows around a model that never hears of weights. A model that cannot be fitted on few rows at
    all is believed.

    Examples
    --------
    >>> from sklearn.calibration import CalibratedClassifierCV
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> sample = Sample(np.arange(20.0)[:, None], np.arange(20) % 3 // 2)
    >>> str(try_weights(LogisticRegression(), "sample_weight", sample))
    'they change the model'
    >>> wrapped = CalibratedClassifierCV(make_pipeline(LogisticRegression()), cv=2)
    >>> str(try_weights(wrapped, "sample_weight", sample))
    'it takes sample weights, but does not hand them to the model inside'
    """
    from sklearn import config_context

    with warnings.catch_warnings(), config_context(enable_metadata_routing=False):
        warnings.simplefilter("ignore")
        try:
            inside = _watched_inside(model)
        except Exception:  # a model that cannot even be cloned is seen to fail below
            inside = model, {}
        for factor in _FACTORS:
            trials = [{**options, parameter: w} for w in _opposite_weights(sample.y, factor)]
            # A model that cannot be watched is judged by what it does.
            for watched, calls in ([inside] if inside[1] else []) + [(model, {})]:
                try:
                    outputs, heard = _fits(watched, sample, trials, calls)
                    # A model that varies by itself must vary more under other weights than without.
                    again = outputs[0]
                    if not draws_by_seed(model):
                        again = _outputs(watched, sample, trials[0])
                except Exception:  # of any library; whether weights are the reason is seen below
                    continue
                if not _differ(outputs[0], outputs[1], again):
                    return WeightUse.SWALLOWED
                if any(heard[0][name] and heard[0][name] == heard[1][name] for name in calls):
                    return WeightUse.KEPT_FROM_INSIDE
                return WeightUse.COUNT
        return WeightUse.REFUSED if _can_be_fitted(model, sample, options) else WeightUse.COUNT


def few_rows(sample: Sample, *, classes: bool) -> Sample:
    """Choose about fifty rows, balanced by class, with conflicting copies.

    So no model fits all of them, not even one that memorises each row.
    """
    n = len(sample)
    if classes:
        labels, codes = np.unique(sample.y, return_inverse=True)
        # Six of a class at least, for calibrations with inner folds of five; by hand.
        share = max(6, MOST_ROWS // len(labels))
        chosen = [_spread(np.flatnonzero(codes == k), share) for k in range(len(labels))]
        rows = np.sort(np.concatenate(chosen))
    else:
        rows = _spread(np.arange(n), MOST_ROWS)
    few = sample.rows(rows)
    as_they_are = Sample(few.X, few.y, groups=few.groups)
    # Each row twice, with another label the second time: then weights decide which one wins.
    return stack_samples([as_they_are, Sample(few.X, few.y[::-1], groups=few.groups)])


def _spread(rows: NDArray[np.intp], n_most: int) -> NDArray[np.intp]:
    if len(rows) <= n_most:
        return rows
    chosen: NDArray[np.intp] = rows[np.linspace(0, len(rows) - 1, n_most).round().astype(int)]
    return chosen


def _opposite_weights(y: NDArray[Any], factor: float) -> tuple[Weights, Weights]:
    """Return weights that favour high labels and every second row, and reverses.

    Within a class too: class weights of a model may even out what differs between classes only.
    """
    ranks = np.unique(y, return_inverse=True)[1]
    # 0, 1 or 2 reasons to be favoured, and the factor to that power.
    favoured = (ranks > ranks.max(initial=0) / 2).astype(int) + np.arange(len(y)) % 2
    one, opposite = factor ** favoured.astype(float), factor ** (2.0 - favoured)
    return one / one.mean(), opposite / opposite.mean()


def _outputs(model: Any, sample: Sample, options: dict[str, Any]) -> NDArray[np.float64]:
    from sklearn.base import clone

    with seeded_states(0):
        return _scores(fitted_model(clone(model), sample, **options), sample)


def fitted_model(model: Any, sample: Sample, **options: Any) -> Any:
    """Fit a model to rows, and return it.

    The fit of many a model of people's own returns nothing; scikit-learn never looks at it either.
    """
    fitted = model.fit(sample.X, sample.y, **options)
    return model if fitted is None else fitted


def _scores(model: Any, sample: Sample) -> NDArray[np.float64]:
    for name in ("predict_proba", "decision_function"):
        if hasattr(model, name):
            return np.asarray(getattr(model, name)(sample.X), float)
    predicted = np.asarray(model.predict(sample.X))
    if predicted.dtype.kind in "biuf":
        return predicted.astype(float)
    codes: NDArray[np.float64] = (predicted[:, None] == np.unique(sample.y)).astype(float)
    return codes


def _can_be_fitted(model: Any, sample: Sample, options: dict[str, Any]) -> bool:
    try:
        _outputs(model, sample, options)
    except Exception:  # whatever it is, it is not about weights
        return False
    return True


def _differ(
    one: NDArray[np.float64], opposite: NDArray[np.float64], again: NDArray[np.float64]
) -> bool:
    """Return whether other weights change more than a repeated fit."""
    noise = float(np.abs(one - again).mean())
    size = max(1.0, float(np.abs(one).max(initial=0.0)))
    # Twice the noise of a repeat; chosen by hand.
    return float(np.abs(one - opposite).mean()) > 2.0 * noise + _ROUNDING * size


def _watched_inside(model: Any) -> tuple[Any, Calls]:
    """Return a clone whose innermost models record their fits.

    The records come with it, by name.
    """
    from sklearn.base import clone

    watched = clone(model)
    calls: Calls = {}
    for name, inner in list(_models_inside(watched)):
        calls[name] = []
        watched.set_params(**{name: _watched(inner, calls[name])})
    return watched, calls


def _fits(
    model: Any, sample: Sample, trials: list[dict[str, Any]], calls: Calls
) -> tuple[list[NDArray[np.float64]], list[dict[str, tuple[str, ...]]]]:
    """Return outputs by options of ``fit``, and what reached the models inside."""
    outputs, heard = [], []
    for options in trials:
        for record in calls.values():
            record.clear()
        outputs.append(_outputs(model, sample, options))
        heard.append({name: tuple(record) for name, record in calls.items()})
    return outputs, heard


def _models_inside(estimator: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the innermost models with parameter names, transformers excluded."""
    from sklearn.pipeline import Pipeline

    inside = {
        name: value
        for name, value in estimator.get_params(deep=True).items()
        if "__" not in name and _predicts(value)
    }
    if isinstance(estimator, Pipeline):
        # Steps before the last transform, and need not weigh.
        last = estimator.steps[-1][0]
        inside = {name: value for name, value in inside.items() if name == last}
    for name, value in inside.items():
        deeper = list(_models_inside(value, f"{before}{name}__"))
        yield from deeper or [(before + name, value)]


def _predicts(value: Any) -> bool:
    from sklearn.base import is_classifier, is_regressor

    if isinstance(value, type) or not hasattr(value, "fit") or not hasattr(value, "get_params"):
        return False
    return hasattr(value, "predict") or is_classifier(value) or is_regressor(value)


def _watched(inner: Any, calls: list[str]) -> Any:
    """Return a model's copy that records digests of its fits."""
    import joblib
    from sklearn.base import clone

    kind = type(inner)

    @functools.wraps(kind.fit)
    def fit(self: Any, *args: Any, **options: Any) -> Any:
        # A digest: kept rows would double the memory of the trial.
        calls.append(str(joblib.hash((args, options))))
        return kind.fit(self, *args, **options)

    copy = clone(inner)
    # A subclass of the same name: checks by type and clones still work.
    copy.__class__ = type(kind.__name__, (kind,), {"fit": fit, "__module__": kind.__module__})
    return copy
