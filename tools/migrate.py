"""Rewrite scripts written for 0.1.0: imports of modules that moved.

    python -m tools.migrate SCRIPT...            show what would change
    python -m tools.migrate --write SCRIPT...    change it

Only what is certain is rewritten: import statements, and dotted names that start with
``transfergap.`` where that name is imported. Everything else of a script stays as it is.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

import transfergap

ROOT = "transfergap"
Edit = tuple[int, int, str]  # from, to (in bytes of the script), and the new text


def new_path(dotted: str) -> str | None:
    """Return where a module is now, ``None`` if it did not move.

    Examples
    --------
    >>> new_path("transfergap.mitigations.coral"), new_path("transfergap.safe")
    ('transfergap.learners.mitigations.coral', None)
    """
    root, _, name = dotted.partition(".")
    home, _, inner = name.partition(".")
    if root != ROOT or home not in transfergap._MOVED:
        return None
    return f"{ROOT}.{transfergap._MOVED[home]}" + (f".{inner}" if inner else "")


def migrated(text: str) -> str:
    """Return a script with the imports of today.

    Examples
    --------
    >>> migrated("from transfergap.problem import Sample\\n")
    'from transfergap.data.problem import Sample\\n'
    """
    data = text.encode()
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(text)
    for start, end, new in sorted(edits(tree, data, starts), reverse=True):
        data = data[:start] + new.encode() + data[end:]
    return data.decode()


def edits(tree: ast.Module, data: bytes, starts: list[int]) -> Iterator[Edit]:
    """Yield every change, none inside another."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            begin, end = _span(node, starts)
            new = _import_of(node) if isinstance(node, ast.Import) else _from_of(node)
            if new is not None:
                indent = data[starts[node.lineno - 1] : begin].decode()
                yield begin, end, f"\n{indent}".join(new)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            moved = new_path(f"{node.value.id}.{node.attr}")
            if moved is not None and _is_module(tree, node.attr):
                yield (*_span(node, starts), moved)


def _span(node: ast.stmt | ast.expr, starts: list[int]) -> tuple[int, int]:
    assert node.end_lineno is not None and node.end_col_offset is not None
    return (
        starts[node.lineno - 1] + node.col_offset,
        starts[node.end_lineno - 1] + node.end_col_offset,
    )


def _is_module(tree: ast.Module, name: str) -> bool:
    """Return whether ``import transfergap.name`` makes the attribute a module, not a function."""
    return any(
        alias.name.startswith(f"{ROOT}.{name}")
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    )


def _import_of(node: ast.Import) -> list[str] | None:
    if all(new_path(alias.name) is None for alias in node.names):
        return None
    names = [(new_path(alias.name) or alias.name, alias.asname) for alias in node.names]
    return ["import " + ", ".join(f"{n} as {a}" if a else n for n, a in names)]


def _from_of(node: ast.ImportFrom) -> list[str] | None:
    if node.level or node.module is None:
        return None
    moved = new_path(node.module)
    if moved is not None:
        return [_from_line(moved, node.names)]
    if node.module != ROOT:
        return None
    modules = [a for a in node.names if a.name in transfergap._MOVED]
    stay = [a for a in node.names if a not in modules]
    if not modules:
        return None
    lines = [_from_line(ROOT, stay)] if stay else []
    for alias in modules:
        home, _, name = f"{ROOT}.{transfergap._MOVED[alias.name]}".rpartition(".")
        lines.append(_from_line(home, [ast.alias(name, alias.asname or alias.name)]))
    return lines


def _from_line(module: str, names: list[ast.alias]) -> str:
    parts = [f"{a.name} as {a.asname}" if a.asname not in (None, a.name) else a.name for a in names]
    return f"from {module} import " + ", ".join(parts)


def main() -> int:
    """Show or write what changes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scripts", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    for path in options.scripts:
        before = path.read_text(encoding="utf-8")
        after = migrated(before)
        if options.write and after != before:
            path.write_text(after, encoding="utf-8")
        lines = (text.splitlines(keepends=True) for text in (before, after))
        sys.stdout.writelines(difflib.unified_diff(*lines, str(path), str(path)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
