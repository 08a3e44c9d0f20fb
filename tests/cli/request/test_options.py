"""An option of an audit means the same on the command line and in an audit.toml."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from transfergap.cli.request.config import read_config, record_of, request_from, request_in
from transfergap.cli.request.options import Options, Request, spellings, takes
from transfergap.errors import ConfigurationError

WRITTEN = {str: "word", int: 3, float: 0.5, bool: True, list: ["one", "two"], Path: "place"}
OPTIONS = {name: s for name, s in spellings().items() if name != "sources"}


def typed(words, *names):
    """Return the options that a verb gets for words of a command line."""
    seen = []
    app = typer.Typer()

    @app.command()
    @takes(*names)
    def verb(*, options: Options) -> None:
        seen.append(options)

    outcome = CliRunner().invoke(app, words)
    assert outcome.exit_code == 0, outcome.output
    return seen[0]


def words_of(spelling):
    value = WRITTEN[spelling.kind]
    if spelling.kind is bool:
        return [spelling.flags[0]]
    values = value if isinstance(value, list) else [value]
    return [word for v in values for word in (spelling.flags[-1], str(v))]


def test_every_field_but_the_target_is_spelled():
    # Sources by URL are typed as sources.
    names = [f.name for f in fields(Request) if f.name != "references"]
    assert names == ["target", *spellings()]


def test_no_two_options_share_a_flag():
    flags = [flag for spelling in spellings().values() for flag in spelling.flags]
    assert len(flags) == len(set(flags))


@pytest.mark.parametrize("name", OPTIONS)
def test_command_line_and_file_make_one_request(name, tmp_path):
    spelling = OPTIONS[name]
    file = tmp_path / "audit.toml"
    text = '[target]\npath = "t.csv"\n'
    text += "" if spelling.section == "target" else f"[{spelling.section}]\n"
    file.write_text(f"{text}{name} = {json.dumps(WRITTEN[spelling.kind])}\n")
    by_words = request_from(tmp_path / "t.csv", typed(words_of(spelling), name))
    by_file = read_config(file)
    if name == "output":  # relative to the file
        by_words = request_from(tmp_path / "t.csv", {"output": tmp_path / "place"})
    assert by_words == by_file
    assert getattr(by_file, name) not in (None, (), False)


def test_options_that_were_not_typed_are_absent():
    assert typed(["--seed", "0", "--na", "?"], "seed", "na", "learning_curve", "label") == {
        "seed": 0,
        "na": ["?"],
    }


def test_a_request_comes_back_from_its_record(tmp_path):
    request = request_from(tmp_path / "t.csv", {"sources": ["b=b.csv"], "arms": ["b+only"]})
    back = request_in(json.loads(json.dumps(record_of(request, tmp_path))), tmp_path)
    assert back.arms == request.arms
    assert [path.name for path in back.sources.values()] == ["b.csv"]


@pytest.mark.parametrize(("before", "after"), [(";", (";",)), (None, ()), (["b:;"], ("b:;",))])
def test_a_run_that_knew_one_delimiter_is_still_read(before, after, tmp_path):
    record = record_of(request_from(tmp_path / "t.csv", {"sources": ["b=b.csv"]}), tmp_path)
    record["options"]["delimiter"] = before
    assert request_in(record, tmp_path).delimiter == after


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("margin = true", "a number"),
        ('seed = "3"', "a whole number"),
        ("na = 3", "a list of texts"),
    ],
)
def test_a_value_of_another_type_is_refused(line, hint, tmp_path):
    file = tmp_path / "audit.toml"
    section = "data" if line.startswith("na") else "design"
    file.write_text(f'[target]\npath = "t.csv"\n[{section}]\n{line}\n')
    with pytest.raises(ConfigurationError) as error:
        read_config(file)
    assert error.value.hint == f"give it {hint}"
