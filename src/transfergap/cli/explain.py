"""transfergap explain: the page of a finding, offline."""

from __future__ import annotations

from typing import Annotated

import typer

from transfergap.errors import ConfigurationError


def explain(
    code: Annotated[str | None, typer.Argument(help="Code of a finding, such as TG101.")] = None,
) -> None:
    """Explain a finding: what it means, how it is found, what to do.

    Example: transfergap explain TG101
    """
    from transfergap.cli._pages import pages, titles

    names = titles()
    if code is None:
        for name, title in names.items():
            typer.echo(f"{name}  {title}")
        return
    key = code.upper()
    if key not in names:
        import difflib

        # cutoff .5, by hand: codes are short, and one wrong digit leaves little in common.
        near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
        raise ConfigurationError(
            f"There is no finding with the code {code!r}.",
            hint=f"did you mean {near[0]}?" if near else "`transfergap explain` lists all codes",
        )
    typer.echo(pages()[key].rstrip())
