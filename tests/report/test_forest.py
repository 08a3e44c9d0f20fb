"""The forest plot of many arms: grouped by verdict, long groups condensed, every arm in words."""

from __future__ import annotations

import itertools
import re
from html import unescape

from tests.report import results

from transfergap.report.figures.forest import NARROW, WIDE, draw_forest
from transfergap.report.figures.forest_lines import drawn_arms, forest_lines, is_grouped
from transfergap.report.html import render_html


def lines(result):
    return forest_lines(result, top=44.0, row=27.0, above=False)


def test_few_arms_stand_in_the_order_of_the_design_without_headings() -> None:
    told = results.demo()
    assert not is_grouped(told)
    assert [line.arms[0] for line in lines(told)] == list(drawn_arms(told))


def test_many_arms_stand_by_verdict_and_then_by_gap() -> None:
    told = results.many()
    headings = [line.label for line in lines(told) if not line.arms]
    assert headings == [
        "✗ hurts (4)", "✓ helps (5)", "≈ no material effect (2)", "? not enough evidence (40)",
    ]  # fmt: skip
    arms = [arm for line in lines(told) for arm in line.arms]
    assert sorted(arm.arm for arm in arms) == sorted(arm.arm for arm in drawn_arms(told))
    assert [arm.gap.estimate for arm in arms[:4]] == sorted(a.gap.estimate for a in arms[:4])
    rest = [arm.gap.estimate for arm in arms[11:]]
    assert rest == sorted(rest, reverse=True)


def test_the_middle_of_a_long_group_is_one_block_of_thin_lines() -> None:
    (block,) = (line for line in lines(results.many()) if len(line.arms) > 1)
    assert (block.label, len(block.arms)) == ("34 more", 34)
    heights = block.middles(4.0)
    assert block.top < heights[0] and heights[-1] < block.top + block.height


def test_lines_follow_each_other_without_gaps() -> None:
    told = lines(results.many())
    for one, following in itertools.pairwise(told):
        assert abs(one.top + one.height - following.top) < 1e-9


def test_a_plot_of_fifty_sources_fits_a_page_and_a_phone() -> None:
    for layout in (WIDE, NARROW):
        box = re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', draw_forest(results.many(), layout))
        assert box is not None and float(box[1]) < 1300


def test_the_text_alternative_tells_of_every_arm() -> None:
    told = results.many()
    words = unescape(draw_forest(told, WIDE).split("<desc>")[1].split("</desc>")[0])
    assert all(arm.arm in words for arm in drawn_arms(told))
    assert words.count("not enough evidence") == 40


def test_of_many_arms_the_settled_are_in_the_table_and_the_others_in_a_fold() -> None:
    page = render_html(results.many())
    table, fold = page.split("</figure>")[1].split("<details>")[:2]
    assert table.count("<tr>") == 1 + 1 + 11
    assert "40 arms that are not settled" in fold and fold.count("<tr>") == 1 + 40
