"""JSON files that are not UTF-8 are read as text files are, or refused with the option to type."""

from __future__ import annotations

import gzip
import json

import pandas as pd
import pytest

from transfergap.cli.files.dialects import Dialect
from transfergap.cli.files.reading import Reading
from transfergap.cli.files.tables import read_frame
from transfergap.cli.request.file_options import dialects_of
from transfergap.cli.request.options import Request
from transfergap.errors import DataError

TOWNS = ["Köln", "Zürich", "Bonn", "Café", "Århus"] * 4
RECORDS = [{"ort": town, "y": k % 2} for k, town in enumerate(TOWNS)]
ARRAY = json.dumps(RECORDS, ensure_ascii=False)
LINES = "\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS)
COLUMNS = json.dumps(pd.DataFrame(RECORDS).to_dict("list"), ensure_ascii=False, indent=1)


def towns_of(path, encoding=None):
    return read_frame(path, Reading(label="y", dialect=Dialect(encoding=encoding)))["ort"].tolist()


@pytest.mark.parametrize("text", [ARRAY, LINES, COLUMNS], ids=["records", "lines", "columns"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32"]
)
def test_letters_are_those_of_the_file(tmp_path, text, encoding):
    path = tmp_path / "s.json"
    path.write_bytes(text.encode(encoding))
    assert towns_of(path) == TOWNS
    packed = tmp_path / "s.json.gz"
    packed.write_bytes(gzip.compress(text.encode(encoding)))
    assert towns_of(packed) == TOWNS


def test_an_encoding_that_nothing_tells_is_asked_about_and_then_used(tmp_path):
    path = tmp_path / "s.json"
    path.write_bytes(ARRAY.replace("Köln", "Москва").encode("cp1251", "ignore"))
    with pytest.raises(DataError, match="nothing tells which encoding") as error:
        towns_of(path)
    assert "--encoding" in error.value.hint
    assert towns_of(path, "cp1251")[0] == "Москва"


def test_an_option_for_other_files_does_not_change_utf_8(tmp_path):
    path = tmp_path / "s.json"
    path.write_text(ARRAY, "utf-8")
    assert towns_of(path, "cp1252") == TOWNS


def test_an_encoding_that_does_not_fit_is_refused(tmp_path):
    path = tmp_path / "s.json"
    path.write_bytes(ARRAY.encode("latin-1"))
    with pytest.raises(DataError, match="not encoded as ascii"):
        towns_of(path, "ascii")
    with pytest.raises(DataError, match="no encoding called 'latin-99'"):
        towns_of(path, "latin-99")


def test_an_encoding_that_was_read_off_is_shown_as_an_option(tmp_path):
    pd.DataFrame(RECORDS).to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "s.json").write_bytes(ARRAY.encode("latin-1"))
    request = Request(target=tmp_path / "t.csv", sources={"s": tmp_path / "s.json"}, label="y")
    dialects = dialects_of(request)
    assert dialects.request.encoding == ("s:cp1252",)
    assert dialects.reasons == ("--encoding s:cp1252: byte 11 of s.json is not utf-8",)
    assert dialects.request.delimiter == dialects.request.decimal == ()
