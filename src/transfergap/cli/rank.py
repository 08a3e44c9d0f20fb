"""transfergap rank: pretrained models by their features, before training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from transfergap.cli._terminal import echo
from transfergap.cli.request import options as opt
from transfergap.errors import ConfigurationError

FORMATS = ("text", "markdown", "json")


@opt.takes(*opt.WRITING)
def rank(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[TARGET]", help="Table with texts or columns and their labels."),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label", "-y", help="Column of TARGET; without TARGET a file with one column."
        ),
    ] = None,
    features: Annotated[
        list[str] | None,
        typer.Option(
            "--features", metavar="NAME=FILE", help="Features of a model; repeat for more."
        ),
    ] = None,
    *,
    options: opt.Options,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            metavar="[SHORT=][LIBRARY:]NAME",
            help="A model of sentence-transformers, transformers or onnx; repeat for more.",
        ),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="COLUMN", help="Texts for --model.")
    ] = None,
    image: Annotated[
        Path | None,
        typer.Option(
            "--image", metavar="FOLDER", help="Images for --model, in one folder a class."
        ),
    ] = None,
    raw: Annotated[
        Path | None,
        typer.Option("--raw", metavar="FILE", help="Raw inputs: a row that models must beat."),
    ] = None,
    prior: Annotated[
        str | None,
        typer.Option(
            "--prior",
            metavar="A,B,... or A=N,B=N,...",
            help="Static baseline: your ranking, best first, or numbers of parameters.",
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option("--groups", help="Column of TARGET: patients, users; never split."),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option("--metric", help="accuracy, balanced_accuracy or r2. (default: by labels)"),
    ] = None,
    margin: Annotated[
        float, typer.Option("--margin", help="Smallest difference that matters.")
    ] = 0.01,
    seed: Annotated[int, typer.Option("--seed", help="Draws the folds.")] = 0,
    device: Annotated[
        str | None, typer.Option("--device", help="A device of PyTorch, such as cuda.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help=".txt, .md or .json, beside stdout."),
    ] = None,
    format: opt.FORMAT = "text",
) -> None:
    """Rank pretrained models by probes of their features, before any training.

    Example: transfergap rank --features a=a.npy --features b=b.parquet --label y.csv
    """
    from transfergap.auditing.model_ranking import rank_models
    from transfergap.cli._rank_inputs import (
        extracted_features,
        named_files,
        prior_of_sizes,
        read_features,
        read_inputs,
        read_prior,
    )
    from transfergap.cli.request.request import check_format

    check_format(format, FORMATS)
    inputs = read_inputs(target, label, text, image, raw, groups, options)
    sets = {
        name: read_features(path, options) for name, path in named_files(features or []).items()
    }
    modelled, sizes = extracted_features(model or [], inputs)
    repeated = sorted(set(sets) & set(modelled))
    if repeated:
        raise ConfigurationError(
            f"Two models are called {repeated[0]!r}.", hint="give each --features another name"
        )
    sets |= modelled
    if not sets:
        raise ConfigurationError(
            "There is no model to rank.", hint="use --features NAME=FILE, or --model NAME"
        )
    choice = rank_models(
        sets,
        inputs.labels,
        raw=inputs.raw,
        prior=read_prior(prior) if prior is not None else prior_of_sizes(sizes, sets),
        metric=metric,  # type: ignore[arg-type]  # rank_models refuses other words
        margin=margin,
        groups=inputs.groups,
        seed=seed,
        device=device,
    )
    writers = {"text": choice.to_text, "markdown": choice.to_markdown, "json": choice.to_json}
    if output is not None:
        choice.save(output)
    echo(writers[format](), nl=False)
