"""Trials of a run in one SQLite file.

It is the only mutable thing in the package.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import numpy as np

from transfergap.errors import RunDirectoryError, StorageError
from transfergap.experiment.design import Cell, Split
from transfergap.experiment.run_lock import RunLock
from transfergap.experiment.trial import CompletedTrial, FailedTrial, Trial

# Seconds: a sync a trial would cost more than many fits (decision 0009).
SYNC_EVERY_S = 0.25
_SCHEMA = """
CREATE TABLE IF NOT EXISTS trials (
    id TEXT PRIMARY KEY, arm TEXT NOT NULL, kind TEXT NOT NULL, repeat INTEGER NOT NULL,
    held_out TEXT NOT NULL, seed INTEGER NOT NULL, status TEXT NOT NULL,
    outputs BLOB, n_columns INTEGER, fit_s REAL, predict_s REAL, warnings TEXT,
    error TEXT, traceback TEXT, digest TEXT
) WITHOUT ROWID
"""
_COLUMNS = (
    "id, arm, kind, repeat, held_out, seed, status, outputs, n_columns, fit_s, predict_s,"
    " warnings, error, traceback, digest"
)
_PLACES = ", ".join("?" for _ in _COLUMNS.split(","))
Row = tuple[object, ...]


class TrialStore:
    """Trials by the id of their cell, one a transaction.

    Parameters
    ----------
    path : str or Path, optional
        The file; ``None`` keeps everything in memory.
    lock : RunLock, optional
        Released when the store is closed.

    Attributes
    ----------
    n_damaged : int
        Stored trials that were dropped as the file was opened, since they are not what was
        stored: a disk, a copy or an editor changed them. They are missing, and run again.

    Raises
    ------
    RunDirectoryError
        If the file is not a trial store.
    StorageError
        If it cannot be made, because the disk is full or read-only.

    Notes
    -----
    SQLite in WAL mode. Every trial is its own transaction, so an acknowledged trial survives the
    death of the process at any moment; it is forced to the disk itself at least every quarter of a
    second, which is what the death of the machine can cost. One writer at a time.

    SQLite notices damage to its own pages' structure, not to what stands in them, so every row
    carries a digest. A file with a damaged row is written anew from its sound ones.

    Examples
    --------
    >>> store = TrialStore()
    >>> store.add(FailedTrial(Cell("b pooled", Split("fold", 0, (3,)), 7), "ValueError: no", "..."))
    >>> len(store)
    1
    """

    def __init__(self, path: str | Path | None = None, lock: RunLock | None = None) -> None:
        self._lock = lock
        self.path = None if path is None else Path(path)
        self._synced = -math.inf
        self.n_damaged = 0 if self.path is None else _without_damage(self.path)
        try:
            self._connection = _connected(":memory:" if path is None else str(path))
        except sqlite3.Error as error:
            raise _not_opened(path, error) from error

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
                f"INSERT OR REPLACE INTO trials ({_COLUMNS}) VALUES ({_PLACES})", _row_of(trial)
            )

        if durable:
            self._synced = now

    def forget_failed(self) -> int:
        """Delete failed trials for another try; return their number."""
        with self._writing() as connection:
            return connection.execute("DELETE FROM trials WHERE status = 'failed'").rowcount

    def forget_all_but(self, arms: Collection[str]) -> int:
        """Delete the trials of other arms; return their number."""
        marks = ", ".join("?" for _ in arms)
        with self._writing() as connection:
            deleted = connection.execute(f"DELETE FROM trials WHERE arm NOT IN ({marks})", [*arms])
        return deleted.rowcount

    def trials(self) -> Iterator[Trial]:
        """Yield every trial, ordered by id.

        Raises
        ------
        StorageError
            If the file was damaged after it was opened.
        """
        for row in _rows(self._connection):
            if row is None or not _is_sound(row):
                raise StorageError(
                    f"{self.path} was damaged while it was in use.",
                    hint="run the same command again: sound trials are used, others run again",
                )
            yield _trial_of(row)

    def close(self) -> None:
        """Close the file, and release its lock."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

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


def _connected(place: str) -> sqlite3.Connection:
    """Return a connection to a store, new or old."""
    connection = sqlite3.connect(place)
    try:
        # Readers go on while a trial is written, and a killed writer leaves no half of it.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(_SCHEMA)
        # Reads no row; fails now, and not in the middle of a run, where the file is another's.
        connection.execute(f"SELECT {_COLUMNS} FROM trials LIMIT 0")
    except sqlite3.Error:
        connection.close()
        raise
    # Damaged text is a row with a wrong digest, not an error at a row that cannot be skipped.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection


