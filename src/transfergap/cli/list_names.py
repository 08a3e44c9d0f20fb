"""transfergap list: what there is to choose from."""

from __future__ import annotations

from typing import Annotated

import typer

from transfergap.errors import ConfigurationError

KINDS = ("metrics", "arms", "mitigations", "learners", "findings", "datasets")


def list_names(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(KINDS)}.")],
) -> None:
    """List metrics, arms, mitigations, learners, findings or data sets.

    Example: transfergap list metrics
    """
    if kind not in KINDS:
        raise ConfigurationError(
            f"There is no list of {kind!r}.", hint=f"known: {', '.join(KINDS)}"
        )
    if kind == "mitigations":
        from transfergap.cli._mitigations import mitigation_lines

        for line in mitigation_lines():
            typer.echo(line)
        return
    for name, description in _entries(kind):
        typer.echo(f"{name:<22}{description}")


def _entries(kind: str) -> list[tuple[str, str]]:
    if kind == "metrics":
        from transfergap.data.metric import metric_examples, metric_named, metric_names

        return [
            (name, metric_named(name).title) for name in (*metric_names(), *metric_examples())
        ] + [("...", "any scikit-learn scorer name")]
    if kind == "arms":
        return [
            ("b pooled", "target and source b, every row alike; one for each source"),
            ("all pooled", "target and all sources (with several)"),
            ("all balanced", "all sources together weigh as much as the target"),
            ("b coral", "source b by a mitigation: see transfergap list mitigations"),
            ("m fine-tuned", "training goes on from a pretrained model m (in Python)"),
            ("t co-trained", "target and another task t at once, by a network (in Python)"),
            ("safe", "all sources, each as far as the target's rows back it (transfergap fit)"),
            ("b only", "source b alone, for information; no verdict"),
            ("safe, target only", "the safe model without sources, for information; no verdict"),
        ]
    if kind == "findings":
        from transfergap.cli._pages import titles

        return list(titles().items())
    import importlib

    module = importlib.import_module(f"transfergap.{kind}")
    names = [n for n in module.__all__ if kind != "datasets" or n.startswith(("load_", "make_"))]
    return [(name, _first_line(getattr(module, name))) for name in names]
