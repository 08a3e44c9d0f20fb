"""`transfergap import` of a long table: participant, group, trial, score."""

import json

import pytest
from tests.analysis.people.trainees import scores

from transfergap.cli.main import run


@pytest.fixture
def typed(capsys):
    """Type a command; return exit code, stdout and stderr."""

    def type_in(*arguments):
        with pytest.raises(SystemExit) as stop:
            run(["import", *map(str, arguments)])
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, " ".join(err.split())

    return type_in


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "typing.csv"
    scores({"control": 0.0, "piano": 0.3, "drums": 0.0}).to_csv(path, index=False)
    return path


def test_a_long_table_is_judged_by_its_columns_alone(table, tmp_path, typed):
    code, out, err = typed(table, "--margin", "0.05", "-o", tmp_path / "run")
    assert code == 0, err
    assert "piano helps typing" in out
    assert "30 participants of 6 trials" in out
    record = json.loads((tmp_path / "run" / "result.json").read_text())
    assert record["training"]["learners"] == "people"


def test_names_and_choices_are_options(tmp_path, typed):
    path = tmp_path / "errors.csv"
    frame = scores({"novices": 0.0, "drums=old": 0.3}, same=True)
    frame = frame.assign(score=2.0 - frame["score"]).rename(
        columns={"participant": "who", "trial": "block", "score": "mistakes"}
    )
    frame.to_csv(path, index=False)
    code, out, err = typed(
        path, "--margin", "0.2", "--column", "participant=who", "--column", "trial=block",
        "--column", "score=mistakes", "--control", "novices", "--design", "within",
        "--lower-is-better", "--judged-by", "saved", "--prior", "drums=old=12",
        "--criterion", "1.4", "--format", "json",
    )  # fmt: skip
    assert code == 0, err
    record = json.loads(out)
    assert record["gaps"][0]["verdict"] == "helps"
    metrics = {gap["metric"] for gap in record["training"]["gaps"]}
    assert "transfer effectiveness ratio" in metrics


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--steps", "1:2:2"], "--steps is for agents"),
        (["--design", "mixed"], "--design is 'mixed'"),
        (["--ended", "keep"], "--ended is 'keep'"),
        (["--column", "person=who"], "--column has 'person'"),
        (["--column", "trial"], "write NAME=VALUE"),
        (["--prior", "piano=many"], "no number"),
    ],
)
def test_options_that_cannot_be_are_refused(table, options, words, typed):
    code, _, err = typed(table, "--margin", "0.05", *options)
    assert code == 2
    assert words in err


def test_options_of_people_are_refused_for_other_tables(tmp_path, typed):
    path = tmp_path / "scores.csv"
    path.write_text("arm,split,seed,score\ncontrol,0,0,1\nb,0,0,2\n")
    for options in (["--best", "1"], ["--judged-by", "mean"]):
        code, _, err = typed(path, "--margin", "0.1", *options)
        assert code == 2 and options[0] in err
