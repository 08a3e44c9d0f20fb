"""Names are nouns and verbs of the field, and docstrings start with them, in finished rooms."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest
from tools.house_facts import WORDLESS, bound_names, docstrings, room, trees

# Rooms whose names and prose were read through; a finished room stays so. ``errors`` is a module,
# and ``transfergap`` the root.
FINISHED = {
    "stats", "analysis", "report", "experiment", "auditing", "data", "safe", "rl",
    "cli", "learners", "torch", "datasets", "errors", "transfergap",
}  # fmt: skip
# Fields of stored results (``says``, ``found``), sides (``left``) and public arguments of networks
# (``kept``) keep a share above zero.
MOST_WORDLESS = 0.005
NOT_A_START = re.compile(r"(What|Whom?|Whose|How|Whether|Which|Where|When|Why|Every|One)\b")
MOST_WORDS = 12


@cache
def all_modules() -> dict[str, ast.Module]:
    return {module: tree for module, tree, _ in trees()}


def modules(name: str) -> dict[str, ast.Module]:
    return {module: tree for module, tree in all_modules().items() if room(module) == name}


@pytest.mark.parametrize("name", sorted(FINISHED))
def test_names_of_a_finished_room_are_nouns_and_verbs(name):
    names = [n.strip("_") for tree in modules(name).values() for n in bound_names(tree)]
    wordless = sorted(n for n in names if n.lower() in WORDLESS)
    assert len(wordless) <= MOST_WORDLESS * len(names), wordless


@pytest.mark.parametrize("name", sorted(FINISHED))
def test_docstrings_of_a_finished_room_start_with_a_short_plain_line(name):
    lines = [
        (module, " ".join(text.split("\n\n")[0].split()))
        for module, tree in modules(name).items()
        for text in docstrings(tree)
    ]
    bad = [x for x in lines if NOT_A_START.match(x[1]) or len(x[1].split()) > MOST_WORDS]
    assert not bad, bad
