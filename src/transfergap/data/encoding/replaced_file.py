"""A file that is there as a whole or not at all."""

from __future__ import annotations

import os
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
