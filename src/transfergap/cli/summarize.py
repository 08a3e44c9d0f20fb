"""Verbs of summaries: the encoder that goes out, sums that come back."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from transfergap.cli._terminal import echo
from transfergap.cli.request import options as opt
from transfergap.errors import ConfigurationError, DataError, StorageError

if TYPE_CHECKING:
    from transfergap.cli.files.batches import Part
    from transfergap.cli.files.reading import Reading
    from transfergap.data.encoding import Accumulator, Encoder, GramSummary, Noise
    from transfergap.data.task import LabelKind

LABEL_KINDS: dict[str, LabelKind] = {"classes": "classes", "regression": "numbers"}


@opt.takes("label", "drop", "category", "na", *opt.WRITING)
def encoder(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="TARGET", help="Labelled target rows (.csv, .tsv, .parquet)."),
    ] = None,
    *,
    options: opt.Options,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model",
            metavar="FILE",
            help="Instead of TARGET: a model of `fit`, for the next round.",
        ),
    ] = None,
    task: opt.TASK = None,
    # Five by convention of disclosure control: rarer categories may name a person.
    min_count: Annotated[
        int, typer.Option("--min-count", help="Categories with fewer rows are not named.")
    ] = 5,
    min_rows: opt.MIN_ROWS = 20,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File. (default: to stdout)")
    ] = None,
) -> None:
    """Write how the target's columns become numbers, for other sites.

    The file holds none of the target's rows.

    Example: transfergap encoder target.csv --label y -o enc.json
    """
    if (target is None) == (model is None):
        raise ConfigurationError(
            "The encoder is made from a target or from a model.",
            hint="name target rows, or --model FILE for the next round",
        )
    if target is None:
        assert model is not None
        fitted = next_encoder(loaded(model))
    else:
        from transfergap.cli.request.guessing import with_notes
        from transfergap.cli.request.request import reading_of

        reading = reading_of(with_notes(opt.Request(target, **options)))
        fitted = _fitted(target, reading, task=task, min_count=min_count, min_rows=min_rows)
    if output is None:
        echo(fitted.to_json())
        return
    check_not_input(output, target, model)
    fitted.save(output)
    echo(f"{output}: {described(fitted)}, no rows")


def _fitted(
    target: Path, reading: Reading, *, task: str | None, min_count: int, min_rows: int
) -> Encoder:
    from transfergap.cli.files.tables import read_table
    from transfergap.data.encoding import fit_encoder
    from transfergap.data.labels.label_numbers import labels_as_numbers
    from transfergap.data.labels.reading import checked_labels, task_of
    from transfergap.data.sources.source_samples import checked_rows
    from transfergap.data.task import claiming_task

    check_task(task)
    table = read_table(target, reading, is_target=True)
    X = checked_rows(table.X, str(target))
    kind = None if task is None else LABEL_KINDS[task]
    y, _, _ = labels_as_numbers(table.y, {}, target.name, predicted=kind)
    y = checked_labels(y, len(X), str(target))
    if len(X) < min_rows:
        raise DataError(
            f"{target} has {len(X)} rows, fewer than {min_rows}: their means and scales would tell"
            " too much of each.",
            hint="add rows; or lower the limit (--min-rows) if each of them may be known",
        )
    check_task(task, y, target)
    label_task = task_of(y, None) if task is None else claiming_task(y, None, LABEL_KINDS[task])
    fitted = fit_encoder(X, y, task=label_task, min_count=min_count)
    if not fitted.outputs:
        raise DataError(
            f"No column of {target} is left: every category has fewer than {min_count} rows.",
            hint="lower --min-count, or add columns",
        )
    return fitted


def check_task(task: str | None, y: Any = None, path: Path | None = None) -> None:
    """Raise an error unless a task exists and fits the labels."""
    if task is not None and task not in LABEL_KINDS:
        raise ConfigurationError(
            f"There is no task called {task!r}.", hint=f"known: {', '.join(LABEL_KINDS)}"
        )
    takes_text = task is None or LABEL_KINDS[task] == "classes"
    if y is not None and not takes_text and y.dtype.kind not in "biuf":
        raise DataError(
            f"The labels of {path} are text ({y[0]!r}), which no regression predicts.",
            hint="use --task classes, or name another column with --label",
        )


def loaded(path: Path) -> Any:
    """Return the model in a file."""
    return importlib.import_module("transfergap.safe.model_file").load_model(path)


def next_encoder(model: Any) -> Encoder:
    """Return the encoder of the round after a fitted model's.

    Raises
    ------
    ConfigurationError
        For a model that needs no further round, or whose encoder was never sent out.
    """
    if getattr(model, "next_expansion_", None) is None:
        raise ConfigurationError(
            "This model has no next round: regression is exact in one.",
            hint="further rounds are for classes",
        )
    if not hasattr(model.encoder_, "at"):
        raise ConfigurationError(
            "This model was fitted on texts or sparse rows, whose words would go out.",
            hint="summaries are for tables",
        )
    if not model.encoder_was_given_:
        raise ConfigurationError(
            "This model made its own encoder from rows, with every category that is in them.",
            hint="fit it with summaries from sites: then it has the encoder that was sent to them",
        )
    successor: Encoder = model.encoder_.at(model.next_expansion_)
    return successor


def described(encoder: Encoder) -> str:
    """Return a short description of an encoder."""
    from transfergap.report.wording.names import named

    labels = encoder.labels
    label_text = labels.kind.listing([*map(named, map(str, labels.classes))])
    later = "" if encoder.expansion is None else ", of a later round"
    return (
        f"{len(encoder.columns)} columns as {len(encoder.outputs)} numbers, labels"
        f" {label_text}, encoder {encoder.fingerprint}{later}"
    )


def check_not_input(output: Path, *inputs: Path | None) -> None:
    """Raise ``ConfigurationError`` where the output would replace a file that is read."""
    for path in inputs:
        if path is not None and output.resolve() == path.resolve():
            raise ConfigurationError(
                f"The output {output} is the file that is read.", hint="choose another with -o"
            )


SUFFIX = ".tgsum"
_ENCODER_HINT = "add --encoder FILE: the target's site makes it with `transfergap encoder`"


@opt.takes("label", "na", *opt.WRITING)
def summarize(
    rows: Annotated[
        list[Path],
        typer.Argument(metavar="ROWS...", help="Labelled rows (.csv, .tsv, .parquet), any files."),
    ],
    *,
    options: opt.Options,
    jobs: opt.JOBS = 1,
    executor: opt.EXECUTOR = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            "--ledger",
            metavar="FILE",
            help="Keep a line on each summary that left the site. (.jsonl; default: none)",
        ),
    ] = None,
    encoder: Annotated[
        Path | None,
        typer.Option("--encoder", "-e", metavar="FILE", help="What the target's site sent."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="What to send back (.tgsum)."),
    ] = None,
    min_rows: opt.MIN_ROWS = 20,
    skip_foreign_labels: Annotated[
        bool,
        typer.Option("--skip-foreign-labels", help="Leave out rows whose label the target lacks."),
    ] = False,
    epsilon: Annotated[
        float | None,
        typer.Option("--epsilon", help="Add noise: differential privacy. (default: none)"),
    ] = None,
    delta: Annotated[
        float, typer.Option("--delta", help="Of the noise; 0 for pure privacy.")
    ] = 1e-6,
    max_norm: Annotated[
        float | None,
        typer.Option(
            "--max-norm",
            help="Of the noise: bound of a row's length. (default: root of the number of columns)",
        ),
    ] = None,
) -> None:
    """Write sums over rows that a target can learn from.

    The sums are counts, means and covariances.

    Reads the encoder's columns and the label; other columns are left out.

    Example: transfergap summarize site_b.csv --label y --encoder enc.json -o b.tgsum
    """
    from transfergap.data.encoding import Encoder, Noise

    for value, message, hint in (
        (encoder, "It is not said how to encode.", _ENCODER_HINT),
        (output, "It is not said where to write.", f"add -o {rows[0].stem}{SUFFIX}"),
    ):
        if value is None:
            raise ConfigurationError(message, hint=hint)
    assert encoder is not None and output is not None
    for path in rows:
        check_not_input(output, path, encoder, ledger)
        if sum(path.resolve() == file.resolve() for file in rows) > 1:
            raise ConfigurationError(
                f"{path} is named twice: its rows would count twice.", hint="name each file once"
            )
    noise = None if epsilon is None else Noise(epsilon, delta, max_norm)
    readings = _readings_of(rows, options)
    one = _PartSum(readings, Encoder.load(encoder), noise, skip_foreign_labels)
    sums = _summed(rows, one, jobs, executor)
    origin = str(rows[0]) if len(rows) == 1 else f"{len(rows)} files"
    summary = sums.summary(min_rows=min_rows, origin=origin)
    if ledger is not None:  # before the summary: what is not in the ledger was never made
        near = nearest_entry(ledger, summary, min_rows)
        enter(ledger, summary, output=output, files=rows)
        if near is not None:
            apart = abs(near["n_rows"] - summary.n_rows)
            echo(
                f"note  {near['summary']} of {near['made']} had {apart} rows more or fewer: who has"
                " both may know these rows",
                err=True,
            )
    summary.save(output)
    echo(f"{output}: {sums.n_rows:,} rows, {described(sums.encoder)}")
    if sums.n_foreign:
        echo(f"left out: {sums.n_foreign:,} rows whose label the target lacks")
    if noise is None:
        echo("holds exact means and covariances; see docs/summaries.md for what they tell")
        echo("the difference of two such summaries of the same rows and one more tells that row")
    else:
        echo(
            f"noised: epsilon {noise.epsilon:g}, delta {noise.delta:g};"
            f" it says {summary.n_rows:,} rows"
        )


def _readings_of(rows: list[Path], options: opt.Options) -> dict[Path, Reading]:
    """Return the reading of each file, by its absolute path.

    Options name a file by its name.
    """
    from transfergap.cli.request.guessing import with_notes
    from transfergap.cli.request.request import reading_of
    from transfergap.cli.request.source_names import name_of_file

    first, *further_files = rows
    named: dict[str, Path] = {}
    for path in further_files:
        name = name_of_file(path)
        # Files of several folders may be called alike.
        named[str(path) if name in (*named, first.stem) else name] = path
    request = with_notes(opt.Request(first, sources=named, **options))
    readings = {path.absolute(): reading_of(request, name) for name, path in named.items()}
    return {first.absolute(): reading_of(request), **readings}


@dataclass(frozen=True)
class _PartSum:
    """Sums over one part of the files, with its place among them."""

    readings: Mapping[Path, Reading]
    encoder: Encoder
    noise: Noise | None
    skip_foreign_labels: bool

    def __call__(self, numbered: tuple[int, Part]) -> tuple[int, Accumulator]:
        from transfergap.cli.files.batches import batches_of
        from transfergap.data.encoding import Accumulator

        place, part = numbered
        sums = Accumulator(
            self.encoder, noise=self.noise, skip_foreign_labels=self.skip_foreign_labels
        )
        start = part.first_row
        for X, y in batches_of(part, self.readings[part.path.absolute()], self.encoder):
            rows = f"rows {start:,} to {start + len(X) - 1:,} of {part.path}"
            sums.add(X, y, origin=rows if start else str(part.path))
            start += len(X)
        return place, sums


def _summed(rows: list[Path], one: _PartSum, jobs: int, executor: str | None) -> Accumulator:
    """Return the sums over all files.

    The bytes do not depend on where they were made.
    """
    from transfergap.cli.files.batches import parts_of
    from transfergap.data.encoding.accumulator import joined
    from transfergap.experiment.executor_choice import executor_for
    from transfergap.experiment.executors import WorkerDied

    # Workers may have started, or be, elsewhere: there, a path must say where it begins.
    elsewhere = jobs != 1 or executor is not None
    parts = parts_of([path.absolute() for path in rows] if elsewhere else rows)
    if executor is None:
        _note_unlike_columns(parts, one)
    sums: dict[int, Accumulator] = {}
    for result in executor_for(jobs, executor).map(one, enumerate(parts)):
        if isinstance(result, WorkerDied):
            path = result.item[1].path
            raise DataError(
                f"The process that read {path} was killed or crashed.",
                hint="out of memory? Then use fewer --jobs",
            )
        place, part_sums = result
        sums[place] = part_sums
    return joined([sums[place] for place in range(len(parts))])


def _note_unlike_columns(parts: list[Part], one: _PartSum) -> None:
    """Note columns that the first rows write unlike the target.

    Notes go to standard error, for each file.
    """
    from transfergap.cli.files.batches import batches_of
    from transfergap.cli.files.unlike_columns import unlike_columns

    for part in parts:
        if not part.first_row:
            readings = one.readings[part.path.absolute()]
            for X, _ in islice(batches_of(part, readings, one.encoder), 1):
                table = X.to_pandas() if hasattr(X, "to_pandas") else X  # Parquet is Arrow's
                for line in unlike_columns(one.encoder, table):
                    echo(f"note  {part.path.name}: {line}", err=True)


def nearest_entry(ledger: Path, summary: GramSummary, min_rows: int) -> dict[str, Any] | None:
    """Return an earlier summary that differs by too few rows, if any.

    Raises
    ------
    DataError
        If the file is no ledger.
    """
    if not ledger.exists():
        return None
    try:
        lines = ledger.read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        near = [
            entry
            for entry in entries
            if entry["encoder"] == summary.encoder.fingerprint
            and entry["epsilon"] is None
            and summary.noised is None
            and 0 < abs(entry["n_rows"] - summary.n_rows) < min_rows
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{ledger} cannot be read as a ledger of summaries ({error}).",
            hint="name a new file, or the one that `transfergap summarize --ledger` wrote",
        ) from error
    return min(near, key=lambda entry: abs(entry["n_rows"] - summary.n_rows), default=None)


def enter(ledger: Path, summary: GramSummary, *, output: Path, files: list[Path]) -> None:
    """Add a line on a summary to a site's ledger.

    Raises
    ------
    StorageError
    """
    import datetime
    import hashlib

    line = {
        "made": datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds"),
        "summary": output.name,
        "sha256": hashlib.sha256(summary.to_bytes()).hexdigest(),
        "encoder": summary.encoder.fingerprint,
        "files": [{"name": path.name, "sha256": _digest_of(path)} for path in files],
        "n_rows": summary.n_rows,
        "epsilon": summary.noised,
        "delta": summary.delta,
    }
    try:
        with ledger.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    except OSError as error:
        raise StorageError(
            f"The ledger {ledger} could not be written: {error.strerror or error}.",
            hint="the summary was not written either; check the folder and the permissions",
        ) from error


def _digest_of(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
