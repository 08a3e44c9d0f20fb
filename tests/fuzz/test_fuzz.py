"""Spoilt files and options: used, or refused in one line; never a crash, a hang or a NaN.

300 inputs by default, 12,000 in the slow job; the same ones every time.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .harness import TOKENS, call, check, spoilt

ROOT = Path(__file__).parents[2]
# By default more of those that are read and refused in no time; the slow job has each in earnest.
FEW = {"csv": 20, "options": 20, "toml": 50, "summary": 25, "encoder": 45, "model": 25, "run": 15,
       "scores": 50}  # fmt: skip
MANY = {"csv": 1650, "options": 1650, "toml": 1320, "summary": 1320, "encoder": 1320, "model": 990,
        "run": 990, "scores": 660}  # fmt: skip


def fuzzed(n: int):
    return settings(
        max_examples=n,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2)).round(3)
    frame = pd.DataFrame(X, columns=["a", "b"])
    frame["town"] = rng.choice(["x", "y"], n)
    frame["y"] = np.where(X[:, 0] + rng.normal(size=n) > 0, "ill", "well")
    return frame


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with one whole file of each kind."""
    folder = tmp_path_factory.mktemp("whole")
    table(40, 1).to_csv(folder / "t.csv", index=False)
    table(30, 2).to_csv(folder / "b.csv", index=False)
    table(12, 3).drop(columns="y").to_csv(folder / "new.csv", index=False)
    scores = pd.DataFrame(
        {
            "arm": ["control", "b"] * 8,
            "split": np.repeat(np.arange(8), 2),
            "seed": 0,
            "score": np.random.default_rng(0).random(16).round(3),
        }
    )
    scores.to_csv(folder / "scores.csv", index=False)
    (folder / "audit.toml").write_text(
        'target = "t.csv"\nlabel = "y"\nmetric = "accuracy"\nmargin = 0.05\neffort = "quick"\n'
        'arms = ["b pooled"]\n[sources]\nb = "b.csv"\n'
    )
    t, b, encoder = folder / "t.csv", folder / "b.csv", folder / "e.json"
    done = [
        call("encoder", t, "-y", "y", "-o", encoder),
        call("summarize", b, "-y", "y", "-e", encoder, "-o", folder / "b.tgsum"),
        call("fit", t, "-y", "y", "-s", f"b={b}", "-o", folder / "m.skops"),
        call("run", t, "-y", "y", "-s", f"b={b}", *RUN, "-o", folder / "run"),
    ]
    done.append(call("import", folder / "scores.csv", "--margin", "0.05"))
    assert [code for code, _, _ in done] == [0] * 5, done
    return folder


RUN = ("--effort", "quick", "--arm", "b only", "--metric", "accuracy", "--explain", "none", "-q",
       "--format", "json")  # fmt: skip


def each(kind: str):
    """Parametrize a test by how many inputs it tries."""
    return pytest.mark.parametrize(
        "n", [FEW[kind], pytest.param(MANY[kind], marks=pytest.mark.slow)], ids=["few", "many"]
    )


@each("csv")
def test_tables(whole, tmp_path, n):
    @fuzzed(n)
    @given(
        spoilt((whole / "b.csv").read_bytes()), st.sampled_from(["plan", "encoder", "summarize"])
    )
    def one(data, verb):
        file = tmp_path / "x.csv"
        file.write_bytes(data)
        arguments = {
            "plan": ("plan", whole / "t.csv", "-y", "y", "-s", f"b={file}", "--metric", "accuracy",
                     "--effort", "quick", "--arm", "b only", "--format", "json"),
            "encoder": ("encoder", file, "-y", "y", "-o", tmp_path / "x.json"),
            "summarize": ("summarize", file, "-y", "y", "-e", whole / "e.json",
                          "-o", tmp_path / "x.tgsum"),
        }[verb]  # fmt: skip
        check(*call(*arguments))

    one()


WORDS = st.sampled_from(
    ["0", "-1", "nan", "inf", "1e400", "", " ", "y", "a", "b", "b pooled", "../x", "=", "b=", "=b",
     "roc_auc", "mse", "quick", "é", "\x1b[31m", "9" * 30, "true", "[1]", "{", "a,b", "1:2", "0.05"]
)  # fmt: skip
OPTIONS = st.sampled_from(
    ["--margin", "--metric", "--effort", "--arm", "--seed", "--explain", "--positive", "--groups",
     "--time", "--gap", "--keep", "--drop", "--map", "--rename", "--columns", "--sep", "--decimal",
     "--na", "--encoding", "--category", "--subgroups", "--format", "--jobs", "--weights",
     "--model", "--nothing"]
)  # fmt: skip


@each("options")
def test_options(whole, n):
    @fuzzed(n)
    @given(st.lists(st.tuples(OPTIONS, WORDS), min_size=1, max_size=3))
    def one(pairs):
        options = [word for pair in pairs for word in pair]
        check(*call("plan", whole / "t.csv", "-y", "y", "-s", f"b={whole / 'b.csv'}", "--metric",
                    "accuracy", "--effort", "quick", "--arm", "b only", *options))  # fmt: skip

    one()


