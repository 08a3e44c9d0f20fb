"""A trained network that predicts as scikit-learn's models do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from transfergap.torch.rows import Reader

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
