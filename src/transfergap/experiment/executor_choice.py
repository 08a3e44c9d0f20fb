"""Choice of an executor by name, address or number of jobs."""

from __future__ import annotations

from typing import Any

import numpy as np

from transfergap.errors import ConfigurationError
from transfergap.experiment.executors import (
    AmbientExecutor,
    Executor,
    JoblibExecutor,
    SerialExecutor,
)


def executor_for(n_jobs: int, executor: Any = None) -> Executor:
    """Return an executor.

    Parameters
    ----------
    n_jobs : int
        Worker processes; 1 stays in this process, -1 is every core.
    executor : {"serial", "loky", "joblib", "dask"}, address, Client or Executor, optional
        In this process; in ``n_jobs`` processes; what ``joblib.parallel_config`` names; on a
        cluster of dask that is made here, or the one at an address such as ``tcp://host:8786``, or
        that of a ``distributed.Client``. Default: what ``joblib.parallel_config`` names if it
        names anything, else by ``n_jobs``.

    Raises
    ------
    ConfigurationError
        For 0 jobs, and for an executor of no such name.
    """
    if not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0:
        raise ConfigurationError(
            f"The number of jobs is {n_jobs!r}.", hint="use 1 for this process, -1 for every core"
        )
    if executor is None:
        if n_jobs == 1 and (configured := _configured()) is not None:
            return configured
        return SerialExecutor() if n_jobs == 1 else JoblibExecutor(n_jobs)
    if executor == "serial":
        return SerialExecutor()
    if executor == "loky":
        return JoblibExecutor(n_jobs)
    if executor == "joblib":
        return _configured() or AmbientExecutor()
    is_address = isinstance(executor, str) and "://" in executor
    if executor == "dask" or is_address or _is_client(executor):
        from transfergap.experiment.dask_executor import DaskExecutor

        return DaskExecutor(None if executor == "dask" else executor, n_workers=n_jobs)
    if not hasattr(executor, "map"):
        raise ConfigurationError(
            f"There is no executor {executor!r}.",
            hint="use serial, loky, joblib, dask, or a dask scheduler's address (tcp://host:8786)",
        )
    chosen: Executor = executor
    return chosen


def _is_client(executor: Any) -> bool:
    return hasattr(executor, "scheduler_info") and hasattr(executor, "scatter")


def _configured() -> Executor | None:
    """Return an executor on the backend that joblib was told, if any.

    joblib's own way pickles all data with every task; loky and dask have a better one here.
    """
    from joblib.parallel import get_active_backend

    backend, n_jobs = get_active_backend()
    name = type(backend).__name__
    if n_jobs == 1 or name == "SequentialBackend":
        return None
    if name == "LokyBackend":  # also where nothing is named: then there is no number of jobs
        return None if n_jobs is None else JoblibExecutor(n_jobs)
    client = getattr(backend, "client", None)
    if client is not None and _is_client(client):
        from transfergap.experiment.dask_executor import DaskExecutor

        return DaskExecutor(client)
    return AmbientExecutor()
