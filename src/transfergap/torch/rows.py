"""Rows as tensors, and trained networks that predict for rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from transfergap.data.problem import Sample
from transfergap.errors import DataError

Labels = Literal["classes", "numbers"]


@dataclass(frozen=True)
class Reader:
    """The conversion of rows to tensors.

    Parameters
    ----------
    shape : tuple of int, optional
        Of one row, such as (1, 8, 8) for an image that is 64 columns in the table.
    encode : callable, optional
        Takes the rows (texts, say) and returns an array or tensor, shape (n_rows, ...).
    mean, scale : ndarray, optional
        Offset and divisor of every column.
    """

    shape: tuple[int, ...] | None = None
    encode: Callable[[Any], Any] | None = None
    mean: NDArray[np.float64] | None = None
    scale: NDArray[np.float64] | None = None

    def tensor(self, X: Any) -> torch.Tensor:
        """Return the rows as a tensor.

        float32, or whole numbers as ``encode`` gives them.

        Raises
        ------
        DataError
            For rows that are no numbers, or that do not have the shape.
        """
        if self.encode is not None:
            encoded = torch.as_tensor(self.encode(X))
            # Token numbers stay whole: embeddings refuse floats.
            rows = encoded if encoded.dtype in (torch.int64, torch.float32) else encoded.float()
        else:
            rows = torch.as_tensor(self._scaled(_numbers(X)), dtype=torch.float32)
        if self.shape is None:
            return rows
        if int(np.prod(self.shape)) != int(np.prod(rows.shape[1:])):
            raise DataError(
                f"Rows have {int(np.prod(rows.shape[1:]))} columns, but the network was told"
                f" {self.shape}.",
                hint="give the shape of one row, such as shape=(1, 28, 28)",
            )
        return rows.reshape(len(rows), *self.shape)

    def _scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.mean is None or self.scale is None:
            return values
        return (values - self.mean) / self.scale

    def standardised(self, samples: Sequence[Sample]) -> Reader:
        """Return a reader that scales by mean and spread of these rows."""
        values = np.concatenate([_numbers(sample.X) for sample in samples])
        spread = values.std(axis=0)
        return Reader(
            self.shape, self.encode, values.mean(axis=0), np.where(spread > 0, spread, 1.0)
        )


def _numbers(X: Any) -> NDArray[np.float64]:
    if hasattr(X, "tocsr"):
        X = X.toarray()
    try:
        values = np.asarray(X, dtype=np.float64)
    except (ValueError, TypeError):
        raise DataError(
            "A network cannot read these rows: they are no numbers.",
            hint="give encode=, a function that turns rows into an array of numbers",
        ) from None
    if not np.isfinite(values).all():
        raise DataError(
            "A network cannot read these rows: some values are missing.",
            hint="fill them in first, or give encode= to do it",
        )
    return values


def kind_of(labels: Labels | None, y: NDArray[Any]) -> Labels:
    """Return whether labels are classes: all that are not floating-point numbers are."""
    return labels or ("numbers" if y.dtype.kind == "f" else "classes")


def label_tensor(y: NDArray[Any], classes: NDArray[Any] | None) -> torch.Tensor:
    """Return class positions or float32 labels, shape (n_rows,) or more."""
    if classes is None:
        return torch.as_tensor(np.asarray(y, dtype=np.float32))
    return torch.as_tensor(np.searchsorted(classes, y).astype(np.int64))


def row_weights(sample: Sample, *, balanced: bool) -> torch.Tensor:
    """Return row weights with mean one; classes alike if ``balanced``."""
    weights = np.ones(len(sample)) if sample.weights is None else sample.weights.copy()
    if balanced and len(sample):
        _, place, counts = np.unique(sample.y, return_inverse=True, return_counts=True)
        weights = weights / counts[place.ravel()]
    total = weights.sum()
    return torch.as_tensor(weights * (len(weights) / total if total > 0 else 1.0)).float()


_ROWS_AT_ONCE = 4096  # bounds the memory of a prediction; no result depends on it


@dataclass(frozen=True)
class _Outputs:
    module: nn.Module
    reader: Reader
    device: torch.device

    def outputs(self, X: Any) -> torch.Tensor:
        """Return the network's outputs, in evaluation mode."""
        was = self.module.training
        self.module.eval()
        try:
            with torch.no_grad():
                rows = self.reader.tensor(X).to(self.device)
                parts = [self.module(part) for part in torch.split(rows, _ROWS_AT_ONCE)]
                return torch.cat(parts).cpu().double()
        finally:
            self.module.train(was)


@dataclass(frozen=True)
class NetworkClassifier(_Outputs):
    """A network whose outputs are classes.

    Parameters
    ----------
    module : Module
    reader : Reader
    device : device
    classes_ : ndarray, shape (n_classes,)
    """

    classes_: NDArray[Any]

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return probabilities, shape (n_rows, n_classes)."""
        return np.asarray(torch.softmax(self.outputs(X), dim=1).numpy())

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likeliest class of each row."""
        return np.asarray(self.classes_[self.outputs(X).argmax(1).numpy()])


@dataclass(frozen=True)
class NetworkRegressor(_Outputs):
    """A network with one number as its output."""

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return a number for each row."""
        return np.asarray(self.outputs(X).reshape(-1).numpy())
