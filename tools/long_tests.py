"""Measure which tests take long, and list them in tests/long_tests.txt and longest_tests.txt.

    python -m tools.long_tests    runs all tests but those marked slow on two cores, alone

`make test` leaves the listed tests out, to end within five minutes; `make long` runs the long ones,
and `.ci/run` both. The longest are slow, as those marked so: `make slow` runs them, so that
`.ci/run` ends within fifteen minutes. A test takes long if its call takes half a second or more
together with all fixtures that it asks for: one that a module shares counts for each of its tests.
The quickest test of a file stays in `make test` where it takes less than three, so that each file
has one there. Longest are calls of two and a half seconds without what others share.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LISTED = ROOT / "tests" / "long_tests.txt"
SLOW = ROOT / "tests" / "longest_tests.txt"
LONG = 0.5  # seconds
LONGEST = 2.5
# Never slow, however long: kills at any moment, the same bytes, and what pages say.
KEPT = ("tests/fuzz/", "tests/experiment/test_runner.py", "tests/docs/", "tests/browser/")
_SMOKE = 3.0  # seconds that the quickest test of a file may take in `make test`
_FOLDER = "LONG_TESTS_FOLDER"

_calls: dict[str, float] = {}
_fixtures: dict[str, float] = {}
_asked: dict[str, list[str]] = {}


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef, request: pytest.FixtureRequest) -> object:
    """Time a fixture without those that it asks for, which were set up before."""
    started = time.perf_counter()
    try:
        return (yield)
    finally:
        if fixturedef.scope != "function":
            key = _key(fixturedef)
            _fixtures[key] = max(_fixtures.get(key, 0.0), time.perf_counter() - started)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> object:
    """Time a test with its own fixtures, and note the shared ones that it asks for."""
    before, started = dict(_fixtures), time.perf_counter()
    try:
        return (yield)
    finally:
        took = time.perf_counter() - started
        new = sum(seconds for key, seconds in _fixtures.items() if key not in before)
        _calls[item.nodeid] = took - new
        info = item._fixtureinfo.name2fixturedefs  # the only place where pytest says it
        _asked[item.nodeid] = [
            _key(definitions[-1])
            for definitions in info.values()
            if definitions[-1].scope != "function"
        ]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what this process measured."""
    if _calls:
        measured = {"calls": _calls, "fixtures": _fixtures, "asked": _asked}
        file = Path(os.environ[_FOLDER]) / f"{os.getpid()}.json"
        file.write_text(json.dumps(measured), encoding="utf-8")


def _key(fixturedef: pytest.FixtureDef) -> str:
    return f"{fixturedef.baseid}::{fixturedef.argname}"


def long_tests(costs: dict[str, float]) -> Iterator[str]:
    """Yield the tests that take long, in order, but for one of each file.

    Parameters
    ----------
    costs : dict of str to float
        Seconds of every test, by its name.

    Examples
    --------
    >>> list(long_tests({"a.py::one": 2.0, "a.py::two": 1.5, "b.py::one": 4.0, "c.py::one": 0.1}))
    ['a.py::one', 'b.py::one']
    """
    quickest = _quickest(costs)
    for name in sorted(costs):
        if costs[name] >= LONG and (name not in quickest or costs[name] >= _SMOKE):
            yield name


def _quickest(costs: dict[str, float]) -> set[str]:
    """Return the quickest test of each file."""
    files: dict[str, list[str]] = defaultdict(list)
    for name in costs:
        files[name.split("::")[0]].append(name)
    return {min(names, key=lambda name: costs[name]) for names in files.values()}


def longest_tests(costs: dict[str, float], calls: dict[str, float]) -> Iterator[str]:
    """Yield the long tests that only `make slow` runs, in order, but for one of each file.

    Parameters
    ----------
    costs, calls : dict of str to float
        Seconds of every test, by its name, with and without fixtures that others share.

    Examples
    --------
    >>> costs = {"a.py::one": 2.6, "a.py::two": 0.1, "b.py::one": 9.0}
    >>> list(longest_tests(costs, costs))
    ['a.py::one']
    """
    quickest = _quickest(costs)
    for name in long_tests(costs):
        if calls[name] >= LONGEST and name not in quickest and not name.startswith(KEPT):
            yield name


def main() -> None:
    """Run the tests, and write the lists."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "tools.long_tests"]
        SLOW.write_text("", encoding="utf-8")  # they are measured, too
        outcome = subprocess.run(command, cwd=ROOT, env=os.environ | {_FOLDER: folder}, check=False)
        calls: dict[str, float] = {}
        fixtures: dict[str, float] = {}
        asked: dict[str, list[str]] = {}
        for file in sorted(Path(folder).glob("*.json")):
            measured = json.loads(file.read_text(encoding="utf-8"))
            calls |= measured["calls"]
            asked |= measured["asked"]
            for key, seconds in measured["fixtures"].items():
                fixtures[key] = max(fixtures.get(key, 0.0), seconds)
    costs = {
        name: seconds + sum(fixtures.get(key, 0.0) for key in asked[name])
        for name, seconds in sorted(calls.items())
    }
    slow = list(longest_tests(costs, calls))
    listed = [name for name in long_tests(costs) if name not in {*slow}]
    for file, names in ((LISTED, listed), (SLOW, slow)):
        file.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
        took = sum(calls[name] for name in names)
        print(f"{file.name}: {len(names)} of {len(calls)} tests, {took:.0f} s")
    print(f"all: {sum(calls.values()):.0f} s")
    sys.exit(outcome.returncode)  # how long tests take is known though some fail


if __name__ == "__main__":
    main()
