"""Names of sources, by their files and by tables in folders."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from transfergap.cli._terminal import echo
from transfergap.cli.files.kinds import SUMMARY
from transfergap.errors import DataError

# What a folder of tables holds; .json is as often a configuration, and is read where it is named.
_TABLES = (".csv", ".tsv", ".parquet", ".feather", ".xlsx", ".gz", ".bz2", ".xz", ".zip")


def _tables_in(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if not file.name.startswith((".", "~$")))
    tables = [file for file in files if file.suffix.lower() in _TABLES]
    if tables and len(tables) < len(files):
        skipped_names = ", ".join(file.name for file in files if file not in tables)
        echo(f"note  {path}: read as sources are its tables, not {skipped_names}", err=True)
    if not tables:
        raise DataError(
            f"There is no table in the folder {path}.",
            hint="it may hold .csv, .tsv, .parquet, .feather and .xlsx files, packed or not",
        )
    return tables


def name_of_file(path: Path) -> str:
    """Return the name of a source by its file.

    Examples
    --------
    >>> name_of_file(Path("data.2019.csv.gz")), name_of_file(Path("a=b.csv"))
    ('data.2019', 'a-b')
    """
    name = path.name
    while (end := Path(name).suffix).lower() in (*_TABLES, ".json", SUMMARY) and name != end:
        name = name.removesuffix(end)
    return name.replace("=", "-")


def named_sources(files: Sequence[Path], before: dict[str, Path], target: Path) -> dict[str, Path]:
    """Return sources with names, given ones first, then those of files.

    A folder stands for the tables in it, except the target.

    A folder stands for the tables in it, but the target.

    Raises
    ------
    DataError
        If two have one name, or a folder holds no table.
    """
    sources = dict(before)
    for path in (one for file in files for one in _tables_in(file)):
        if path.resolve() == target.resolve():
            if path in files:
                raise DataError(
                    f"{path} is the target itself.", hint="name files of other data after it"
                )
            continue
        name = name_of_file(path)
        if name in sources:
            words = shlex.join(["-s", f"{name}={sources[name]}", "-s", f"{name}2={path}"])
            raise DataError(
                f"Two sources are called {name!r}: {sources[name]} and {path}.",
                hint=f"name them: {words}",
            )
        sources[name] = path
    return sources
