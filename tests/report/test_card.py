"""Cards for notebooks: isolated, short, complete, and safe against hostile names."""

from __future__ import annotations

import html
import re

import pytest
from tests.report import results

from transfergap.analysis.decision import decide
from transfergap.data.notebook_card import MOST_PIXELS, Card, CardRow, card_html
from transfergap.report import notebook_html
from transfergap.report.card import Findings, card_of
from transfergap.safe.promise import ExpectedGain
from transfergap.safe.report import safe_report

EACH = pytest.mark.parametrize("make", results.ALL.values(), ids=results.ALL)


def frames(fragment: str) -> list[str]:
    """Return the documents of a fragment's frames."""
    return [html.unescape(text) for text in re.findall(r'srcdoc="([^"]*)"', fragment)]


@EACH
def test_a_card_is_two_frames_without_script_or_request(make):
    fragment = notebook_html(make())
    outside = re.sub(r'srcdoc="[^"]*"', "", fragment)
    assert outside.count("<iframe") == len(frames(fragment)) == 2
    tags = {"div", "style", "pre", "p", "iframe", "details", "summary"}
    assert set(re.findall(r"<(\w+)", outside)) == tags
    (style,) = re.findall(r"<style>(.*)</style>", outside)
    assert re.fullmatch(r"(\.transfergap-[0-9a-f]{8}-(text|page)\{[^{}]*\}){2}", style)
    assert outside.count('sandbox="') == 2
    for document in frames(fragment):
        assert document.strip().startswith("<!DOCTYPE html>")
        for bad in ("<script", "src=", "url(", "<img", "<iframe", "<object", "<link"):
            assert bad not in document


@EACH
def test_a_frame_of_a_card_is_400_pixels_high_at_most(make):
    heights = [int(h) for h in re.findall(r"(?<!-)height:(\d+)px;border", notebook_html(make()))]
    assert heights and max(heights) <= MOST_PIXELS


def test_a_card_has_the_answer_and_a_line_an_arm():
    card = card_of(results.demo())
    assert card.title == "mnist hurts digits, more_scans helps it."
    assert [row.cells[0] for row in card.rows] == [
        "more_scans", "mnist", "mnist_cropped", "all balanced",
    ]  # fmt: skip
    assert card.rows[1].cells[1:] == ("−0.180 [−0.298, −0.062]", "hurts: leave out")
    assert card.rows[1].mark == "✗" and card.rows[1].tone == "hurts"
    assert any(line.startswith("Use ") for line in card.advice)
    assert card.notes[0].startswith("First: 3 of 1003 rows of mnist") and "TG101" in card.notes[0]


def test_where_frames_and_styles_are_dropped_the_answer_stands_as_text():
    """What JupyterLab leaves of a card in a notebook that is not trusted."""
    fragment = notebook_html(results.demo())
    dropped = re.sub(r"<style>.*?</style>|<iframe.*?</iframe>", "", fragment, flags=re.DOTALL)
    left = re.sub(r"<div[^>]*display:none[^>]*>.*?</div>", "", dropped, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]+>", "", left))
    card = card_of(results.demo())
    assert text.startswith("\n" + card.title) and "Trust this notebook" in text
    for row in card.rows:
        assert re.search(r" +".join(map(re.escape, row.cells)), text)
    words = " ".join(text.split())
    assert all(line in words for line in (*card.notes, *card.advice, *card.footnotes))
    assert max(map(len, text.splitlines())) <= 88


def test_each_card_hides_its_text_alone():
    one, other = card_html(Card("one")), card_html(Card("other"))
    assert re.findall(r"transfergap-\w+", one)[0] not in other


def test_a_drawn_interval_lies_on_its_side_of_zero():
    helping, hurting = card_of(results.demo()).rows[:2]
    assert helping.span.zero == hurting.span.zero
    assert helping.span.low > helping.span.zero > hurting.span.high
    assert 0 <= hurting.span.low < hurting.span.estimate < hurting.span.high <= 100


def test_many_arms_are_cut_and_counted():
    card = card_of(results.many())
    assert len(card.rows) == 11
    assert re.match(r"and \d+ arms more: ", card.footnotes[0])


def test_a_page_too_large_for_a_notebook_is_left_out():
    assert "<details" not in card_html(Card("title"))
    assert "<details" in card_html(Card("title"), page="<!DOCTYPE html>")


def test_text_between_backticks_is_code_and_all_else_is_text():
    card = Card("<b>", notes=("use `a < b`",), columns=("x",), rows=(CardRow(("`one",)),))
    (document,) = frames(card_html(card))
    assert "use <code>a &lt; b</code>" in document and "<h1>&lt;b&gt;</h1>" in document
    assert "`one" in document


def test_findings_are_lines_or_a_table():
    findings = Findings(results.demo().findings)
    assert findings == results.demo().findings
    lines = repr(findings).splitlines()
    assert len(lines) == len(findings) and lines[2].startswith("TG101 target rows in a source (")
    (document,) = frames(findings._repr_html_())
    assert document.count('<th scope="row">') == len(findings)
    assert repr(Findings()) == "no findings" and "No findings" in Findings()._repr_html_()


def test_a_decision_is_a_sentence():
    decision = decide(results.demo())
    assert repr(decision).startswith("Use more_scans pooled: +0.085 is expected, lower limit")
    assert "Use more_scans pooled" in decision._repr_html_()
    nothing = decide(results.demo(), "proven")
    assert "policy: proven" in repr(nothing)


def test_a_report_of_a_safe_model_is_text_and_a_table():
    report = safe_report(
        alpha=0.5,
        caution="low",
        weights={"control": 1.0},
        influence={"<b>": 0.4},
        reversed_share={"<b>": 0.9},
        rows={"<b>": 12.0},
        credibility=0.6,
        gain=ExpectedGain(0.01, -0.01, 0.03, "Brier"),
        notes=("a note",),
    )
    assert repr(report) == report.text == str(report)
    (document,) = frames(report._repr_html_())
    assert "&lt;b&gt;" in document and "its labels look reversed" in document
    assert "Expected gain over the target-only model" in document and "a note" in document


def test_reprs_of_a_gap_and_a_result_fit_a_line():
    demo = results.demo()
    assert repr(demo.arms[1].gap).startswith("<Gap +0.085 [+0.021, +0.149] (leave-two")
    assert repr(demo) == (
        "<AuditResult of digits: 6 arms, 4 findings; transfergap.report.render() shows it>"
    )
