"""Files of every kind, words that look missing, digits that are names, and names that differ."""

import bz2
import gzip
import json
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from transfergap.cli.files.reading import Reading
from transfergap.cli.files.tables import padded_in, read_frame
from transfergap.cli.request.config import request_from
from transfergap.cli.request.request import design_from
from transfergap.errors import ConfigurationError, DataError

READING = Reading("y")


def people(n, seed=0):
    rng = np.random.default_rng(seed)
    age = rng.normal(50, 10, n).round(1)
    return pd.DataFrame(
        {
            "age": age,
            "ward": rng.choice(["0012", "0345", "1200"], n),
            "sex": rng.choice(["f", "m"], n),
            "y": np.where(age + rng.normal(0, 8, n) > 50, "ill", "None"),
        }
    )


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    people(60, 1).to_csv("t.csv", index=False)
    people(90, 2).to_csv("b.csv", index=False)
    return tmp_path


def designed(**options):
    files = options.pop("files", ["b=b.csv"])
    options = {"label": "y", "effort": "quick", **options}
    return design_from(request_from(Path("t.csv"), {"sources": files, **options})).problem


PACKERS = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open}


@pytest.mark.parametrize("packer", PACKERS)
def test_packed_files_are_read_whatever_their_name(here, packer):
    with PACKERS[packer]("packed.csv", "wb") as file:
        file.write(Path("t.csv").read_bytes())
    pd.testing.assert_frame_equal(
        read_frame(Path("packed.csv"), READING), read_frame(Path("t.csv"), READING)
    )
    with PACKERS[packer]("records", "wb") as file:
        file.write(people(60, 1).to_json(orient="records", lines=True).encode())
    assert read_frame(Path("records"), READING).age.tolist() == people(60, 1).age.tolist()


def test_a_zip_archive_of_one_table_is_read_and_of_more_refused(here):
    with zipfile.ZipFile("one.zip", "w") as archive:
        archive.write("t.csv")
    assert len(read_frame(Path("one.zip"), READING)) == 60
    with zipfile.ZipFile("two.csv", "w") as archive:
        archive.write("t.csv")
        archive.write("b.csv")
    with pytest.raises(DataError, match="zip archive of 2 files"):
        read_frame(Path("two.csv"), READING)


def test_an_excel_file_is_read_as_its_csv_file_would_be(here):
    pytest.importorskip("openpyxl")
    frame = people(40).assign(note=["NA", "x"] * 20, pay=[1.5, None] * 20)
    frame.to_excel("t.xlsx", index=False)
    frame.to_csv("same.csv", index=False)
    frame.to_excel("sheet.bin.xlsx", index=False)
    Path("sheet.bin.xlsx").rename("sheet.csv")
    for name in ("t.xlsx", "sheet.csv"):
        pd.testing.assert_frame_equal(
            read_frame(Path(name), READING), read_frame(Path("same.csv"), READING)
        )
    assert padded_in([(Path("t.xlsx"), READING)]) == {"ward"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel file"),
        ("t.xlsx", b"PK\x03\x04 cut off", "Excel file, but it is broken"),
        ("t.xlsx", b"a,b\n1,2\n", "no Excel file"),
        ("t.csv", b"SQLite format 3\x00" + bytes(100), "SQLite"),
        ("t.csv", b"%PDF-1.7 ...", "a PDF"),
        ("t.csv", b"\x1f\x8b\x08 cut off", "packed"),
        ("b.dta", b"\x72\x02\x01\x00" + bytes(100), "a Stata file"),
        ("b.csv", b"<stata_dta><header><release>118", "a Stata file"),
        ("b.sav", b"$FL2@(#) IBM SPSS STATISTICS", "an SPSS file"),
        ("b.sas7bdat", bytes(12) + b"\xc2\xea\x81\x60" + bytes(100), "a SAS file"),
        ("b.rds", gzip.compress(b"X\n\x00\x00\x00\x03", mtime=0), "a file of R"),
        ("b.RData", bz2.compress(b"RDX3\nX\n"), "a file of R"),
        ("b.db", b"12345678DUCK\x40" + bytes(50), "a DuckDB database"),
        ("b.npy", b"\x93NUMPY\x01", "a NumPy array"),
        ("b.pkl.gz", gzip.compress(b"\x80\x05\x95", mtime=0), "a pickle"),
        ("b.bin", b"\x01\x02\xff\xfe\x00\x07" * 9, "a binary file"),
        ("t.json", b'{"a": [1, 2], "b": [1]}', "'a' has 2 values and 'b' has 1"),
        ("t.json", b'{"data": [{"a": 1}], "meta": {"n": 3}}', "inside 'data'"),
        ("t.json", b'{"data": {"a": [1, 2], "y": [0, 1]}}', "inside 'data'"),
        ("t.json", b'{"columns": ["a", "y"], "data": [[1, 0]]}', "names and rows apart"),
        ("t.json", b'{"a": [1, 2], "meta": {"n": 3}}', "'meta' is no list"),
        ("t.json", b"[1, 2, 3]", "values have no names"),
        ("t.parquet", b"PAR1 cut off", "cannot be read as Parquet"),
        ("b.tgsum", b"{}", "can be fitted"),
    ],
)
def test_other_files_are_named_for_what_they_are(here, name, content, said):
    Path(name).write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        read_frame(Path(name), READING)
    assert caught.value.hint and "--encoding" not in caught.value.hint
    assert f": {name} is" not in caught.value.message  # one error, not one in another


