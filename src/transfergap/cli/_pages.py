"""Pages that explain findings, shipped with the package and read offline."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from transfergap.errors import ConfigurationError

# Read as files: importing the checks takes a second, and a page is asked for on its own.
_SHIPPED = Path(__file__).parents[1] / "analysis" / "checks" / "finding_pages"
_CHECKOUT = Path(__file__).parents[3] / "docs" / "findings"


@cache
def pages() -> dict[str, str]:
    """Return the Markdown page of every finding by code, in order.

    Raises
    ------
    ConfigurationError
        If the installation lacks them.
    """
    for folder in (_SHIPPED, _CHECKOUT):  # an installed wheel; a checkout
        paths = sorted(folder.glob("TG*.md"))
        if paths:
            return {path.stem: path.read_text(encoding="utf-8") for path in paths}
    raise ConfigurationError(
        "The pages of findings are missing from this installation.", hint="reinstall transfergap"
    )


def titles() -> dict[str, str]:
    """Return the title of every finding by code, in order.

    Examples
    --------
    >>> titles()["TG101"]
    'target rows in a source'
    """
    heads = {code: page.splitlines()[0] for code, page in pages().items()}
    return {code: head.removeprefix(f"# {code} ") for code, head in heads.items()}
