"""The page: complete, closed in itself, and safe against hostile names."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from tests.report import results

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.repairs import Explanation, RepairOutcome
from transfergap.analysis.repairs.explanation import Interval
from transfergap.data.divergences.column_profiles import profile_columns
from transfergap.report import render, result_from_json, result_to_json
from transfergap.report.html import _TEMPLATES, render_html

EACH = pytest.mark.parametrize("make", results.ALL.values(), ids=results.ALL)
VOID = {"meta", "link", "wbr", "br", "img", "input", "path", "use", "rect", "line"}
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")


class _Reader(HTMLParser):
    """Collects tags, attributes and text, and checks that tags are balanced."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text.append(data)


def read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@cache
def page_of(make) -> str:
    """Return the page of a result, drawn once for all tests that read it."""
    return render_html(make())


def headings(page: str) -> list[str]:
    return [re.sub(r"<[^>]*>", " ", h).strip() for h in re.findall(r"<h2>(.*?)</h2>", page)]


@EACH
def test_no_script_and_no_request(make) -> None:
    page = page_of(make)
    assert "<script" not in page and "src=" not in page and "url(" not in page
    bare = page
    for namespace in NAMESPACES:
        bare = bare.replace(namespace, "")
    for start in ("http://", "https://"):
        # A user's own words may name an address; nothing of ours does.
        shown = "".join(read(page).text)
        assert bare.count(start) <= shown.count(start) + bare.count(f'label="{start}')
    for tag, name, value in read(page).attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("href", "xlink:href"):
            assert value is not None and value.startswith(("#", "data:application/json")), value
    assert not {"script", "img", "iframe", "object", "embed", "link"} & set(read(page).tags)


def test_friendly_pages_name_no_address_at_all() -> None:
    for make in (results.demo, results.many, results.empty, results.house_prices):
        page = page_of(make)
        for namespace in NAMESPACES:
            page = page.replace(namespace, "")
        assert "http://" not in page and "https://" not in page


@EACH
def test_pages_are_small(make) -> None:
    assert len(render_html(make(), made_on="23 Nov 2026").encode()) < 500_000


def test_a_page_of_a_thousand_sources_is_small_and_says_what_it_leaves_out() -> None:
    page = render_html(results.many(1000))
    assert len(page.encode()) < 500_000
    assert "1,922 rows more: " in page
    assert "more are in the tables" in page and " drawn" in page


def test_hostile_names_are_shown_as_they_are() -> None:
    page = read(render_html(results.hostile()))
    assert any("<script>alert(1)</script>" in text for text in page.text)
    assert "".join(page.text).count("alert(1)") > 20


def test_hostile_names_in_the_plot_are_text() -> None:
    page = render_html(results.hostile())
    drawing = page.split("<svg")[1].split("</svg>")[0]
    assert "&lt;script&gt;" in drawing and "onerror" not in re.sub(r">[^<]*<", "><", drawing)


@EACH
def test_sections_are_numbered_without_gaps_and_two_are_always_there(make) -> None:
    said = headings(page_of(make))
    assert [int(h.split()[0]) for h in said] == list(range(1, len(said) + 1))
    titles = [h.split(maxsplit=1)[1] for h in said]
    assert "Can this be trusted?" in titles and titles[-1] == "Everything else"


def test_sections_with_nothing_to_say_vanish() -> None:
    assert not any("Why?" in h for h in headings(render_html(results.empty())))
    assert any("Why?" in h for h in headings(render_html(results.demo())))


@EACH
def test_every_drawing_has_a_text_alternative(make) -> None:
    page = page_of(make)
    for drawing in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        assert 'role="img"' in drawing and "aria-label=" in drawing
        if 'class="bars"' not in drawing:
            assert re.search(r"<title>[^<]+</title><desc>[^<]+</desc>", drawing)


def test_drawings_take_their_colours_from_the_page() -> None:
    page = render_html(results.demo())
    for drawing in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        assert not re.search(r"#[0-9a-fA-F]{6}", drawing)
        assert "var(--helps)" in drawing and "var(--hurts)" in drawing


def test_the_page_says_verdicts_with_words_and_intervals() -> None:
    text = "".join(read(render_html(results.demo(), made_on="23 Nov 2026")).text)
    assert "mnist hurts digits, more_scans helps it." in text
    assert "23 Nov 2026" in text
    assert "is counted on error and is minus ours" in text


def test_the_page_says_what_was_not_looked_at() -> None:
    text = "".join(read(render_html(results.demo())).text)
    assert "What was not looked at" in text and "no groups were given" in text


def test_failures_are_shown_with_their_error() -> None:
    assert "MemoryError" in render(results.empty(), "html")


