"""Renderings of a result: terminal, page, Markdown, annotations, JSON, table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from transfergap.analysis.result import AuditResult
from transfergap.errors import ConfigurationError
from transfergap.report.json import result_from_json, result_to_json

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("text", "json", "markdown", "github", "html")
_SUFFIXES = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json", ".txt": "text"}


def render(
    result: AuditResult, format: str = "text", *, made_on: str | None = None, long: bool = False
) -> str:
    """Return a result as text of some format, ending with a newline.

    Parameters
    ----------
    result : AuditResult
    format : {"text", "json", "markdown", "github", "html"}
        Text is 88 columns wide, whole and without colour; :func:`transfergap.report.console.screen.
        render_terminal` makes the one screen of a terminal, too.
    made_on : str, optional
        Date for the head of a page.
    long : bool
        Whether a page prints all its sections; otherwise it prints one sheet.

    Raises
    ------
    ConfigurationError
        For another format.
    """
    if format == "json":
        return result_to_json(result)
    if format == "text":
        from transfergap.report.console.screen import render_terminal

        return render_terminal(result, color=False, detail="all")
    if format == "markdown":
        from transfergap.report.markdown import render_markdown

        return render_markdown(result)
    if format == "github":
        from transfergap.report.markdown import render_github

        return render_github(result)
    if format == "html":
        from transfergap.report.html import render_html

        return render_html(result, made_on=made_on, long=long)
    raise ConfigurationError(
        f"There is no format called {format!r}.", hint=f"known: {', '.join(FORMATS)}"
    )


def save(
    result: AuditResult, path: str | Path, made_on: str | None = None, *, long: bool = False
) -> None:
    """Write a report; the suffix decides: .html, .md, .json or .txt.

    A reader sees the old file or the new one, never half of either.

    Raises
    ------
    ConfigurationError
        For another suffix.
    StorageError
        If the file cannot be written.
    """
    from transfergap.experiment.run_directory import write_atomically

    path = Path(path)
    format = _SUFFIXES.get(path.suffix.lower())
    if format is None:
        raise ConfigurationError(
            f"{path.name} does not say what to write.",
            hint="end the name with .html, .md, .json or .txt",
        )
    write_atomically(path, render(result, format, made_on=made_on, long=long))


def notebook_html(result: AuditResult) -> str:
    """Return a card for a notebook, with the whole page folded below."""
    from transfergap.report.card import audit_card

    return audit_card(result)


def to_frame(result: AuditResult) -> pd.DataFrame:
    """Return one row an arm; see :func:`transfergap.report.json.to_frame`."""
    from transfergap.report import json

    return json.to_frame(result)


__all__ = [
    "FORMATS",
    "notebook_html",
    "render",
    "result_from_json",
    "result_to_json",
    "save",
    "to_frame",
]
