"""What `transfergap list mitigations` prints of each mitigation."""

import re
import sys

import numpy as np
import pandas as pd
import pytest

from transfergap.cli.list_names import mitigation_lines
from transfergap.learners.mitigations.names import Harm, mitigation_names


def test_every_mitigation_is_a_paragraph_of_named_facts(type_in):
    code, out, _ = type_in("list mitigations")
    assert code == 0
    head, *paragraphs = out.rstrip().split("\n\n")
    assert "--arm SOURCE+NAME" in head
    assert [text.split()[0] for text in paragraphs] == list(mitigation_names())
    for text in paragraphs:
        facts = re.findall(r"^  (\w+) +", text, re.M)
        assert [f for f in facts if f != "labels"] == [
            "does", "assumes", "costs", "harmed", "source",
        ]  # fmt: skip


def test_lines_fit_a_terminal_and_hang_below_their_fact(type_in):
    _, out, _ = type_in("list mitigations")
    assert max(map(len, out.splitlines())) <= 88
    for line in out.splitlines()[3:]:
        assert re.match(r"$|\S|  \w{4,7} +\S|           \S", line), line
    assert "\N{NO-BREAK SPACE}" not in out


def test_the_layout_of_one_paragraph(type_in, monkeypatch):
    harm = Harm(0.31, 0.026, 320, 0.44, 0.05, 110)
    monkeypatch.setattr(
        "transfergap.learners.mitigations.names.measured_harm", lambda: {"kliep": harm}
    )
    _, out, _ = type_in("list mitigations")
    paragraph = next(text for text in out.split("\n\n") if text.startswith("kliep"))
    assert paragraph.splitlines() == [
        "kliep  (KLIEP)",
        "  does     Weigh source rows by the Kullback-Leibler importance estimation procedure",
        "           (skada).",
        "  assumes  labels depend on the columns alike; the source covers the target",
        "  costs    1 fit, and 16 fits of the ratio; needs the extra da",
        "  harmed   31% (±3%) of 320 tasks by more than a point; 44% (±5%) of 110 with a third of",
        "           the sources spoilt",
        "  source   Sugiyama et al. (2007), Direct Importance Estimation, sections 2 and 3",
    ]


@pytest.mark.parametrize("arm", ["site coral", "site matched-columns balanced"])
def test_an_arm_on_the_command_line_may_be_a_mitigation(type_in, tmp_path, arm):
    files = _two_files(tmp_path)
    code, out, err = type_in(f"{files} --arm '{arm}' --effort quick --explain none -q")
    assert code == 0, err
    assert arm in out


def test_a_mitigation_that_does_not_fit_the_labels_is_refused_with_a_hint(type_in, tmp_path):
    code, _, err = type_in(f"{_two_files(tmp_path)} --arm 'site tradaboost-r2'")
    assert code == 2
    assert "'tradaboost-r2' is not made for binary labels" in " ".join(err.split())


def test_a_mistyped_mitigation_suggests_the_nearest(type_in, tmp_path):
    code, _, err = type_in(f"{_two_files(tmp_path)} --arm 'site corall'")
    assert code == 2
    assert "did you mean 'site coral'?" in " ".join(err.split())


def _two_files(folder):
    rng = np.random.default_rng(0)
    for name, n in (("target", 40), ("site", 60)):
        X = rng.normal(size=(n, 3))
        table = pd.DataFrame(X, columns=["a", "b", "c"])
        table["y"] = (X[:, 0] + rng.normal(size=n) > 0).astype(int)
        table.to_csv(folder / f"{name}.csv", index=False)
    return f"run {folder}/target.csv --label y --source site={folder}/site.csv -o {folder}/run"


def test_without_torch_the_list_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    lines = list(mitigation_lines())
    place = lines.index("l2-sp")
    assert "transfergap[torch]" in " ".join(lines[place : place + 3])
    assert any(line.startswith("coral") for line in lines)
