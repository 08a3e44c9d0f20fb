"""Front door of rankings: pretrained models by their features, before training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.assessment import examined
from transfergap.analysis.checks import RANKING_CHECKS, Finding
from transfergap.analysis.scores import (
    Candidate,
    ClassCodes,
    ModelRanking,
    NumpyAlgebra,
    Prior,
    Quantities,
    RankedModel,
    Target,
    TorchAlgebra,
    rank_features,
    raw_features,
)
from transfergap.data.labels.reading import checked_labels, task_of
from transfergap.data.splitting.folds import N_FOLDS, folds_of_rows
from transfergap.data.splitting.groups import checked_groups
from transfergap.data.task.task import LabelKind
from transfergap.errors import ConfigurationError, DataError
from transfergap.experiment.run_directory import write_atomically
from transfergap.report.model_ranking import (
    ranking_to_frame,
    ranking_to_json,
    ranking_to_markdown,
    ranking_to_text,
)
from transfergap.stats.gap import check_margin

if TYPE_CHECKING:
    import pandas as pd

RAW = "raw inputs"


@dataclass(frozen=True)
class ModelChoice:
    """A ranking of pretrained models, able to show itself.

    Parameters
    ----------
    ranking : ModelRanking
    findings : tuple of Finding
        Models that are worse than the raw inputs (TG128).
    """

    ranking: ModelRanking
    findings: tuple[Finding, ...]

    @property
    def models(self) -> tuple[RankedModel, ...]:
        """Return the models, best probe first."""
        return self.ranking.models

    def to_text(self) -> str:
        """Return plain text, 88 columns wide but for very long names."""
        return ranking_to_text(self.ranking, self.findings)

    def to_markdown(self) -> str:
        """Return Markdown."""
        return ranking_to_markdown(self.ranking, self.findings)

    def to_json(self) -> str:
        """Return JSON."""
        return ranking_to_json(self.ranking, self.findings)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a model."""
        return ranking_to_frame(self.ranking)

    def save(self, path: str | Path) -> None:
        """Write the ranking; the suffix decides: .txt, .md or .json.

        Raises
        ------
        ConfigurationError
            For another suffix.
        """
        writers = {".txt": self.to_text, ".md": self.to_markdown, ".json": self.to_json}
        writer = writers.get(Path(path).suffix.lower())
        if writer is None:
            raise ConfigurationError(
                f"{Path(path).name} does not say what to write.",
                hint="end the name with .txt, .md or .json",
            )
        write_atomically(Path(path), writer())

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(self.to_text())}</pre>"


def rank_models(
    features: Mapping[str, Any],
    y: Any,
    *,
    raw: Any = None,
    prior: Prior | None = None,
    probabilities: Mapping[str, Any] | None = None,
    metric: Literal["accuracy", "balanced_accuracy", "r2"] | None = None,
    margin: float = 0.01,
    groups: Any = None,
    labels: LabelKind | None = None,
    seed: int = 0,
    device: str | None = None,
) -> ModelChoice:
    """Rank pretrained models by probes of their features.

    Parameters
    ----------
    features : mapping of str to array, shape (n_rows, n_columns)
        What each model makes of the same rows: arrays, memory maps or tables of finite numbers.
        float32 is multiplied in float32.
    y : array-like, shape (n_rows,)
        Labels: classes, or numbers to predict.
    raw : array, DataFrame, sparse matrix or list of str, optional
        The inputs themselves: a row of the table that every model has to beat. Texts become
        TF-IDF, tables one column a number or category.
    prior : sequence of str or mapping of str to float, optional
        The static baseline: your ranking of the models, best first, or their numbers of
        parameters. It takes no labels, and beats every published score.
    probabilities : mapping of str to array, shape (n_rows, n_source_classes), optional
        Probabilities by a model's own classifier: for LEEP and NCE.
    metric : {"accuracy", "balanced_accuracy", "r2"}, optional
        Accuracy for classes and R2 for numbers by default.
    margin : float
        Differences smaller than this do not matter.
    groups : array-like, shape (n_rows,), optional
        Patients, users, sites: rows of one group are never trained and tested on.
    labels : {"classes", "numbers"}, optional
        Kind of the labels, where it is not to be read off them.
    seed : int
        Draws folds and the sample of nearest neighbours.
    device : str, optional
        A device of PyTorch, such as ``"cuda"``, for the linear algebra.

    Returns
    -------
    ModelChoice

    Raises
    ------
    DataError
        If rows and labels do not fit together, features are no finite numbers, or there are fewer
        rows than folds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y, noise = np.arange(100) % 2, rng.normal(size=(100, 3))
    >>> choice = rank_models({"a": noise, "b": noise + 5 * y[:, None]}, y, prior=["a", "b"])
    >>> [(model.name, model.place) for model in choice.models]
    [('b', 1), ('a', 2)]
    """
    check_margin(margin)
    if not features:
        raise ConfigurationError("There are no features to rank.", hint='give {"name": array}')
    if RAW in features:
        raise ConfigurationError(f"A model is called {RAW!r}.", hint="give the inputs as raw=")
    candidates = _candidates(features, probabilities or {}, raw, seed)
    target = _target(y, len(candidates[0].X), groups, labels, seed)
    for candidate in candidates:
        _check_rows(candidate, len(target.folds))
    ranking = rank_features(
        candidates,
        target,
        metric=metric,
        margin=margin,
        prior=prior,
        seed=seed,
        algebra=NumpyAlgebra() if device is None else TorchAlgebra(device),
    )
    findings, _ = examined(ranking, RANKING_CHECKS)
    return ModelChoice(ranking, findings)