def test_a_column_may_be_called_as_a_binary_file_begins(here):
    Path("t.csv").write_text("a,b,c,d,DUCK,y\n1,2,3,4,5,0\n")
    Path("b.csv").write_text("ORC,y\n1,0\n")
    assert "DUCK" in read_frame(Path("t.csv"), READING).columns
    assert "ORC" in read_frame(Path("b.csv"), READING).columns


def test_sheets_that_are_not_read_are_named(here, type_in):
    pytest.importorskip("openpyxl")
    note, empty = pd.DataFrame({"note": ["Export", "2024"]}), pd.DataFrame()
    with pd.ExcelWriter("b.xlsx") as writer:
        for name, frame in (("Info", note), ("Data", people(90, 2)), ("Sheet3", empty)):
            frame.to_excel(writer, sheet_name=name, index=False)
    with pytest.raises(DataError, match="no column 'y'") as caught:
        designed(files=["b=b.xlsx"])
    assert "'Info', and not 'Data'" in caught.value.hint
    assert "Sheet3" not in caught.value.hint
    with pd.ExcelWriter("b.xlsx") as writer:
        for name, frame in (("Data", people(90, 2)), ("Info", note)):
            frame.to_excel(writer, sheet_name=name, index=False)
    code, _, err = type_in("plan t.csv --label y --source b=b.xlsx")
    assert code == 0
    assert "b.xlsx: the first of its sheets is read, 'Data', and not 'Info'" in err


def test_a_file_of_one_sheet_gets_no_note(here, type_in):
    pytest.importorskip("openpyxl")
    people(90, 2).to_excel("b.xlsx", index=False)
    assert "sheet" not in type_in("plan t.csv --label y --source b=b.xlsx")[2]


def test_a_packed_file_that_is_cut_off_is_said_to_be_broken(here):
    whole = gzip.compress(people(20_000).to_csv(index=False).encode())
    Path("t.csv").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cannot be unpacked"):
        read_frame(Path("t.csv"), READING)


@pytest.mark.parametrize("shape", ["records", "lines", "columns", "one a line, .csv"])
def test_json_is_read(here, shape):
    frame = people(30)
    name = "t.csv" if ".csv" in shape else "t.json"
    if shape == "records":
        frame.to_json(name, orient="records", indent=2)
    elif shape == "columns":
        Path(name).write_text(json.dumps(frame.to_dict("list")))
    else:
        frame.to_json(name, orient="records", lines=True)
    read = read_frame(Path(name), READING)
    assert read.ward.tolist() == frame.ward.tolist() and read.age.tolist() == frame.age.tolist()


