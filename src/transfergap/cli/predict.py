"""transfergap predict: predictions of a fitted model for new rows."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from transfergap.cli._terminal import echo, echo_data
from transfergap.cli.request import options as opt
from transfergap.errors import ConfigurationError, DataError

PREDICTION = "prediction"


@opt.takes("drop", "na", *opt.WRITING)
def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A file of `transfergap fit`.")],
    rows: Annotated[
        Path, typer.Argument(metavar="ROWS", help="Rows without labels (.csv, .tsv, .parquet).")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help=".csv or .parquet. (default: stdout)"),
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", "-y", help="Column to leave out, if it is there.")
    ] = None,
    *,
    options: opt.Options,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            metavar="COLUMN",
            help="Column of the rows to copy beside the predictions, such as an id; repeatable.",
        ),
    ] = None,
    trust: Annotated[
        list[str] | None,
        typer.Option("--trust", help="Type that the model may hold, such as my_module.Step."),
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", help="csv: all there is.")] = "csv",
) -> None:
    """Write a prediction a row, and for classes the probability of each.

    Columns are found by name; others are left out, but for those of --keep.

    Example: transfergap predict model.skops new_rows.csv --keep patient_id -o predicted.csv
    """
    from transfergap.cli.files.unlike_columns import unlike_columns
    from transfergap.cli.request.guessing import with_notes
    from transfergap.cli.request.request import check_format, reading_of
    from transfergap.cli.summarize import check_not_input
    from transfergap.data.replaced_file import replace_file
    from transfergap.safe.model_file import load_model

    check_format(format, ("csv",))
    if output is not None:
        check_not_input(output, model, rows)
        if output.suffix.lower() not in (".csv", ".parquet"):
            raise ConfigurationError(
                f"Predictions are not written as {output.suffix or 'a file without suffix'!s}.",
                hint="name a .csv or .parquet file with -o",
            )
    fitted = load_model(model, trusted=tuple(trust or ()))
    request = with_notes(with_words_of(fitted, opt.Request(rows, label="", **options)))
    out = {*request.drop, *([] if label is None else [label])}
    copies = tuple(dict.fromkeys(keep or ()))
    X, copied = rows_for(fitted, rows, reading_of(request), out, copies)
    for line in unlike_columns(fitted.encoder_, X):
        echo(f"note  {line}", err=True)
    table = with_copies(predictions(fitted, X), copied)
    if output is None:
        echo_data(without_formulas(table).to_csv(index=False), nl=False)
        return
    # In memory first, so that the file appears whole or not at all.
    buffer = io.BytesIO()
    if output.suffix.lower() == ".parquet":
        table.to_parquet(buffer, index=False)
    else:
        without_formulas(table).to_csv(buffer, index=False)
    replace_file(output, buffer.getvalue())
    echo(f"{output}: {len(table):,} rows")


def with_words_of(model: Any, request: opt.Request) -> opt.Request:
    """Return a request that reads missing values as the model's files were.

    A level of the model is no missing value, as ``NA`` may be for North America.
    """
    from transfergap.cli.files.missing_words import USUAL_WORDS
    from transfergap.data.encoding import CategoryColumn

    words = getattr(model, "missing_words_", {})
    columns = getattr(model.encoder_, "columns", ())
    levels = {
        c for column in columns if isinstance(column, CategoryColumn) for c in column.categories
    }
    return replace(
        request,
        na=tuple(dict.fromkeys([*request.na, *words.get("na", ())])),
        keep_na=tuple(sorted({*words.get("keep_na", ()), *(levels & USUAL_WORDS)})),
        category=tuple(words.get("category", ())),
    )


def predictions(model: Any, X: Any) -> Any:
    """Return a table: the prediction, and for classes a column ``p(class)`` each."""
    import pandas as pd

    if not hasattr(model, "predict_proba"):
        return pd.DataFrame({PREDICTION: model.predict(X)})
    shares = model.predict_proba(X)
    columns = {f"p({label})": shares[:, j] for j, label in enumerate(model.classes_.tolist())}
    return pd.DataFrame({PREDICTION: model.predict(X), **columns})


def with_copies(table: Any, copies: Any) -> Any:
    """Return predictions with columns of the input in front.

    Raises
    ------
    ConfigurationError
        If a column is called as one of the predictions.
    """
    import pandas as pd

    shared = [str(name) for name in copies.columns if name in table.columns]
    if shared:
        raise ConfigurationError(
            f"The column {shared[0]!r} is called as one of the predictions.",
            hint="rename it in the file, or leave it out of --keep",
        )
    return pd.concat([copies.reset_index(drop=True), table], axis=1)


_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes spreadsheets compute a cell


def without_formulas(table: Any) -> Any:
    """Return a table for CSV whose texts no spreadsheet takes for formulas.

    The names of classes come with the training data, and copied columns with the rows, maybe a
    stranger's. A quote in front makes them text, as spreadsheets write it themselves; numbers stay.
    """

    def quoted(value: Any) -> Any:
        is_formula = isinstance(value, str) and value.startswith(_FORMULA) and not _reads(value)
        return f"'{value}" if is_formula else value

    columns = {name: table[name].map(quoted) for name in table.columns if _may_be_text(table[name])}
    return table.assign(**columns).rename(columns=quoted)


def _may_be_text(column: Any) -> bool:
    import pandas as pd

    return not pd.api.types.is_numeric_dtype(column)


def _reads(text: str) -> bool:
    """Return whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def rows_for(
    model: Any, path: Path, reading: Any, out: set[str], copies: tuple[str, ...] = ()
) -> tuple[Any, Any]:
    """Return a file's rows for a model, and columns to copy.

    The rows are the model's columns, a matrix, or texts. The columns to copy are a table of texts.

    The rows are the model's columns, a matrix, or texts.

    Raises
    ------
    DataError
    """
    from transfergap.cli.files.reading import no_column
    from transfergap.cli.files.tables import read_frame
    from transfergap.data.encoding import CategoryColumn, Encoder

    encoder = model.encoder_
    columns = encoder.columns if isinstance(encoder, Encoder) and encoder.named else ()
    categories = [column for column in columns if isinstance(column, CategoryColumn)]
    # A column of codes is numbers in a file, and was so at the target; other categories are text.
    texts = [c.name for c in categories if not all(_is_number(value) for value in c.categories)]
    frame = read_frame(path, reading, texts=texts)
    copied = _copied(path, frame, reading, copies)
    if not columns:
        out = out | set(copies)
        X = _unnamed(model, frame[[name for name in frame.columns if name not in out]], path)
        return X, copied
    names = list(getattr(model, "feature_names_in_", [column.name for column in columns]))
    for name in names:
        if name not in frame.columns:
            raise no_column(path, frame, name, "the model's", reading)
    kinds = {c.name: "category" for c in categories if c.name not in texts}
    return frame[names].astype(kinds), copied


