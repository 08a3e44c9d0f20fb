"""Markdown and annotations: hostile names stay names."""

from __future__ import annotations

import pytest
from tests.report import results

from transfergap.report.markdown import annotation, escaped, render_github, render_markdown
from transfergap.report.wording.names import abridged, in_ascii, one_line, shortened


def test_a_pipe_does_not_end_a_cell() -> None:
    rows = [line for line in render_markdown(results.hostile()).split("\n") if line[:2] == "| "]
    assert len(rows) == 2 + len(results.hostile().arms)
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)


def test_markdown_holds_no_tag_outside_code() -> None:
    text = render_markdown(results.hostile())
    bare = "".join(text.split("`")[::2])
    assert "<script" not in bare and "<img" not in bare


def test_nobody_is_notified_and_nothing_is_linked() -> None:
    text = escaped("@octocat #12 http://x www.y.z [a](b)")
    assert "@octocat" not in text and "#12" not in text
    assert "http://" not in text and "www.y" not in text and "[a]" not in text


def test_text_cannot_start_a_list_or_heading() -> None:
    for start in ("- a", "+ a", "1. a", "# a", "> a"):
        assert (
            escaped(start)[0] == "\\" or escaped(start)[1] == "\u2060" or "&gt;" in escaped(start)
        )


def test_an_annotation_is_one_line_whatever_is_in_it() -> None:
    line = annotation("error", "a:b,c%\r\n", "100 %\n::error::x")
    assert line == "::error title=a%3Ab%2Cc%25%0D%0A::100 %25%0A::error::x"


def test_harm_is_an_error_and_help_a_notice() -> None:
    lines = render_github(results.demo()).splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "::error", "::warning", "::warning", "::warning", "::notice", "::notice",
    ]  # fmt: skip


def test_hostile_names_add_no_annotation() -> None:
    assert all(line.startswith("::") for line in render_github(results.hostile()).splitlines())
    assert len(render_github(results.hostile()).splitlines()) == 4


def test_many_annotations_are_counted() -> None:
    lines = render_github(results.many()).splitlines()
    assert len([line for line in lines if line.startswith("::warning")]) <= 10
    assert any("32 arms with the verdict 'not enough evidence' more" in line for line in lines)


def test_names_lose_line_breaks_and_marks_of_direction() -> None:
    assert one_line("a\r\n\tb\u202ec\x00\ud800") == "a bc \ufffd"


def test_shortening_keeps_both_ends() -> None:
    assert shortened("abcdefghij", 5) == "ab…ij"
    assert shortened("東京大学病院", 7) == "東…院" or len(shortened("東京大学病院", 7)) <= 4


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (35, "the labels of b look exchanged here"),
        (34, "the labels of … exchanged here"),
        (24, "the labels … here"),
        (3, "t…e"),
    ],
)
def test_a_sentence_loses_whole_words_while_there_is_room(width: int, expected: str) -> None:
    assert abridged("the labels of b look exchanged here", width) == expected


def test_accents_and_marks_become_ascii() -> None:
    assert in_ascii("café ≈ ┊│● −1 “x”") == 'cafe ~ :|o -1 "x"'
