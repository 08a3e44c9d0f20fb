"""Sources named by a URL on the command line, in audit.toml, and in a run that is fitted again."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("fsspec")

# Any rows will do for this model: tests are of how files are named and read.
MODEL = """
from sklearn.dummy import DummyClassifier
def make():
    return DummyClassifier(strategy="stratified")
"""
QUICK = "-y y --metric accuracy --effort quick --explain none -q --model any_models:make"
RUN = f"{QUICK} --arm b+pooled"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "any_models.py").write_text(MODEL)
    for name, seed in (("t.csv", 0), ("b.csv", 1)):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"a": rng.normal(size=50).round(3), "kind": rng.choice([1, 2], 50)})
        frame.assign(y=(frame.a > 0).astype(int)).to_csv(name, index=False)
    pd.read_csv("b.csv").rename(columns={"a": "A"}).to_parquet("b.parquet")
    pd.read_csv("b.csv").to_parquet("same.parquet")
    return tmp_path


def test_a_url_gives_the_result_of_the_file(folder, type_in):
    line = f"run t.csv {RUN} --category kind"
    assert type_in(f"{line} -s b=same.parquet -o here")[0] == 0
    url = f"file://{folder}/b.parquet"
    assert type_in(f"{line} -s b={url} --rename b:A=a -o there")[0] == 0
    assert (folder / "here/result.json").read_bytes() == (folder / "there/result.json").read_bytes()
    assert type_in("fit there -o m.tgmodel")[0] == 0
    assert (folder / "m.tgmodel").exists()
    pd.read_parquet("b.parquet").iloc[1:].to_parquet("b.parquet")
    code, _, err = type_in("fit there -o m2.tgmodel")
    assert code == 2
    assert f"{url} has changed since the run" in err


def test_a_url_alone_is_called_as_its_file(folder, type_in):
    digest = hashlib.sha256((folder / "same.parquet").read_bytes()).hexdigest()
    line = f"run t.csv {QUICK} --arm same+pooled"
    url = f"file://{folder}/same.parquet"
    assert type_in(f"{line} -s {url}#sha256={digest} -o one")[0] == 0
    assert type_in(f"{line} {url} -o two")[0] == 0
    assert (folder / "one/result.json").read_bytes() == (folder / "two/result.json").read_bytes()
    code, _, err = type_in(f"{line} -s {url}#sha256={'0' * 64} -o three")
    assert code == 2
    assert "is another file than it was" in err


def test_a_toml_file_may_hold_a_url(folder, type_in):
    url = f"file://{folder}/same.parquet"
    (folder / "audit.toml").write_text(
        '[target]\npath = "t.csv"\nlabel = "y"\n'
        f'[sources]\nb = "{url}"\n[design]\nmetric = "accuracy"\neffort = "quick"\n'
    )
    code, out, _ = type_in("plan audit.toml")
    assert code == 0
    assert "50" in next(line for line in out.splitlines() if line.startswith(" sources"))


def test_two_sources_of_one_name_are_refused(folder, type_in):
    url = f"file://{folder}/same.parquet"
    code, _, err = type_in(f"run t.csv {RUN} -s b=b.csv -s b={url}")
    assert code == 2
    assert "Two sources are called 'b'" in err


def test_two_urls_of_one_name_are_refused(folder, type_in):
    (folder / "other").mkdir()
    (folder / "other/same.parquet").write_bytes((folder / "b.parquet").read_bytes())
    line = f"run t.csv {RUN} -s file://{folder}/same.parquet file://{folder}/other/same.parquet"
    code, _, err = type_in(line)
    assert code == 2
    assert "Two sources are called 'same'" in err


def test_times_and_groups_of_a_url_are_those_of_its_file(folder, type_in):
    for name in ("t.csv", "b.csv"):
        frame = pd.read_csv(name)
        frame["day"] = pd.date_range("2020-01-01", periods=len(frame)).astype(str)
        frame["who"] = [f"{name}{k // 2}" for k in range(len(frame))]
        frame.to_csv(name, index=False)
    pd.read_csv("b.csv").to_parquet("same.parquet")
    for way, options in (("time", "--time day --drop who"), ("who", "--groups who --drop day")):
        line = f"run t.csv {RUN} {options}"
        outcomes = [
            type_in(f"{line} -s b={place}same.parquet -o {way}{n}")
            for n, place in enumerate(("", f"file://{folder}/"))
        ]
        assert [code for code, _, _ in outcomes] == [0, 0], outcomes
        results = [(folder / f"{way}{n}/result.json").read_bytes() for n in (0, 1)]
        assert results[0] == results[1]


def test_a_url_may_lack_the_groups_as_a_file_may(folder, type_in):
    frame = pd.read_csv("t.csv")
    frame.assign(who=np.arange(len(frame)) // 2).to_csv("t.csv", index=False)
    line = f"run t.csv {RUN} --groups who"
    assert type_in(f"{line} -s b=same.parquet -o one")[0] == 0
    assert type_in(f"{line} -s b=file://{folder}/same.parquet -o two")[0] == 0
    assert (folder / "one/result.json").read_bytes() == (folder / "two/result.json").read_bytes()


def test_a_url_that_is_not_there_is_one_line(folder, type_in):
    code, _, err = type_in(f"run t.csv {RUN} -s b=file://{folder}/c.parquet")
    assert code == 2
    assert "c.parquet cannot be read" in err
    assert "Traceback" not in err


def test_guessing_names_the_url_in_its_command(folder, type_in):
    url = f"file://{folder}/same.parquet"
    code, out, err = type_in(
        f"run t.csv b.csv -s c={url} --yes -q --effort quick --arm c+pooled -o g"
    )
    assert code == 0, err
    assert f"c={url}" in out + err


def test_codes_of_missing_values_are_read_as_in_a_file(folder, type_in):
    frame = pd.read_csv("b.csv").astype({"y": float})
    frame.loc[:5, "a"], frame.loc[3:9, "y"] = -99.0, -1.0
    frame.to_parquet("codes.parquet")
    frame.rename(columns={"a": "A"}).to_parquet("renamed.parquet")
    line = f"run t.csv {RUN} --na a=-99 --na y=-1"
    assert type_in(f"{line} -s b=codes.parquet -o here")[0] == 0
    code, out, _ = type_in(
        f"{line} -s b=file://{folder}/renamed.parquet --rename b:A=a -o there".replace(" -q", "")
    )
    assert code == 0
    assert "7 of 50 rows of b left out: no label (TG134)" in out
    assert (folder / "here/result.json").read_bytes() == (folder / "there/result.json").read_bytes()
    # Of a column that is called otherwise in the file, a code may have either name.
    typed = f"{line} -s b=renamed.parquet --rename b:A=a -o"
    assert type_in(f"{typed} third")[0] == 0
    assert type_in(f"{typed} fourth".replace("a=-99", "A=-99"))[0] == 0
    for name in ("third", "fourth"):
        result = (folder / name / "result.json").read_bytes()
        assert result == (folder / "here/result.json").read_bytes()