@each("toml")
def test_toml(whole, tmp_path, n):
    for name in ("t.csv", "b.csv"):
        shutil.copy(whole / name, tmp_path / name)

    @fuzzed(n)
    @given(spoilt((whole / "audit.toml").read_bytes()))
    def one(data):
        file = tmp_path / "audit.toml"
        file.write_bytes(data)
        check(*call("plan", file))

    one()


@each("summary")
def test_summaries(whole, tmp_path, n):
    """With a digest that fits, since anybody can compute it."""
    from hashlib import sha256

    @fuzzed(n)
    @given(spoilt((whole / "b.tgsum").read_bytes()[:-32]), st.booleans())
    def one(data, is_signed):
        file = tmp_path / "x.tgsum"
        file.write_bytes(data + (sha256(data).digest() if is_signed else b"\0" * 32))
        check(
            *call("fit", whole / "t.csv", "-y", "y", "-s", f"b={file}", "-o", tmp_path / "m.skops")
        )

    one()


NUMBERS = st.sampled_from([0.0, -1.0, 1e308, -1e154, 1e-320, 1e20, float("nan"), float("inf")])


@each("summary")
def test_numbers_of_summaries(whole, tmp_path, n):
    from hashlib import sha256

    data = (whole / "b.tgsum").read_bytes()[:-32]
    first, line, _ = data.split(b"\n", 2)
    head = len(first) + len(line) + 2

    @fuzzed(n)
    @given(st.integers(0, (len(data) - head) // 8 - 1), NUMBERS, st.booleans())
    def one(place, value, scales):
        numbers = np.frombuffer(data[head:], "<f8").copy()
        with np.errstate(all="ignore"):
            numbers[place] = value
            forged = data[:head] + (numbers * value if scales else numbers).astype("<f8").tobytes()
        file = tmp_path / "x.tgsum"
        file.write_bytes(forged + sha256(forged).digest())
        check(
            *call("fit", whole / "t.csv", "-y", "y", "-s", f"b={file}", "-o", tmp_path / "m.skops")
        )

    one()


@each("encoder")
def test_encoders(whole, tmp_path, n):
    @fuzzed(n)
    @given(spoilt((whole / "e.json").read_bytes()))
    def one(data):
        file = tmp_path / "e.json"
        file.write_bytes(data)
        check(
            *call("summarize", whole / "b.csv", "-y", "y", "-e", file, "-o", tmp_path / "x.tgsum")
        )

    one()


@each("model")
def test_models(whole, tmp_path, n):
    """The archive itself, and what its files say once unpacked."""
    members = {}
    with zipfile.ZipFile(whole / "m.skops") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    names = sorted(members)

    def check_predicts(data):
        file = tmp_path / "m.skops"
        file.write_bytes(data)
        check(*call("predict", file, whole / "new.csv", "-o", tmp_path / "p.csv"))

    @fuzzed(n)
    @given(spoilt((whole / "m.skops").read_bytes()))
    def archives(data):
        check_predicts(data)

    @fuzzed(n)
    @given(st.data(), st.sampled_from(names))
    def contents(data, name):
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for other in names:
                whole_part = members[other]
                archive.writestr(
                    other, data.draw(spoilt(whole_part)) if other == name else whole_part
                )
        check_predicts(buffer.getvalue())

    archives()
    contents()


@each("run")
def test_run_directories(whole, tmp_path, n):
    files = ("design.json", "result.json", "request.json", "trials.sqlite")
    before = json.loads((whole / "run" / "result.json").read_text())

    @fuzzed(n)
    @given(st.data(), st.sampled_from(files), st.sampled_from(["show", "check", "run"]))
    def one(data, name, verb):
        folder = tmp_path / "run"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole / "run", folder)
        (folder / name).write_bytes(data.draw(spoilt((whole / "run" / name).read_bytes())))
        if verb != "run":
            check(*call(verb, folder, "--format", "json"))
            return
        code, out, err = call("run", whole / "t.csv", "-y", "y", "-s", f"b={whole / 'b.csv'}", *RUN,
                              "-o", folder)  # fmt: skip
        check(code, out, err)
        if code == 0:  # the command was typed again, so nothing else may come of it
            assert json.loads((folder / "result.json").read_text()) == before

    one()


@each("scores")
def test_scores(whole, tmp_path, n):
    @fuzzed(n)
    @given(spoilt((whole / "scores.csv").read_bytes()))
    def one(data):
        file = tmp_path / "scores.csv"
        file.write_bytes(data)
        check(*call("import", file, "--margin", "0.05", "--format", "json"))

    one()


def test_the_check_can_fail():
    with pytest.raises(AssertionError):
        check(70, "", "error: KeyError: 'x'")
    with pytest.raises(AssertionError):
        check(0, '{"gap": NaN}', "")
    assert len(TOKENS) == len(set(TOKENS))
    for numbers, least in ((FEW, 300), (MANY, 10_000)):
        assert sum(numbers.values()) + numbers["summary"] + numbers["model"] >= least
