"""Lock of a run directory, for one process at a time."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from transfergap.errors import RunDirectoryError, StorageError

LOCK = "run.lock"
_MOST_TRIES = 10  # where a file system tells no two files apart, the last file opened will do


class RunLock:
    """Lock of a run directory, until it is released.

    Parameters
    ----------
    directory : Path
        A run directory that exists.

    Raises
    ------
    RunDirectoryError
        If another process holds it.
    StorageError
        If its file cannot be made.

    Notes
    -----
    The kernel's own lock of a file (``flock``): it ends with the process, however that dies, so
    none is left behind. The file keeps the number of the process for the message, and goes when the
    lock is released; after a kill it stays, and locks nothing. Where the kernel has no such lock
    (Windows), SQLite's own lock of the store is what there is.
    """

    def __init__(self, directory: Path) -> None:
        self._path = path = directory / LOCK
        self._file = _opened(path)
        locked = _locked(self._file)
        for _ in range(_MOST_TRIES):
            if not locked or self._is_at_its_path():
                break
            # Whoever held it removed it between our opening and our locking.
            os.close(self._file)
            self._file = _opened(path)
            locked = _locked(self._file)
        if not locked:
            holder = os.pread(self._file, 32, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            raise RunDirectoryError(
                f"Another run is at work in {directory}"
                + (f" (process {holder})." if holder.isdigit() else "."),
                hint="wait until it is done, or choose another directory with -o",
            )
        os.truncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let another process work here."""
        if self._file < 0:
            return
        # Before the lock ends: whoever waits for it finds the file gone, and makes another.
        if sys.platform != "win32" and self._is_at_its_path():
            with suppress(OSError):  # of a directory that may no longer be written
                self._path.unlink()
        os.close(self._file)
        self._file = -1

    def _is_at_its_path(self) -> bool:
        """Return whether others would open the file that was locked."""
        try:
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        except FileNotFoundError:
            return False


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="free some space on the disk, or choose a directory that can be written with -o",
        ) from error


def _locked(file: int) -> bool:
    """Return whether the lock was taken; False where another holds it."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks, as some network ones
        return True
    return True
