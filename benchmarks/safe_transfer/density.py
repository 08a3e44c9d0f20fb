"""Weighting of source rows by density ratios, KLIEP and KMM, by the package skada.

The rows' weights come from skada; the fit with them is the weighted ridge of the other rivals.
Slow, so they run on the tasks of every fourth draw, with at most 1,000 source rows in all. Traps:
importing skada turns scikit-learn's metadata routing on, for the whole process, and its ``fit`` may
write into the labels it is given. So it is imported here only, routing is put back, and it gets a
copy of the features and no labels.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from benchmarks.safe_transfer.model import Model
from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.ridge import fit

EVERY = 4
MAX_ROWS = 1000
BANDWIDTHS = (0.1, 1.0, 10.0)  # times 1 / number of columns; skada chooses by likelihood
SEED = 0


def is_installed() -> bool:
    return importlib.util.find_spec("skada") is not None


def klieped(problem: LinearProblem) -> Model:
    """Kullback-Leibler importance estimation (Sugiyama et al. 2008)."""
    gammas = [factor / (problem.X.shape[1] - 1) for factor in BANDWIDTHS]
    return weighted_pool(
        problem, lambda skada: skada.KLIEPReweightAdapter(gamma=gammas, random_state=SEED)
    )


def mean_matched(problem: LinearProblem) -> Model:
    """Kernel mean matching (Huang et al. 2006), with skada's defaults."""
    return weighted_pool(problem, lambda skada: skada.KMMReweightAdapter())


def weighted_pool(problem: LinearProblem, adapter_of: Callable[[Any], Any]) -> Model:
    X = np.vstack([X for X, _ in problem.sources])
    y = np.concatenate([y for _, y in problem.sources])
    kept = np.random.default_rng(SEED).permutation(len(y))[:MAX_ROWS]
    X, y = X[kept], y[kept]
    weight = row_weights(X[:, :-1], problem.X[:, :-1], adapter_of)
    heavy = X * weight[:, None]
    G, b = problem.G0 + heavy.T @ X, problem.b0 + y @ heavy
    return Model.of(fit(G[None], b[None], problem.X, problem.y), 1)


def row_weights(
    source: np.ndarray, target: np.ndarray, adapter_of: Callable[[Any], Any]
) -> np.ndarray:
    """Return the weight of each source row; of mean 1, so that methods differ in shape only."""
    import sklearn

    routing = sklearn.get_config()["enable_metadata_routing"]
    try:
        import skada

        domain = np.concatenate([np.ones(len(source), int), np.full(len(target), -2)])
        with warnings.catch_warnings():  # iterations may end before the tolerance: that is its fit
            warnings.simplefilter("ignore")
            _, params = adapter_of(skada).fit_transform(
                np.vstack([source, target]), np.zeros(len(domain)), sample_domain=domain
            )
    finally:
        sklearn.set_config(enable_metadata_routing=routing)
    weight = np.maximum(np.asarray(params["sample_weight"])[: len(source)], 0.0)
    total = weight.sum()
    return weight * len(weight) / total if total > 0 else np.ones(len(weight))


DENSITY_RIVALS: Mapping[str, Callable[[LinearProblem], Model]] = MappingProxyType(
    {"KLIEP (skada)": klieped, "KMM (skada)": mean_matched}
)
