"""Binary files that hold no table we read, by their first bytes."""

from __future__ import annotations

import re
from pathlib import Path

from transfergap.errors import DataError

_AS_TABLE = "write the table as CSV or Parquet"
_IN_PYTHON = "write the table as CSV or Parquet, in Python pandas.{}(...).to_parquet(...)"
# First bytes by the formats' specifications; of Stata's old ones version, byte order, kind, 0.
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (rb"\xd0\xcf\x11\xe0", "an old Excel file (.xls)", "save it as .xlsx or as CSV"),
    (
        rb"<stata_dta>|[\x66-\x73][\x01\x02]\x01\x00",
        "a Stata file",
        _IN_PYTHON.format("read_stata"),
    ),
    (rb"\$FL[23]", "an SPSS file", "save it as CSV or .xlsx (File, Save as)"),
    (rb"\x00{12}\xc2\xea\x81\x60|HEADER RECORD\*", "a SAS file", _IN_PYTHON.format("read_sas")),
    (
        rb"[XB]\n\x00\x00\x00|RD[ABX][23]\n",
        "a file of R (.rds, .RData)",
        "write the table in R: write.csv(x, 'x.csv', row.names = FALSE)",
    ),
    (rb"SQLite format 3\x00", "an SQLite database", _AS_TABLE),
    (rb".{8}DUCK.\x00\x00\x00", "a DuckDB database", _AS_TABLE),
    (rb"\x00\x01\x00\x00Standard", "an Access database", _AS_TABLE),
    (rb"\x80[\x02-\x05]", "a pickle, which may run code when read", "write the table as Parquet"),
    (rb"\x93NUMPY", "a NumPy array, whose columns have no names", _AS_TABLE),
    (rb"MATLAB 5", "a MATLAB file", _AS_TABLE),
    (rb"\x89HDF", "an HDF5 file", "write the table as Parquet"),
    (rb"Obj\x01", "an Avro file", "write the table as Parquet"),
    (rb"%PDF", "a PDF", "write the table as CSV"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a", "a picture", _AS_TABLE),
    (rb"\x28\xb5\x2f\xfd", "packed with zstd", "unpack it"),
    (rb"Rar!|7z\xbc\xaf", "a packed archive", "unpack it"),
)
N_FIRST = 16  # bytes: the longest signature above has sixteen


def check_signature(path: Path, first: bytes) -> None:
    """Raise ``DataError`` for a file that begins as no table does.

    Parameters
    ----------
    path : Path
    first : bytes
        The first sixteen of its content, or more; unpacked.
    """
    for pattern, content, hint in _SIGNATURES:
        if re.match(pattern, first, re.DOTALL):
            raise DataError(f"{path} is {content}.", hint=hint)
