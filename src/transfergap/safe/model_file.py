"""A fitted model in a file without pickle.

Reading it runs no code but ours and the libraries'.
"""

from __future__ import annotations

import importlib
import io
import json
import re
import tokenize
import zipfile
import zlib
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path
from types import FunctionType
from typing import Any

from transfergap._version import __version__
from transfergap.data.replaced_file import replace_file
from transfergap.errors import DataError
from transfergap.safe.base import SafeTransferBase

SCHEMA = "transfergap/model/1"  # a reader refuses other schemas, so that no field is guessed
ABOUT = "transfergap.json"
_CLASSES = ("transfergap.safe", "transfergap.data.encoding", "sklearn", "skrub")
# Modules whose functions take and give arrays and tables: none touches a file or runs a text.
_FUNCTIONS = (
    "sklearn.feature_selection._univariate_selection",
    "sklearn.feature_selection._mutual_info",
    "skrub._dataframe._common",
    "skrub._table_vectorizer",
    "skrub.selectors",
)
_ALSO = frozenset(
    {
        "functools.partial",  # its function is looked at by itself
        "numpy.dtype",
        "scipy._lib.array_api_compat.numpy._aliases.asarray",
        "scipy.interpolate._bsplines.BSpline",
        "sklearn.utils.validation.check_array",
    }
)
_DAMAGED = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    ImportError,
    NotImplementedError,
    RecursionError,
    IndexError,
    # Of numpy's reader: a header that is no Python, an array that claims more than there is.
    tokenize.TokenError,
    SyntaxError,
    MemoryError,
    OverflowError,
)


def save_model(model: SafeTransferBase, path: str | Path) -> None:
    """Write a fitted model to a file, whole or not at all.

    Parameters
    ----------
    model : SafeTransferClassifier or SafeTransferRegressor
        Fitted.
    path : str or Path
        ``.skops`` by custom: the file is one of skops, with a note of ours in it.

    Raises
    ------
    DataError
        For something that is no fitted model, or holds what cannot be stored.
    StorageError
        If it cannot be written.

    Notes
    -----
    The file holds no row, but everything that a model reveals of rows: coefficients, categories,
    and for texts the words of target and sources.
    """
    from skops import io as skops_io

    if not isinstance(model, SafeTransferBase) or not hasattr(model, "model_"):
        raise DataError(
            f"A {type(model).__name__} is no fitted model of transfergap.",
            hint="fit a SafeTransferClassifier or SafeTransferRegressor first",
        )
    try:
        data = skops_io.dumps(model, compression=zipfile.ZIP_DEFLATED)
    except Exception as error:  # skops calls into every object that the model holds
        raise DataError(
            f"The model cannot be stored: {type(error).__name__}: {str(error)[:120]}",
            hint="its estimator must be made of importable classes, without lambdas",
        ) from error
    buffer = io.BytesIO(data)
    about = {
        "schema": SCHEMA,
        "transfergap": __version__,
        "model": type(model).__name__,
        "versions": {name: version(name) for name in ("numpy", "scikit-learn", "skops")},
    }
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ABOUT, json.dumps(about, indent=1))
    replace_file(Path(path), buffer.getvalue())


def load_model(path: str | Path, *, trusted: Collection[str] = ()) -> Any:
    """Load a model of :func:`save_model`, equal to the last bit.

    Parameters
    ----------
    path : str or Path
    trusted : collection of str
        Names of further types that the file may hold, such as ``my_module.MyTransformer``. Only
        name what you know: a file could have such a type do anything that it is able to.

    Raises
    ------
    DataError
        If the file is missing, no model, damaged, of a newer transfergap, or holds a type that is
        not trusted.

    Notes
    -----
    Trusted are classes of transfergap, scikit-learn and skrub, a few functions of theirs, and what
    skops itself trusts. Whole packages are not: an object named in a file may be called as it is
    read, and NumPy and pandas have functions that read pickles, as the built-ins have ``eval``.
    """
    from skops import io as skops_io
    from skops.io.exceptions import UntrustedTypesFoundException

    path = Path(path)
    data = _read(path)
    _check_about(data, path)
    try:
        named = skops_io.get_untrusted_types(data=data)
        refused = [name for name in named if name not in trusted and not is_trusted(name)]
        if not refused:
            model = skops_io.loads(data, trusted=list(named))
    except UntrustedTypesFoundException as error:
        raise _damaged(path, "it changed while it was read") from error
    except _DAMAGED as error:
        raise _damaged(path, f"{type(error).__name__}: {str(error)[:80]}") from error
    if refused:
        raise DataError(
            f"The model {path} holds {refused[0]}, which is not trusted, so it was not loaded.",
            hint="if you know who made the file and what this is, say so: --trust"
            f" {refused[0]} (in Python: load_model(..., trusted=[...]))",
        )
    if not isinstance(model, SafeTransferBase) or not hasattr(model, "model_"):
        raise _no_model(path, f"it holds a {type(model).__name__}")
    return model


def is_trusted(name: str) -> bool:
    """Return whether a type may be made from a file.

    Examples
    --------
    >>> is_trusted("transfergap.data.encoding.encoder.Encoder"), is_trusted("builtins.eval")
    (True, False)
    """
    if name in _ALSO:
        return True
    module, _, attribute = name.rpartition(".")
    if not _within(module, _CLASSES):
        return False
    try:
        thing = getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return False
    # A name may be no more than imported there: what counts is where it is defined.
    if isinstance(thing, type):
        return _within(thing.__module__, _CLASSES)
    return isinstance(thing, FunctionType) and _within(thing.__module__, _FUNCTIONS)


def _within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"The model {path} cannot be read: {error.strerror or error}.",
            hint="make one with `transfergap fit ... -o model.skops`",
        ) from error


def _check_about(data: bytes, path: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.testzip() is not None:
                raise _damaged(path, "a part of it does not fit its checksum")
            about = json.loads(archive.read(ABOUT))
        schema, made_by = str(about["schema"]), str(about["transfergap"])
    except DataError:
        raise
    except _DAMAGED as error:
        raise _no_model(path, f"{type(error).__name__}: {str(error)[:80]}") from error
    if _numbers(made_by) > _numbers(__version__) or schema != SCHEMA:
        raise DataError(
            f"The model {path} was written by transfergap {made_by[:20]} as {schema[:40]}; this is"
            f" {__version__}, which reads {SCHEMA}.",
            hint="install that version, or fit again with this one",
        )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text.partition("+")[0])[:3])


def _no_model(path: Path, why: str) -> DataError:
    return DataError(
        f"{path} is no whole model of transfergap ({why}).",
        hint="make one with `transfergap fit ... -o model.skops`",
    )


def _damaged(path: Path, why: str) -> DataError:
    return DataError(
        f"The model {path} is damaged ({why}).",
        hint="copy the file again, or fit again with `transfergap fit`",
    )
