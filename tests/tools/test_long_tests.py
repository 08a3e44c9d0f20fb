"""The lists of tests that take long name tests that exist, and leave each file one."""

import ast
from pathlib import Path

import pytest
from tools.long_tests import KEPT, LISTED, SLOW, long_tests, longest_tests

ROOT = Path(__file__).parents[2]


def functions_of(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("file", [LISTED, SLOW], ids=lambda file: file.name)
def test_every_listed_test_exists(file):
    names = file.read_text(encoding="utf-8").splitlines()
    files = {name.split("::")[0] for name in names}
    functions = {file: functions_of(file) for file in files}
    gone = [n for n in names if n.split("::")[1].split("[")[0] not in functions[n.split("::")[0]]]
    assert names == sorted({*names}) and gone == []


def test_a_file_keeps_its_quickest_test_unless_that_takes_long_too():
    costs = {"a::x": 2.9, "a::y": 2.8, "b::x": 3.0, "c::x": 0.1, "c::y": 0.5, "c::z": 0.49}
    assert [*long_tests(costs)] == ["a::x", "b::x", "c::y"]


def test_the_longest_leave_each_file_one_that_ci_runs():
    kept = f"{KEPT[0]}x.py::x"
    costs = {"a::x": 2.5, "a::y": 9.0, "b::x": 2.4, "b::y": 0.1, "c::x": 20.0, kept: 9.0}
    costs |= {"d::x": 2.6, "d::y": 0.1, f"{KEPT[0]}x.py::y": 0.1}
    assert [*longest_tests(costs, costs)] == ["a::y", "d::x"]
    assert [*longest_tests(costs, costs | {"d::x": 2.4})] == ["a::y"]  # the rest is shared


def test_no_test_stands_in_both_lists():
    assert not {*LISTED.read_text().splitlines()} & {*SLOW.read_text().splitlines()}
