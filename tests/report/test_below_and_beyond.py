"""Subgroups and curves in reports: whatever names hold, and however many looks there are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report import results

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.curves import Crossing, CurvePoint, GapCurve, LearningCurve
from transfergap.analysis.subgroups import (
    ArmErrors,
    ErrorRate,
    SmallSubgroup,
    SubgroupGap,
    Subgroups,
)
from transfergap.report import render, result_from_json, result_to_json
from transfergap.report.console.screen import render_terminal
from transfergap.stats.gap import Verdict

HOSTILE = results.HOSTILE


def rate(kind: str) -> ErrorRate:
    return ErrorRate(HOSTILE, kind, 40, 0.2, 0.3, -0.1, -0.2, 0.0)


def below(n: int = 3) -> Subgroups:
    hurt = results.gap(-0.08, -0.12, -0.04)
    gaps = tuple(
        SubgroupGap(f"{HOSTILE} pooled", f"age ≤ {i} {HOSTILE}", 30, hurt, 1.0, 0.004,
                    Verdict.HURTS, (rate("false negatives"),))
        for i in range(n)
    )  # fmt: skip
    overall = (ArmErrors("b pooled", 100, (rate("missed"),)),)
    return Subgroups(False, gaps, overall, (SmallSubgroup(HOSTILE, 4),), (f"Note of {HOSTILE}.",))


def beyond() -> LearningCurve:
    points = tuple(
        CurvePoint(float(at), gap, gap - 0.05, gap + 0.05, 20)
        for at, gap in ((11, 0.2), (45, 0.1), (90, 0.02))
    )
    crossing = Crossing(150.0, 95.0, None, True, -0.03)
    curve = GapCurve(f"{HOSTILE} pooled", points, crossing, f"it ends, says {HOSTILE}.")
    return LearningCurve("target rows", "accuracy", (curve,), (f"{HOSTILE} failed.",))


def whole(n: int = 3):
    finding = Finding("TG401", "hurts a subgroup", "b", Strength.STRONG, f"b hurts {HOSTILE}.",
                      "Use the control.")  # fmt: skip
    told = results.demo()
    return replace(told, findings=(finding,), subgroups=below(n), learning_curve=beyond())


def test_names_of_subgroups_are_escaped_on_the_page():
    page = render(whole(), "html")
    assert "<script" not in page
    assert "Who is hurt?" in page and "How much target data makes this moot?" in page
    assert "gone at about 150" in page


def test_a_curve_has_a_text_alternative():
    page = render(whole(), "html")
    assert "11 rows +0.200 [+0.150, +0.250]" in page


@pytest.mark.parametrize("width", [48, 88])
def test_terminal_lines_fit_and_have_an_ascii_form(width):
    plain = render_terminal(whole(), width=width, color=False, detail="why")
    assert max(map(len, plain.splitlines())) <= width
    assert "Who is hurt?" in plain and "TG401" in plain
    assert render_terminal(whole(), ascii=True, color=False).isascii()


def test_markdown_names_whom_an_arm_hurts():
    text = render(whole(), "markdown")
    assert "### Who is hurt?" in text and "<script" not in text


def test_many_looks_stay_a_small_page():
    assert len(render(whole(2000), "html")) < 500_000


def test_everything_is_read_back_and_old_files_are_too():
    assert result_from_json(result_to_json(whole())) == whole()
    old = result_from_json(result_to_json(results.demo()))
    assert (old.subgroups, old.learning_curve) == (None, None)


def test_the_advice_minds_a_hurt_subgroup():
    assert any("TG401" in line for line in render(whole(), "text").split("Do ")[1:])


def test_what_was_not_looked_at_names_groups_only_where_nobody_looked():
    assert "Groups of rows within the target" in render(results.demo(), "html")
    assert "Groups of rows within the target" not in render(whole(), "html")
