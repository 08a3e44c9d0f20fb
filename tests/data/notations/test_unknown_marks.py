"""Numbers with marks that no list knows: read beside numbers, refused, or named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap import make_design
from transfergap.analysis.checks import Strength, marked_numbers
from transfergap.analysis.checks.check import Evidence
from transfergap.data.notations.marked_numbers import read_marked_numbers
from transfergap.data.notations.number_marks import with_marks_read
from transfergap.data.notations.unknown_marks import are_measured, mark_of_all
from transfergap.data.validation import make_problem
from transfergap.errors import DataError

NUMBERS = [round(40 + 1.3 * k, 1) for k in range(40)]


def problem_of(written, source=NUMBERS[::-1]):
    rng, y = np.random.default_rng(0), np.arange(40) % 2
    target = pd.DataFrame({"x": written, "z": rng.normal(size=40)})
    return make_problem(
        target, y, sources={"s": (target.assign(x=source, z=rng.normal(size=40)), y)}
    )


@pytest.mark.parametrize(
    "mark", ["{} /mm3", "{} Kg.", "{} 10^9/L", "{}*", "US$ {}", "no. {}", "{} (est)", "{} µmol/kg"]
)
def test_one_mark_for_all_is_dropped_beside_numbers_in_either_file(mark):
    written = [mark.format(number) for number in NUMBERS]
    for tables in (
        {"t": pd.DataFrame({"x": written}), "s": pd.DataFrame({"x": NUMBERS})},
        {"t": pd.DataFrame({"x": NUMBERS}), "s": pd.DataFrame({"x": written})},
    ):
        tables, how = read_marked_numbers(tables)
        assert all(table.x.tolist() == NUMBERS for table in tables.values())
        assert mark.replace("{}", "").strip() in str(how["x"])
        # What reads new rows alike is a few texts.
        new = with_marks_read(pd.DataFrame({"x": written}), {"x": how["x"].saved()})
        assert new.x.tolist() == NUMBERS


def test_a_mark_that_some_values_lack_tells_nothing_of_them():
    written = [f"{number}*" if number > 60 else str(number) for number in NUMBERS]
    assert problem_of(written).target.X.x.tolist() == NUMBERS
    thousands = [f"{1000 + k},5 Stk." for k in range(40)]
    tables, _ = read_marked_numbers(
        {"t": pd.DataFrame({"x": thousands}), "s": pd.DataFrame({"x": [1.5, 2.5]})}
    )
    assert tables["t"].x[0] == 1000.5


@pytest.mark.parametrize(
    "write",
    [
        lambda k: f"{k}.5 {'HL'[k % 2]}",
        lambda k: f"{k % 3}h{k + 10}m",
        lambda k: f"{k}.1x10^3",
        lambda k: f"{k}.1,{k}.9",
        lambda k: f"{k}.5{('', 'a', 'b')[k % 3]}",
    ],
)
def test_other_writings_beside_numbers_are_asked_about_and_alone_are_named(write):
    written = [write(k) for k in range(40)]
    with pytest.raises(DataError, match="'x' holds numbers such as") as error:
        problem_of(written)
    assert repr(written[0]) in str(error.value) and "--category x" in error.value.hint
    kept = problem_of(pd.Series(written).astype("category"))
    assert str(kept.target.X.x.dtype) == "category"
    (finding,) = findings(problem_of(written, source=written[::-1]))
    assert finding.strength is Strength.MODERATE and finding.columns == ("x",)
    assert not findings(problem_of(pd.Series(written).astype("category"), source=written))


def findings(problem):
    design = make_design(None, problem, arms=["s pooled"], effort="quick")
    return marked_numbers.examine(Evidence(design, (), {}, {}))


@pytest.mark.parametrize(
    "texts",
    [
        [f"{k} Main St {k % 7}" for k in range(40)],
        [f"{k} {('Oak', 'Elm')[k % 2]} St" for k in range(40)],
        [f"A{k}" for k in range(40)],
        [f"C{k:02d}.{k % 10}" for k in range(40)],
        [f"{k}{('st', 'nd', 'rd', 'th')[k % 4]}" for k in range(40)],
        [f"{k}-{k + 10}" for k in range(40)],
        [f"{k}.{k % 7}.{k % 3}" for k in range(40)],
        [f"{k}{'AB'[k % 2]}" for k in range(40)],
        [f"{k:05d} Town" for k in range(40)],
        [f"{k}.{k % 5} Methods of measuring {k}" for k in range(40)],
        [f"M{k}x{k + 10}" for k in range(40)],
        [f"2024-01-{k % 28 + 1:02d} {k % 24}:00" for k in range(40)],
        ["36.5 cm", "60.5 cm"] * 20,
    ],
)
def test_codes_addresses_and_levels_are_left_alone(texts):
    assert not are_measured("x", texts)
    assert mark_of_all(texts) == ""
