"""Laws of every format, over all fixed results."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.report import results

from transfergap.analysis.result import AuditResult
from transfergap.errors import ConfigurationError
from transfergap.report import FORMATS, render, save, to_frame
from transfergap.report.console.screen import render_terminal
from transfergap.report.wording.names import columns

EACH = pytest.mark.parametrize("make", results.ALL.values(), ids=results.ALL)
DETAILS = ("brief", "why", "all")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@EACH
@pytest.mark.parametrize("width", [88, 72, 60, 48, 200])
@pytest.mark.parametrize("plain", [True, False], ids=["ascii", "unicode"])
@pytest.mark.parametrize("detail", ["brief", "all"])
def test_no_terminal_line_is_too_wide(make, width: int, plain: bool, detail: str) -> None:
    for color in (True, False):
        show = {"ascii": plain, "color": color, "detail": detail}
        text = render_terminal(make(), width=width, next_line="x y", **show)
        for line in ANSI.sub("", text).split("\n"):
            assert columns(line) <= min(width, 88), line


@EACH
def test_ascii_mode_is_ascii(make) -> None:
    for detail in DETAILS:
        assert render_terminal(make(), ascii=True, color=False, detail=detail).isascii()


@EACH
def test_colour_changes_no_letter(make) -> None:
    for detail in DETAILS:
        colored = render_terminal(make(), color=True, detail=detail)
        stripped = "\n".join(line.rstrip() for line in ANSI.sub("", colored).split("\n"))
        assert stripped == render_terminal(make(), color=False, detail=detail)


@EACH
def test_without_colour_no_escape_reaches_the_terminal(make) -> None:
    for detail in DETAILS:
        assert "\x1b" not in render_terminal(make(), color=False, detail=detail)


@EACH
@pytest.mark.parametrize("format", FORMATS)
def test_the_word_that_misleads_is_never_printed(make, format: str) -> None:
    assert "significan" not in render(make(), format).lower()


@EACH
@pytest.mark.parametrize("format", FORMATS)
def test_the_same_result_gives_the_same_bytes(make, format: str) -> None:
    text = render(make(), format)
    assert text == render(make(), format)
    assert text.endswith("\n") and not text.endswith("\n\n")
    text.encode("utf-8")


def test_wide_letters_and_long_words_fit_too() -> None:
    names = ("東京大学医学部附属病院のとても長い名前の部門", "x" * 300, "Ärzte_ohne_Umlaut" * 5)
    arms = [results.control()]
    for name in names:
        gap = results.gap(0.085, 0.021, 0.149)
        arms.append(results.arm(f"{name} pooled", (name,), 0.9, gap, results.HELPS))
    told = results.result(tuple(arms))
    for width in (88, 60, 48):
        for detail in DETAILS:
            text = render_terminal(told, width=width, color=False, detail=detail)
            assert max(map(columns, text.split("\n"))) <= width
    assert render_terminal(told, ascii=True, color=False).isascii()


def test_arms_that_would_look_alike_are_folded_and_not_shortened() -> None:
    names = ("a" * 50 + "1" + "b" * 50, "a" * 50 + "2" + "b" * 50)
    arms = [results.control()]
    for name in names:
        gap = results.gap(0.085, 0.021, 0.149)
        arms.append(results.arm(name, (name,), 0.9, gap, results.HELPS))
    text = render_terminal(results.result(tuple(arms)), color=False, detail="all")
    table = text.split("─" * 80)[1]
    assert "…" not in table.split("Do ")[0]


def test_a_far_wider_interval_is_clipped_with_arrows() -> None:
    text = render_terminal(results.many(), color=False, detail="all")
    clipped = [line for line in text.split("\n") if "‹" in line]
    assert len(clipped) == 1 and "›" in clipped[0] and "_17 pooled" in clipped[0]


def test_a_table_has_one_row_an_arm_and_the_promised_columns() -> None:
    frame = to_frame(results.demo())
    assert list(frame.columns) == [
        "arm", "sources", "score", "estimate", "low", "high", "verdict", "smallest_margin",
        "p_helps", "p_hurts", "n_pairs", "over_control", "expected", "p_cost", "p_gain",
    ]  # fmt: skip
    assert frame.verdict.tolist() == [
        "reference", "helps", "hurts", "not enough evidence", "helps", "for information",
    ]  # fmt: skip
    assert frame.sources[4] == "more_scans, mnist, mnist_cropped"
    assert frame.estimate.isna().tolist() == [True, False, False, False, False, False]
    assert frame.n_pairs.tolist()[1:] == [100] * 5


@EACH
def test_every_result_makes_a_table(make) -> None:
    assert len(to_frame(make())) == len(make().arms)


@pytest.mark.parametrize(
    ("suffix", "start"),
    [(".html", "<!DOCTYPE html>"), (".md", "## "), (".json", "{"), (".txt", " ")],
)
def test_the_suffix_decides_what_is_saved(tmp_path: Path, suffix: str, start: str) -> None:
    path = tmp_path / f"report{suffix}"
    save(results.demo(), path)
    assert path.read_text(encoding="utf-8").startswith(start)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_another_suffix_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\.html, \.md, \.json or \.txt"):
        save(results.demo(), tmp_path / "report.pdf")
    assert list(tmp_path.iterdir()) == []


def test_another_format_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="markdown"):
        render(results.demo(), "yaml")


def test_importing_the_package_imports_no_drawing_library() -> None:
    code = (
        "import sys, transfergap.report\n"
        "loaded = {'rich', 'jinja2', 'matplotlib', 'pandas'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_drawing_leaves_the_settings_of_matplotlib_alone() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    render(results.demo(), "html")
    assert dict(matplotlib.rcParams) == before


def test_a_control_with_another_name_is_still_the_reference() -> None:
    told: AuditResult = results.demo()
    arms = (replace(told.arms[0], arm="target_only"), *told.arms[1:])
    assert to_frame(replace(told, arms=arms)).verdict[0] == "reference"
