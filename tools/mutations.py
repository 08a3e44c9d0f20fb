"""What a mutant is: a module with one operator or constant changed."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy

SWAPS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.And: (ast.Or,),
    ast.Or: (ast.And,), ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Mult,), ast.Pow: (ast.Mult,), ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}  # fmt: skip
UNREAD = {"annotation", "returns", "decorator_list"}  # fields that no computation reads


def places(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that a result depends on: not types, texts of errors, or ``strict=``."""
    yield node
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            quiet = field in UNREAD or isinstance(child, (ast.Raise, ast.JoinedStr, ast.Assert))
            strict = isinstance(child, ast.keyword) and child.arg == "strict"
            if isinstance(child, ast.AST) and not quiet and not strict:
                yield from places(child)


def changes(node: ast.AST) -> Sequence[ast.AST]:
    """Return what may stand in a node's place."""
    if type(node) in SWAPS:
        return [swap() for swap in SWAPS[type(node)]]
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        value = node.value
        if isinstance(value, bool):
            return [ast.Constant(not value)]
        if getattr(node, "is_index", False):  # first and last are one where there is one
            return [ast.Constant(value + 1)]
        near = (value + 1, value - 1) if isinstance(value, int) else (2 * value or 1.0, value / 2)
        return [ast.Constant(other) for other in near if other != value]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        return [node.operand]
    if isinstance(node, (ast.If, ast.IfExp)):
        turned = deepcopy(node)
        turned.test = ast.UnaryOp(ast.Not(), turned.test)
        return [turned]
    plain = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)  # a docstring
    return [ast.Pass()] if isinstance(node, (ast.Expr, ast.AugAssign)) and not plain else []


def parsed(source: str) -> ast.Module:
    """Return a tree in which no two places share a node, as operators do otherwise."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.AugAssign)):
            node.op = type(node.op)()
        elif isinstance(node, ast.Compare):
            node.ops = [type(op)() for op in node.ops]
        elif isinstance(node, ast.Subscript):
            for part in node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]:
                part.is_index = True
    return tree


class Replacing(ast.NodeTransformer):
    """Put one node in place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def mutants(source: str) -> Iterator[tuple[tuple[str, str], ast.Module]]:
    """Yield each mutant with its name: a statement, and what became of it (and the how-manieth)."""
    seen: Counter[tuple[str, str]] = Counter()
    before = ast.unparse(ast.parse(source)).splitlines()
    for number, node in enumerate(places(parsed(source))):
        for new in changes(node):
            tree = parsed(source)
            old = next(old for k, old in enumerate(places(tree)) if k == number)
            tree = ast.fix_missing_locations(Replacing(old, new).visit(tree))
            pairs = zip(before, ast.unparse(tree).splitlines())
            name = next(((a.strip(), b.strip()) for a, b in pairs if a != b), ("", ""))
            seen[name] += 1
            again = f"  #{seen[name]}" if seen[name] > 1 else ""
            yield (name[0], name[1] + again), tree
