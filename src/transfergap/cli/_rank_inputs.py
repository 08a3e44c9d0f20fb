"""Inputs of `transfergap rank`: labels, features, raw inputs and models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transfergap.cli._terminal import echo
from transfergap.cli.request.options import Options
from transfergap.errors import ConfigurationError, DataError

_IMAGES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


@dataclass(frozen=True)
class RankInputs:
    """Candidates to rank, read from files.

    Parameters
    ----------
    labels : array or list
    raw : table, array or list of str, optional
    groups : array, optional
    texts : list of str, optional
    images : tuple of Path
    """

    labels: Any
    raw: Any = None
    groups: Any = None
    texts: list[str] | None = None
    images: tuple[Path, ...] = field(default=())


def read_inputs(
    target: Path | None,
    label: str | None,
    text: str | None,
    image: Path | None,
    raw: Path | None,
    groups: str | None,
    options: Options,
) -> RankInputs:
    """Read labels and inputs.

    Raises
    ------
    ConfigurationError
        If options do not fit together.
    DataError
    """
    if image is not None:
        return _images(image)
    if label is None:
        raise ConfigurationError("There are no labels.", hint="use --label")
    inputs = None if raw is None else _frame(raw, options)
    if target is None:
        if text is not None or groups is not None:
            option = "--text" if text is not None else "--groups"
            raise ConfigurationError(
                f"{option} names a column, but there is no table.",
                hint="name the table first: transfergap rank TARGET --label COLUMN ...",
            )
        return RankInputs(_labels(Path(label), options), inputs)
    frame = _frame(target, options)
    for option, column in (("--label", label), ("--text", text), ("--groups", groups)):
        if column is not None and column not in frame.columns:
            raise DataError(
                f"{target} has no column {column!r} ({option}).",
                hint=f"it has {', '.join(map(str, frame.columns[:8]))}",
            )
    out = [label, *([] if groups is None else [groups])]
    texts = None if text is None else [str(value) for value in frame[text].fillna("")]
    columns = frame.drop(columns=out)
    if inputs is None:
        inputs = texts if texts is not None else (columns if columns.shape[1] else None)
    return RankInputs(
        frame[label].to_numpy(),
        inputs,
        None if groups is None else frame[groups].to_numpy(),
        texts,
    )


def _images(folder: Path) -> RankInputs:
    """Read a folder with one folder of images a class.

    Raises
    ------
    DataError
        If it has no two classes.
    """
    from transfergap.analysis.scores.extractors import pixel_features

    paths = sorted(p for p in folder.glob("*/*") if p.suffix.lower() in _IMAGES)
    classes = [path.parent.name for path in paths]
    if len(set(classes)) < 2:
        raise DataError(
            f"{folder} does not have two folders with images.",
            hint="put the images of each class into a folder of its name",
        )
    return RankInputs(classes, pixel_features(paths), images=tuple(paths))


def named_files(texts: Sequence[str]) -> dict[str, Path]:
    """Return files by name.

    Examples
    --------
    >>> named_files(["a=x/a.npy"])
    {'a': PosixPath('x/a.npy')}
    """
    named: dict[str, Path] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or not name or not path or name in named:
            raise ConfigurationError(
                f"--features is {text!r}.", hint="use --features NAME=FILE, each name once"
            )
        named[name] = Path(path)
    return named


def read_features(path: Path, options: Options) -> Any:
    """Read the features in a file.

    A .npy file stays on disk and is read block by block.

    Raises
    ------
    DataError
    """
    import numpy as np

    if path.suffix.lower() != ".npy":
        return _frame(path, options).to_numpy()
    if not path.is_file():
        raise DataError(f"There is no file {path}.", hint="check the path")
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise DataError(
            f"{path} is no array of numbers: {str(error).splitlines()[0]}",
            hint="write it with numpy.save, as float32 or float64",
        ) from error


def _frame(path: Path, options: Options) -> Any:
    from transfergap.cli.request.guessing import read_alone

    return read_alone(path, options)


def _labels(path: Path, options: Options) -> Any:
    """Return the labels of a file with one column.

    Raises
    ------
    DataError
    """
    if path.suffix.lower() == ".npy":
        return read_features(path, options)
    frame = _frame(path, options)
    if frame.shape[1] != 1:
        raise DataError(
            f"{path} has {frame.shape[1]} columns, and labels are one.",
            hint="keep the column of labels; or name the table first and --label COLUMN",
        )
    return frame.iloc[:, 0].to_numpy()


def extracted_features(
    names: Sequence[str], inputs: RankInputs
) -> tuple[dict[str, Any], dict[str, int | None]]:
    """Return features and numbers of parameters of models that are run here.

    Raises
    ------
    ConfigurationError
        If there is nothing to run them on.
    MissingExtraError
    """
    from transfergap.analysis.scores.extractors import extractor

    if names and inputs.texts is None and not inputs.images:
        raise ConfigurationError(
            "--model has nothing to read.", hint="add --text COLUMN, or --image FOLDER"
        )
    features, sizes = {}, {}
    for text in names:
        # A short name for the table, as in --features; paths with "=" need one.
        name, _, model = text.partition("=") if "=" in text else (text, "", text)
        built = extractor(model, "image" if inputs.images else "text")
        echo(f"{name}: features of {len(inputs.labels)} rows", err=True)
        features[name] = built.features(inputs.images or inputs.texts or ())
        sizes[name] = built.n_parameters
    return features, sizes


def prior_of_sizes(
    sizes: Mapping[str, int | None], sets: Mapping[str, Any]
) -> dict[str, float] | None:
    """Return numbers of parameters as the static baseline.

    ``None`` where a model does not tell its number.
    """
    counts = {name: float(size) for name, size in sizes.items() if size is not None}
    return counts if len(counts) > 1 and set(counts) == set(sets) else None


def read_prior(text: str) -> list[str] | dict[str, float]:
    """Return the ranking or the numbers of parameters that a text lists.

    Examples
    --------
    >>> read_prior("a, b"), read_prior("a=110e6,b=22e6")
    (['a', 'b'], {'a': 110000000.0, 'b': 22000000.0})
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not any("=" in part for part in parts):
        return parts
    try:
        return {name: float(n) for name, _, n in (part.rpartition("=") for part in parts)}
    except ValueError:
        raise ConfigurationError(
            f"--prior is {text!r}.", hint="use A,B,... or A=NUMBER,B=NUMBER,..."
        ) from None
