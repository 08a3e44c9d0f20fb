"""Digests of data and design, the same in every process: what a run directory belongs to."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from transfergap import __version__
from transfergap.design import Design
from transfergap.learners import describe
from transfergap.problem import Sample

SCHEMA = "transfergap/design/1"


def sample_digest(sample: Sample) -> str:
    """Return a digest of rows, labels, weights and groups.

    Examples
    --------
    >>> len(sample_digest(Sample(np.eye(2), np.array([0, 1]))))
    16
    """
    digest = hashlib.sha256()
    for part in (sample.X, sample.y, sample.weights, sample.groups):
        _feed(digest, part)
    return digest.hexdigest()[:16]


def _feed(digest: Any, part: Any) -> None:
    if part is None:
        digest.update(b"none")
    elif isinstance(part, list):
        for text in part:
            digest.update(f"{len(text)}:{text}".encode())
    elif hasattr(part, "tocsr"):
        rows = part.tocsr()
        for array in (rows.indptr, rows.indices, rows.data):
            _feed(digest, np.asarray(array))
    elif hasattr(part, "iloc"):
        import pandas as pd

        digest.update(repr([(str(c), str(t)) for c, t in part.dtypes.items()]).encode())
        digest.update(pd.util.hash_pandas_object(part, index=False).to_numpy().tobytes())
    else:
        array = np.ascontiguousarray(part)
        digest.update(f"{array.shape}".encode())
        plain = array.dtype.kind in "biufc"
        digest.update(array.tobytes() if plain else repr(array.tolist()).encode())


@cache
def versions() -> dict[str, str]:
    """Return the versions on which the numbers of a run depend."""
    own = {"python": platform.python_version(), "transfergap": __version__}
    return own | {name: version(name) for name in ("numpy", "scipy", "scikit-learn")}


def design_record(design: Design) -> dict[str, Any]:
    """Return what ``design.json`` holds: everything that decides which trials there are."""
    problem = design.problem
    return {
        "schema": SCHEMA,
        "target": {"name": problem.name, "rows": sample_digest(problem.target)},
        "sources": {name: sample_digest(s.sample) for name, s in problem.sources.items()},
        "metric": problem.metric.name,
        "scorer": describe(problem.metric.scorer) if problem.metric.scorer else "",
        "margin": problem.margin,
        "precision": str(design.precision),
        "seed": design.seed,
        "control": describe(design.control.learner),
        "arms": [
            {
                "name": arm.name,
                "sources": list(arm.sources),
                "learner": describe(arm.learner),
                "judged": arm.judged,
            }
            for arm in design.treatments
        ],
        "versions": versions(),
    }


def fingerprint(record: dict[str, Any]) -> str:
    """Return a short digest of a design record."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]
