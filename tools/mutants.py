"""Change the statistics core one operator or constant at a time, and list what no test notices.

    python -m tools.mutants                      # the whole core, as ``make mutants`` does
    python -m tools.mutants stats.block safe.dial     # some of its modules
    python -m tools.mutants --again [module]     # only what survived the last time
    python -m pytest $(python -m tools.mutants --tests)  # its tests: 20 s of CPU in all

Survivors stand in ``mutants.tsv`` beside this file, each with the reason why it may stay; one
without a reason, or less than 95 % killed, is an error.

Tried first: cosmic-ray starts an interpreter a mutant (5 s with our imports; a fork of one that
holds the collected tests takes 0.02 s if a test fails), and mutmut 3 changes what stands in plain
functions only, while our error rates are constants of modules and properties of classes.
"""

from __future__ import annotations

import ast
import csv
import os
import signal
import sys
from collections.abc import Sequence
from enum import EnumType
from pathlib import Path

import pytest

from tools.mutations import mutants

ROOT = Path(__file__).parents[1]
CORE, RECORD = ROOT / "src" / "transfergap", ROOT / "tools" / "mutants.tsv"
LEAST_KILLED = 0.95
LIMIT_S = 60  # an endless loop is noticed as well
# The tests that pin a module or a package of the core, the quickest to fail first.
TESTS: dict[str, tuple[str, ...]] = {
    "stats.gap": ("tests/stats/test_gap.py", "tests/stats/test_values.py", "tests/stats"),
    "stats": ("tests/stats/test_values.py", "tests/stats"),
    "analysis.estimation.blocked": ("tests/analysis/estimation/test_values.py",),
    "analysis.estimation.scored": ("tests/analysis/estimation/test_values.py",),
    "analysis.estimation.closed_form": ("tests/analysis/estimation/test_closed_form.py",),
    "analysis.estimation.estimate": ("tests/analysis/estimation/test_closed_form.py",),
    "analysis.estimation.pairs": (
        "tests/analysis/estimation/test_closed_form.py",
        "tests/analysis/estimation/test_values.py",
    ),
    "analysis.estimation.chance": (
        "tests/analysis/estimation/test_ranked.py",
        "tests/analysis/estimation/test_values.py",
        "tests/analysis/estimation/test_in_order.py",
    ),
    "analysis.estimation.ranked": ("tests/analysis/estimation/test_ranked.py",),
    "analysis.estimation.in_order": ("tests/analysis/estimation/test_in_order.py",),
    "analysis.estimation": (
        "tests/analysis/estimation/test_control.py",
        "tests/analysis/estimation/test_ranked.py",
    ),
    "learners.linear": ("tests/learners/test_values.py", "tests/stats/test_leave_one_out.py"),
    "analysis.repairs.naming": (
        "tests/analysis/repairs/test_values.py",
        "tests/analysis/repairs/test_naming.py",
    ),
    "safe.dial": ("tests/safe/test_values.py", "tests/safe/test_dial.py"),
    "safe.promise": ("tests/safe/test_values.py",),
    "safe.stack": ("tests/safe/test_values.py", "tests/safe/test_stack.py"),
    "safe.hierarchy": ("tests/safe/test_hierarchy_values.py", "tests/safe/test_hierarchy.py"),
}


def exchange(module: str, tree: ast.Module) -> None:
    """Put a changed module in place of the one that everything has imported."""
    old = dict(vars(sys.modules[f"transfergap.{module}"]))
    new = dict(old)
    exec(compile(tree, old["__file__"], "exec"), new)
    # Members of an enumeration are compared by identity, also with those that tests hold already.
    new |= {key: value for key, value in old.items() if isinstance(value, EnumType)}
    for name, other in list(sys.modules.items()):
        if name.startswith(("transfergap", "tests")):
            for key, value in list(vars(other).items()):
                if key in new and value is old.get(key) and not key.startswith("__"):
                    setattr(other, key, new[key])


