"""Every line of docs/mission.md names what is there; the cheap ones run."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import shlex
from pathlib import Path

import pytest
from tools.scenes import SCENES
from typer.main import get_command

from transfergap.cli.list_names import titles
from transfergap.cli.main import app, run
from transfergap.learners.mitigations.names import mitigation_names

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mission.md").read_text(encoding="utf-8")
LINES = re.findall(r"^\|[^|]+\| `([^`]+)` \|[^|]+\|$", PAGE, re.MULTILINE)
TYPED = [line for line in LINES if line.startswith("transfergap ")]
SCRIPTS = [line for line in LINES if line.startswith("python ")]
NAMES = [line for line in LINES if line.startswith("transfergap.")]
CHEAP = [line for line in TYPED if line.split()[1] in ("explain", "import", "encoder", "screen")]
VERDICTS_OF_A_GATE = (0, 1, 3)


def typed(line):
    with pytest.raises(SystemExit) as stop:
        run(shlex.split(line)[1:])
    return stop.value.code or 0


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for scene in ("hospitals", "typing", "water_jars"):
        SCENES[scene](tmp_path)
    monkeypatch.chdir(tmp_path)


def test_every_row_of_a_table_has_a_line_that_is_read():
    rows = [row for row in PAGE.splitlines() if row.startswith("|") and "---" not in row]
    heads = [row for row in rows if "| answered by |" in row]
    assert len(LINES) == len(rows) - len(heads) > 50
    assert sorted(LINES) == sorted([*TYPED, *SCRIPTS, *NAMES])


@pytest.mark.parametrize("line", dict.fromkeys(TYPED))
def test_a_typed_line_has_a_verb_and_options_that_exist(line):
    _, verb, *options = shlex.split(line)
    group = get_command(app)
    with group.make_context("transfergap", [verb], resilient_parsing=True) as context:
        command = group.get_command(context, verb)
        with command.make_context(verb, list(options), parent=context) as made:
            values = made.params
    for arm in values.get("arms") or ():
        assert set(arm.split("+")[1:]) <= {*mitigation_names(), "pooled"}
    if verb == "explain":
        assert options[0] in titles()


@pytest.mark.parametrize("line", SCRIPTS)
def test_a_script_is_there(line):
    _, *words = line.split()
    path = ROOT / (words[1].replace(".", "/") if words[0] == "-m" else words[0])
    assert path.is_file() or path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


@pytest.mark.parametrize("line", NAMES)
def test_a_name_is_there_and_takes_what_is_handed_over(line):
    tree = ast.parse(line, mode="eval").body
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = value_of(tree)
    assert found is not None
    for call in calls:
        function = value_of(call.func)
        handed = {keyword.arg: None for keyword in call.keywords}
        if function is not None:
            inspect.signature(function).bind_partial(*[None] * len(call.args), **handed)


def value_of(node):
    """Return what a dotted name stands for; of a call, what it says that it returns."""
    if isinstance(node, ast.Call):
        function = value_of(node.func)
        returned = inspect.signature(function).return_annotation
        return getattr(inspect.getmodule(function), str(returned), function)
    if isinstance(node, ast.Attribute):
        owner = value_of(node.value)
        try:
            return getattr(owner, node.attr)
        except AttributeError:
            return importlib.import_module(f"{owner.__name__}.{node.attr}")
    return importlib.import_module(node.id)


def test_cheap_lines_run(folder, capsys):
    for line in CHEAP:
        assert typed(line) == 0, line


@pytest.mark.slow
def test_every_typed_line_runs(folder, capsys):
    failed = []
    for line in TYPED:
        allowed = VERDICTS_OF_A_GATE if line.split()[1] == "check" else (0,)
        if typed(line) not in allowed:
            failed.append((line, capsys.readouterr().err[-200:]))
    assert not failed
