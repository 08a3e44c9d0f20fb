"""Two files and no options: what is guessed, why, and when nobody is asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from transfergap.cli.main import run
from transfergap.cli.request import guessing
from transfergap.cli.request.config import request_from
from transfergap.cli.request.guessing import command_of, confirmed, guessed
from transfergap.errors import ConfigurationError, DataError


def table(n: int = 40, seed: int = 0, label: str = "outcome") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 2)).round(2), columns=["age", "bmi"])
    frame[label] = np.where(frame.age + rng.normal(size=n) > 0, "ill", "well")
    return frame


def write(folder: Path, frames: dict[str, pd.DataFrame], **options) -> list[Path]:
    paths = [folder / name for name in frames]
    for path, frame in zip(paths, frames.values(), strict=True):
        frame.to_csv(path, index=False, **options)
    return paths


def guess_of(folder: Path, frames: dict[str, pd.DataFrame], typed=None, **options):
    target, *others = write(folder, frames, **options)
    return guessed(request_from(target, typed or {}, others))


SEVEN = np.arange(40) % 7
WORDS = [f"saw {i} of them" for i in range(40)]


@pytest.mark.parametrize(
    "name", ["outcome", "survived?", "Outcome (0/1)", "Outcome", "Target", "is fraud", "y"]
)
def test_a_column_named_as_labels_are_is_the_label_wherever_it_stands(tmp_path, name):
    frames = {
        f"{k}.csv": table(seed=i, label=name)[[name, "age", "bmi"]] for i, k in enumerate("ab")
    }
    guess = guess_of(tmp_path, frames)
    assert guess.request.label == name
    assert "such a name in both files" in guess.reasons[0]
    assert dict(guess.request.sources) == {"b": tmp_path / "b.csv"}


def test_else_the_last_column_of_all_files_is(tmp_path):
    guess = guess_of(tmp_path, {"a.csv": table(label="z"), "b.csv": table(seed=1, label="z")})
    assert guess.request.label == "z"
    assert "last column" in guess.reasons[0]


@pytest.mark.parametrize(
    ("target", "other", "message"),
    [
        (table().assign(died=0), table(seed=1).assign(died=1), None),  # constant: no label
        (table(), table(label="OUTCOME "), None),
        (table().assign(target=SEVEN), table(seed=1).assign(target=SEVEN), "Several"),
        (table(label="z").assign(w=range(40)), table(seed=1, label="z"), "No column"),
        (table(label="z").assign(record=range(40)), table(label="z").assign(record=range(40)),
         "No column"),
        (table(label="z").assign(comment=WORDS), table(label="z").assign(comment=WORDS),
         "No column"),
        (table(label="z").assign(score=SEVEN)[["score", "age", "z"]],
         table(label="z").assign(score=SEVEN)[["score", "age", "z"]], "may be score or z"),
        (table().assign(outcome="ill"), table(), "has 1 different values of it in 40 rows"),
        (table(1), table(), "has 1 different values of it in 1 rows"),
        (table(), table(label="reply"), "outcome looks like what to predict, but .*b.csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_asked_for(tmp_path, target, other, message):
    frames = {"a.csv": target, "b.csv": other}
    if message is None:
        assert guess_of(tmp_path, frames).request.label == "outcome"
        return
    with pytest.raises(ConfigurationError, match=message) as caught:
        guess_of(tmp_path, frames)
    assert "--label" in caught.value.hint or "--rename" in caught.value.hint


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({"sep": ";"}, {"delimiter": (";",), "decimal": ()}),
        ({"sep": ";", "decimal": ","}, {"delimiter": (";",), "decimal": (",",)}),
        ({"sep": "\t"}, {"delimiter": ("\\t",), "decimal": ()}),
        ({"sep": "|"}, {"delimiter": ("|",), "decimal": ()}),
        ({}, {"delimiter": (), "decimal": (), "encoding": ()}),
        ({"encoding": "cp1252"}, {"encoding": ("cp1252",)}),
    ],
)
def test_how_files_are_written_is_read_off_them(tmp_path, options, flags):
    frames = {f"{k}.csv": table(seed=i).assign(town="Köln") for i, k in enumerate("ab")}
    request = guess_of(tmp_path, frames, **options).request
    assert {name: getattr(request, name) for name in flags} == flags
    assert request.label == "outcome"


def test_patients_with_several_rows_are_groups_and_others_are_none(tmp_path):
    frames = {f"{k}.csv": table(seed=i).assign(Patient_ID=np.repeat(range(20), 2))
              for i, k in enumerate("ab")}  # fmt: skip
    guess = guess_of(tmp_path, frames)
    assert guess.request.groups == "Patient_ID"
    assert "rows of one Patient_ID" in guess.reasons[1]
    for ids in (range(40), np.arange(40) % 5):  # all different; fewer than folds
        frames = {name: frame.assign(Patient_ID=ids) for name, frame in frames.items()}
        assert guess_of(tmp_path, frames).request.groups is None


def test_thousands_are_no_decimals(tmp_path):
    frames = {f"{k}.csv": table(seed=i).assign(paid=["1,896", "436"] * 20, age=1, bmi=2)
              for i, k in enumerate("ab")}  # fmt: skip
    request = guess_of(tmp_path, frames, sep="\t").request
    assert (request.delimiter, request.decimal) == (("\\t",), ())


def test_nothing_is_guessed_where_the_label_was_typed(tmp_path):
    frames = {f"{k}.csv": table(seed=i).assign(patient=1) for i, k in enumerate("ab")}
    guess = guess_of(tmp_path, frames, {"label": "outcome"})
    assert guess.reasons == ()
    assert guess.request.groups is None


def test_sources_are_called_as_their_files_and_folders_hold_many(tmp_path, capsys):
    folder = tmp_path / "others"
    folder.mkdir()
    write(tmp_path, {"t.csv": table(), "c.csv": table()})
    write(folder, {"a.csv": table(), "b.csv.gz": table()})
    (folder / "notes.txt").write_text("no table")
    (folder / ".hidden.csv").write_text("a,b")
    request = request_from(tmp_path / "t.csv", {"sources": ["d.csv", "e=x.csv"]}, [folder])
    assert list(request.sources) == ["d", "e", "a", "b"]
    assert "not notes.txt" in capsys.readouterr().err
    with pytest.raises(DataError, match="is the target itself"):
        request_from(tmp_path / "t.csv", {}, [tmp_path / "t.csv"])
    with pytest.raises(ConfigurationError, match="is a folder"):
        guessed(request_from(folder, {}, [tmp_path / "t.csv"]))
    assert request_from(tmp_path / "t.csv", {}, [tmp_path]).sources == {"c": tmp_path / "c.csv"}
    with pytest.raises(DataError, match="Two sources are called 'a'"):
        request_from(tmp_path / "t.csv", {"sources": ["a=1.csv"]}, [folder])
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no table in the folder"):
        request_from(tmp_path / "t.csv", {}, [tmp_path / "empty"])


def test_the_command_that_is_shown_is_the_request(tmp_path):
    guess = guess_of(tmp_path, {"a b.csv": table(), "c.csv": table(seed=1)}, {"arms": ["c+only"]},
                     sep=";")  # fmt: skip
    words = command_of(guess.request)
    assert words.startswith("transfergap run '")
    assert words.endswith("--arm c+only --delimiter ';'")
    dashed = request_from(Path("-dash.csv"), {}, [Path("x/a=b.csv")])
    assert command_of(dashed) == "transfergap run ./-dash.csv -s a-b=x/a=b.csv"


class Terminal:
    def __init__(self, answer):
        self.answer = answer

    def isatty(self):
        return True


@pytest.mark.parametrize("answer", [True, False])
def test_a_person_is_asked(tmp_path, monkeypatch, capsys, answer):
    guess = guess_of(tmp_path, {"a.csv": table(), "b.csv": table(seed=1)})
    monkeypatch.setattr(guessing.sys, "stdin", Terminal(answer))
    monkeypatch.setattr(guessing.sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda *args, **options: answer)
    if answer:
        assert confirmed(guess, verb="run", yes=False) == guess.request
    else:
        with pytest.raises(ConfigurationError, match="Nothing was run"):
            confirmed(guess, verb="run", yes=False)
    assert "read as  transfergap run" in capsys.readouterr().err


def test_two_files_are_enough_and_a_script_says_yes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"own.csv": table(), "other.csv": table(80, 1)})
    line = ["run", "own.csv", "other.csv", "--effort", "quick", "--explain", "none",
            "--arm", "other pooled"]  # fmt: skip
    with pytest.raises(SystemExit) as left:
        run(line)
    assert left.value.code == 2
    assert "add --yes, or type: transfergap run own.csv -y outcome" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        run([*line, "--yes"])
    assert not left.value.code
    assert " other " in capsys.readouterr().out
    assert "other pooled" in (tmp_path / "runs" / "own" / "result.json").read_text()
