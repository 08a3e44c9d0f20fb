"""What holds for every bundled set."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from typing import Any

import numpy as np
import pytest

from transfergap.datasets import (
    TransferDataset,
    load_claims,
    load_digits,
    load_flights,
    load_heart,
    load_sentiment,
)
from transfergap.errors import DataError

LOADERS = [load_digits, load_sentiment, load_flights, load_claims, load_heart]


def as_bytes(X: Any) -> bytes:
    if hasattr(X, "toarray"):
        return b"".join(part.tobytes() for part in (X.data, X.indices, X.indptr))
    if hasattr(X, "to_csv"):
        return X.to_csv().encode()
    return X.tobytes()


def columns(X: Any) -> Any:
    return dict(X.dtypes) if hasattr(X, "dtypes") else (X.shape[1], X.dtype)


def test_every_bundled_file_is_smaller_than_300_kilobytes() -> None:
    files = list((resources.files("transfergap.datasets") / "data").iterdir())
    assert len(files) == 9
    assert max(len(file.read_bytes()) for file in files) < 300_000


@pytest.mark.parametrize("load", LOADERS)
def test_sources_have_the_kind_and_columns_of_the_target(load: Any) -> None:
    data: TransferDataset = load()
    assert data.target not in data.sources
    for X, y in data.sources.values():
        assert type(X) is type(data.X)
        assert columns(X) == columns(data.X)
        assert X.shape[0] == len(y)
        assert y.dtype == data.y.dtype
        assert set(np.unique(y)) == set(np.unique(data.y))


@pytest.mark.parametrize("load", LOADERS)
def test_a_small_target_has_the_rows_asked_for(load: Any) -> None:
    data = load(n_target=30)
    assert data.X.shape[0] == len(data.y) == 30


@pytest.mark.parametrize("load", LOADERS)
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(load: Any) -> None:
    first, again, other = load(n_target=40), load(n_target=40), load(n_target=40, random_state=1)
    assert as_bytes(first.X) == as_bytes(again.X)
    assert first.y.tobytes() == again.y.tobytes()
    for name in first.sources:
        assert as_bytes(first.sources[name][0]) == as_bytes(again.sources[name][0])
    assert as_bytes(first.X) != as_bytes(other.X)


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize("n_target", [0, -1, 10_000])
def test_a_target_that_cannot_be_drawn_is_refused_with_the_range(load: Any, n_target: int) -> None:
    with pytest.raises(DataError, match="choose n_target between 1 and"):
        load(n_target=n_target)


@pytest.mark.parametrize("load", [load_sentiment, load_flights, load_claims, load_heart])
def test_an_unknown_target_is_refused_with_the_names_there_are(load: Any) -> None:
    known = load(n_target=1)
    with pytest.raises(DataError, match=known.target):
        load(known.target + "x")


@pytest.mark.parametrize("load", LOADERS)
def test_provenance_names_a_licence(load: Any) -> None:
    about = load(n_target=1).about
    assert any(licence in about for licence in ("BSD", "MIT", "CC0", "CC BY 4.0"))


def test_importing_the_package_imports_no_pandas_torch_or_matplotlib() -> None:
    code = (
        "import sys, transfergap.datasets\n"
        "print([name for name in ('pandas', 'torch', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
