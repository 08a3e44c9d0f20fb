"""Every example runs from a fresh process, and prints what stands beside it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
# Kernels of other processors sum in another order, and training carries that on.
NEAR = 0.06


def told():
    return sorted(p.with_suffix(".py") for p in EXAMPLES.rglob("*.txt"))


def test_every_example_has_its_text():
    scripts = {p for p in EXAMPLES.rglob("*.py") if not p.name.startswith("_")}
    assert scripts == set(told())


def words(text):
    return NUMBER.sub("#", text).split()


def numbers(text):
    return [float(found) for found in NUMBER.findall(text)]


@pytest.mark.parametrize("script", told(), ids=lambda p: str(p.relative_to(EXAMPLES)))
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
        assert mine == pytest.approx(theirs, abs=NEAR, rel=0.05)
