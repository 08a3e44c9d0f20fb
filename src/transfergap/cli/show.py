"""transfergap show: print the result of a run."""

from __future__ import annotations

from transfergap.cli import _options as opt


def show(
    run: opt.RUN,
    format: opt.FORMAT = "text",
    no_color: opt.NO_COLOR = False,
    sources: opt.SOURCES = False,
) -> None:
    """Print the result of a finished run again, or its sources by harm.

    Example: transfergap show runs/demo-digits --format markdown
    """
    from transfergap.auditing.results import load_audit
    from transfergap.cli._output import print_result, print_sources, shell_path
    from transfergap.cli._request import check_format

    check_format(format)
    if sources:
        print_sources(load_audit(run).rank_sources(), format)
        return
    print_result(
        load_audit(run).result,
        format=format,
        no_color=no_color,
        next_line=f"transfergap report {shell_path(run)} -o report.html",
    )
