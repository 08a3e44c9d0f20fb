"""Every example of networks runs from a fresh process, and prints what stands beside it."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDERS = ("images", "tasks", "text")  # agents: test_rl.py
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
VERDICT = re.compile("helps|hurts|no material effect|not enough evidence")
# Kernels of other processors sum in another order, and training carries that on: a gap may move by
# a few rows of fifty, and a verdict with it.
NEAR = 0.15
SCRIPTS = sorted(path for folder in FOLDERS for path in (EXAMPLES / folder).glob("*.py"))


def words(text):
    return VERDICT.sub("", NUMBER.sub("#", text)).split()


def numbers(text):
    return [float(found) for found in NUMBER.findall(text)]


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_prints_what_stands_beside_it(script, tmp_path):
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    ran = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, cwd=tmp_path, timeout=600,
        env={**os.environ, **threads},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    expected = script.with_suffix(".txt").read_text(encoding="utf-8")
    assert words(ran.stdout) == words(expected)
    for mine, theirs in zip(numbers(ran.stdout), numbers(expected), strict=True):
        assert mine == pytest.approx(theirs, abs=NEAR)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_what_an_example_imports_is_there(script):
    assert callable(runpy.run_path(str(script))["main"])  # its main runs with -m slow


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_says_how_to_run_it(script):
    text = script.read_text(encoding="utf-8")
    assert text.startswith('"""') and f"python {script.relative_to(EXAMPLES.parent)}" in text
