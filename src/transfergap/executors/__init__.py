"""Executors: where trials run. One method each; results come back as they are made."""

from transfergap.executors.processes import JoblibExecutor
from transfergap.executors.protocol import Executor, WorkerDied
from transfergap.executors.serial import SerialExecutor

__all__ = ["Executor", "JoblibExecutor", "SerialExecutor", "WorkerDied"]