def _candidates(
    features: Mapping[str, Any], probabilities: Mapping[str, Any], raw: Any, seed: int
) -> list[Candidate]:
    foreign = sorted(set(probabilities) - set(features))
    if foreign:
        raise ConfigurationError(
            f"There are probabilities of {foreign[0]!r}, but no features of it.",
            hint="use the same names in both",
        )
    candidates = []
    for name, X in features.items():
        shares = probabilities.get(name)
        numbers = None if shares is None else np.asarray(_numeric(shares, name), float)
        candidates.append(Candidate(name, _numeric(X, name), numbers))
    if raw is not None:
        rows = raw.tolist() if getattr(raw, "ndim", 2) == 1 else raw
        inputs, words = raw_features(list(rows) if isinstance(rows, tuple) else rows, seed=seed)
        candidates.append(Candidate(RAW, inputs, raw_text=words))
    return candidates


def _numeric(X: Any, name: str) -> Any:
    """Return features as an array of numbers; a memory map stays one.

    Raises
    ------
    DataError
    """
    if hasattr(X, "tocsr"):
        X = X.toarray()
    array = X if isinstance(X, np.ndarray) else np.asarray(X)
    if array.ndim != 2 or array.shape[1] == 0 or array.dtype.kind not in "fiub":
        raise DataError(
            f"The features of {name} have shape {array.shape} and type {array.dtype}.",
            hint="give one row of numbers for each labelled row",
        )
    return array if array.dtype.kind == "f" else array.astype(float)


def _check_rows(candidate: Candidate, n_rows: int) -> None:
    for what, array in (("features", candidate.X), ("probabilities", candidate.probabilities)):
        if array is None:
            continue
        if len(array) != n_rows:
            raise DataError(
                f"There are {len(array)} rows of {what} of {candidate.name} and {n_rows} labels.",
                hint="give one row for each label, in the same order",
            )
        # Block by block: a memory map may be larger than memory.
        for start in range(0, n_rows, 4096):
            finite = np.isfinite(array[start : start + 4096]).all(axis=1)
            if not finite.all():
                raise DataError(
                    f"Row {start + int(np.argmin(finite))} of the {what} of {candidate.name}"
                    " has missing or infinite numbers.",
                    hint="leave the row out for all models, or fill the gap",
                )


def _target(y: Any, n_rows: int, groups: Any, kind: LabelKind | None, seed: int) -> Target:
    values = checked_labels(y, n_rows, "the target")
    task = task_of(values, None, predicted=kind)
    if n_rows < N_FOLDS:
        raise DataError(
            f"There are {n_rows} labelled rows, fewer than the {N_FOLDS} folds.",
            hint="label more rows; no honest ranking is possible with so few",
        )
    names = checked_groups(groups, n_rows, "the target")
    clusters: NDArray[np.intp] | None = None
    if names is not None:
        clusters = np.unique(names, return_inverse=True)[1].astype(np.intp)
        if int(clusters.max()) + 1 < N_FOLDS:
            raise DataError(
                f"There are {int(clusters.max()) + 1} groups, fewer than the {N_FOLDS} folds.",
                hint="groups are the units that are resampled: more of them are needed",
            )
    if task.has_classes:
        classes, codes = np.unique(values, return_inverse=True)
        strata = codes.astype(np.intp)
        folds = folds_of_rows(n_rows, strata, clusters, seed=seed)
        return Target(ClassCodes(strata, len(classes)), folds, clusters, f"{len(classes)} classes")
    folds = folds_of_rows(n_rows, None, clusters, seed=seed)
    return Target(Quantities(values.astype(float)[:, None]), folds, clusters, "numbers")
