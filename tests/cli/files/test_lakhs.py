"""Numbers that are parted as in India, in files of every kind, are the numbers they mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap.cli.files.dialects import Dialect
from transfergap.cli.files.reading import Reading
from transfergap.cli.files.tables import read_frame
from transfergap.data.tables.one_form import in_one_form

PAY = [
    416850,
    85000,
    999,
    12345678,
    1234567890,
    100000,
    525000,
    50,
    7654321,
    99999,
    725000,
    -416850,
]


def parted(number):
    """Return a number with commas before its thousands, lakhs and crores."""
    digits, sign = str(abs(number)), "-" * (number < 0)
    if len(digits) <= 3:
        return sign + digits
    head, parts = digits[:-3], [digits[-3:]]
    while head:
        parts.insert(0, head[-2:])
        head = head[:-2]
    return sign + ",".join(parts)


def file_of(tmp_path, texts, *, mark=",", other="0.5"):
    path = tmp_path / "t.csv"
    frame = pd.DataFrame({"pay": texts, "x": [other] * len(texts), "y": np.arange(len(texts)) % 2})
    frame.to_csv(path, index=False, sep=mark)
    return path


def pay_of(path, decimal=""):
    """Return the column as an audit has it."""
    frame = read_frame(path, Reading(label="y", dialect=Dialect(decimal=decimal)))
    return in_one_form(frame.drop(columns="y"), {}, "t")[0]["pay"].tolist()


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("decimal", ["", ".", ","])
def test_lakhs_and_crores_are_read_whatever_is_typed(tmp_path, mark, decimal):
    path = file_of(tmp_path, list(map(parted, PAY)), mark=mark, other="7")
    if decimal == ",":  # then 85,000 is 85 in a file that has no lakh
        path = file_of(tmp_path, [parted(n) for n in PAY if abs(n) >= 100000], mark=mark, other="7")
        assert pay_of(path, decimal) == [n for n in PAY if abs(n) >= 100000]
        return
    assert pay_of(path, decimal) == PAY


@pytest.mark.parametrize("mark", [",", ";"])
def test_decimals_and_signs_beside_lakhs_are_read(tmp_path, mark):
    texts = [f"{parted(n)}.50" for n in PAY]
    assert pay_of(file_of(tmp_path, texts, mark=mark)) == [n + np.sign(n) * 0.5 for n in PAY]
    texts = [f"₹ {parted(abs(n))}" for n in PAY]
    assert pay_of(file_of(tmp_path, texts, mark=mark)) == [abs(n) for n in PAY]


def test_an_error_about_such_a_column_quotes_what_the_file_has(tmp_path):
    texts = [*map(parted, PAY[:-1]), "4,16,85,0"]
    column = read_frame(file_of(tmp_path, texts), Reading(label="y"))["pay"]
    assert column.tolist() == texts
