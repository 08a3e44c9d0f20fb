"""Count what makes the house large or strange: rooms, arrows, circles, names, phrases, comments.

    python -m tools.house_facts          one line a fact
    python -m tools.house_facts --names  the names and phrases behind the shares
    python -m tools.house_facts --room stats    names, phrases, comments and sizes of one room

Names are the identifiers that the package binds (functions, classes, arguments, variables,
attributes). Pronouns and participles name nothing; mannered phrases are ours, not the field's. Both
lists are those of docs/architecture.md's glossary.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "transfergap"
SOURCE = ROOT / "src" / PACKAGE
WORDLESS = frozenset(
    """
    said says told tells asked own owns known kept seen found given theirs mine ours his hers its
    this that these those other others ones same both each any some whom what which whose here
    there where then thus shown looked wanted meant taken made got done gone come left rest most
    least nobody somebody everybody everything something nothing
    """.split()  # noqa: SIM905
)
MANNERED = re.compile(
    r"\b(whom|nobody|somebody|of (?:one's|its|their) own|by itself|by themselves|moot|by heart"
    r"|hands? in|handed in|beside (?:it|them)|say so|says so|said of|told apart|is told|are told"
    r"|may be asked|asks? for itself|speaks?|knows? (?:nothing|of)|what (?:was|is|it|a|the|came)"
    r"|that is all|and nothing else|for ever|forever|as it were|goes with|go together)\b",
    re.IGNORECASE,
)


@cache
def trees() -> tuple[tuple[str, ast.Module, str], ...]:
    """Return module name, syntax tree and text of every module."""
    parts = []
    for file in sorted(SOURCE.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        name = ".".join(file.relative_to(SOURCE.parent).with_suffix("").parts)
        parts.append((name.removesuffix(".__init__"), ast.parse(text), text))
    return tuple(parts)


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Yield every identifier that a module binds."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Yield every docstring of a module."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text:
                yield text


def imports(name: str, tree: ast.Module, modules: set[str]) -> Iterator[str]:
    """Yield the modules of this package that a module imports while it is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules else str(node.module)


def room(module: str) -> str:
    """Return the package or loose module right below the root that a module is in."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else PACKAGE


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import one another in a circle."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    names = sorted(graph)
    place = {name: k for k, name in enumerate(names)}
    pairs = [(place[a], place[b]) for a in names for b in graph[a] if b in place]
    rows, columns = zip(*pairs, strict=True)
    matrix = csr_array(([1] * len(pairs), (rows, columns)), shape=(len(names), len(names)))
    _, group = connected_components(matrix, connection="strong")
    sizes = Counter(group.tolist())
    return [[n for n, g in zip(names, group, strict=True) if g == k]
            for k, size in sizes.items() if size > 1]  # fmt: skip


def comments(text: str) -> int:
    """Return how many comments a module has that are no directives."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    directive = re.compile(r"#\s*(fmt|noqa|type|pragma|mypy)\b")
    return sum(t.type == tokenize.COMMENT and not directive.match(t.string) for t in tokens)


def facts(only: str | None = None) -> tuple[dict[str, str], Counter[str], Counter[str]]:
    """Return each fact as text, and the names and phrases behind two of them.

    With ``only``, names, phrases, comments and sizes are those of one room.
    """
    parts = list(trees())
    modules = {name for name, _, _ in parts}
    graph = {name: set(imports(name, tree, modules)) for name, tree, _ in parts}
    arrows = {(room(a), room(b)) for a, seen in graph.items() for b in seen if room(a) != room(b)}
    parts = [part for part in parts if only in (None, room(part[0]))]
    lines = sum(text.count("\n") for _, _, text in parts)
    names = Counter(name.strip("_") for _, tree, _ in parts for name in bound_names(tree))
    wordless = Counter({n: k for n, k in names.items() if n.lower() in WORDLESS})
    texts = [text for _, tree, _ in parts for text in docstrings(tree)]
    words = sum(len(text.split()) for text in texts)
    phrases = Counter(m.lower() for text in texts for m in MANNERED.findall(text))
    top = [p for p in SOURCE.iterdir() if not p.name.startswith("_")]
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = max(len(c.get("layers", ())) for c in contract["contracts"])
    share = sum(wordless.values()) / names.total()
    return (
        {
            "modules": str(len(parts)),
            "lines": f"{lines:,}",
            "packages": str(sum((p / "__init__.py").exists() for p in top)),
            "loose modules": str(sum(p.suffix == ".py" for p in top)),
            "layers of the contract": str(layers),
            "arrows between rooms": str(len(arrows)),
            "circles of modules": str(len(circles(graph))),
            "modules above 300 lines": str(sum(text.count("\n") > 300 for _, _, text in parts)),
            "names that are pronouns or participles": f"{share:.2%}",
            "mannered phrases per 1,000 docstring words": f"{1000 * phrases.total() / words:.1f}",
            "docstrings that start with 'What'": str(sum(t.startswith("What ") for t in texts)),
            "comments per 100 lines": f"{100 * sum(comments(t) for *_, t in parts) / lines:.1f}",
            "formatter skips": str(sum(t.count("# fmt: skip") for *_, t in parts)),
        },
        wordless,
        phrases,
    )


def main() -> None:
    """Print the facts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", action="store_true")
    parser.add_argument("--room")
    options = parser.parse_args()
    counts, wordless, phrases = facts(options.room)
    for name, value in counts.items():
        sys.stdout.write(f"{name:46s} {value:>8s}\n")
    if options.names:
        for name, n in (*wordless.most_common(), *phrases.most_common()):
            sys.stdout.write(f"{n:6d} {name}\n")


if __name__ == "__main__":
    main()
