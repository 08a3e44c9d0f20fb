"""The files that ship inside the package: read, never downloaded."""

from __future__ import annotations

import io
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


def read_bytes(file: str) -> bytes:
    """Return the content of one bundled file."""
    return (resources.files("transfergap.datasets") / "data" / file).read_bytes()


def read_arrays(file: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a bundled ``.npz`` file by name.

    Nothing in it is pickled.
    """
    with np.load(io.BytesIO(read_bytes(file)), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def read_table(file: str) -> pd.DataFrame:
    """Return one bundled parquet file as a table."""
    import pandas as pd

    return pd.read_parquet(io.BytesIO(read_bytes(file)))