def test_feather_and_parquet_are_read_under_any_name(here):
    people(30).to_parquet("table.csv")
    people(30).reset_index(drop=True).to_feather("table.dat")
    for name in ("table.csv", "table.dat"):
        assert read_frame(Path(name), READING).y.tolist() == people(30).y.tolist()


def test_none_is_a_class_and_a_category(here):
    problem = designed()
    assert problem.classes.tolist() == ["None", "ill"]
    for name, seed in (("t", 1), ("b", 2)):
        frame = people(80, seed)
        frame.assign(drug=np.where(frame.age > 50, "None", "aspirin")).to_csv(f"{name}.csv")
    column = designed(category=("drug",)).target.X["drug"]
    assert set(column.dropna()) == {"None", "aspirin"}
    assert set(designed().target.X["drug"].dropna()) == {"aspirin"}


def test_a_word_that_was_read_as_missing_is_named_and_can_be_kept(here):
    for name in ("t", "b"):
        frame = pd.read_csv(f"{name}.csv", keep_default_na=False)
        frame.assign(y=frame.y.replace({"None": "NA"})).to_csv(f"{name}.csv", index=False)
    with pytest.raises(DataError, match="the word 'NA' was read as missing") as caught:
        designed()
    assert "--keep-na NA" in caught.value.hint
    assert designed(keep_na=("NA",)).classes.tolist() == ["NA", "ill"]


def test_a_word_beside_numbers_is_missing(here):
    frame = people(60, 1).assign(y=np.arange(60.0).astype(str))
    frame.loc[3, "y"] = "None"
    frame.to_csv("t.csv", index=False)
    with pytest.raises(DataError, match="'None' was read as missing"):
        designed()
    frame = people(60, 1).assign(code=[str(k % 7) for k in range(60)])
    frame.loc[5, "code"] = "NA"
    frame.to_csv("t.csv", index=False)
    assert read_frame(Path("t.csv"), Reading("y", keep_na=("NA",))).code.dtype == float


def test_digits_with_zeros_before_them_are_text_in_all_files(here):
    frame = people(90, 2)
    frame.assign(ward=frame.ward.where(frame.ward != "1200", "B7")).to_csv("b.csv", index=False)
    problem = designed(arms=("b pooled",))
    assert set(problem.target.X["ward"]) == {"0012", "0345", "1200"}
    assert set(problem.sources["b"].sample.X["ward"]) == {"0012", "0345", "B7"}
    people(60, 1).assign(ward=lambda t: t.ward.astype(int)).to_csv("t.csv", index=False)
    assert set(designed().target.X["ward"]) == {"12", "345", "1200"}


def test_groups_are_text(here):
    for name, rows in (("t", 60), ("b", 90)):
        people(rows, rows).assign(patient=[f"{k // 2:04d}" for k in range(rows)]).to_csv(
            f"{name}.csv", index=False
        )
    problem = designed(groups="patient")
    assert problem.target.groups[0] == problem.sources["b"].sample.groups[0]
    assert len(set(problem.sources["b"].sample.groups) - set(problem.target.groups)) == 15


def test_thousands_are_numbers_and_decimal_commas_are_asked_about(here):
    for name, seed in (("t", 1), ("b", 2)):
        frame = people(60, seed)
        frame.assign(pay=[f"{52000 + 1000 * k:,}" for k in range(60)]).to_csv(
            f"{name}.csv", index=False
        )
    assert designed().target.X["pay"].tolist()[:2] == [52000.0, 53000.0]
    for name, seed in (("t", 1), ("b", 2)):
        people(60, seed).assign(dose=[f"{k},5" for k in range(60)]).to_csv(
            f"{name}.csv", index=False
        )
    with pytest.raises(DataError) as caught:
        designed()
    assert "--decimal ','" in caught.value.hint


