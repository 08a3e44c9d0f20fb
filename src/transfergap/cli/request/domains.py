"""Files that hold all domains.

A column tells which rows are the target's, and which sources there are.
"""

from __future__ import annotations

import difflib
from dataclasses import replace

from transfergap.cli.files.tables import domains_of
from transfergap.cli.request.file_options import domain_of
from transfergap.cli.request.options import Request
from transfergap.cli.request.request import reading_of
from transfergap.errors import ConfigurationError


def with_domains(request: Request) -> Request:
    """Return a request with the file's further domains as sources.

    Raises
    ------
    ConfigurationError
        If the file has no rows of the target, or files of sources were named, too.
    """
    if request.domain is None:
        return request
    if request.source_names:
        raise ConfigurationError(
            "--domain takes all sources from one file, and sources were named, too.",
            hint="leave one of them out",
        )
    column = request.domain.partition("=")[0]
    reading = replace(reading_of(replace(request, label="", domain=None)), part=None)
    values = domains_of(request.target, reading, column)
    listing = ", ".join(values[:8]) + (", ..." if len(values) > 8 else "")
    part = None if "=" not in request.domain else domain_of(request)
    if part is None or part[1] not in values:
        near = difflib.get_close_matches(part[1], values, n=1) if part else []
        raise ConfigurationError(
            f"--domain does not say which rows are yours; {column} has: {listing}.",
            hint=f"write --domain {column}={near[0] if near else 'OWN'}",
        )
    sources = {value: request.target for value in values if value != part[1]}
    return replace(request, sources=sources)
