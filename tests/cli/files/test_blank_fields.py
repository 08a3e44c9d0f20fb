"""Fields of nothing but blanks are missing values, as empty fields are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from transfergap.cli.files.batches import Part, batches_of
from transfergap.cli.files.dialects import Dialect
from transfergap.cli.files.reading import Reading
from transfergap.cli.files.tables import read_frame
from transfergap.data.encoding import fit_encoder

READING = Reading(label="y", groups="who", category=("ward",))
HEADER = ["who", "work", "ward", "pay", "flag", "note", "y"]
ROWS = [
    ["p1", "State", "A", "1.5", "True", "two words", "yes"],
    ["", "Private", "", "", "", "", ""],
    ["p2", "", "NA-1", "3", "False", " begins with a blank", "no"],
    ["p3", "NA", "B", "NA", "True", "a  b", "yes"],
    ["007", "None", "None", "4", "", "None of these", "no"],
]


def written(tmp_path, rows, mark=",", header=HEADER):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(mark.join(row) for row in [header, *rows]) + "\n", "utf-8")
    return path


def blank_as(rows, blank):
    return [[field or blank for field in row] for row in rows]


@pytest.mark.parametrize("blank", [" ", "   ", "\t", "\u00a0", ' " "'.strip()])
@pytest.mark.parametrize("mark", [",", ";", "|"])
def test_a_blank_field_is_read_as_an_empty_one(tmp_path, blank, mark):
    empty = read_frame(written(tmp_path, ROWS, mark), READING)
    assert empty.isna().sum().tolist() == [1, 3, 1, 2, 2, 1, 1]
    pd.testing.assert_frame_equal(
        read_frame(written(tmp_path, blank_as(ROWS, blank), mark), READING), empty
    )


def test_files_with_a_blank_behind_each_comma_have_the_same_missing_values(tmp_path):
    reading = replace(READING, category=())
    empty = read_frame(written(tmp_path, ROWS), reading)
    spaced = read_frame(written(tmp_path, ROWS, ", "), reading)
    spaced.columns = [name.strip() for name in spaced.columns]
    assert (spaced.isna() == empty.isna()).all(axis=None)
    assert spaced["pay"].dtype == float


def test_codes_in_blanks_are_missing_where_the_code_is(tmp_path):
    rows = [["a", " ?", "1"], ["b", "x", " ? "], ["c", "? x", "3"], ["d", " NA", "4"]]
    path = written(tmp_path, rows, header=["y", "work", "n"])
    frame = read_frame(path, Reading(label="y", na=("?",)))
    assert frame["work"].isna().tolist() == [True, False, False, True]
    assert frame["n"].tolist()[0] == 1.0 and np.isnan(frame["n"][1])
    kept = read_frame(path, Reading(label="y", keep_na=("NA",)))
    assert kept["work"].tolist() == [" ?", "x", "? x", " NA"]


def test_decimal_commas_and_thousands_beside_blank_fields_are_read(tmp_path):
    rows = [["a", "1,5", "1.250"], ["b", " ", " "], ["c", "2,25", "12.500"], ["d", "7", "900"]]
    path = written(tmp_path, rows, ";", ["y", "x", "pay"])
    for decimal in (None, ","):
        frame = read_frame(path, Reading(label="y", dialect=Dialect(decimal=decimal)))
        assert frame["x"].dropna().tolist() == [1.5, 2.25, 7.0]
        assert frame["pay"].dropna().tolist() == [1250.0, 12500.0, 900.0]


def test_texts_with_blanks_inside_or_around_stay_as_they_are(tmp_path):
    rows = [["a", " x "], ["b", "x y"], ["c", "x\u00a0y"], ["d", "_"], ["e", " ."]]
    frame = read_frame(written(tmp_path, rows, header=["y", "s"]), Reading(label="y"))
    assert frame["s"].tolist() == [row[1] for row in rows]


def test_zeros_before_numbers_of_a_text_column_stay(tmp_path):
    rows = [["a", "007"], ["b", " "], ["c", "012"]]
    reading = replace(Reading(label="y"), texts=frozenset(["code"]))
    frame = read_frame(written(tmp_path, rows, header=["y", "code"]), reading)
    assert frame["code"].tolist()[::2] == ["007", "012"] and pd.isna(frame["code"][1])


def test_batches_of_long_files_have_the_same_missing_values(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=40).round(3), "s": rng.choice(["a", "b"], 40)})
    y = np.arange(40) % 2
    encoder = fit_encoder(frame, y, task="binary")
    rows = [[f"{x}" if k % 5 else " ", s if k % 4 else " ", str(y[k])]
            for k, (x, s) in enumerate(frame.itertuples(index=False))]  # fmt: skip
    path = written(tmp_path, rows, header=["x", "s", "y"])
    ((X, _),) = batches_of(Part(path), Reading(label="y"), encoder)
    assert X["x"].dtype == float
    assert X.isna().sum().tolist() == [8, 10]
