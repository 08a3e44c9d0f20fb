"""The label's column is read alike where features' are, and else the option is shown."""

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from transfergap.cli.request.config import request_from
from transfergap.cli.request.guessing import guessed
from transfergap.cli.request.request import problem_from
from transfergap.errors import TransferGapError


def people(n, **names):
    rng = np.random.default_rng(n)
    age = rng.normal(50, 9, n).round(1)
    who = np.arange(n) // 3
    frame = pd.DataFrame({"age": age, "who": who, "w": 1.0 + who % 2, "y": (age > 50) * 1})
    return frame.rename(columns=names)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    people(60).to_csv("t.csv", index=False)


def posed(**options):
    request = request_from(Path("t.csv"), {"sources": ["b=b.csv"], **options})
    return problem_from(guessed(request).request)[1]


@pytest.mark.parametrize("name", [" Y ", "Y", "y ", "\ty"])
@pytest.mark.parametrize("options", [{}, {"label": "y"}])
def test_case_and_blanks_of_the_label_are_spelling(name, options):
    people(80, y=name).to_csv("b.csv", index=False)
    assert len(posed(**options).sources["b"].sample) == 80


def test_groups_and_weights_are_found_alike_in_any_file():
    people(60, y="Y", who=" Who", w="W").to_csv("t.csv", index=False)
    people(80, who="WHO", w=" w ").to_csv("b.csv", index=False)
    problem = posed(label="y", groups="who", weight="w")
    assert len(set(problem.target.groups)) == 20 and set(problem.target.weights) == {1.0, 2.0}
    assert set(problem.sources["b"].sample.weights) == {1.0, 2.0}
    assert problem.column_names == ("age",)


def test_parquet_files_are_read_alike():
    people(80, y=" Y").to_parquet("b.csv")
    assert len(posed(label="y").sources["b"].sample) == 80


def test_a_label_with_two_namesakes_is_not_guessed():
    people(80, y="Y").assign(**{"y ": 1}).to_csv("b.csv", index=False)
    with pytest.raises(TransferGapError, match="has no column 'y'"):
        posed(label="y")


@pytest.mark.parametrize("name", ["outcome", "yy", "died", "Class"])
@pytest.mark.parametrize("options", [{}, {"label": "y"}])
def test_another_name_is_shown_with_the_option_to_type(name, options):
    people(80, y=name).to_csv("b.csv", index=False)
    with pytest.raises(TransferGapError) as caught:
        posed(**options)
    typed = "--rename" + caught.value.hint.split("--rename")[1]
    option, value = shlex.split(typed)[:2]
    assert (option, value) == ("--rename", f"b:{name}=y")
    assert len(posed(**options, rename=(value,)).sources["b"].sample) == 80


def test_without_a_column_of_such_a_name_the_option_has_a_blank_to_fill():
    people(80, y="response_code").to_csv("b.csv", index=False)
    with pytest.raises(TransferGapError) as caught:
        posed(label="y")
    assert "response_code" in caught.value.hint and "--rename b:OLD=y" in caught.value.hint
