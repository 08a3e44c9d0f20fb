"""Small real problems that many tests share."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path

# Before numpy is imported: on problems this small, threads of linear algebra that wait for each
# other in two test processes cost up to twenty times the work itself. `two_threads` undoes it.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
for name in THREADS:
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pytest  # noqa: E402
from threadpoolctl import threadpool_limits  # noqa: E402

from transfergap import errors  # noqa: E402

SHARED = Path(__file__).parents[2] / "shared" / "data"
# Tests that `make test` leaves out and `make long` runs, as `python -m tools.long_tests` measured.
LONG_TESTS = Path(__file__).with_name("long_tests.txt")
LONGEST_TESTS = Path(__file__).with_name("longest_tests.txt")  # that `make slow` runs


def pytest_make_parametrize_id(val, argname):
    """Give bytes no name: packed ones hold the second they were made in, and workers differ."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items):
    """Mark the tests that take long, and those that take longest as slow."""
    for file, mark in ((LONG_TESTS, "long"), (LONGEST_TESTS, "slow")):
        names = {*file.read_text(encoding="utf-8").splitlines()}
        for item in items:
            if item.nodeid in names:
                item.add_marker(mark)


def pytest_collection_finish():
    """Leave a million objects of imported modules out of every later search for garbage."""
    gc.freeze()


@pytest.fixture(autouse=True)
def old_names_warn_in_every_test():
    """Old names warn once a place; a test is a place of its own."""
    errors._WARNED_PLACES.clear()


@pytest.fixture
def two_threads(monkeypatch):
    """Two threads for linear algebra, here and in processes: only what limits them gives one."""
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    with threadpool_limits(2):
        yield


@pytest.fixture
def binary():
    """60 target rows of two classes with text labels, and two sources."""
    rng = np.random.default_rng(0)

    def rows(n, slope):
        X = rng.normal(size=(n, 3))
        return X, np.where(slope * X[:, 0] + rng.normal(size=n) > 0, "yes", "no")

    X, y = rows(60, 2.0)
    return X, y, {"good": rows(80, 2.0), "bad": rows(80, -2.0)}


@pytest.fixture
def numbers():
    """60 target rows with a number to predict, and one source."""
    rng = np.random.default_rng(1)
    X, Xs = rng.normal(size=(60, 3)), rng.normal(size=(90, 3))
    return X, X[:, 0] + rng.normal(size=60), {"b": (Xs, Xs[:, 0] + rng.normal(size=90))}


@pytest.fixture(scope="session")
def written_tables(tmp_path_factory):
    """A target and two sources as CSV and Parquet files with numbers, categories and gaps."""
    folder = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(2)

    def frame(n):
        age = rng.normal(50, 10, n)
        y = (age + rng.normal(0, 8, n) > 50).astype(int)
        frame = pd.DataFrame(
            {"age": age.round(2), "chol": rng.normal(200, 30, n).round(1),
             "sex": rng.choice(["f", "m"], n), "y": y}
        )  # fmt: skip
        frame.loc[rng.choice(n, n // 10, replace=False), "chol"] = np.nan
        return frame

    frame(60).to_csv(folder / "target.csv", index=False)
    frame(80).to_csv(folder / "b.csv", index=False)
    frame(70).to_parquet(folder / "c.parquet", index=False)
    return folder


@pytest.fixture
def table_files(written_tables, tmp_path):
    """The written tables in a folder of the test's own."""
    shutil.copytree(written_tables, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def shared_data():
    """The folder of real data beside the checkout; skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared real data are not beside this checkout")
    return SHARED
