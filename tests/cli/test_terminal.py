"""Nothing that a stranger named reaches the terminal as a command to it."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

import transfergap
from transfergap.cli._terminal import cleaned, echo, echo_line
from transfergap.cli.predict import without_formulas

CLI = Path(transfergap.__file__).parent / "cli"
EVIL = "\x1b]0;owned\x07\u202ename\x9b31m"


def test_only_letters_and_lines_are_left(capsys):
    echo(f"{EVIL}\nsecond", err=True)
    said = capsys.readouterr().err
    assert said == " ]0;owned name 31m\nsecond\n"
    assert cleaned("plain é 北 ●\n") == "plain é 北 ●\n"


def test_an_endless_name_is_shortened(capsys):
    echo_line(" hint: ", "it has: " + ", ".join("x" * 5000 for _ in range(20)))
    said = capsys.readouterr().err
    assert len(said) < 1300
    assert said.count("\n") == 1


def test_every_writer_goes_through_one():
    calls = [
        (path.name, node.lineno)
        for path in CLI.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("typer.echo", "click.echo", "print", "sys.stdout.write")
    ]
    # The styled report is made of cleaned names and of colours that are meant.
    assert {name for name, _ in calls} == {"_terminal.py", "_output.py"}
    assert len([name for name, _ in calls if name == "_output.py"]) == 1


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+cmd|x", "'+cmd|x"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-1.5", "-1.5"),
        ("+5", "+5"),
        ("ill", "ill"),
        (-2.5, -2.5),
    ],
)
def test_predictions_are_no_formulas(value, written):
    table = pd.DataFrame({"prediction": [value], "p(=x)": [0.5]})
    assert without_formulas(table).prediction.tolist() == [written]
    assert table.prediction.tolist() == [value]
