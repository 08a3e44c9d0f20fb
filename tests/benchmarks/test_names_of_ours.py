"""Benchmarks, tools and examples import what the package has."""

import ast
import importlib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def imports_of_ours(path):
    """Yield each module of the package and name that a script imports, in functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("transfergap"):
            yield from ((node.module, alias.name) for alias in node.names)


def has(module, name):
    if hasattr(importlib.import_module(module), name):
        return True
    try:
        importlib.import_module(f"{module}.{name}")
    except ModuleNotFoundError:
        return False
    return True


def test_every_script_imports_names_that_exist():
    scripts = [
        p for folder in ("benchmarks", "tools", "examples") for p in (ROOT / folder).rglob("*.py")
    ]
    missing = [
        f"{path.relative_to(ROOT)}: {module}.{name}"
        for path in scripts
        for module, name in imports_of_ours(path)
        if not has(module, name)
    ]
    assert len(scripts) > 100
    assert not missing
