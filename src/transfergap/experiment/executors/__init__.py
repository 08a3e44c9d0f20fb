"""Executors of trials; results come back as they are made."""

import numpy as np

from transfergap.errors import ConfigurationError
from transfergap.experiment.executors.processes import JoblibExecutor
from transfergap.experiment.executors.protocol import Executor, WorkerDied
from transfergap.experiment.executors.serial import SerialExecutor


def executor_for(n_jobs: int) -> Executor:
    """Return an executor with that many worker processes.

    1 stays in this process.

    Raises
    ------
    ConfigurationError
        For 0.
    """
    if not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0:
        raise ConfigurationError(
            f"The number of jobs is {n_jobs!r}.", hint="use 1 for this process, -1 for every core"
        )
    return SerialExecutor() if n_jobs == 1 else JoblibExecutor(n_jobs)


__all__ = ["Executor", "JoblibExecutor", "SerialExecutor", "WorkerDied", "executor_for"]
