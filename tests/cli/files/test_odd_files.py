"""Files as instruments and offices write them: limits, comments, UTF-16, pages named .xls."""

from __future__ import annotations

import zipfile

import numpy as np
import pandas as pd
import pytest

from transfergap.cli.files.dialects import Dialect
from transfergap.cli.files.reading import Reading
from transfergap.cli.files.tables import read_frame, read_table
from transfergap.data.notations.marked_numbers import read_marked_numbers
from transfergap.errors import DataError

READING = Reading(label="y")
TABLE = "a,b,y\n1,x,0\n2,z,1\n"


@pytest.mark.parametrize(
    ("texts", "numbers", "words"),
    [
        (["<1", "2", "3.5", "4", "5", "6"], [1, 2, 3.5, 4, 5, 6], "1 value such as '<1'"),
        (["> 100", "2", ">100", "4", "5", "6", "7"], [100, 2, 100, 4, 5, 6, 7], "2 values"),
        (["<-1", "0", "1", "2", "3", "4.25"], [-1, 0, 1, 2, 3, 4.25], "'<-1' as the limit"),
        (["≤0.05", ">=9", "1", "2", "3", "4", "5"], [0.05, 9, 1, 2, 3, 4, 5], "2 values"),
        (["<1,000", "2,500", "3,000", "4,000", "5,250", "6,000"],
         [1000, 2500, 3000, 4000, 5250, 6000], "thousands marked by ','"),
    ],
)  # fmt: skip
def test_values_below_or_above_a_limit_are_read_as_the_limit(texts, numbers, words):
    frames = {"target": pd.DataFrame({"dose": texts}), "b": pd.DataFrame({"dose": [1.0, 2.0]})}
    read, how = read_marked_numbers(frames)
    assert read["target"].dose.tolist() == pytest.approx(numbers)
    assert words in str(how["dose"])
    assert read["b"].dose.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "texts",
    [["<18", "18-30", ">30"], ["<=50", ">50"] * 4, ["<b>", "2", "3", "4", "5", "6"],
     ["<1", "low", "2", "3", "4", "5", "6"]],
)  # fmt: skip
def test_bands_and_words_stay_text(texts):
    frame = pd.DataFrame({"band": texts})
    read, how = read_marked_numbers({"target": frame})
    assert {n: str(m) for n, m in how.items()} == {}
    assert read["target"].band.tolist() == texts


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("comment", ["", "# made by a machine\n", "#one\n# two, three\n#\n"])
def test_comments_and_byte_order_marks_come_before_the_header(tmp_path, encoding, comment):
    path = tmp_path / "t.csv"
    path.write_text(comment + TABLE, encoding=encoding)
    frame = read_frame(path, READING)
    assert list(frame.columns) == ["a", "b", "y"]
    assert frame.a.tolist() == [1, 2]


def test_a_header_that_begins_with_a_number_sign_is_the_header(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("# made by a machine\n#a\tb\ty\n1\tx\t0\n2\tz\t1\n")
    assert list(read_frame(path, READING).columns) == ["#a", "b", "y"]


@pytest.mark.parametrize("start", ["<html><table>", "\n<!DOCTYPE html>", "<?xml version='1.0'?>"])
def test_a_page_named_xls_is_called_a_page(tmp_path, start):
    path = tmp_path / "t.xls"
    path.write_text(start + "<tr><td>1</td></tr>")
    with pytest.raises(DataError, match="web page or XML") as error:
        read_frame(path, READING)
    assert ".xlsx or CSV" in error.value.hint


def test_numbers_of_limits_are_counted_with_blanks(tmp_path):
    path = tmp_path / "t.csv"
    rng = np.random.default_rng(0)
    values = [*rng.normal(5, 1, 20).round(2).astype(str), "<1", "", "<1"]
    pd.DataFrame({"dose": values, "y": 0}).to_csv(path, index=False)
    read, how = read_marked_numbers({"target": read_frame(path, READING)})
    assert read["target"].dose.isna().sum() == 1
    assert "2 values such as '<1'" in str(how["dose"])


LINES = ["a,b,y", *(f"{k},x{k},{k % 2}" for k in range(30))]


def refused(tmp_path, lines):
    """Return the error of a file with these lines."""
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError) as error:
        read_frame(path, READING)
    return str(error.value)


@pytest.mark.parametrize(("place", "number"), [(1, 2), (7, 8), (30, 31)])
def test_a_line_with_too_many_fields_is_told(tmp_path, place, number):
    lines = [*LINES[:place], "5,x,0,7", *LINES[place + 1 :]]
    error = refused(tmp_path, lines)
    assert f"line {number} has 4 fields, the header 3 names" in error
    assert "C error" not in error
    assert "--delimiter" not in error


@pytest.mark.parametrize("n_further", [0, 60_000])
def test_the_line_of_an_open_quote_is_told(tmp_path, n_further):
    lines = [*LINES[:9], '5,"x,0', *LINES[10:], *n_further * ["1,x,0"]]
    assert "a quote that opens in line 10 is never closed" in refused(tmp_path, lines)


def test_lines_are_those_of_the_file(tmp_path):
    """Comments, and values of several lines, count as the lines they are."""
    lines = ["# made by a machine", *LINES[:3], '5,"x', 'y",0', *LINES[3:6], "5,x,0,7"]
    assert "line 10 has 4 fields" in refused(tmp_path, lines)


def test_row_names_without_a_name_move_no_column(tmp_path):
    """R writes them so: pandas would take each column for the one before it."""
    lines = [LINES[0], *(f"r{k},{line}" for k, line in enumerate(LINES[1:]))]
    assert "line 2 has 4 fields, the header 3 names" in refused(tmp_path, lines)


def test_a_separator_at_the_end_of_each_line_is_no_field(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join([LINES[0], *(line + "," for line in LINES[1:])]))
    assert read_frame(path, READING).y.tolist() == [0, 1] * 15


@pytest.mark.parametrize("folder", ["", "data/"])
def test_an_archive_of_macos_is_read(tmp_path, folder):
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        if folder:
            archive.writestr(folder, "")
        archive.writestr(f"{folder}t.csv", "\n".join(LINES))
        archive.writestr(f"__MACOSX/{folder}._t.csv", b"\0\5\26\7")
        archive.writestr(f"{folder}.DS_Store", b"\0\0\0\1Bud1")
    assert read_frame(path, READING).y.tolist() == [0, 1] * 15


@pytest.mark.parametrize(
    ("mark", "typed"), [(" ", "' '"), ("   ", "'\\s+'"), ("^", "'^'"), (":", ":"), (";", "';'")]
)
def test_the_separator_to_type_is_told(tmp_path, mark, typed):
    path = tmp_path / "t.csv"
    lines = [line.replace(",", mark) for line in LINES]
    path.write_text("\n".join([lines[0], *(line + ";" * (mark == ";") for line in lines[1:])]))
    reading = Reading(label="y", dialect=Dialect(delimiter=","))
    with pytest.raises(DataError, match="a single column") as error:
        read_table(path, reading, is_target=True)
    assert error.value.hint == f"add --delimiter {typed}"
