"""Hook of mkdocs: folders in the navigation, and roles of docstrings.

A folder stands for its pages, in order of their names. Docstrings name what they refer to by roles
of Sphinx, such as ``:class:`Gap```, which Markdown does not know: the name alone is shown.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_ROLE = re.compile(r":(?:class|func|meth|mod|attr|data):\s*<code>~?([^<]*)</code>")


def on_config(config: Any) -> Any:
    """Put the pages of each named folder into the navigation."""
    config["nav"] = [_unfolded(entry, Path(config["docs_dir"])) for entry in config["nav"]]
    return config


def on_page_content(html: str, **_: Any) -> str:
    """Return a page whose roles are names."""
    return _ROLE.sub(r"<code>\1</code>", html)


def _unfolded(entry: Any, docs: Path) -> Any:
    if isinstance(entry, dict):
        [(title, value)] = entry.items()
        if isinstance(value, str) and value.endswith("/"):
            return {title: pages_of(docs / value, docs)}
        if isinstance(value, list):
            return {title: [_unfolded(item, docs) for item in value]}
    return entry


def pages_of(folder: Path, docs: Path) -> list[str]:
    """Return the pages of a folder, its index first."""
    pages = sorted(folder.glob("*.md"), key=lambda path: (path.stem != "index", path.stem))
    return [page.relative_to(docs).as_posix() for page in pages]
