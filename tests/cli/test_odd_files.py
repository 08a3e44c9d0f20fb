"""Files as instruments and offices write them: limits, comments, UTF-16, pages named .xls."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap.cli._reading import Reading
from transfergap.cli._tables import read_frame
from transfergap.data.marked_numbers import read_marked_numbers
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
