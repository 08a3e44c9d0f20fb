"""Every finding has a page, and every page explains a finding that exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from transfergap.analysis.checks import CHECKS, RANKING_CHECKS, TRAINING_CHECKS

PAGES = Path(__file__).parents[2] / "docs" / "findings"
SECTIONS = [
    "What it means",
    "How it is found",
    "What transfergap did about it",
    "What to do",
    "What it does not mean",
]
OPTIONAL = ["Reference"]
TITLES = {check.code: check.title for check in (*CHECKS, *TRAINING_CHECKS, *RANKING_CHECKS)}


def test_every_code_has_a_page_and_every_page_has_a_code():
    assert {path.stem for path in PAGES.glob("TG*.md")} == set(TITLES)


def test_no_two_checks_share_a_code():
    assert len({check.code for check in CHECKS}) == len(CHECKS)
    shared = {check.code for check in CHECKS} & {check.code for check in TRAINING_CHECKS}
    assert shared == {"TG302", "TG305"}  # the same checks, of trials of any kind


@pytest.mark.parametrize("code", sorted(TITLES))
def test_a_page_starts_with_the_code_and_title_of_its_check(code):
    assert lines_of(code)[0] == f"# {code} {TITLES[code]}"


@pytest.mark.parametrize("code", sorted(TITLES))
def test_a_page_has_every_section_once_and_in_order(code):
    headings = [line[3:] for line in lines_of(code) if line.startswith("## ")]
    assert [heading for heading in headings if heading not in OPTIONAL] == SECTIONS
    assert [heading for heading in headings if heading in OPTIONAL] in ([], OPTIONAL)
    assert headings[: len(SECTIONS)] == SECTIONS


@pytest.mark.parametrize("code", sorted(TITLES))
def test_a_page_is_plain_text_that_fits_a_terminal(code):
    lines = lines_of(code)
    assert max(map(len, lines)) <= 100
    prose = [line for line in outside_fences(lines) if line]
    assert not [line for line in prose if line.startswith("|") or re.search(r"<\w|!\[", line)]
    assert sum(line.startswith("```") for line in lines) % 2 == 0


@pytest.mark.parametrize("code", sorted(TITLES))
def test_the_python_of_a_page_can_be_compiled(code):
    for number, block in enumerate(python_blocks(PAGES / f"{code}.md")):
        compile(block, f"{code}.md, block {number}", "exec")


@pytest.mark.parametrize("code", sorted(TITLES))
def test_codes_and_decisions_that_a_page_mentions_exist(code):
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert set(re.findall(r"TG\d{3}", text)) <= set(TITLES)
    for number in re.findall(r"docs/decisions/(\d{4})", text):
        assert list((PAGES.parent / "decisions").glob(f"{number}-*.md"))


@pytest.mark.parametrize("code", sorted(TITLES))
def test_options_that_a_page_mentions_exist(code):
    from transfergap.cli import plan, run_audit, show

    known = {"--output", "-o"}
    for verb in (run_audit.run, plan.plan, show.report, show.check):
        known |= options_of(verb)
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= known


DOCS = PAGES.parent


def test_the_generated_block_of_methods_has_its_two_marker_lines_in_order():
    lines = (DOCS / "methods.md").read_text(encoding="utf-8").splitlines()
    start = "<!-- generated from benchmarks/results/false_claims.json -->"
    end = "<!-- end of false claims -->"
    assert (lines.count(start), lines.count(end)) == (1, 1)
    assert lines.index(start) < lines.index(end)


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.md")), ids=lambda path: path.name)
def test_decisions_that_the_docs_mention_exist(path):
    for number in re.findall(r"decision (\d{4})", " ".join(path.read_text("utf-8").split())):
        assert list((DOCS / "decisions").glob(f"{number}-*.md"))


def test_the_rooms_of_the_architecture_exist():
    source = PAGES.parents[1] / "src" / "transfergap"
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    layout = text.partition("src/transfergap/\n")[2].partition("\ntests/")[0]
    named = re.findall(r"^  (\w+(?:\.py|/))", layout, re.M)
    missing = [name for name in named if not (source / name).exists()]
    rooms = {f"{path.parent.name}/" for path in source.glob("*/__init__.py")}
    unnamed = ({path.name for path in source.glob("[a-z]*.py")} | rooms) - set(named)
    assert (missing, unnamed) == ([], set())


def test_folders_and_modules_of_the_architecture_stand_in_their_rooms():
    source = PAGES.parents[1] / "src" / "transfergap"
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    layout = text.partition("src/transfergap/\n")[2].partition("\ntests/")[0]
    rooms = re.split(r"^  (?=\w+/)", layout, flags=re.M)[1:]
    gone, unnamed = [], []
    for lines in rooms:
        room = source / lines.partition("/")[0]
        modules = {path.name for path in room.rglob("*.py")}
        gone += [(room.name, name) for name in re.findall(r"\w+\.py", lines) if name not in modules]
        folders = {path.parent.name for path in room.glob("*/__init__.py")}
        unnamed += [(room.name, name) for name in folders if f"{name}/" not in lines]
    assert (gone, unnamed) == ([], [])


def lines_of(code: str) -> list[str]:
    return (PAGES / f"{code}.md").read_text(encoding="utf-8").splitlines()


def outside_fences(lines: list[str]) -> list[str]:
    kept, inside = [], False
    for line in lines:
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            kept.append(line)
    return kept


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.S | re.M)


def options_of(verb: object) -> set[str]:
    """Return the options in the annotations of a verb of the command line."""
    import inspect
    from typing import get_type_hints

    found = set()
    hints = get_type_hints(verb, include_extras=True)
    for name in inspect.signature(verb).parameters:
        for extra in getattr(hints[name], "__metadata__", ()):
            # typer keeps the first name of an option where others keep the default.
            found |= {getattr(extra, "default", None), *(getattr(extra, "param_decls", None) or ())}
    return found


def test_the_floors_of_the_architecture_are_those_of_the_linter():
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = project["tool"]["importlinter"]["contracts"]
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    floors = text.split("## 4. Floors")[1].split("```")[1].split("\n")[1:-1]
    assert floors == contract["layers"]