def test_the_date_is_the_only_thing_that_made_on_changes() -> None:
    dated = render_html(results.demo(), made_on="23 Nov 2026")
    assert dated.replace("23 Nov 2026 · ", "") == render_html(results.demo())


def test_of_many_sources_the_worst_and_the_best_are_shown_and_all_are_in_a_fold() -> None:
    page = render_html(results.many())
    section = page.split("Which sources?</h2>")[1].split("</section>")[0]
    shown, _, fold = section.partition("<details>")
    assert shown.count("<tr>") == 2 * (1 + 6) and fold.count("<tr>") == 51
    assert "130" not in shown and "6,500 fits of your model" in fold


def test_few_sources_are_shown_at_once() -> None:
    page = render_html(results.many(5))
    shown = page.split("Which sources?</h2>")[1].partition("<details>")[0]
    assert shown.count("<tr>") == 6
    assert "Which sources?" not in render_html(results.demo())


def test_fifty_sources_that_were_all_explained_still_make_a_small_page() -> None:
    part = Interval(0.01, 0.005, 0.015)
    sign = "3 of 38 columns differ by more than half of their spread, the first of them by 2.1."
    told = results.many()
    explained = tuple(
        Explanation(
            f"{source.name} pooled", source.name, part, ("TG604",), (),
            tuple(RepairOutcome(f"TG60{k}", f"repair {k}", part, part, 0.01, sign, part)
                  for k in range(1, 10)),
            100,
        )
        for source in told.sources
    )  # fmt: skip
    assert len(render_html(replace(told, explanations=explained)).encode()) < 500_000


def with_data(n_sources: int = 2):
    rng = np.random.default_rng(0)
    here = pd.DataFrame({f"<b>{k}": rng.normal(size=60) for k in range(25)})
    there = {f"s{k}</td>": here + k for k in range(n_sources)}
    return replace(results.demo(), data=profile_columns(here, there, name="digits"))


def test_the_data_have_a_tab_with_bars_for_every_column_and_file() -> None:
    page = render_html(with_data())
    assert 'for="tab-data"' in page and page.count('class="bars"') == 25 * 3
    assert "<b>1" not in page and "s1</td>" not in page
    assert result_from_json(result_to_json(with_data())) == with_data()
    assert 'for="tab-data"' not in render_html(results.demo())


def test_a_page_with_many_columns_and_sources_stays_small() -> None:
    assert len(render_html(with_data(20)).encode()) < 500_000


@EACH
def test_every_tab_has_its_panel_and_one_is_open(make) -> None:
    page = page_of(make)
    keys = re.findall(r'<input type="radio" name="tab" id="tab-(\w+)"', page)
    assert keys == re.findall(r'<div class="panel panel-(\w+)">', page)
    assert page.count(" checked>") == 1 and keys[0] == "result"
    css = (_TEMPLATES / "report.css").read_text()
    assert all(f"#tab-{key}:checked~.panels>.panel-{key}" in css for key in keys)


def test_the_head_names_faults_and_leads_to_the_tab_that_tells_more() -> None:
    page = render_html(results.demo())
    head = page.split("</header>")[0]
    assert '<label class="code" for="tab-how">TG101</label>' in head
    assert "3 of 1003 rows of mnist equal rows of the target." in head
    assert head.count("<li>") == 1 + 3


def test_a_long_page_prints_every_tab() -> None:
    assert '<main class="tgap long">' in render_html(results.demo(), long=True)
    assert '<main class="tgap">' in render_html(results.demo())


def test_the_data_tab_tells_units_codes_and_names_of_rows_of_a_column() -> None:
    here = pd.DataFrame({"age": [30.0, 40, 50], "sex": ["f", "m", "f"]})
    profile = profile_columns(here, {"b": here * 12, "c": here}, name="digits")
    unit = Finding("TG113", "units look different", "b", Strength.STRONG, "12 times.", "Divide.")
    names = Finding("TG115", "columns that name rows", "target", Strength.MODERATE, "No.", "Keep.")
    result = replace(
        results.demo(),
        data=profile,
        findings=(unit.about(["age"]), names.about(["patient_no"])),
    )
    text = "".join(read(render_html(result)).text)
    assert "units look different (TG113)" in text[text.index("differ most stand first") :]
    assert "patient_no names rows and is in no model (TG115)." in text
    assert result_from_json(result_to_json(result)) == result


def test_an_option_does_not_break_at_its_hyphens() -> None:
    fault = Finding("TG119", "codes", "b", Strength.MODERATE, "In b, -9.", "Add --keep-na <x>.")
    page = render_html(replace(results.demo(), findings=(fault,)))
    assert '<span class="option">--keep-na</span> &lt;x&gt;' in page
