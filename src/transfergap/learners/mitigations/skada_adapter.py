"""Adapters of the package skada, without side effects."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import require

Floats = NDArray[np.float64]
_SOURCE, _TARGET = 1, -2  # skada's signs of domains


def adapted_rows(name: str, source: Floats, target: Floats, **parameters: Any) -> Floats:
    """Return the source's rows as skada's adapter ``name`` maps them.

    Raises
    ------
    MissingExtraError
        Without the extra ``da``.
    """
    rows, _ = _adapted(name, source, target, parameters)
    return np.asarray(rows, float)[: len(source)]


def adapted_weights(name: str, source: Floats, target: Floats, **parameters: Any) -> Floats:
    """Return source row weights of skada's reweighting adapter ``name``.

    Not negative; all one where the adapter finds no weight above zero.

    Raises
    ------
    MissingExtraError
        Without the extra ``da``.
    """
    _, weights = _adapted(name, source, target, parameters)
    row_weights = np.maximum(np.asarray(weights, float)[: len(source)], 0.0)
    usable = bool(np.isfinite(row_weights).all()) and float(row_weights.sum()) > 0
    return row_weights if usable else np.ones(len(source))


def _adapted(name: str, source: Floats, target: Floats, parameters: Any) -> tuple[Any, Any]:
    """Run an adapter on copies of the rows, and on no labels.

    Importing skada turns scikit-learn's metadata routing on for the whole thread, so the settings
    are put back. Its adapters write into the labels that they get, use those of the target, and
    stumble over texts and -1: here they get zeros. Their warnings of unfinished iterations are not
    passed on: the state that the iterations have reached defines this method.
    """
    import sklearn

    with sklearn.config_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        skada = require("skada", extra="da")
        domain = np.repeat([_SOURCE, _TARGET], [len(source), len(target)])
        output = getattr(skada, name)(**parameters).fit_transform(
            # Labels are zeros: no adapter may look at any.
            np.vstack([source, target]),
            np.zeros(len(domain)),
            sample_domain=domain,
        )
    return (output[0], output[1]["sample_weight"]) if isinstance(output, tuple) else (output, None)
