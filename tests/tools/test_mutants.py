"""The mutation run changes what a result depends on, and what it leaves alive has a reason."""

import ast
import csv

import pytest
from tools.mutants import RECORD, TESTS
from tools.mutations import mutants


def changed(source):
    return [name[1] for name, _ in mutants(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a < 3", ["x = a <= 3", "x = a > 3", "x = a < 4", "x = a < 2"]),
        ("x = 0.5", ["x = 1.0", "x = 0.25"]),
        ("x = 0.0", ["x = 1.0"]),
        ("x = -a", ["x = a"]),
        ("x = not a", ["x = a"]),
        ("x = a + b * c", ["x = a - b * c", "x = a + b / c"]),
        ("x = a and b", ["x = a or b"]),
        ("x = a < b < c", ["x = a <= b < c", "x = a > b < c", "x = a < b <= c", "x = a < b > c"]),
        ("x = a + b + c", ["x = a - b + c", "x = a + b - c"]),
        ("x = a[0]", ["x = a[1]"]),
        ("x = a[:, 0]", ["x = a[:, 1]"]),
        ("x = a[:2]", ["x = a[:3]", "x = a[:1]"]),
        ("x = f(a, flag=True, strict=True)", ["x = f(a, flag=False, strict=True)"]),
        ("x = a if b else c", ["x = a if not b else c"]),
        ("x += a", ["pass", "x -= a"]),
        ("f(a)", ["pass"]),
        ("raise ValueError(1 + 2)", []),
        ("x: int = y", []),
        ("assert 1 < a", []),
    ],
)
def test_one_thing_is_changed_at_a_time(source, expected):
    assert sorted(changed(source)) == sorted(expected)


def test_equal_changes_of_equal_statements_are_told_apart():
    names = [name for name, _ in mutants("x = a + b\nx = a + b")]
    assert names == [("x = a + b", "x = a - b"), ("x = a + b", "x = a - b  #2")]


def test_a_mutant_is_a_module_that_runs():
    for _, tree in mutants("def f(a):\n    return a * 2 if a > 1 else -a"):
        names: dict[str, object] = {}
        exec(compile(tree, "mutant", "exec"), names)
        assert isinstance(tree, ast.Module) and callable(names["f"])


def test_every_survivor_has_a_reason():
    rows = list(csv.reader(RECORD.read_text().splitlines()[1:], delimiter="\t"))
    assert [row for row in rows if len(row) != 4 or not row[3].strip()] == []
    assert {row[0].split(".")[0] for row in rows} <= {name.split(".")[0] for name in TESTS}
