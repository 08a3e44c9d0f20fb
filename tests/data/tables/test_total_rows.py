"""Rows of totals are found by exact evidence, and named first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.report import results
from tests.report.test_brief import arm, file_fault, told

from transfergap import make_design
from transfergap.analysis.checks import Strength
from transfergap.analysis.checks.check import Evidence
from transfergap.analysis.checks.totals import rows_of_totals
from transfergap.data.tables.total_rows import total_rows
from transfergap.data.validation import make_problem
from transfergap.report.brief import brief_of

N = 40


def table(seed=0, n=N):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.gamma(3.0, 4.0, (n, 3)).round(1), columns=["a", "b", "c"])
    frame["n"] = rng.integers(0, 9, n)
    return frame, (frame.a + frame.n + rng.normal(size=n)).round(2)


def with_row(frame, labels, row, label, place=None):
    """Put a row behind all others, or before the row at a place."""
    place = len(frame) if place is None else place
    parts = [frame[:place], pd.DataFrame([row]), frame[place:]]
    return pd.concat(parts, ignore_index=True), np.insert(labels.to_numpy(float), place, label)


def found(frame, labels):
    return total_rows({"b": (frame, labels)}).get("b")


@pytest.mark.parametrize("place", [0, N])
@pytest.mark.parametrize("kind", ["sum", "mean"])
def test_a_first_or_last_row_of_sums_or_means_is_found(kind, place):
    frame, labels = table()
    row, label = getattr(frame, kind)(), getattr(labels, kind)()
    total = found(*with_row(frame, labels, row.round(2).to_dict(), round(label, 3), place))
    assert (total.row, total.place) == (place, "last" if place else "first")
    assert (total.kind, total.columns) == (kind, ("a", "b", "c", "n", "the label"))


def test_a_sum_and_a_mean_below_one_another_are_no_disguise():
    frame, labels = table()
    X, y = with_row(frame, labels, frame.sum().to_dict(), labels.sum())
    X, y = with_row(X, pd.Series(y), frame.mean().to_dict(), labels.mean())
    assert found(X, y).place == "last but one"
    assert found(X.to_numpy(float), y).columns[:2] == ("0", "1")  # an array has no names


def test_sums_beside_means_and_blanks_are_one_row_of_totals():
    frame, labels = table()
    row = {"a": frame.a.sum(), "b": frame.b.mean(), "c": frame.c.sum(), "n": np.nan}
    assert found(*with_row(frame, labels, row, 0.5)).columns == ("a", "b", "c")


@pytest.mark.parametrize("word", ["Total", "Gesamt:", "Grand total"])
def test_a_row_that_is_called_a_total_and_is_far_larger_is_found_anywhere(word):
    frame, labels = table()
    frame = frame.assign(site="Oslo")
    row = {"a": 900.0, "b": 800.0, "c": 700.0, "n": 350, "site": word}
    total = found(*with_row(frame, labels, row, 9.0, place=7))
    assert (total.row, total.place, total.columns, total.word) == (7, "", (), word)


def test_a_word_or_a_large_row_alone_is_none():
    frame, labels = table()
    usual = {**frame.iloc[3].to_dict(), "site": "Total"}
    assert found(*with_row(frame.assign(site="Oslo"), labels, usual, 9.0)) is None
    assert found(*with_row(frame, labels, dict.fromkeys("abc", 900.0) | {"n": 99}, 9.0)) is None
    levels = frame.assign(site=["Total", "Part"] * (N // 2))
    assert found(levels, labels) is None


def test_ordinary_rows_are_no_totals():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        coarse = rng.integers(0, 4, (12, 30))  # whole means are as near as any value
        assert found(pd.DataFrame(coarse), coarse[:, 0]) is None
        assert found(*table(seed, 12)) is None
    flags = pd.DataFrame(np.eye(30)[:, :4])
    assert found(flags, np.zeros(30)) is None


def test_the_finding_names_the_row_and_stands_first():
    frame, labels = table()
    X, y = with_row(frame, labels, frame.sum().to_dict(), labels.sum())
    target = table(1)
    problem = make_problem(target[0], target[1].to_numpy(), sources={"s": (X, y)}, metric="r2")
    design = make_design(None, problem, arms=["s pooled"], effort="quick")
    (finding,) = rows_of_totals.examine(Evidence(design, (), {}, {}))
    assert finding.says.startswith("Row 41 of s, the last, is the sum of the others in 5 columns")
    assert finding.strength is Strength.STRONG
    hurts = arm("s", -0.05, -0.08, -0.02, results.HURTS)
    units = file_fault("TG113", subject="s", strength=Strength.STRONG)
    screen = brief_of(told(hurts, findings=(units, finding)))
    assert screen.faults[0].code == "TG143"
    assert "see TG143 first" in screen.sentence


def test_what_is_no_table_is_left_to_the_checks_that_come_later():
    frame = pd.DataFrame(np.random.default_rng(0).gamma(3.0, size=(30, 4)))
    ragged = [[1], *[[1, 2]] * 29]
    assert (
        total_rows({"b": (frame, ragged), "c": (frame[0], np.ones(30)), "d": (frame, None)}) == {}
    )
