"""The house stays as simple as it has become."""

from __future__ import annotations

from functools import cache

from tools.house_facts import circles, imports, room, trees


@cache
def graph() -> dict[str, set[str]]:
    parts = [(name, tree) for name, tree, _ in trees()]
    modules = {name for name, _ in parts}
    return {name: set(imports(name, tree, modules)) for name, tree in parts}


def test_a_circle_is_seen():
    assert circles({"a": {"b"}, "b": {"a"}, "c": {"a"}}) == [["a", "b"]]


def test_no_modules_import_each_other_in_a_circle():
    # Imports within functions and for type checkers count: the reader goes in circles too.
    assert circles(graph()) == []


def test_rooms_and_the_arrows_between_them_are_few():
    arrows = {(room(a), room(b)) for a, seen in graph().items() for b in seen if room(a) != room(b)}
    assert len({room(name) for name in graph()}) <= 17  # 13 packages, errors and three dunders
    assert len(arrows) <= 80