def _not_opened(path: str | Path | None, error: sqlite3.Error) -> RunDirectoryError | StorageError:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_DISK:
        return StorageError(
            f"The store of trials {path} cannot be written ({error}).",
            hint="free some space on the disk, or choose a directory that can be written with -o",
        )
    return RunDirectoryError(
        f"{path} cannot be read as a store of trials ({error}).",
        hint="if this is a run of yours, the file is damaged or of an earlier version: delete it,"
        " and the same command runs its trials again; else use another run directory",
    )


# What SQLite says of a full disk, one that cannot be written, and one that fails.
_OF_THE_DISK = frozenset(
    (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
)


def _without_damage(path: Path) -> int:
    """Write a damaged store anew; return how many trials were lost.

    Files that are no store at all are left as they are, to be refused.
    """
    if not path.exists() or path.stat().st_size == 0:
        return 0
    try:
        connection = _connected(str(path))
    except sqlite3.Error:
        return 0
    with closing(connection):
        sound, n_damaged = _sound_rows(connection)
        if not n_damaged and _is_whole(connection):
            return 0
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(str(fresh))) as copy, copy:
        copy.execute(_SCHEMA)
        copy.executemany(f"INSERT OR REPLACE INTO trials ({_COLUMNS}) VALUES ({_PLACES})", sound)
    # The journal belongs to the damaged file: beside the new one it would be played into it.
    for journal in (f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(journal).unlink(missing_ok=True)
    fresh.replace(path)
    return max(n_damaged, 1)


def _sound_rows(connection: sqlite3.Connection) -> tuple[list[Row], int]:
    """Return the sound rows, and the number of others."""
    rows = list(_rows(connection))
    sound = [row for row in rows if row is not None and _is_sound(row)]
    n_damaged = len(rows) - len(sound)
    if rows and rows[-1] is None:  # a page that cannot be read: come from the other end too
        sound += [row for row in _rows(connection, "DESC") if row is not None and _is_sound(row)]
    return sound, n_damaged


def _is_sound(row: Row) -> bool:
    return row[-1] == _digest(row[:-1])


def _rows(connection: sqlite3.Connection, order: str = "ASC") -> Iterator[Row | None]:
    """Yield rows by id, then ``None`` where reading fails."""
    try:
        yield from connection.execute(f"SELECT {_COLUMNS} FROM trials ORDER BY id {order}")
    except (sqlite3.DatabaseError, OverflowError):
        yield None


def _is_whole(connection: sqlite3.Connection) -> bool:
    with suppress(sqlite3.DatabaseError):
        return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    return False


def _digest(row: Row) -> str:
    """Return a digest of all that is stored of a trial."""
    digest = hashlib.sha256()
    for part in row:
        data = part if isinstance(part, bytes) else json.dumps(part).encode()
        digest.update(f"{type(part).__name__}:{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()[:16]


def _row_of(trial: Trial) -> Row:
    cell = trial.cell
    held_out = json.dumps(cell.split.held_out)
    key = (cell.id, cell.arm, cell.split.kind, cell.split.repeat, held_out, cell.seed)
    if isinstance(trial, FailedTrial):
        row: Row = (*key, "failed", *[None] * 5, trial.error, trial.traceback)
        return (*row, _digest(row))
    # Little-endian float64, whatever the machine (decision 0005).
    outputs = np.ascontiguousarray(trial.outputs, dtype="<f8")
    n_columns = outputs.shape[1] if outputs.ndim == 2 else 0
    numbers = (outputs.tobytes(), n_columns, float(trial.fit_s), float(trial.predict_s))
    row = (*key, "completed", *numbers, json.dumps(trial.warnings), None, None)
    return (*row, _digest(row))


def _trial_of(row: Row) -> Trial:
    _, arm, kind, repeat, held_out, seed, status, *outcome = row
    blob, n_columns, fit_s, predict_s, warnings_json, error, text, _ = outcome
    split = Split(kind, repeat, tuple(json.loads(held_out)))  # type: ignore[arg-type]
    cell = Cell(arm, split, seed)  # type: ignore[arg-type]
    if status == "failed":
        return FailedTrial(cell, str(error), str(text))
    outputs = np.frombuffer(blob, dtype="<f8")  # type: ignore[call-overload]
    if n_columns:
        outputs = outputs.reshape(-1, n_columns)
    return CompletedTrial(cell, outputs, fit_s, predict_s, tuple(json.loads(warnings_json)))  # type: ignore[arg-type]
