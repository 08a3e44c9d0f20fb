"""Trials of a run in one SQLite file.

It is the only mutable thing in the package.
"""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from transfergap.errors import RunDirectoryError, StorageError
from transfergap.experiment.design import Cell, Split
from transfergap.experiment.trial import CompletedTrial, FailedTrial, Trial

# Seconds: a sync a trial would cost more than many fits (decision 0009).
SYNC_EVERY_S = 0.25
_SCHEMA = """
CREATE TABLE IF NOT EXISTS trials (
    id TEXT PRIMARY KEY, arm TEXT NOT NULL, kind TEXT NOT NULL, repeat INTEGER NOT NULL,
    held_out TEXT NOT NULL, seed INTEGER NOT NULL, status TEXT NOT NULL,
    outputs BLOB, n_columns INTEGER, fit_s REAL, predict_s REAL, warnings TEXT,
    error TEXT, traceback TEXT
) WITHOUT ROWID
"""
_COLUMNS = (
    "id, arm, kind, repeat, held_out, seed, status, outputs, n_columns, fit_s, predict_s,"
    " warnings, error, traceback"
)


class TrialStore:
    """Trials by the id of their cell, one a transaction.

    Parameters
    ----------
    path : str or Path, optional
        The file; ``None`` keeps everything in memory.

    Raises
    ------
    RunDirectoryError
        If the file is not a trial store.

    Notes
    -----
    SQLite in WAL mode. Every trial is its own transaction, so an acknowledged trial survives the
    death of the process at any moment; it is forced to the disk itself at least every quarter of a
    second, which is what the death of the machine can cost. One writer at a time.

    Examples
    --------
    >>> store = TrialStore()
    >>> store.add(FailedTrial(Cell("b pooled", Split("fold", 0, (3,)), 7), "ValueError: no", "..."))
    >>> len(store)
    1
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = None if path is None else Path(path)
        self._synced = -math.inf
        try:
            self._connection = sqlite3.connect(":memory:" if path is None else str(path))
            # Readers go on while a trial is written, and a killed writer leaves no half of it.
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(_SCHEMA)
            # Reads no row; fails now, and not in the middle of a run, where the file is of another
            # kind.
            self._connection.execute(f"SELECT {_COLUMNS} FROM trials LIMIT 0")
        except sqlite3.Error as error:
            raise RunDirectoryError(
                f"{path} cannot be read as a store of trials ({error}).",
                hint="it may belong to another program or be damaged; use another run directory",
            ) from error

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM trials").fetchone()[0])

    def ids(self) -> set[str]:
        """Return the ids of cells with a trial, completed or failed."""
        return {row[0] for row in self._connection.execute("SELECT id FROM trials")}

    def add(self, trial: Trial) -> None:
        """Store a trial.

        A second one of the same cell replaces the first.

        Raises
        ------
        StorageError
            If it cannot be written, for instance because the disk is full. Trials stored before
            stay.
        """
        now = time.monotonic()
        durable = now - self._synced >= SYNC_EVERY_S
        with self._writing() as connection:
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            connection.execute(
                f"INSERT OR REPLACE INTO trials ({_COLUMNS})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                _row_of(trial),
            )

        if durable:
            self._synced = now

    def forget_failed(self) -> int:
        """Delete failed trials for another try; return their number."""
        with self._writing() as connection:
            return connection.execute("DELETE FROM trials WHERE status = 'failed'").rowcount

    def trials(self) -> Iterator[Trial]:
        """Yield every trial, ordered by id."""
        for row in self._connection.execute(f"SELECT {_COLUMNS} FROM trials ORDER BY id"):
            yield _trial_of(row)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._connection:
                yield self._connection
        except sqlite3.Error as error:
            place = "memory" if self.path is None else str(self.path)
            raise StorageError(
                f"A trial could not be stored in {place}: {error}.",
                hint="free some space and run the same command again; stored trials are kept",
            ) from error


def _row_of(trial: Trial) -> tuple[object, ...]:
    cell = trial.cell
    held_out = json.dumps(cell.split.held_out)
    key = (cell.id, cell.arm, cell.split.kind, cell.split.repeat, held_out, cell.seed)
    if isinstance(trial, FailedTrial):
        return (*key, "failed", *[None] * 5, trial.error, trial.traceback)
    # Little-endian float64, whatever the machine (decision 0005).
    outputs = np.ascontiguousarray(trial.outputs, dtype="<f8")
    n_columns = outputs.shape[1] if outputs.ndim == 2 else 0
    warnings_json = json.dumps(trial.warnings)
    result_columns = (
        outputs.tobytes(),
        n_columns,
        trial.fit_s,
        trial.predict_s,
        warnings_json,
        None,
        None,
    )
    return (*key, "completed", *result_columns)


def _trial_of(row: tuple[object, ...]) -> Trial:
    _, arm, kind, repeat, held_out, seed, status, *outcome = row
    blob, n_columns, fit_s, predict_s, warnings_json, error, text = outcome
    split = Split(kind, repeat, tuple(json.loads(held_out)))  # type: ignore[arg-type]
    cell = Cell(arm, split, seed)  # type: ignore[arg-type]
    if status == "failed":
        return FailedTrial(cell, str(error), str(text))
    outputs = np.frombuffer(blob, dtype="<f8")  # type: ignore[call-overload]
    if n_columns:
        outputs = outputs.reshape(-1, n_columns)
    return CompletedTrial(cell, outputs, fit_s, predict_s, tuple(json.loads(warnings_json)))  # type: ignore[arg-type]