def test_columns_are_renamed_before_anything_else(here):
    renamed = people(90, 2).rename(columns={"age": "years", "y": "outcome"})
    renamed.to_csv("b.csv", index=False)
    with pytest.raises(DataError, match="no column 'y'"):
        designed()
    problem = designed(rename=("b:years=age", "b:outcome=y"))
    assert problem.sources["b"].sample.X["age"].tolist() == people(90, 2).age.tolist()
    with pytest.raises(DataError, match="no column 'yeers'"):
        designed(rename=("b:yeers=age", "b:outcome=y"))
    for wrong in ("years=age", "b:years", "c:years=age"):
        with pytest.raises(ConfigurationError):
            designed(rename=(wrong,))


def test_columns_that_a_source_lacks_are_left_out_or_an_error(here):
    people(90, 2).drop(columns="sex").to_csv("b.csv", index=False)
    assert "sex" not in designed().column_names
    with pytest.raises(DataError, match="lacks column 'sex'"):
        designed(columns="error")
    with pytest.raises(ConfigurationError, match="--columns is 'some'"):
        designed(columns="some")


def test_labels_are_mapped(here):
    people(90, 2).assign(y=lambda t: (t.y == "ill").astype(int)).to_csv("b.csv", index=False)
    with pytest.raises(DataError) as caught:
        designed()
    typed = caught.value.hint.split("--map ")[1].split(" ")[0]
    assert typed == "b:0=None,1=ill"
    assert designed(map=(typed,)).sources["b"].sample.y.tolist() == people(90, 2).y.tolist()
    with pytest.raises(ConfigurationError, match="--map"):
        designed(map=("b:0",))


def test_a_record_number_is_kept_on_demand_and_predict_passes_it_over(here, type_in):
    for name, rows in (("t", 60), ("b", 90)):
        people(rows, rows).assign(record=[f"R{k:05d}" for k in range(rows)]).to_csv(
            f"{name}.csv", index=False
        )
    assert "record" not in designed().column_names
    assert "record" in designed(keep=("record",)).column_names
    code, _, err = type_in("fit t.csv --label y --source b=b.csv -o m.skops")
    assert code == 0 and "'record' looks like" in err
    code, out, _ = type_in("predict m.skops t.csv --label y")
    assert code == 0 and len(out.splitlines()) == 61
    from transfergap.safe.model_file import load_model

    model, frame = load_model("m.skops"), read_frame(Path("t.csv"), READING)
    assert np.array_equal(model.predict(frame), model.predict(frame[["age", "ward", "sex"]]))


def test_every_option_has_a_key_in_the_file_and_comes_back_from_a_run(here, type_in):
    renamed = people(90, 2).rename(columns={"age": "years"})
    renamed.assign(y=renamed.y.replace({"ill": "i", "None": "n"})).to_csv("b.csv", index=False)
    Path("guesses.py").write_text(
        "from sklearn.dummy import DummyClassifier\n"
        "def guess():\n    return DummyClassifier(strategy='stratified')\n"
    )
    Path("audit.toml").write_text(
        '[target]\npath = "t.csv"\nlabel = "y"\n[sources]\nb = "b.csv"\n[data]\n'
        'rename = ["b:years=age"]\nmap = ["b:i=ill,n=None"]\nkeep = ["ward"]\ncolumns = "error"\n'
        'keep_na = ["NA"]\n[design]\nprecision = "quick"\narms = ["b pooled"]\nexplain = "none"\n'
        'model = "guesses:guess"\n'
    )
    line = (
        "t.csv --label y --source b=b.csv --rename b:years=age --map b:i=ill,n=None --keep ward"
        " --columns error --keep-na NA --effort quick --arm 'b pooled' --explain none"
        " --model guesses:guess"
    )
    assert type_in("run audit.toml -o runs/toml -q")[0] == 0
    assert type_in(f"run {line} -o runs/typed -q")[0] == 0
    one, two = (json.loads(Path(f"runs/{name}/result.json").read_text())["gaps"]
                for name in ("toml", "typed"))  # fmt: skip
    assert one == two
    assert type_in("fit runs/typed -o again.skops")[0] == 0
    assert type_in("plan " + line)[0] == 0
