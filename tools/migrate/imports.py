"""Imports of modules that moved, and of names that changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import transfergap
from tools.migrate.script import Edit, Script
from transfergap.errors import renames

ROOT = "transfergap"


def new_path(dotted: str) -> str | None:
    """Return where a module is now, ``None`` if it did not move.

    Examples
    --------
    >>> new_path("transfergap.mitigations.coral"), new_path("transfergap.safe")
    ('transfergap.learners.mitigations.alignment', None)
    """
    return transfergap._path_today(dotted)


def new_name(module: str, name: str) -> str:
    """Return what a name of a module is called now.

    Examples
    --------
    >>> new_name("transfergap.intake", "pose"), new_name("transfergap", "audit")
    ('make_problem', 'audit')
    """
    return renames("name", new_path(module) or module).get(name, name)


def imports_and_names(script: Script) -> Iterator[Edit]:
    """Yield changes of import statements, and of the names that they bind."""
    taken = script.bound()
    for node in ast.walk(script.tree):
        if isinstance(node, ast.ImportFrom):
            lines = _from_of(node, taken)
        elif isinstance(node, ast.Import):
            lines = _import_of(node)
        else:
            yield from _uses(script, node, taken)
            continue
        if lines is not None:
            begin, end = script.span(node)
            indent = script.data[script.starts[node.lineno - 1] : begin].decode()
            yield begin, end, f"\n{indent}".join(lines)


def _uses(script: Script, node: ast.AST, taken: set[str]) -> Iterator[Edit]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in taken:
        module, _, name = script.origins.get(node.id, "").rpartition(".")
        if name == node.id and module and new_name(module, name) != name:
            yield (*script.span(node), new_name(module, name))
    elif isinstance(node, ast.Attribute):
        home = script.dotted(node.value)
        moved = new_path(f"{home}.{node.attr}") if home == ROOT else None
        if moved is not None and isinstance(node.value, ast.Name) and node.value.id == ROOT:
            if _is_module(script.tree, node.attr):
                yield (*script.span(node), moved)
        elif home and new_name(home, node.attr) != node.attr:
            yield script.attribute(node, new_name(home, node.attr))


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


def _from_of(node: ast.ImportFrom, taken: set[str]) -> list[str] | None:
    if node.level or node.module is None:
        return None
    modules = [a for a in node.names if node.module == ROOT and a.name in transfergap._MOVED]
    names = [_renamed(node.module, a, taken) for a in node.names if a not in modules]
    home = new_path(node.module) or node.module
    if home == node.module and not modules and names == [(a.name, a.asname) for a in node.names]:
        return None
    lines = [_from_line(home, names)] if names else []
    for alias in modules:
        place, _, name = f"{ROOT}.{transfergap._MOVED[alias.name]}".rpartition(".")
        lines.append(_from_line(place, [(name, alias.asname or alias.name)]))
    return lines


def _renamed(module: str, alias: ast.alias, taken: set[str]) -> tuple[str, str | None]:
    """Return the new name; as the old one where the script uses that for other things too."""
    name = new_name(module, alias.name)
    keeps = name != alias.name and alias.asname is None and alias.name in taken
    return name, alias.name if keeps else alias.asname


def _from_line(module: str, names: list[tuple[str, str | None]]) -> str:
    parts = [
        f"{name} as {called}" if called not in (None, name) else name for name, called in names
    ]
    return f"from {module} import " + ", ".join(parts)
