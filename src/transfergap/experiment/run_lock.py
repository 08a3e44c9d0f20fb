"""Lock of a run directory, for one process at a time."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from transfergap.errors import RunDirectoryError, StorageError

LOCK = "run.lock"


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
    none is left behind. The file keeps the number of the process for the message. Where the kernel
    has no such lock (Windows), SQLite's own lock of the store is what there is.
    """

    def __init__(self, directory: Path) -> None:
        path = directory / LOCK
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise StorageError(
                f"{path} cannot be written: {error.strerror or error}.",
                hint="free some space on the disk, or choose a directory that can be written"
                " with -o",
            ) from error
        if not _locked(self._file):
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
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


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
