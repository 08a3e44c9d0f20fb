"""The list of tests that take long names tests that exist, and leaves each file one."""

import ast
from pathlib import Path

from tools.long_tests import LISTED, long_tests

ROOT = Path(__file__).parents[2]


def functions_of(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_listed_test_exists():
    names = LISTED.read_text(encoding="utf-8").splitlines()
    files = {name.split("::")[0] for name in names}
    functions = {file: functions_of(file) for file in files}
    gone = [n for n in names if n.split("::")[1].split("[")[0] not in functions[n.split("::")[0]]]
    assert names == sorted({*names}) and gone == []


def test_a_file_keeps_its_quickest_test_unless_that_takes_long_too():
    costs = {"a::x": 2.9, "a::y": 2.8, "b::x": 3.0, "c::x": 0.1, "c::y": 0.5, "c::z": 0.49}
    assert [*long_tests(costs)] == ["a::x", "b::x", "c::y"]