def _copied(path: Path, frame: Any, reading: Any, copies: tuple[str, ...]) -> Any:
    """Return the columns to copy, as they are written in the file."""
    from transfergap.cli.files.kinds import kind_of_file
    from transfergap.cli.files.reading import no_column, read_csv

    for name in copies:
        if name not in frame.columns:
            raise no_column(path, frame, name, "--keep", reading)
    kind, packed = kind_of_file(path)
    if not copies or kind not in ("csv", "excel"):
        return frame[list(copies)]
    # Read again as text: as numbers '007' would be 7, and the word NA a missing value.
    return read_csv(path, reading, copies, kind, packed, all_words=True)[list(copies)]


def _is_number(text: str) -> bool:
    try:
        return text == f"{float(text):g}" or text == str(int(text))
    except ValueError:
        return False


def _unnamed(model: Any, frame: Any, path: Path) -> Any:
    """Return rows for a model fitted on texts or an array.

    Such a model has no column names.
    """
    n_columns = getattr(model, "n_features_in_", None)
    if n_columns is not None:
        if frame.shape[1] != n_columns:
            raise DataError(
                f"{path} has {frame.shape[1]} columns; the model was fitted on an array of"
                f" {n_columns} columns without names.",
                hint="give the same columns in the same order, and leave others out (--drop)",
            )
        return frame.to_numpy()
    if frame.shape[1] != 1:
        raise DataError(
            f"{path} has {frame.shape[1]} columns; the model reads a single column of texts.",
            hint="leave the others out (--drop COLUMN), or name the label with --label",
        )
    return ["" if text is None or text != text else str(text) for text in frame.iloc[:, 0]]
