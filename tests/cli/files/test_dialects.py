"""A table is the same however its file is written, or what is unclear is asked."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from transfergap.cli.files.dialects import Dialect
from transfergap.cli.files.layouts import layout_of
from transfergap.cli.files.reading import Reading
from transfergap.cli.files.tables import read_frame
from transfergap.cli.request.config import read_config
from transfergap.cli.request.guessing import guessed
from transfergap.cli.request.options import Request
from transfergap.cli.request.request import reading_of
from transfergap.data.notations.marked_numbers import read_marked_numbers
from transfergap.errors import ConfigurationError, DataError, TransferGapError


def patients(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "größe": rng.normal(1.7, 0.1, n).round(3),
        "fee": rng.integers(100, 90_000, n),
        "balance": (rng.normal(size=n) * 1e5).round(2),
        "town": rng.choice(["Köln", "São Paulo", "Graz, West", "a;b", "it's"], n),
        "day": rng.choice(["03.04.2021", "2021-01-05"], n),
    })  # fmt: skip
    frame.loc[3, "größe"] = np.nan
    frame.loc[5, "town"] = None
    return frame.assign(died=np.where(frame.fee + rng.normal(0, 3e4, n) > 45_000, "yes", "no"))


def grouped(frame: pd.DataFrame, thousands: str, decimal: str) -> pd.DataFrame:
    """Return a table whose large numbers are texts with marks of thousands."""

    def text(value):
        whole, _, rest = str(value).partition(".")
        sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        return (
            sign + f"{int(digits):,}".replace(",", thousands) + (f"{decimal}{rest}" if rest else "")
        )

    return frame.assign(fee=frame.fee.map(text), balance=frame.balance.map(text))


def written(frame, *, encoding="utf-8", before="", end="\n", **options) -> bytes:
    return (before + frame.to_csv(index=False, lineterminator=end, **options)).encode(encoding)


GERMAN = {"sep": ";", "decimal": ","}


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("table.csv", data)
    return buffer.getvalue()


WAYS = {
    "semicolons": lambda f: written(f, sep=";"),
    "semicolons, decimal commas": lambda f: written(f, **GERMAN),
    "tabs": lambda f: written(f, sep="\t"),
    "bars": lambda f: written(f, sep="|"),
    "cp1252": lambda f: written(f, encoding="cp1252"),
    "latin-1 and decimal commas": lambda f: written(f, encoding="latin-1", **GERMAN),
    "byte order mark": lambda f: written(f, encoding="utf-8-sig", **GERMAN),
    "Unicode text of Excel": lambda f: written(f, encoding="utf-16", sep="\t", decimal=","),
    "UTF-16 without a mark": lambda f: written(f, encoding="utf-16-le", sep=";"),
    "sep=;": lambda f: written(f, before="sep=;\r\n", end="\r\n", encoding="utf-8-sig", **GERMAN),
    "sep=,": lambda f: written(f, before="SEP=,\n"),
    "sep= and a tab": lambda f: written(f, before="sep=\t\n", sep="\t"),
    "sep=^": lambda f: written(f, before='"sep=^"\n', sep="^"),
    "a comment and sep=;": lambda f: written(f, before="# it's ours\nsep=;\n", sep=";"),
    "old Macintosh": lambda f: written(f, end="\r", sep=";"),
    "all between quotes": lambda f: written(f, quoting=csv.QUOTE_ALL, decimal=","),
    "thousands with commas": lambda f: written(grouped(f, ",", ".")),
    "thousands with points": lambda f: written(grouped(f, ".", ","), **GERMAN),
    "thousands with spaces": lambda f: written(grouped(f, "\u202f", ","), **GERMAN),
    "thousands with apostrophes": lambda f: written(grouped(f, "'", "."), sep=";"),
    "gzip": lambda f: gzip.compress(written(f, **GERMAN)),
    "bz2": lambda f: bz2.compress(written(f, encoding="cp1252")),
    "xz": lambda f: lzma.compress(written(f, before="sep=;\n", sep=";")),
    "zip": lambda f: zipped(written(f, encoding="cp1252", **GERMAN)),
}
READING = Reading("died")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("way", WAYS)
def test_a_table_is_read_the_same_to_the_last_bit(here, way):
    frame = patients(40, 0)
    Path("plain.csv").write_bytes(written(frame))
    Path("other.csv").write_bytes(WAYS[way](frame))
    plain, other = (read_frame(Path(f"{name}.csv"), READING) for name in ("plain", "other"))
    pd.testing.assert_frame_equal(other, plain, check_exact=True)


RUN = "--effort quick --explain none --subgroups none --arm 'other pooled' -q -o"
PAIRS = [
    ("semicolons, decimal commas", "cp1252"),
    ("sep=;", "thousands with commas"),
    ("latin-1 and decimal commas", "tabs"),
    ("thousands with points", "bars"),
    ("cp1252", "Unicode text of Excel"),
    ("byte order mark", "thousands with apostrophes"),
    ("gzip", "sep=;"),
    ("Unicode text of Excel", "semicolons, decimal commas"),
]


@pytest.mark.parametrize(
    "pairs", [PAIRS[::7], pytest.param(PAIRS, marks=pytest.mark.slow)], ids=["few", "all"]
)
def test_a_run_is_the_same_however_the_files_are_written_and_when_it_is_typed(here, type_in, pairs):
    """Runs of one directory share trials, and it refuses files that are another table."""
    own, other = patients(30, 1), patients(40, 2)
    results, commands = set(), []
    plain = (written(own), written(other))
    for pair in [plain, *((WAYS[a](own), WAYS[b](other)) for a, b in pairs)]:
        for name, data in zip(("own", "other"), pair, strict=True):
            Path(f"{name}.csv").write_bytes(data)
        code, _, err = type_in(f"run own.csv other.csv --yes {RUN} guessed")
        assert code == 0, err
        results.add(Path("guessed/result.json").read_bytes())
        commands.append(err.splitlines()[0].removeprefix("read as  transfergap "))
    assert "--delimiter" not in commands[0]
    assert commands[1].endswith(
        "--delimiter 'own:;' --encoding other:cp1252 --decimal own:, -o guessed"
    )
    # The files are those of the last pair: its command needs no guess any more.
    assert "--delimiter 'own:\\t' --delimiter 'other:;'" in commands[-1]
    code, _, err = type_in(f"{commands[-1].replace('-o guessed', '-o typed')} -q")
    assert (code, err) == (0, "")
    results.add(Path("typed/result.json").read_bytes())
    assert len(results) == 1


def test_a_model_a_summary_and_an_audit_toml_are_those_of_plain_files(here, type_in):
    own, other = patients(40, 1), patients(40, 2)
    made = []
    for name, one, two in (
        ("plain", written(own), written(other)),
        ("odd", WAYS["sep=;"](own), WAYS["thousands with apostrophes"](other)),
    ):
        Path("own.csv").write_bytes(one)
        Path("other.csv").write_bytes(two)
        code, out, err = type_in("fit own.csv other.csv -o m.skops --yes --caution medium")
        assert code == 0, err
        command = err.splitlines()[0].removeprefix("read as  transfergap ")
        assert command.endswith("-o m.skops --caution medium")
        predicted = type_in("predict m.skops other.csv")[1]
        assert type_in("encoder own.csv -y died -o e.json")[0] == 0
        assert type_in("summarize own.csv other.csv -y died -e e.json -o s.tgsum")[0] == 0
        assert type_in(f"init own.csv other.csv --file {name}.toml")[0] == 0
        made.append((out, predicted, Path("e.json").read_bytes(), Path("s.tgsum").read_bytes()))
    assert made[0] == made[1]
    assert type_in(command)[1] == out
    assert "the last column" not in err
    summed = type_in("fit own.csv s.tgsum -o m.skops --yes")
    assert summed[0] == 0 and "-s s=s.tgsum" in summed[2]
    asked = type_in("fit own.csv other.csv -o m.skops")
    assert asked[0] == 2 and "type: transfergap fit own.csv -y died" in asked[2]
    assert "[data]" not in Path("plain.toml").read_text()
    request = read_config(Path("odd.toml"))
    assert (request.delimiter, request.decimal) == ((";",), ("own:,",))


def test_a_run_knows_its_sources(here, type_in):
    Path("run").mkdir()
    code, _, err = type_in("fit run other.csv -o m.skops")
    assert code == 2
    assert "other.csv was named, too" in err


def lines(*rows: str) -> bytes:
    return "\n".join(rows).encode()


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (lines("a;x;y", "1,250;7,5;u", "2,375;8;v"), [1.25, 2.375]),  # 7,5 tells
        (lines("a;x;y", "1,250;7.5;u", "2,375;8;v"), [1250, 2375]),
        (lines("a;x;y", "1.250;7,5;u", "2.375;8;v"), [1250, 2375]),
        (lines("a;x;y", "1.250;7.5;u", "2.375;8;v"), [1.25, 2.375]),
        (lines("a;y", "1,250;u", "0,375;v"), [1.25, 0.375]),  # no thousand begins with 0
        (lines("a;y", "1.250;u", "2.375.000;v"), [1250, 2_375_000]),
        (lines("a;y", "1.250;u", "436;v"), [1250, 436]),  # of one size
        (lines("a;y", "1,250;u", "436;v"), [1250, 436]),
        (lines("a\ty", "1250,5\tu", "3\tv"), [1250.5, 3]),
        (lines("a;y", "1,5E-03;u", ",25;v"), [0.0015, 0.25]),
        (lines("a;x;y", "1,5;k.A.;u", "3;2,5;v"), [1.5, 3]),
        (lines("a;code;y", "1,5;1.2.3;u", "3;4.5.6;v"), [1.5, 3]),
        (lines("a;y", "1 250;u", "375;v"), [1250, 375]),
        (lines("a;x;y", "1’250;1.5;u", "375;2;v"), [1250, 375]),  # as in Switzerland
        (lines("a;y", "1,5\u00a0;u", " 2;v"), [1.5, 2]),
        (lines("a;b;y", "1,5;2;u", "3;4"), [1.5, 3]),  # a row that is too short
        (lines("a", "1,5", "3"), [1.5, 3]),
        (lines("a", "well, yes", "no; no"), ["well, yes", "no; no"]),
        (lines("a,y", '"1,250",u', '"436",v'), [1250, 436]),
        (lines("a;x;y", "54.2;7,5;u", "1.250;8;v"), [54.2, 1.25]),  # each column by itself
        (lines("a;x;y", "2.375,5;7.5;u", "1.250;8;v"), [2375.5, 1250]),
    ],
)
def test_numbers_are_read_by_all_numbers_of_their_file(here, data, values):
    Path("t.csv").write_bytes(data)
    assert read_frame(Path("t.csv"), Reading("y")).a.tolist() == values


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize("number", ["1,250", "1.250"])
def test_a_number_that_may_be_two_is_asked_about_and_one_option_answers(here, mark, number):
    Path("own.csv").write_bytes(lines("a,x,y", "1,2.5,u", "3,4.5,v"))
    rows = (("a", "x", "y"), (number, "3", "u"), (number.replace("1", "7", 1), "12", "v"))
    Path("b.csv").write_bytes(lines(*map(mark.join, rows)))
    request = Request(Path("own.csv"), "y", {"b": Path("b.csv")})
    with pytest.raises(DataError, match=r"in column 'a' of b.csv may be 1\.250 or 1250") as caught:
        read_frame(Path("b.csv"), reading_of(request, "b"))
    assert "--decimal b:," in caught.value.hint and "--decimal b:." in caught.value.hint
    for decimal in (",", "."):
        typed = Request(Path("own.csv"), "y", {"b": Path("b.csv")}, decimal=(f"b:{decimal}",))
        read = read_frame(Path("b.csv"), reading_of(typed, "b")).a.tolist()
        assert read == ([1.25, 7.25] if decimal in number else [1250, 7250])
    assert read_frame(Path("own.csv"), reading_of(request)).x.tolist() == [2.5, 4.5]


def test_a_column_that_tells_nothing_is_asked_about_in_a_file_of_both_marks(here):
    Path("t.csv").write_bytes(lines("a;b;c;y", "1.250;1.5;1,5;u", "7.375;2.5;2,5;v"))
    with pytest.raises(DataError, match="column 'a' of") as caught:
        read_frame(Path("t.csv"), Reading("y"))
    assert caught.value.hint.startswith("add --decimal . where '.' stands before decimals")
    read = read_frame(Path("t.csv"), Reading("y", dialect=Dialect(decimal=",")))
    assert read[["a", "b", "c"]].to_numpy().tolist() == [[1250, 1.5, 1.5], [7375, 2.5, 2.5]]


def test_scores_made_elsewhere_are_read_as_they_are_written(here, type_in):
    rows = [("control", k, 0, 0.5 + k * 0.001) for k in range(9)]
    rows += [("b", k, 0, 0.625 + k * k * 0.001) for k in range(9)]
    scores = pd.DataFrame(rows, columns=["arm", "split", "seed", "score"])
    outcomes = []
    for options in ({}, GERMAN):
        Path("s.csv").write_bytes(written(scores, **options))
        outcomes.append(type_in("import s.csv --margin 0.01"))
    assert outcomes[0][:2] == outcomes[1][:2] and outcomes[0][0] == 0
    assert "--decimal ,: numbers of s.csv" in outcomes[1][2]
    assert type_in("import s.csv --margin 0.01 --delimiter ';' --decimal ,")[1:] == outcomes[0][1:]


def test_texts_in_one_column_are_whole(here):
    Path("t.csv").write_bytes(lines("review", "good, really", "bad; no"))
    layout = layout_of(Path("t.csv"))
    assert (layout.delimiter, layout.delimiter_reason) == (
        "\t",
        "no row has it, as t.csv is one column",
    )


def test_two_separators_that_both_fit_are_asked_about(here):
    Path("t.csv").write_bytes(lines("name, first;born, where", "Li, A;1, B", "Wu, C;2, D"))
    with pytest.raises(DataError, match="separated by ',' or by ';'") as caught:
        read_frame(Path("t.csv"), READING)
    assert caught.value.hint == "add --delimiter , or --delimiter ';'"
    two = read_frame(Path("t.csv"), Reading("y", dialect=Dialect(delimiter=";")))
    assert list(two.columns) == ["name, first", "born, where"]


TEXTS = {"cp1251": "Москва", "cp1253": "Αθήνα", "cp850": "Köln", "shift_jis": "東京都"}


@pytest.mark.parametrize("encoding", TEXTS)
def test_an_encoding_that_nothing_tells_is_asked_for(here, encoding):
    data = f"town,y\n{TEXTS[encoding]},u\nb,v\n".encode(encoding)
    Path("t.csv").write_bytes(data)
    with pytest.raises(DataError, match="nothing tells which encoding") as caught:
        read_frame(Path("t.csv"), Reading("y"))
    assert "--encoding" in caught.value.hint
    read = read_frame(Path("t.csv"), Reading("y", dialect=Dialect(encoding=encoding)))
    assert read.town[0] == TEXTS[encoding]


def test_a_typed_encoding_that_is_another_one_is_named(here):
    Path("t.csv").write_bytes(lines("a;y", "1;u"))
    with pytest.raises(DataError, match="not encoded as utf-16"):
        read_frame(Path("t.csv"), Reading("y", dialect=Dialect(encoding="utf-16")))


def test_a_damaged_file_is_not_taken_for_another_encoding(here):
    data = bytearray("town,y\nKöln,u\nDüren,v\n".encode())
    data[-4] = 0xFF
    Path("t.csv").write_bytes(bytes(data))
    with pytest.raises(DataError, match="byte 20"):
        read_frame(Path("t.csv"), Reading("y"))


def test_a_letter_far_down_in_a_long_file_tells_its_encoding(here):
    rows = ["town,y", *[f"Bonn,{'u' * 60}"] * 20_000, "Köln,v"]
    Path("t.csv").write_bytes("\n".join(rows).encode("cp1252"))
    layout = layout_of(Path("t.csv"))
    assert (layout.encoding, layout.encoding_reason) == (
        "cp1252",
        "byte 1320008 of t.csv is not utf-8",
    )


@pytest.mark.parametrize(("last", "values"), [("8.5", [1.25, 8.5]), ("8,5", [1250, 8.5])])
def test_a_number_far_down_in_a_long_file_tells_its_decimal_mark(here, last, values):
    rows = ["a;y", *[f"7;{'u' * 60}"] * 5000, "1.250;u", f"{last};v"]
    Path("t.csv").write_bytes(lines(*rows))
    assert read_frame(Path("t.csv"), Reading("y")).a.tolist()[-2:] == values
    Path("t.csv").write_bytes(lines(*rows[:-1]))
    with pytest.raises(DataError, match=r"may be 1\.250 or 1250"):
        read_frame(Path("t.csv"), Reading("y"))


def test_a_row_longer_than_what_is_looked_at_at_once_tells_its_decimal_mark(here):
    names = [f"{'gene' * 40} {k}" for k in range(2000)]
    frame = pd.DataFrame(np.full((4, 2000), 0.5), columns=names)
    Path("t.csv").write_bytes(written(frame, **GERMAN))
    assert layout_of(Path("t.csv")).decimal == ","


@pytest.mark.parametrize(
    ("typed", "target", "source"),
    [
        ((), None, None),
        ((";",), ";", ";"),
        (("b:;",), None, ";"),
        (("own:;",), ";", None),
        ((";", "b:,"), ";", ","),
        (("b:\\t", ";", "|"), "|", "\\t"),
        (("b::",), None, ":"),
        ((":",), ":", ":"),
    ],
)
def test_an_option_is_of_all_files_or_of_the_one_it_names(typed, target, source):
    request = Request(Path("own.csv"), "y", {"b": Path("b.csv")}, delimiter=typed)
    assert reading_of(request).dialect.delimiter == target
    assert reading_of(request, "b").dialect.delimiter == source


@pytest.mark.parametrize("typed", ["c:;", "b:"])
def test_an_option_of_no_file_is_refused(typed):
    request = Request(Path("own.csv"), "y", {"b": Path("b.csv")}, delimiter=(typed,))
    with pytest.raises(ConfigurationError):
        reading_of(request)


def test_a_source_that_is_called_as_the_target_needs_a_name(here):
    Path("x").mkdir()
    Path("own.csv").write_bytes(written(patients(40, 1), **GERMAN))
    Path("x/own.csv").write_bytes(written(patients(60, 2)))
    with pytest.raises(ConfigurationError, match="both called 'own'") as caught:
        guessed(Request(Path("own.csv"), sources={"own": Path("x/own.csv")}))
    assert "-s NAME=x/own.csv" in caught.value.hint
    guess = guessed(Request(Path("own.csv"), sources={"b": Path("x/own.csv")}))
    assert (guess.request.delimiter, guess.request.label) == (("own:;",), "died")


WORDS = st.sampled_from(["a", "b;c", "d, e", "f|g", 'h"i', "jö", "k l", "NA"])


@st.composite
def tables(draw):
    n_rows, columns = draw(st.integers(2, 6)), {}
    for name in draw(st.sampled_from(["ab", "abc", "abcd"])):
        scale = draw(st.sampled_from([10, 1000]))
        values = draw(
            st.sampled_from(
                [
                    WORDS,
                    st.integers(0, 20_000),
                    st.integers(-30_000, 30_000).map(lambda k, s=scale: k / s),
                ]
            )
        )
        columns[name] = draw(st.lists(values, min_size=n_rows, max_size=n_rows))
    return pd.DataFrame(columns)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    frame=tables(),
    marks=st.sampled_from(
        [(".", None), (".", ","), (",", None), (",", "."), (",", " "), (".", "'")]
    ),
    mark=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "cp1252", "utf-8-sig", "utf-16"]),
    announced=st.booleans(),
)
def test_no_number_is_read_as_another_one(tmp_path, frame, marks, mark, encoding, announced):
    """Numbers are those of the plain file, or the file is refused with a hint.

    Between commas numbers have decimal points, unless other numbers tell otherwise: 1,250 is a
    thousand there, and the report says that it was taken so (TG118).
    """
    decimal, thousands = marks
    assume((mark, decimal) != (",", ","))

    def text(value):
        if isinstance(value, str):
            return value
        shown = f"{value:,}" if thousands else str(value)
        return shown.translate(str.maketrans({",": thousands or "", ".": decimal}))

    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_bytes(written(frame))
    before = f"sep={mark}\n" if announced else ""
    other.write_bytes(written(frame.map(text), sep=mark, encoding=encoding, before=before))
    try:
        read, _ = read_marked_numbers({
            name: read_frame(path, Reading("y"))
            for name, path in (("plain", plain), ("other", other))
        })  # fmt: skip
    except TransferGapError as error:
        assert error.hint
        return
    pd.testing.assert_frame_equal(read["other"], read["plain"], check_dtype=False)
