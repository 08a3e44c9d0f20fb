"""Sources named by a URL on the command line, in audit.toml, and in a run that is fitted again."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("fsspec")

RUN = "-y y --metric accuracy --arm b+pooled --effort quick --explain none -q"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
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
    line = "run t.csv -y y --metric accuracy --effort quick --explain none -q --arm same+pooled"
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


def test_a_url_that_is_not_there_is_one_line(folder, type_in):
    code, _, err = type_in(f"run t.csv {RUN} -s b=file://{folder}/c.parquet")
    assert code == 2
    assert "c.parquet cannot be read" in err
    assert "Traceback" not in err


def test_guessing_names_the_url_in_its_command(folder, type_in):
    url = f"file://{folder}/same.parquet"
    code, out, err = type_in(f"run t.csv b.csv -s c={url} --yes -q --effort quick -o g")
    assert code == 0, err
    assert f"c={url}" in out + err
