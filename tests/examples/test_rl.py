"""The examples print what is stored beside them."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "rl"
SCRIPTS = sorted(path.stem for path in EXAMPLES.glob("*.py"))
MOST_LINES = 80


def printed(name: str) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py")],
        capture_output=True, check=True, encoding="utf-8",
        env={**_environment(), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return done.stdout


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ)


def stored(name: str) -> str:
    return (EXAMPLES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["driving_highway_env", "frozen_lake"])
def test_an_example_prints_what_is_stored(name):
    assert printed(name) == stored(name)


def test_what_the_examples_import_is_there():
    for name in SCRIPTS:
        runpy.run_path(str(EXAMPLES / f"{name}.py"))  # main runs above, with -m slow


@pytest.mark.slow
def test_the_example_of_a_network_has_the_arms_of_the_stored_text():
    """Rounding differs between processors, and training magnifies it: numbers are not compared."""
    text = printed("cartpole_ppo")

    def arms(said: str) -> list[str]:
        return re.findall(r"^ ([a-z ]+?) +\(?[\d]", said, re.M)

    assert arms(text) == arms(stored("cartpole_ppo"))
    assert text.splitlines()[:2] == stored("cartpole_ppo").splitlines()[:2]


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_example_is_short_says_what_it_shows_and_has_its_text(name):
    source = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    assert source.startswith('"""') and f"python examples/rl/{name}.py" in source
    assert len(source.splitlines()) < MOST_LINES
    assert stored(name).strip()
