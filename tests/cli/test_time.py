"""--time and --gap: later rows are tested by models of earlier ones."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from transfergap import load_audit
from transfergap.cli.main import app


def invoked(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    for name, start, n in (("target", "2024-01-01", 90), ("b", "2023-10-15", 140)):
        x = rng.normal(size=n)
        pd.DataFrame(
            {"x": x.round(4), "when": pd.date_range(start, periods=n).astype(str),
             "n": np.arange(n), "y": (x + rng.normal(size=n)).round(4)}
        ).to_csv(tmp_path / f"{name}.csv", index=False)  # fmt: skip
    return tmp_path


def run(files, *words, output="run", verb="run"):
    out = ("-o", files / output, "-q") if verb == "run" else ()
    return invoked(
        verb, files / "target.csv", "--label", "y", "--source", f"b={files / 'b.csv'}",
        "--metric", "mse", "--margin", "0.1", "--arm", "b pooled", "--effort", "quick",
        *(("--explain", "none") if verb == "run" else ()), *words, *out,
    )  # fmt: skip


def result(files, output="run"):
    return json.loads((files / output / "result.json").read_text())


def n_features(files, output):
    return load_audit(files / output).result.target.n_features


def test_a_run_is_made_forward_and_says_so(files):
    done = run(files, "--time", "when", "--gap", "7 days")
    assert done.exit_code == 0, done.output
    made = result(files)
    notes = " ".join(made["method_notes"])
    assert "Forward folds: rows in order of time, the first 36 of 90" in notes
    assert "from 2024-02-06 to 2024-03-30" in notes and "gap of 7 days" in notes
    finding = next(f for f in made["findings"] if f["code"] == "TG132")
    # The source ends on 2 March; rows from 30 January on are kept from the first block.
    assert finding["evidence"] == {"n_rows": 140, "n_later": 33}


def test_dates_are_no_feature_and_numbers_are(files, monkeypatch):
    monkeypatch.syspath_prepend(files)  # a model that looks at nothing: see what it is given
    (files / "means.py").write_text(
        "from sklearn.dummy import DummyRegressor as mean\nmodel = mean()"
    )
    model = ("--model", "means:model")
    assert run(files, "--time", "when", "--keep", "n", *model, output="dates").exit_code == 0
    assert run(files, "--time", "n", *model, output="numbers").exit_code == 0
    assert n_features(files, "dates") == 2  # x and n, a row number that is kept
    assert n_features(files, "numbers") == 3
    assert run(files, "--time", "n", "--drop", "n", *model, output="dropped").exit_code == 0
    assert n_features(files, "dropped") == 2


def test_a_run_directory_leads_back_to_its_times(files):
    assert run(files, "--time", "when", "--gap", "2 rows").exit_code == 0
    request = json.loads((files / "run" / "request.json").read_text())
    assert (request["options"]["time"], request["options"]["gap"]) == ("when", "2 rows")
    fitted = invoked("fit", files / "run", "-o", files / "m.skops")
    assert fitted.exit_code == 0, fitted.output
    told = invoked("predict", files / "m.skops", files / "target.csv")
    assert told.exit_code == 0, told.output


def test_a_configuration_file_may_say_it(files):
    (files / "audit.toml").write_text(
        '[target]\npath = "target.csv"\nlabel = "y"\ntime = "when"\ngap = "5 rows"\n'
        '[sources]\nb = "b.csv"\n'
        '[design]\nmetric = "mse"\nmargin = 0.1\narms = ["b pooled"]\noutput = "run"\n'
    )
    done = invoked("run", files / "audit.toml", "-q")
    assert done.exit_code == 0, done.output
    assert "gap of 5 rows" in " ".join(result(files)["method_notes"])


def test_a_plan_counts_blocks(files):
    done = run(files, "--time", "when", verb="plan")
    assert done.exit_code == 0, done.output
    assert "10 forward blocks" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--time", "wen"), "did you mean 'when'?"),
        (("--time", "when", "--gap", "7"), "7 days"),
        (("--gap", "7 days"), "--time"),
        (("--time", "when", "--learning-curve"), "learning curve"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_with_a_hint(files, words, said):
    done = run(files, *words)
    assert done.exit_code != 0
    text = done.output + str(done.exception)
    assert said in text


def test_a_source_without_the_column_is_used_whole(files):
    frame = pd.read_csv(files / "b.csv").drop(columns="when")
    frame.to_csv(files / "b.csv", index=False)
    assert run(files, "--time", "when").exit_code == 0
    finding = next(f for f in result(files)["findings"] if f["code"] == "TG132")
    assert "no times" in finding["says"]
