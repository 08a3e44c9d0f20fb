"""Arguments, values and attributes of what comes from transfergap."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.migrate.kinds import Kinds
from tools.migrate.order import order_of_training_functions
from tools.migrate.script import Edit, Script
from tools.migrate.words import current_arm
from transfergap.errors import renames

_OPENS_CHAINS = {"result": "AuditResult"}  # study.result.curve, whatever study is


def usages(script: Script) -> Iterator[Edit]:
    """Yield changes of arguments, values and attributes."""
    if not any(origin.partition(".")[0] == "transfergap" for origin in script.origins.values()):
        return
    kinds = Kinds(script)
    for node in ast.walk(script.tree):
        if isinstance(node, ast.Call):
            yield from _of_call(script, kinds, node)
        elif isinstance(node, ast.Attribute):
            yield from _of_attribute(script, kinds, node)
        elif isinstance(node, ast.FunctionDef) and is_old_learner(node):
            start = script.span(node)[0] + len("def ")
            yield start, start + len(node.name), "train"
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values):
                if isinstance(key, ast.Constant) and key.value == "caution":
                    yield from _values(script, "caution", value)
    yield from order_of_training_functions(script)


def is_old_learner(node: ast.FunctionDef) -> bool:
    """Return whether a function is ``fit(self, train, *, seed)``."""
    keywords = [arg.arg for arg in node.args.kwonlyargs]
    return node.name == "fit" and len(node.args.args) == 2 and "seed" in keywords


def _of_attribute(script: Script, kinds: Kinds, node: ast.Attribute) -> Iterator[Edit]:
    place = kinds.of(node.value)
    if not place and isinstance(node.value, ast.Attribute):
        place = _OPENS_CHAINS.get(node.value.attr, "")
    after = renames("attribute", place).get(node.attr)
    if after is not None and not (place == "Learner" and node.attr == "fit"):
        yield script.attribute(node, after)


def _of_call(script: Script, kinds: Kinds, node: ast.Call) -> Iterator[Edit]:
    keywords = {keyword.arg for keyword in node.keywords}
    if isinstance(node.func, ast.Attribute) and node.func.attr == "fit" and "seed" in keywords:
        yield script.attribute(node.func, "train")
    place = kinds.called(node.func)
    if not place:
        return
    for keyword in node.keywords:
        if keyword.arg is None:
            yield from _of_options(script, kinds, place, keyword.value)
            continue
        start, _ = script.span(keyword)
        yield from _argument(script, place, keyword.arg, start, keyword.value)
    # Wrappers: a function of the script that hands its keywords on.
    for name in kinds.hands_on(node):
        yield from _of_options(script, kinds, place, ast.Name(name))


def _of_options(script: Script, kinds: Kinds, place: str, value: ast.expr) -> Iterator[Edit]:
    """Yield changes of options that are gathered elsewhere, and handed over by ``**``."""
    for gathered in kinds.gathered(value):
        if isinstance(gathered, ast.Dict):
            for key, item in zip(gathered.keys, gathered.values):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    start = script.span(key)[0] + 1
                    yield from _argument(script, place, key.value, start, item)
        else:
            for keyword in gathered.keywords:
                if keyword.arg is not None:
                    start, _ = script.span(keyword)
                    yield from _argument(script, place, keyword.arg, start, keyword.value)


def _argument(script: Script, place: str, name: str, start: int, value: ast.expr) -> Iterator[Edit]:
    table = renames("argument", place)
    if table.get(name):
        yield start, start + len(name), table[name]
    elif name in table:
        yield _gone(script, start, value)
    if name == "arms" and place in ("audit", "make_design"):
        for item in ast.walk(value):
            label = item.value if isinstance(item, ast.Constant) else None
            if isinstance(label, str) and current_arm(label) != label:
                yield (*script.span(item), _quoted(script.text(item), current_arm(label)))
    elif name == "subgroups" and script.text(value) in ("()", "[]"):
        yield (*script.span(value), "None")
    elif name == "caution" or (name == "effort" and place not in ("audit", "make_design")):
        yield from _values(script, name, value)


def _gone(script: Script, start: int, value: ast.expr) -> Edit:
    """Return the edit that takes an argument out, with the comma before or after it."""
    end = script.span(value)[1]
    before = script.data[:start].rstrip()
    if before.endswith(b","):
        return len(before) - 1, end, ""
    after = script.data[end:]
    return start, end + len(after) - len(after.lstrip(b", ")), ""


def _values(script: Script, argument: str, value: ast.expr) -> Iterator[Edit]:
    table = renames("value", argument)
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and node.value in table:
            yield (*script.span(node), _quoted(script.text(node), table[node.value]))


def _quoted(old: str, new: str) -> str:
    quote = old[-1]
    return f"{quote}{new}{quote}"
