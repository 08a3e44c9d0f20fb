"""Run the notebooks of examples/notebooks and store them with their outputs.

python -m tools.build_notebooks          rewrite every .ipynb from the .py beside it
python -m tools.build_notebooks --check  say whether cells are out of date, and leave with 1

A notebook is written as a script with cells (``# %%``), which can be reviewed and linted; the
.ipynb is made of it and never edited, and so is the page of the site (docs/tutorials/notebook.md,
with its picture). Needs nbclient, nbconvert and ipykernel, of the group dev.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples" / "notebooks"
TUTORIAL = FOLDER / "another_hospital.py"  # the notebook that the site shows
PAGE = ROOT / "docs" / "tutorials" / "notebook.md"
PICTURE = ROOT / "docs" / "images" / "notebook.png"
_CELL = re.compile(r"^# %%(.*)$", re.M)
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def cells_of(script: str) -> list[dict[str, Any]]:
    """Return the cells of a script, without outputs.

    Examples
    --------
    >>> [cell["cell_type"] for cell in cells_of("# %% [markdown]\\n# # A\\n\\n# %%\\nx = 1\\n")]
    ['markdown', 'code']
    """
    pieces = _CELL.split(script)[1:]
    cells = []
    for number, (head, body) in enumerate(zip(pieces[::2], pieces[1::2], strict=True)):
        text = body.strip("\n")
        cell: dict[str, Any] = {"id": f"cell-{number:02d}", "metadata": {}}
        if "[markdown]" in head:
            text = re.sub(r"^# ?", "", text, flags=re.M)
            cells.append(cell | {"cell_type": "markdown", "source": text})
        else:
            code = {"cell_type": "code", "source": text, "outputs": [], "execution_count": None}
            cells.append(cell | code)
    return cells


def notebook_of(script: Path) -> dict[str, Any]:
    """Return a notebook without outputs."""
    return {
        "cells": cells_of(script.read_text(encoding="utf-8")),
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def executed(script: Path, *, timeout_s: int = 300) -> dict[str, Any]:
    """Return a notebook with its outputs, and without anything that changes from run to run."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.from_dict(notebook_of(script))
    NotebookClient(notebook, timeout=timeout_s, kernel_name="python3").execute()
    plain: dict[str, Any] = json.loads(nbformat.writes(notebook))
    for cell in plain["cells"]:
        cell["metadata"] = {}
        # The bar's display is emptied at the end, and says nothing afterwards.
        outputs = [output for output in cell.get("outputs", ()) if not _is_empty(output)]
        if "outputs" in cell:
            cell["outputs"] = outputs
    plain["metadata"] = notebook_of(script)["metadata"]
    return plain


def _is_empty(output: dict[str, Any]) -> bool:
    html = "".join(output.get("data", {}).get("text/html", "-"))
    return output["output_type"] == "display_data" and not html


def written(notebook: dict[str, Any]) -> str:
    """Return a notebook as text."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def stale() -> list[Path]:
    """Return the notebooks whose cells are not those of their scripts."""
    return [script for script in scripts() if sources_of(script) != _stored_sources(script)]


def scripts() -> list[Path]:
    """Return the scripts of all notebooks."""
    return sorted(FOLDER.glob("*.py"))


def sources_of(script: Path) -> list[str]:
    """Return the text of each cell of a script."""
    return [cell["source"] for cell in notebook_of(script)["cells"]]


def _stored_sources(script: Path) -> list[str]:
    path = script.with_suffix(".ipynb")
    if not path.is_file():
        return []
    stored = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in stored["cells"]]


def page_of(notebook: dict[str, Any]) -> tuple[str, bytes]:
    """Return a notebook as a page of the site, and its picture.

    The whole report, which a card folds below itself, is left out.
    """
    import nbformat
    from nbconvert import MarkdownExporter

    body, resources = MarkdownExporter().from_notebook_node(nbformat.reads(written(notebook), 4))
    [(name, picture)] = resources["outputs"].items()
    body = body.replace(f"![png]({name})", f"![The gaps of three arms](../images/{PICTURE.name})")
    body = re.sub(r"<details.*?</details>", "", body, flags=re.DOTALL)
    body = re.sub(r"<style scoped>.*?</style>", "", body, flags=re.DOTALL)
    head, _, rest = body.partition("\n")
    note = (
        f"This page is the notebook `{TUTORIAL.stem}.ipynb` of the folder `examples/notebooks`, run"
        " by `make notebooks`; frames are cards as a notebook shows them."
    )
    lines = [line.rstrip() for line in f"{head}\n\n{note}\n{rest}".split("\n")]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n") + "\n", picture


def main() -> int:
    """Rewrite the notebooks, or check them."""
    if "--check" in sys.argv[1:]:
        for script in stale():
            print(f"{script.with_suffix('.ipynb').name} is out of date: make notebooks")
        return 1 if stale() else 0
    for script in scripts():
        notebook = executed(script)
        text = written(notebook)
        if script == TUTORIAL:
            page, picture = page_of(notebook)
            PAGE.write_text(page, encoding="utf-8")
            PICTURE.write_bytes(picture)
        script.with_suffix(".ipynb").write_text(text, encoding="utf-8")
        print(f"{script.with_suffix('.ipynb')}: {len(text):,} letters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
