"""A file that is there as a whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from transfergap.errors import StorageError


def replace_file(
    path: Path, data: bytes, *, hint: str = "check the folder, the disk and the permissions"
) -> None:
    """Write ``data`` atomically: readers see the old or the new file.

    ``hint`` is for the error of a file that could not be written.

    Raises
    ------
    StorageError
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        try:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"{path} could not be written: {error.strerror or error}.",
            hint=hint,
        ) from error


def remove_leftovers(directory: Path) -> None:
    """Remove files that processes were writing here when they were killed."""
    for path in directory.glob("*.part"):
        writer = path.suffixes[-2].removeprefix(".") if len(path.suffixes) > 1 else ""
        if writer.isdigit() and not _is_alive(int(writer)):
            path.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    if sys.platform == "win32":  # where signal 0 is no question but Ctrl-C
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True
