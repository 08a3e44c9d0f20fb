"""Training functions: the target comes before the sources now."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.migrate.script import Edit, Script

_TAKE_FUNCTIONS = ("FunctionLearner", "audit_agents")
_TRAINERS = ("Tabular", "from_sb3")  # what they return is called as a training function


def order_of_training_functions(script: Script) -> Iterator[Edit]:
    """Yield the changes that put the target first, in functions and in calls of them."""
    passed = _passed(script)
    turned: set[str] = set()
    for node in ast.walk(script.tree):
        if isinstance(node, ast.FunctionDef) and _sources_first(node.args):
            options = {arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)}
            if node.name in passed or node.name == "__call__" or "seed" in options:
                turned.add(node.name)
                yield from _swapped_parameters(script, node.args)
        elif isinstance(node, ast.Lambda) and _sources_first(node.args) and node in passed:
            yield from _swapped_parameters(script, node.args)
    for node in ast.walk(script.tree):
        if isinstance(node, ast.Call) and len(node.args) >= 2 and _trains(script, node, turned):
            yield from _swapped(script, node.args[0], node.args[1])


def _sources_first(arguments: ast.arguments) -> bool:
    """Return whether the first two parameters, after self, are sources and target."""
    names = [arg.arg for arg in arguments.args if arg.arg != "self"][:2]
    if len(names) < 2:
        return False
    return names[0].startswith(("source", "src")) or names[1].startswith(("target", "tgt"))


def _passed(script: Script) -> set[str | ast.Lambda]:
    """Return the functions that are handed to a learner or an audit of agents."""
    found: set[str | ast.Lambda] = set()
    for node in ast.walk(script.tree):
        if isinstance(node, ast.Call):
            origin = script.dotted(node.func)
            if origin.startswith("transfergap") and origin.endswith(_TAKE_FUNCTIONS):
                handed = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "train")]
                found.update(a.id for a in handed if isinstance(a, ast.Name))
                found.update(a for a in handed if isinstance(a, ast.Lambda))
    return found


def _trains(script: Script, node: ast.Call, turned: set[str]) -> bool:
    if isinstance(node.func, ast.Name):
        return node.func.id in turned
    first = node.args[0]
    is_sources = isinstance(first, (ast.Tuple, ast.List)) or (
        isinstance(first, ast.Name) and first.id.startswith(("source", "src"))
    )
    return (
        is_sources
        and isinstance(node.func, ast.Call)
        and script.dotted(node.func.func).startswith("transfergap")
        and script.dotted(node.func.func).endswith(_TRAINERS)
    )


def _swapped_parameters(script: Script, arguments: ast.arguments) -> Iterator[Edit]:
    first, second = [arg for arg in arguments.args if arg.arg != "self"][:2]
    yield from _swapped(script, first, second)


def _swapped(script: Script, one: ast.AST, other: ast.AST) -> Iterator[Edit]:
    yield (*script.span(one), script.text(other))
    yield (*script.span(other), script.text(one))
