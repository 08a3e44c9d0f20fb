"""transfergap report: write a page to send to a colleague."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from transfergap.cli import _options as opt

_OUTPUT = Annotated[
    Path, typer.Option("--output", "-o", help="File; .html, .md, .json or .txt decides the kind.")
]


def report(run: opt.RUN, output: _OUTPUT = Path("report.html")) -> None:
    """Write a report of a finished run: HTML, Markdown, JSON or text, by the suffix.

    Example: transfergap report runs/demo-digits -o digits.html
    """
    from transfergap.auditing.results import load_audit
    from transfergap.cli.run_audit import today
    from transfergap.report import save

    save(load_audit(run).result, output, made_on=today())
    typer.echo(str(output))
