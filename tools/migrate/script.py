"""A Python script: its text, its tree, and where names in it come from."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

Edit = tuple[int, int, str]  # from, to (in bytes of the script), and the new text


@dataclass(frozen=True)
class Script:
    """Parsed Python, with the origin of every imported name."""

    data: bytes
    tree: ast.Module
    starts: list[int]
    origins: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Script:
        """Parse a script.

        Raises
        ------
        SyntaxError
        """
        data, starts = text.encode(), [0]
        for line in data.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        tree = ast.parse(text)
        return cls(data, tree, starts, dict(_origins(tree)))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node stands, in bytes."""
        place: ast.expr = node  # type: ignore[assignment]
        assert place.end_lineno is not None and place.end_col_offset is not None
        return (
            self.starts[place.lineno - 1] + place.col_offset,
            self.starts[place.end_lineno - 1] + place.end_col_offset,
        )

    def text(self, node: ast.AST) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.data[start:end].decode()

    def attribute(self, node: ast.Attribute, name: str) -> Edit:
        """Return the edit that gives an attribute another name."""
        end = self.span(node)[1]
        return end - len(node.attr.encode()), end, name

    def dotted(self, node: ast.AST) -> str:
        """Return the origin of a name or attribute, such as ``transfergap.audit``, or nothing."""
        if isinstance(node, ast.Name):
            return self.origins.get(node.id, "")
        if isinstance(node, ast.Attribute):
            home = self.dotted(node.value)
            return f"{home}.{node.attr}" if home else ""
        return ""

    def bound(self) -> set[str]:
        """Return the names that the script binds itself, beside its imports."""
        stored = {n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name)
                  and not isinstance(n.ctx, ast.Load)}  # fmt: skip
        made = {
            n.name
            for n in ast.walk(self.tree)
            if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        }
        return stored | made | {n.arg for n in ast.walk(self.tree) if isinstance(n, ast.arg)}


def spliced(script: Script, edits: Iterable[Edit]) -> str:
    """Return the script with edits made, none inside another."""
    data = script.data
    for start, end, new in sorted(set(edits), reverse=True):
        data = data[:start] + new.encode() + data[end:]
    return data.decode()


def _origins(tree: ast.Module) -> Iterable[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (root, root)