class Trying:
    """Take the place of pytest's loop: all tests once a mutant, in a fork, until one fails."""

    def __init__(self, module: str, names: set[tuple[str, ...]] | None) -> None:
        self.module, self.names = module, names
        self.n, self.alive = 0, list[tuple[str, ...]]()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every mutant; what failed last is tried first."""
        source = (CORE / (self.module.replace(".", "/") + ".py")).read_text()
        items = list(session.items)
        if self.failing(session, items, ast.parse(source)) is not None:
            raise pytest.UsageError(f"The tests of {self.module} fail before anything is changed.")
        for name, tree in mutants(source):
            key = (self.module, *name)
            if self.names is not None and key not in self.names:
                continue
            self.n += 1
            place = self.failing(session, items, tree)
            if place is None:
                self.alive.append(key)
            elif place < len(items):
                items.insert(0, items.pop(place))
        return True

    def failing(self, session: pytest.Session, items: list[pytest.Item], tree: ast.Module):  # type: ignore[no-untyped-def]
        """Return the place of the first test that fails, ``None`` without; in a fork."""
        reader, writer = os.pipe()
        if (child := os.fork()) == 0:
            signal.alarm(LIMIT_S)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            answer = ""
            try:
                exchange(self.module, tree)
                for place, (item, following) in enumerate(zip(items, [*items[1:], None])):
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                    if session.testsfailed:
                        answer = str(place)
                        break
                else:
                    answer = "-1"
            finally:
                os.write(writer, answer.encode())
                os._exit(0)
        os.close(writer)
        os.waitpid(child, 0)
        with os.fdopen(reader) as pipe:
            place = int(pipe.read() or len(items))  # no answer: an error, or an endless loop
        return None if place < 0 else place


def modules(wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the modules of the core that were asked for, each with its tests."""
    out: dict[str, tuple[str, ...]] = {}
    for name, tests in TESTS.items():  # a module before the rest of its package
        path = CORE / name.replace(".", "/")
        parts = sorted(path.glob("[!_]*.py")) if path.is_dir() else [path.with_suffix(".py")]
        names = [str(p.relative_to(CORE).with_suffix("")).replace("/", ".") for p in parts]
        out = dict.fromkeys(names, tests) | out
    return {m: out[m] for m in sorted(out) if not wanted or any(m.startswith(w) for w in wanted)}


def run(module: str, tests: tuple[str, ...], names: set[tuple[str, ...]] | None):  # type: ignore[no-untyped-def]
    """Return how many mutants of a module were tried, and the names of those that survived."""
    trying = Trying(module, names)
    quiet = ["-p", "no:xdist", "-p", "no:unraisableexception", "-q", "--tb=no", "--assert=plain"]
    status = pytest.main([*quiet, *tests], plugins=[trying])
    if status not in (0, 1):
        raise SystemExit(f"pytest ended with {status!r} on the tests of {module}")
    for key in trying.alive:
        print("  survives", *key, sep="\n    ")
    print(f"{module}: {trying.n - len(trying.alive)} of {trying.n} killed", flush=True)
    return trying.n, trying.alive


def main(arguments: list[str]) -> int:
    """Try the mutants, write the record, and say whether enough are killed."""
    wanted = modules([a for a in arguments if not a.startswith("-")])
    if "--tests" in arguments:
        print(*sorted({test for tests in wanted.values() for test in tests}))
        return 0
    lines = RECORD.read_text().splitlines()[1:] if RECORD.exists() else []
    known = {tuple(row[:3]): row[3] for row in csv.reader(lines, delimiter="\t")}
    again = "--again" in arguments
    total, alive = 0, []
    for module, tests in wanted.items():
        n, left = run(module, tests, set(known) if again else None)
        total, alive = total + n, alive + left
    kept = [key for key in known if key[0] not in wanted]
    with RECORD.open("w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["module", "statement", "survivor", "reason"])
        writer.writerows([*key, known.get(key, "")] for key in sorted([*kept, *alive]))
    share = 1 - len(alive) / max(total, 1)
    print(f"{total - len(alive)} of {total} mutants killed ({share:.1%})")
    reasonless = [key for key in alive if not known.get(key)]
    print(f"{len(reasonless)} survivors have no reason")
    return int(bool(reasonless) or (share < LEAST_KILLED and not again))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
