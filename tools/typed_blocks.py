"""Fill blocks of a page with what its commands print.

A block starts with a line `<!-- typed in hospitals -->` and ends with `<!-- end of typed -->`.
Lines in it that start with `$ ` are run, one after the other, in a folder that the page's blocks of
one scene share; what they print is written below them. `tools/scenes.py` makes the folders.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.scenes import SCENES

BLOCK = re.compile(
    r"<!-- typed in (?P<scene>\w+) -->\n```console\n(?P<body>.*?)```\n<!-- end of typed -->",
    re.DOTALL,
)


def with_typed_blocks(text: str) -> str:
    """Return a page whose blocks hold what their commands print now."""
    with tempfile.TemporaryDirectory() as root:
        folders: dict[str, Path] = {}

        def filled(match: re.Match[str]) -> str:
            scene = match["scene"]
            if scene not in folders:
                folders[scene] = Path(root) / scene
                folders[scene].mkdir()
                SCENES[scene](folders[scene])
            body = "".join(printed(line, folders[scene]) for line in commands_of(match["body"]))
            return (
                f"<!-- typed in {scene} -->\n```console\n{body.rstrip()}\n```\n"
                "<!-- end of typed -->"
            )

        return BLOCK.sub(filled, text)


def commands_of(body: str) -> list[str]:
    """Return the commands of a block; a line that ends with a backslash goes on.

    Examples
    --------
    >>> commands_of("$ a b\\nprinted\\n$ c\\n")
    ['a b', 'c']
    """
    return [line.removeprefix("$ ") for line in body.split("\n") if line.startswith("$ ")]


def printed(command: str, folder: Path) -> str:
    """Return a command with what it prints to standard output, errors where it fails."""
    import os

    words = shlex.split(command)
    if words[0] == "transfergap":
        words = [sys.executable, "-m", "transfergap", *words[1:]]
    done = subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "COLUMNS": "88", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
    )
    out = done.stdout if done.returncode != 2 else done.stderr
    lines = [line.rstrip() for line in out.strip("\n").split("\n")]
    return f"$ {command}\n" + "\n".join(lines) + "\n\n"
