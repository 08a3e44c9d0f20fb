"""Rewrite what was written for 0.1.0: scripts, shell scripts, audit.toml and Markdown.

    python -m tools.migrate FILE...            show what would change
    python -m tools.migrate --write FILE...    change it

Only what is certain is rewritten: what is imported from transfergap, what is called by such a
name, attributes of what such a call returns, and options of the command line. docs/migrating.md
lists what changed; ``transfergap.errors.RENAMES`` is the list that this reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tools.migrate.imports import imports_and_names
from tools.migrate.script import Script, spliced
from tools.migrate.usage import usages
from tools.migrate.words import current_config, current_shell, strings

_FENCE = re.compile(r"(^```(\w+)\n)(.*?)(^```)", re.S | re.M)


def migrated(text: str, suffix: str = ".py") -> str:
    """Return a file as it is written for the names of today.

    Parameters
    ----------
    text : str
    suffix : str
        Kind of the file: .py, .sh, .toml or .md.

    Raises
    ------
    SyntaxError
        For Python that cannot be parsed.

    Examples
    --------
    >>> migrated("from transfergap import load\\nprint(load('runs/x'))\\n")
    "from transfergap import load_audit\\nprint(load_audit('runs/x'))\\n"
    >>> migrated("transfergap run t.csv --precision quick", ".sh")
    'transfergap run t.csv --effort quick'
    """
    change = _KINDS.get(suffix)
    return text if change is None else change(text)


def _python(text: str) -> str:
    # Names first: arguments are looked up under what a function is called now.
    for found in (imports_and_names, usages, strings):
        script = Script.of(text)
        text = spliced(script, found(script))
    return text


def _markdown(text: str) -> str:
    def block(match: re.Match[str]) -> str:
        start, language, body, end = match.groups()
        try:
            return start + migrated(body, _LANGUAGES.get(language, "")) + end
        except SyntaxError:  # an excerpt that is no program
            return match.group(0)

    return _FENCE.sub(block, text)


_LANGUAGES = {"python": ".py", "py": ".py", "bash": ".sh", "console": ".sh", "sh": ".sh",
              "shell": ".sh", "toml": ".toml"}  # fmt: skip
_KINDS: dict[str, Callable[[str], str]] = {
    ".py": _python,
    ".sh": current_shell,
    ".toml": current_config,
    ".md": _markdown,
}
