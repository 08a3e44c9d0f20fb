"""transfergap summarize: statistics that may leave a site, instead of its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from transfergap.cli import _options as opt
from transfergap.errors import ConfigurationError

SUFFIX = ".tgsum"
_ENCODER_HINT = "add --encoder FILE: the target's site makes it with `transfergap encoder`"


@opt.takes("label", "na", "delimiter", "encoding", "decimal")
def summarize(
    rows: Annotated[
        Path, typer.Argument(metavar="ROWS", help="Labelled rows (.csv, .tsv, .parquet).")
    ],
    *,
    options: opt.Options,
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
    """Write sums over rows (counts, means, covariances) that a target can learn from.

    Reads the encoder's columns and the label; other columns are left out.

    Example: transfergap summarize site_b.csv --label y --encoder enc.json -o b.tgsum
    """
    from transfergap.cli._batches import batches_of
    from transfergap.cli._request import reading_of
    from transfergap.cli.encoder import check_not_input, described
    from transfergap.data.encoding import Accumulator, Encoder, Noise

    reading = reading_of(opt.Request(rows, **options))
    for value, message, hint in (
        (encoder, "It is not said how to encode.", _ENCODER_HINT),
        (output, "It is not said where to write.", f"add -o {rows.stem}{SUFFIX}"),
    ):
        if value is None:
            raise ConfigurationError(message, hint=hint)
    assert encoder is not None and output is not None
    check_not_input(output, rows, encoder)
    noise = None if epsilon is None else Noise(epsilon, delta, max_norm)
    sums = Accumulator(Encoder.load(encoder), noise=noise, skip_foreign_labels=skip_foreign_labels)
    start = 0
    for X, y in batches_of(rows, reading, sums.encoder):
        place = f"rows {start:,} to {start + len(X) - 1:,} of {rows}" if start else str(rows)
        sums.add(X, y, origin=place)
        start += len(X)
    summary = sums.summary(min_rows=min_rows, origin=str(rows))
    summary.save(output)
    typer.echo(f"{output}: {sums.n_rows:,} rows, {described(sums.encoder)}")
    if sums.n_foreign:
        typer.echo(f"left out: {sums.n_foreign:,} rows whose label the target lacks")
    if noise is None:
        typer.echo("holds exact means and covariances; see docs/summaries.md for what they tell")
    else:
        typer.echo(
            f"noised: epsilon {noise.epsilon:g}, delta {noise.delta:g};"
            f" it says {summary.n_rows:,} rows"
        )
