"""Sources for learners only: pretrained models, and tasks of another kind.

The audit hands them through. All it does is to know them by a digest, and to keep what they hold of
the target's tested rows away from training, as far as that can be seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies import (
    CopySearch,
    TargetCopies,
    len_of,
    search_rows_nearby,
    target_copies,
)
from transfergap.data.digests import sample_digest
from transfergap.data.labels.reading import missing_values
from transfergap.data.problem import Sample
from transfergap.data.tables.normal_form import as_column, as_table
from transfergap.errors import DataError, OldAttribute, accepts_old_arguments

_CHUNK = 1 << 20  # bytes of a file read at once; no result depends on it


@accepts_old_arguments
@dataclass(frozen=True, eq=False)
class ModelSource:
    """A pretrained model: a checkpoint, a state dict, or a directory.

    The directory is as Hugging Face saves models.

    Parameters
    ----------
    weights : path, mapping of str to tensors or arrays, or an object with ``state_dict``
        A file of weights (``.safetensors``, or what ``torch.save`` wrote of a state dict), a
        directory with ``config.json``, a state dict, or a network.
    trained_on : array, DataFrame, sparse matrix or list of str, optional
        The rows that the model was trained on, shape (n_rows, ...), without labels. Target rows
        are searched for among them; nobody trains on them.

    Notes
    -----
    Weights do not tell the rows that a model was trained on. If it saw the target's rows, the gap
    is too good, and no check can detect that unless ``trained_on`` is given.

    Raises
    ------
    DataError
        If there is no such file, ``weights`` is none of these, or ``trained_on`` has no rows.

    Examples
    --------
    >>> source = ModelSource({"weight": np.zeros((2, 3))})
    >>> source.description, len(source.digest())
    ('state dict of 1 tensor, 6 numbers', 16)
    """

    weights: Any
    trained_on: Any = None
    kind: Literal["model"] = field(default="model", init=False)
    copies: TargetCopies | None = field(default=None, repr=False)

    start = OldAttribute()
    says = OldAttribute()
    without = OldAttribute()

    def __post_init__(self) -> None:
        if self.trained_on is not None:
            object.__setattr__(self, "trained_on", as_table(self.trained_on))
            if len_of(self.trained_on) == 0:
                raise DataError(
                    "A pretrained model has a trained_on without rows.",
                    hint="give the rows that it was trained on, or leave trained_on out",
                )
        if isinstance(self.weights, (str, Path)):
            if not Path(self.weights).exists():
                raise DataError(
                    f"There is no pretrained model at {str(self.weights)!r}.",
                    hint="give a file of weights, a directory with config.json, or a state dict",
                )
        elif not isinstance(self.weights, Mapping) and not hasattr(self.weights, "state_dict"):
            raise DataError(
                f"A pretrained model cannot be a {type(self.weights).__name__}.",
                hint="give a path, a state dict, or a network with state_dict()",
            )

    @property
    def path(self) -> Path | None:
        """Path of the weights, or ``None`` for weights in memory."""
        return Path(self.weights) if isinstance(self.weights, (str, Path)) else None

    @property
    def description(self) -> str:
        """The model in a few words."""
        return self._weights_text + self._copies_text

    @property
    def _weights_text(self) -> str:
        if self.path is not None:
            kind = "directory" if self.path.is_dir() else "file"
            return f"{kind} {self.path.name}"
        state = self.state_dict()
        numbers = sum(int(np.prod(np.shape(value))) for value in state.values())
        tensors = "1 tensor" if len(state) == 1 else f"{len(state):,} tensors"
        return f"state dict of {tensors}, {numbers:,} numbers"

    @property
    def _copies_text(self) -> str:
        if self.copies is None:
            return ""
        if not self.copies.searched and not len(self.copies.rows):
            return "; the rows that it was trained on cannot be compared with the target's"
        return f"; {len(self.copies.rows)} target rows among the rows that it was trained on"

    def state_dict(self) -> Mapping[str, Any]:
        """Return the weights by name, read from the file if any.

        Raises
        ------
        DataError
            For a directory, which only its own library can read, or a file that is no state dict.
        MissingExtraError
            For a file, without the extra ``[torch]``.
        """
        if isinstance(self.weights, Mapping):
            return self.weights
        if self.path is None:
            state: Mapping[str, Any] = self.weights.state_dict()
            return state
        from transfergap.errors import require

        if self.path.is_dir():
            raise DataError(
                f"{str(self.path)!r} is a directory, so it holds more than a state dict.",
                hint="let the learner read it by `init.path`, e.g. with from_pretrained",
            )
        if self.path.suffix == ".safetensors":
            loaded: Any = require("safetensors.torch", extra="torch").load_file(self.path)
            return _a_state(loaded, self.path)
        torch = require("torch", extra="torch")
        try:
            loaded = torch.load(self.path, map_location="cpu", weights_only=True)
        except Exception as error:  # torch raises many kinds for files that are not its own
            raise DataError(
                f"{str(self.path)!r} holds no state dict that is safe to read:"
                f" {str(error).splitlines()[0]}",
                hint="save one with torch.save(network.state_dict(), path)",
            ) from error
        return _a_state(loaded, self.path)

    def digest(self) -> str:
        """Return a digest of the weights, or of every file."""
        digest = hashlib.sha256()
        if self.path is None:
            for name, value in sorted(self.state_dict().items()):
                array = np.ascontiguousarray(_as_array(value))
                digest.update(f"{name}{array.shape}{array.dtype}".encode())
                digest.update(array.tobytes())
            return digest.hexdigest()[:16]
        files = [self.path]
        if self.path.is_dir():
            files = sorted(path for path in self.path.rglob("*") if path.is_file())
        for path in files:
            digest.update(path.name.encode())
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
        return digest.hexdigest()[:16]

    def without_rows_of(self, tested: Sample) -> ModelSource:
        """Return itself: rows cannot be removed from a trained model."""
        del tested
        return self

    def beside(self, target: Sample) -> ModelSource:
        """Return the model with the target rows that it was trained on.

        Itself, where nobody says what that was.
        """
        if self.trained_on is None:
            return self
        return replace(self, copies=target_copies(target.X, self.trained_on))


@dataclass(frozen=True, eq=False)
class TaskSource:
    """Rows of another task, with labels of any number and kind.

    They may be labels of the same rows.

    Parameters
    ----------
    X : array, DataFrame, sparse matrix or list of str
        Whatever the learner can read beside the target's rows, shape (n_rows, ...).
    y : array-like, shape (n_rows,) or (n_rows, n_outputs)
        Labels of the task: whole numbers or texts are classes, other numbers are regressed on.
    groups : array-like, shape (n_rows,), optional
        Of the target's kind: rows of a group that is tested are not trained on.

    Notes
    -----
    Rows that are target rows stay, but not while that row is tested: an auxiliary label of a tested
    row would be a leak. They are searched for as in other sources, whatever shape rows have: a
    picture and the same picture as one long row are one row. So is a row with a little noise, or
    rounded: one that lies nearer to a target row than a fifth of the distance between neighbours.

    Raises
    ------
    DataError
        If rows and labels differ in number, or there are none.

    Examples
    --------
    >>> TaskSource(np.eye(3), [0, 1, 1]).description
    '3 rows of a task with 2 classes'
    """

    X: Any
    y: Any
    groups: Any = None
    kind: Literal["task"] = field(default="task", init=False)
    search: CopySearch | None = field(default=None, repr=False)
    positions: NDArray[np.intp] | None = field(default=None, repr=False)

    says = OldAttribute()
    without = OldAttribute()

    def __post_init__(self) -> None:
        object.__setattr__(self, "X", as_table(self.X))
        labels = np.asarray(as_column(self.y))
        n_rows = len(self.X) if not hasattr(self.X, "shape") else int(self.X.shape[0])
        if labels.ndim not in (1, 2) or len(labels) != n_rows or n_rows == 0:
            raise DataError(
                f"A task has {n_rows} rows and labels of shape {labels.shape}.",
                hint="give one label, or one row of labels, for each row",
            )
        infinite = labels.dtype.kind == "f" and not np.isfinite(labels).all()
        if infinite or missing_values(labels.reshape(-1)).any():
            raise DataError(
                "A task has labels that are missing or no finite numbers.", hint="drop their rows"
            )
        object.__setattr__(self, "y", labels)
        if self.groups is not None:
            object.__setattr__(self, "groups", np.asarray(self.groups))

    @property
    def has_classes(self) -> bool:
        """True for one column of whole numbers, booleans or texts.

        Such labels are classes.
        """
        return bool(self.y.ndim == 1 and self.y.dtype.kind != "f")

    @property
    def description(self) -> str:
        """The task in a few words."""
        kind = f"with {len(np.unique(self.y))} classes" if self.has_classes else "of numbers"
        copies = "" if self.search is None else f"; {self.copies_told}"
        return f"{len(self.y):,} rows of a task {kind}{copies}"

    @property
    def sample(self) -> Sample:
        """Its rows with their labels."""
        return Sample(self.X, self.y, groups=self.groups)

    def digest(self) -> str:
        """Return a digest of rows, labels and groups."""
        return sample_digest(self.sample)

    def without_rows_of(self, tested: Sample) -> TaskSource:
        """Return rows that are neither tested nor of a tested group.

        Rows that cannot be compared with the target's, being of another shape, all stay.
        """
        untested = self.training_mask(tested)
        if untested.all():
            return self
        rows = self.sample.rows(untested)
        positions = np.flatnonzero(untested) if self.positions is None else self.positions[untested]
        return replace(self, X=rows.X, y=rows.y, groups=rows.groups, positions=positions)

    def training_mask(self, tested: Sample) -> NDArray[np.bool_]:
        """Return which rows are neither tested nor of a tested group."""
        mask: NDArray[np.bool_] = ~self._partners(tested)
        if self.groups is not None and tested.groups is not None:
            mask &= ~np.isin(self.groups, tested.groups)
        return mask

    def beside(self, target: Sample) -> TaskSource:
        """Return the task with copies of the target's rows identified.

        The target's ``ids`` are positions.
        """
        return replace(self, search=search_rows_nearby(target.X, self.X))

    @property
    def copies_told(self) -> str:
        """Result of the search for the target's rows, in words."""
        n_copies = 0
        if self.search is not None:
            n_copies = int(self.search.partners_of(np.arange(len(self.search.target_class))).sum())
        if n_copies:
            return f"{n_copies:,} of its rows are target rows: not trained on while tested"
        if self.search is None or self.search.outcome == "incomparable":
            return "its rows cannot be compared with the target's"
        return "none of its rows is a target row"

    def _partners(self, tested: Sample) -> NDArray[np.bool_]:
        if self.search is not None and tested.ids is not None:
            partners = self.search.partners_of(tested.ids)
            return partners if self.positions is None else partners[self.positions]
        search = search_rows_nearby(tested.X, self.X)
        return search.partners_of(np.arange(len(search.target_class)))


def divided(
    sources: Mapping[str, Any],
) -> tuple[dict[str, ModelSource | TaskSource], dict[str, Any]]:
    """Split sources into models and tasks, and those with rows."""
    non_tabular = {k: v for k, v in sources.items() if isinstance(v, (ModelSource, TaskSource))}
    return non_tabular, {k: v for k, v in sources.items() if k not in non_tabular}


def _as_array(value: Any) -> NDArray[Any]:
    return np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)


def _a_state(loaded: Any, path: Path) -> Mapping[str, Any]:
    if isinstance(loaded, Mapping) and "state_dict" in loaded:  # as Lightning's checkpoints have it
        loaded = loaded["state_dict"]
    if not isinstance(loaded, Mapping) or not all(np.ndim(v) >= 0 for v in loaded.values()):
        raise DataError(
            f"{str(path)!r} holds a {type(loaded).__name__}, not a state dict.",
            hint="save one with torch.save(network.state_dict(), path)",
        )
    return loaded
