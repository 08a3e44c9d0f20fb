"""Lines with fewer fields than the header: counted, and a file that was cut off is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from transfergap.cli.files.faulty_lines import ShortLines, short_lines
from transfergap.cli.files.layouts import Layout

HEAD = "y,a,town\n"


def rows(n, seed, town=None):
    """Lines of n rows; every ninth has no town, or ends as ``town`` says."""
    rng = np.random.default_rng(seed)
    lines = []
    for k, a in enumerate(rng.normal(size=n).round(3)):
        end = ",ulm" if k % 9 else (town if town is not None else ",ulm")
        lines.append(f"{int(a + rng.normal() > 0)},{a}{end}\n")
    return "".join(lines)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(HEAD + rows(45, 1))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,2,x\n0,3,\n", ShortLines()),
        ("1,2,x\n0,3\n1,4,y\n", ShortLines(1, 3, 2, 3, is_habit=True)),
        ("1,2,x\n0,3\n1,4,\n", ShortLines(1, 3, 2, 3)),
        ("1,2,x\n\n0\n1,4\n", ShortLines(2, 4, 1, 3, is_habit=True)),
        ('1,"2\n3",x\n0,3\n1,1,1', ShortLines(1, 4, 2, 3, is_habit=True)),
        ("1,2,x\n0,3\n", ShortLines(1, 3, 2, 3, is_habit=True)),  # the last, and it ends
        ("1,2,x\n0,3", ShortLines(1, 3, 2, 3, is_cut=True, is_habit=True)),
        ("1,2\n0,3", ShortLines(2, 2, 2, 3, is_habit=True)),  # a habit, not a cut
    ],
)
def test_short_lines_of_texts(tmp_path, text, expected):
    path = tmp_path / "t.csv"
    path.write_text(HEAD + text)
    assert short_lines(path, Layout()) == expected
    path.write_bytes(gzip.compress((HEAD + text).encode()))
    assert short_lines(path, Layout(), "gzip") == expected
    assert short_lines(path, Layout(delimiter=r"\s+"), "gzip") == ShortLines()


@pytest.mark.parametrize(
    ("end", "kept", "strength"),
    [("", "", "note"), ("", ",", "moderate"), (",", ",", None)],
)
def test_an_audit_counts_lines_that_end_early(here, type_in, end, kept, strength):
    text = rows(90, 2, end)
    Path("b.csv").write_text(HEAD + text + f"1,0.5{kept}\n")
    line = "run t.csv b.csv --label y -o r --quiet --effort quick --explain none --arm 'b pooled'"
    code, out, _ = type_in(line)
    found = [f for f in json.loads(Path("r/result.json").read_text())["findings"]
             if f["code"] == "TG141"]  # fmt: skip
    assert code == 0
    if strength is None:
        assert not found
        return
    [finding] = found
    n = 10 + (kept == "")
    assert finding["says"].startswith(f"{n} lines of b have fewer fields than its header")
    assert (finding["subject"], finding["strength"]) == ("b", strength)
    assert ("TG141" in out) == (strength == "moderate")
    code, _, err = type_in("fit t.csv --label y --source b=b.csv -o m.skops")
    assert code == 0 and f"b: {n} lines have fewer fields than the header" in err


def test_a_file_that_was_cut_off_is_refused(here, type_in):
    Path("b.csv").write_text((HEAD + rows(90, 2))[:-7])
    code, _, err = type_in("run t.csv b.csv --label y -o r --quiet")
    assert code == 2
    assert "b.csv ends within line 91, which has 2 of 3 fields." in err
    assert "was it cut off? Copy it again, or take that line out" in err
