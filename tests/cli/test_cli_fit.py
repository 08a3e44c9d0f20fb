"""The verbs `fit` and `predict` as a user types them."""

import importlib
import io
import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from transfergap import SafeTransferClassifier, audit, summarize
from transfergap.auditing.safe_model import fitted_safe
from transfergap.cli.demo import demo_design
from transfergap.data.encoding import fit_encoder
from transfergap.experiment.run_directory import design_record, keep_request, open_run
from transfergap.safe.model_file import load_model, save_model

MODEL = """
from sklearn.compose import make_column_transformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

def columns():
    return make_column_transformer(
        (SimpleImputer(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )

def linear():
    return make_pipeline(columns(), LogisticRegression(max_iter=1000))

def forest():
    return make_pipeline(columns(), RandomForestClassifier(9, random_state=0))
"""


@pytest.fixture
def here(table_files, monkeypatch):
    monkeypatch.chdir(table_files)
    (table_files / "our_models.py").write_text(MODEL)
    return table_files


@pytest.fixture(scope="module")
def finished(finish):
    """The folder of a finished run, made once: tests work on copies."""
    folder = finish("our_models", MODEL, RUN)
    for name in ("target.csv", "b.csv", "c.parquet"):
        (folder / name).unlink()  # or a copy would go on reading these
    return folder / "runs"


@pytest.fixture
def ran(here, finished):
    shutil.copytree(finished, here / "runs")
    return here


def refused(outcome, *patterns):
    code, out, err = outcome
    assert (code, out) == (2, ""), err
    lines = err.strip().splitlines()
    assert [line[:6] for line in lines] == ["error:", " hint:"], err
    for pattern in patterns:
        assert pattern in err
    return err


FIT = (
    "fit target.csv --label y --source b=b.csv --source c=c.parquet -o model.skops"
    " --model our_models:linear"
)
RUN = (
    "run target.csv --label y --source b=b.csv --source c=c.parquet --metric accuracy"
    " --margin 0.02 --effort quick --model our_models:linear --arm 'b pooled'"
    " --explain none -o runs/x"
)


def rows_of(name):
    frame = pd.read_parquet(name) if name.endswith("parquet") else pd.read_csv(name)
    return frame.drop(columns="y"), frame["y"].to_numpy()


def test_fit_prints_what_each_source_does_and_writes_the_model(here, type_in):
    code, out, err = type_in(FIT)
    assert (code, err) == (0, "")
    assert "Expected gain" in out
    assert re.search(r"^ b +0\.\d\d", out, re.M)
    assert out.splitlines()[-1] == "model.skops"
    model = load_model("model.skops")
    direct = SafeTransferClassifier(random_state=0).fit(
        *rows_of("target.csv"), sources={"b": rows_of("b.csv"), "c": rows_of("c.parquet")}
    )
    X, _ = rows_of("target.csv")
    assert model.predict_proba(X).tobytes() == direct.predict_proba(X).tobytes()
    assert set(model.source_influence_) == {"b", "c"}


def test_a_card_stands_beside_the_model_and_replaces_nothing_else(here, type_in):
    (here / "model.md").write_text("my notes")
    code, _, err = type_in(FIT)
    assert code == 0 and "model.md is no model card and was left as it is" in err
    assert (here / "model.md").read_text() == "my notes"
    (here / "model.md").unlink()
    for _ in range(2):
        code, out, _ = type_in(FIT)
        assert code == 0 and "model.md" in out
        assert (here / "model.md").read_text().startswith("# Model card: model.skops")


def test_fit_speaks_json(here, type_in):
    code, out, _ = type_in(FIT + " --format json --caution high --name ward")
    record = json.loads(out)
    assert (code, record["schema"], record["target"]) == (0, "transfergap/fit/1", "ward")
    assert {source["name"]: source["n_rows"] for source in record["sources"]} == {"b": 80, "c": 70}
    assert record["caution"] == "high"
    assert 0 <= record["alpha"] <= 1
    assert record["expected_gain"]["low"] <= record["expected_gain"]["high"]


def test_more_caution_is_asked_for_by_name_or_number(here, type_in):
    shares = []
    for caution in ("0", "low", "high", "inf"):
        assert type_in(f"{FIT} --caution {caution}")[0] == 0
        shares.append(load_model("model.skops").mixing_weight_)
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0.0
    refused(type_in(FIT + " --caution brave"), "brave", "low")


def test_rows_that_are_target_rows_or_of_other_labels_are_left_out_and_said(here, type_in):
    target, b = pd.read_csv("target.csv"), pd.read_csv("b.csv")
    b.loc[:2, "y"] = 7
    pd.concat([b, target[:5]]).to_csv("b.csv", index=False)
    code, _, err = type_in(FIT)
    assert code == 0
    assert "note  b: 5 rows left out that are target rows" in err
    assert "note  b: 3 rows left out whose label the target lacks (7)" in err
    direct = SafeTransferClassifier(random_state=0).fit(
        *rows_of("target.csv"),
        sources={"b": (b.drop(columns="y")[3:], b["y"].to_numpy()[3:]), "c": rows_of("c.parquet")},
    )
    X, _ = rows_of("target.csv")
    found = load_model("model.skops").predict_proba(X)
    assert found.tobytes() == direct.predict_proba(X).tobytes()


def test_rows_and_summaries_mix_and_the_encoder_decides_on_columns(here, type_in):
    assert type_in("encoder target.csv --label y --drop chol -o enc.json")[0] == 0
    assert type_in("summarize b.csv --label y -e enc.json -o b.tgsum")[0] == 0
    frame = pd.read_parquet("c.parquet").assign(other=1)
    frame.to_parquet("c.parquet")
    line = FIT.replace("b.csv", "b.tgsum")
    code, _, err = type_in(line)
    assert code == 0
    assert "note  b: made of rows that are not here" in err
    model = load_model("model.skops")
    assert [column.name for column in model.encoder_.columns] == ["age", "sex"]
    assert model.source_influence_["b"] > 0
    assert "other" not in model.feature_names_in_
    assert "the columns are those of the summaries" in type_in(line + " --drop sex")[2]
    as_rows = type_in(FIT + " --drop chol --format json")[1]
    with_summary = type_in(line + " --format json")[1]
    one, two = (
        {source["name"]: source["n_rows"] for source in json.loads(said)["sources"]}
        for said in (as_rows, with_summary)
    )
    assert one == two
    for name in ("target.csv", "c.parquet"):
        frame = rows_of(name)[0].drop(columns="age").assign(y=0)
        kept = (here / name).read_bytes()
        frame.to_csv(name, index=False) if name == "target.csv" else frame.to_parquet(name)
        refused(type_in(line), f"{name} has no column 'age' (the summaries')")
        (here / name).write_bytes(kept)
    refused(type_in(line.replace("--label y", "--label age")), "is a column of the summaries'")
    refused(type_in(line + " --task regression"), "--task is regression", "binary")


def test_summaries_alone_and_few_target_rows_will_do(here, type_in):
    assert type_in("encoder target.csv --label y -o enc.json")[0] == 0
    assert type_in("summarize b.csv --label y -e enc.json -o b.tgsum")[0] == 0
    frame = pd.read_csv("target.csv")
    pd.concat([frame[frame.y == 0][:4], frame[frame.y == 1][:3]]).to_csv("few.csv", index=False)
    code, _, _ = type_in("fit few.csv --label y --source b=b.tgsum -o model.skops")
    assert code == 0
    assert load_model("model.skops").source_influence_["b"] > 0
    encoder = fit_encoder(np.eye(3), np.array([0, 1, 0]), task="binary")
    summarize(np.eye(3), np.array([0, 1, 0]), encoder=encoder).save(here / "b.tgsum")
    refused(type_in("fit target.csv --label y --source b=b.tgsum -o m.skops"), "from an array")
    (here / "b.tgsum").write_bytes(b"hello")
    refused(type_in("fit target.csv --label y --source b=b.tgsum -o m.skops"))


def test_without_sources_the_model_is_the_control_and_says_so(here, type_in):
    code, out, _ = type_in("fit target.csv --label y -o model.skops")
    assert code == 0
    assert "The model is the control" in out


def test_a_second_round_starts_from_the_file(here, type_in):
    type_in("encoder target.csv --label y -o enc.json")
    type_in("summarize b.csv --label y -e enc.json -o b.tgsum")
    type_in("fit target.csv --label y --source b=b.tgsum -o m1.skops")
    code, out, _ = type_in("encoder --model m1.skops -o enc2.json")
    assert code == 0
    assert "of a later round" in out
    type_in("summarize b.csv --label y -e enc2.json -o b2.tgsum")
    assert type_in("fit target.csv --label y --source b=b2.tgsum -o m2.skops")[0] == 0
    assert load_model("m2.skops").encoder_.expansion is not None
    type_in(FIT.replace("model.skops", "rows.skops"))
    refused(type_in("encoder --model b.csv"), "no whole model")


def test_labels_are_numbers_or_classes_by_themselves_or_as_said(here, type_in):
    rng = np.random.default_rng(0)
    for name in ("target.csv", "b.csv"):
        age = rng.normal(50, 10, 100)
        pd.DataFrame({"age": age, "y": np.arange(100) % 40}).to_csv(name, index=False)
    line = "fit target.csv --label y --source b=b.csv -o model.skops"
    assert type_in(line)[0] == 0
    assert not hasattr(load_model("model.skops"), "classes_")
    assert type_in(line + " --task classes")[0] == 0
    assert len(load_model("model.skops").classes_) == 40
    refused(type_in(line + " --task ranking"), "no task called 'ranking'")
    for name in ("target.csv", "b.csv"):
        frame = pd.read_csv(name)
        frame.assign(y=np.where(frame["age"] > 50, "ill", "well")).to_csv(name, index=False)
    refused(type_in(line + " --task regression"), "are text", "--task classes")


def test_a_toml_and_reading_options_are_those_of_run(here, type_in):
    type_in(FIT)
    before = load_model("model.skops")
    for name in ("target", "b"):
        frame = pd.read_csv(f"{name}.csv")
        frame.assign(chol=frame["chol"].fillna(-1)).replace({"chol": {-1: "?"}}).to_csv(
            f"{name}.csv", index=False, sep=";"
        )
    (here / "audit.toml").write_text(
        '[target]\npath = "target.csv"\nlabel = "y"\n[sources]\nb = "b.csv"\nc = "c.parquet"\n'
        '[data]\ndelimiter = ";"\nna = ["?"]\n'
        '[design]\nmodel = "our_models:linear"\noutput = "runs/x"\n'
    )
    assert type_in("fit audit.toml -o model.skops")[0] == 0
    after, X = load_model("model.skops"), rows_of("c.parquet")[0]
    assert after.predict_proba(X).tobytes() == before.predict_proba(X).tobytes()
    refused(type_in(f"{FIT} --delimiter ,"), "--delimiter 'target:;'")


def test_a_model_that_is_not_linear_is_fitted_inside(here, type_in):
    assert type_in(FIT.replace("linear", "forest"))[0] == 0
    model = load_model("model.skops")
    assert "RandomForest" in str(model.estimator)
    X = rows_of("c.parquet")[0]
    code, out, _ = type_in("predict model.skops c.parquet")
    assert code == 0
    assert np.array_equal(pd.read_csv(io.StringIO(out))["p(1)"], model.predict_proba(X)[:, 1])


@pytest.mark.slow  # tests/safe/test_learner.py has who is fitted inside at less cost
def test_the_default_model_is_fitted_inside_where_it_makes_columns_of_dates(here, type_in):
    line = FIT.replace(" --model our_models:linear", "").replace(" --source c=c.parquet", "")
    assert type_in(line)[0] == 0
    assert load_model("model.skops").estimator is None  # numbers and categories: linear in them
    type_in("encoder target.csv --label y -o enc.json")
    type_in("summarize b.csv --label y -e enc.json -o b.tgsum")
    assert type_in(line.replace("b.csv", "b.tgsum"))[0] == 0
    assert load_model("model.skops").estimator is None
    for name in ("target.csv", "b.csv"):
        table = pd.read_csv(name)
        days = pd.date_range("2024-01-01", periods=len(table)).strftime("%Y-%m-%d")
        table.assign(day=days).to_csv(name, index=False)
    code, _, err = type_in(line)
    assert code == 0, err
    model = load_model("model.skops")
    assert "DatetimeEncoder" in str(model.estimator)
    found = pd.read_csv(io.StringIO(type_in("predict model.skops b.csv")[1]))
    assert len(found) == len(pd.read_csv("b.csv"))
    assert np.isfinite(found["p(1)"]).all()


def test_a_run_is_fitted_as_its_safe_arm(ran, here, type_in, monkeypatch):
    code, out, _ = type_in("fit runs/x -o model.skops --caution medium")
    assert code == 0
    assert "medium)" in out
    target, b, c = (rows_of(name) for name in ("target.csv", "b.csv", "c.parquet"))
    monkeypatch.syspath_prepend(here)
    linear = importlib.import_module("our_models").linear()
    study = audit(linear, *target, sources={"b": b, "c": c}, metric="accuracy", margin=0.02,
                  effort="quick", explain="none", arms=["b pooled"])  # fmt: skip
    ours, theirs = study.fit_safe(caution="medium"), load_model("model.skops")
    assert theirs.predict_proba(b[0]).tobytes() == ours.predict_proba(b[0]).tobytes()
    assert theirs.report_ == ours.report_


def test_a_run_is_found_again_from_elsewhere_and_after_a_move(ran, here, type_in, monkeypatch):
    type_in("fit runs/x -o model.skops")
    before, X = load_model("model.skops"), rows_of("b.csv")[0]
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    assert type_in("fit ../runs/x -o model.skops")[0] == 0
    moved = here.parent / "moved"
    shutil.copytree(here, moved)
    for name in ("target.csv", "b.csv", "c.parquet"):
        (here / name).unlink()
    monkeypatch.chdir(moved)
    assert type_in("fit runs/x -o again.skops")[0] == 0
    after = load_model("again.skops")
    assert after.predict_proba(X).tobytes() == before.predict_proba(X).tobytes()


def test_a_file_that_changed_since_the_run_is_refused(here, type_in):
    type_in(RUN)
    for name in ("target.csv", "b.csv"):
        before = (here / name).read_bytes()
        frame = pd.read_csv(name)
        frame.loc[3, "age"] += 1
        frame.to_csv(name, index=False)
        refused(type_in("fit runs/x -o m.skops"), f"{here / name} has changed since", "-o")
        assert not (here / "m.skops").exists()
        (here / name).unlink()
        refused(type_in("fit runs/x -o m.skops"), f"no file {here / name}")
        (here / name).write_bytes(before)


def test_a_model_that_changed_since_the_run_is_refused(ran, here, type_in):
    request = json.loads((here / "runs" / "x" / "request.json").read_text())
    request["options"]["model"] = "our_models:forest"
    (here / "runs" / "x" / "request.json").write_text(json.dumps(request))
    refused(type_in("fit runs/x -o m.skops"), "The model of the run runs/x has changed")


def test_runs_that_do_not_know_their_files_say_what_to_do(ran, here, type_in):
    X, y = rows_of("target.csv")
    Xb, yb = rows_of("b.csv")
    audit(LogisticRegression(), X[["age"]], y, sources={"b": (Xb[["age"]], yb)}, effort="quick",
          explain="none", arms=["b pooled"], run_dir=here / "runs" / "p")  # fmt: skip
    refused(type_in("fit runs/p -o m.skops"), "not made on the command line", "result.fit_safe()")
    (here / "empty").mkdir()
    refused(type_in("fit empty -o m.skops"), "not a readable run")
    for text in ("", "[]", '{"schema": "transfergap/request/1"}', '{"schema": "x"}'):
        (here / "runs" / "x" / "request.json").write_text(text)
        refused(type_in("fit runs/x -o m.skops"), "request", "transfergap run")
    assert type_in(RUN)[0] == 0  # the same command writes it again
    assert type_in("fit runs/x -o m.skops")[0] == 0


def test_the_request_is_no_part_of_the_design(ran, here, type_in):
    before = (here / "runs" / "x" / "result.json").read_bytes()
    shutil.copy("b.csv", "bb.csv")
    assert type_in(RUN.replace("b=b.csv", "b=bb.csv"))[0] == 0
    assert (here / "runs" / "x" / "result.json").read_bytes() == before
    (here / "b.csv").unlink()
    assert type_in("fit runs/x -o m.skops")[0] == 0


def test_what_is_not_said_is_asked_for_and_inputs_are_not_replaced(ran, here, type_in):
    refused(type_in(FIT.replace(" -o model.skops", "")), "add -o model.skops")
    alone = "fit target.csv -o model.skops"
    refused(type_in(alone), "add --label COLUMN")
    refused(type_in(FIT.replace("--label y", "")), "type: transfergap fit target.csv -y y")
    refused(type_in(FIT.replace("target.csv", "targt.csv")), "mean target.csv?")
    refused(type_in(FIT.replace("model.skops", "b.csv")), "is the file that is read")
    refused(type_in(FIT + " --format html"), "no format called 'html'")
    refused(type_in("fit runs/x --label y -o m.skops"), "--label has no part here")
    refused(type_in("fit runs/x"), "add -o model.skops")
    code, _, _ = type_in(FIT.replace("model.skops", "nowhere/model.skops"))
    assert code == 2


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_predict_says_what_the_model_says(here, type_in, suffix):
    type_in(FIT)
    model, (X, _) = load_model("model.skops"), rows_of("c.parquet")
    X.assign(extra="?").to_csv("new.csv", index=False)
    code, out, _ = type_in(f"predict model.skops new.csv -o predicted.{suffix}")
    assert (code, out) == (0, f"predicted.{suffix}: 70 rows\n")
    read = pd.read_csv if suffix == "csv" else pd.read_parquet
    found = read(f"predicted.{suffix}")
    assert list(found.columns) == ["prediction", "p(0)", "p(1)"]
    X = pd.read_csv("new.csv")[list(X.columns)]
    assert np.array_equal(found["prediction"], model.predict(X))
    assert np.array_equal(found[["p(0)", "p(1)"]].to_numpy(), model.predict_proba(X))


def test_predict_goes_to_stdout_and_takes_rows_in_any_shape(here, type_in):
    type_in(FIT)
    code, out, err = type_in("predict model.skops c.parquet")
    assert (code, err) == (0, "")
    by_stdout = pd.read_csv(io.StringIO(out))
    frame = pd.read_parquet("c.parquet")
    frame[["y", "sex", "age", "chol"]].to_csv("new.tsv", sep="\t", index=False)
    assert type_in("predict model.skops new.tsv")[1] == out
    frame[:1].drop(columns="y").to_csv("one.csv", index=False)
    one = pd.read_csv(io.StringIO(type_in("predict model.skops one.csv")[1]))
    assert len(one) == 1
    assert np.allclose(one["p(1)"], by_stdout["p(1)"][:1])
    frame["chol"] = frame["chol"].map(lambda v: "?" if pd.isna(v) else str(v).replace(".", ","))
    frame["age"] = frame["age"].map(lambda v: str(v).replace(".", ","))
    frame.to_csv("odd.csv", index=False, sep=";", encoding="latin-1")
    reading = "--na ? --delimiter ';' --decimal , --encoding latin-1"
    assert type_in(f"predict model.skops odd.csv {reading}")[1] == out


def test_codes_mean_what_they_meant_at_the_target(here, type_in):
    rng = np.random.default_rng(0)
    for name in ("target.csv", "b.csv"):
        frame = pd.read_csv(name)
        mixed = rng.choice(["01", "02", "x"], len(frame))
        y = np.where((mixed == "01") & (rng.random(len(frame)) < 0.9), 1, frame["y"])
        frame.assign(mixed=mixed, ward=rng.choice([1, 2], len(frame)), y=y).to_csv(
            name, index=False
        )
    line = "fit target.csv --label y --source b=b.csv --category ward -o model.skops"
    for more in ("", " --model our_models:forest"):
        assert type_in(line + more)[0] == 0
        model = load_model("model.skops")
        frame = pd.read_csv("b.csv", dtype={"mixed": str}).astype({"ward": "category"})
        X = frame.drop(columns="y")
        expected = model.predict_proba(X)[:, 1]
        kept = (frame["mixed"] == "01").to_numpy()
        frame[kept].to_csv("ones.csv", index=False)  # read by itself, the column would be 1
        found = pd.read_csv(io.StringIO(type_in("predict model.skops ones.csv")[1]))
        assert np.allclose(found["p(1)"], expected[kept])


def test_numbers_have_one_column(here, type_in):
    for name in ("target.csv", "b.csv"):
        frame = pd.read_csv(name)
        frame.assign(y=frame["age"] / 7).to_csv(name, index=False)
    type_in("fit target.csv --label y --source b=b.csv -o model.skops")
    found = pd.read_csv(io.StringIO(type_in("predict model.skops b.csv")[1]))
    assert list(found.columns) == ["prediction"]
    model, (X, _) = load_model("model.skops"), rows_of("b.csv")
    assert np.array_equal(found["prediction"], model.predict(X))


def test_models_of_arrays_and_texts_predict_from_files_too(here, type_in):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), np.repeat(["no", "yes"], 20)
    model = SafeTransferClassifier().fit(X, y)
    save_model(model, "array.skops")
    pd.DataFrame(X, columns=list("abc")).assign(y=y).to_csv("new.csv", index=False)
    found = pd.read_csv(io.StringIO(type_in("predict array.skops new.csv --drop y")[1]))
    assert list(found.columns) == ["prediction", "p(no)", "p(yes)"]
    assert np.allclose(found["p(yes)"], model.predict_proba(X)[:, 1])
    refused(type_in("predict array.skops new.csv"), "has 4 columns", "array of 3", "--drop")
    rows = [f"{'good' if label == 'yes' else 'bad'} film {i % 5}" for i, label in enumerate(y)]
    model = SafeTransferClassifier().fit(rows, y)
    save_model(model, "texts.skops")
    pd.DataFrame({"said": rows, "y": y}).to_csv("new.csv", index=False)
    found = pd.read_csv(io.StringIO(type_in("predict texts.skops new.csv --label y")[1]))
    assert (found["prediction"] == y).mean() > 0.9
    refused(type_in("predict texts.skops new.csv"), "a single column of texts", "--drop")
    refused(type_in("encoder --model texts.skops"), "whose words would go out")


def test_mistakes_with_predict_have_one_clear_line(here, type_in):
    type_in(FIT)
    rows_of("b.csv")[0].rename(columns={"chol": "chols"}).to_csv("new.csv", index=False)
    refused(type_in("predict model.skops new.csv"), "no column 'chol' (the model's)", "'chols'?")
    refused(type_in("predict model.skops none.csv"), "no file none.csv")
    refused(type_in("predict none.skops b.csv"), "none.skops cannot be read", "transfergap fit")
    refused(type_in("predict b.csv b.csv"), "no whole model")
    refused(type_in("predict model.skops b.csv -o b.csv"), "is the file that is read")
    refused(type_in("predict model.skops b.csv -o model.skops"), "is the file that is read")
    refused(type_in("predict model.skops b.csv -o out.xlsx"), ".csv or .parquet")
    refused(type_in("predict model.skops b.csv --format json"), "known: csv")
    frame = rows_of("b.csv")[0]
    frame.assign(age="old").to_csv("new.csv", index=False)
    refused(type_in("predict model.skops new.csv"), "'age' holds numbers", "'old'")
    frame[:0].to_csv("new.csv", index=False)
    refused(type_in("predict model.skops new.csv"), "no rows")


def test_a_type_of_ones_own_has_to_be_trusted(here, type_in):
    (here / "our_steps.py").write_text(
        "from sklearn.base import BaseEstimator, TransformerMixin\n"
        "from sklearn.ensemble import RandomForestClassifier\n"
        "from sklearn.pipeline import make_pipeline\n"
        "class Ages(TransformerMixin, BaseEstimator):\n"
        "    def fit(self, X, y=None):\n        return self\n"
        "    def transform(self, X):\n        return X[['age']].to_numpy()\n"
        "def make():\n    return make_pipeline(Ages(), RandomForestClassifier(5))\n"
    )
    assert type_in(FIT.replace("our_models:linear", "our_steps:make"))[0] == 0
    refused(type_in("predict model.skops b.csv"), "holds our_steps.Ages", "--trust our_steps.Ages")
    assert type_in("predict model.skops b.csv --trust our_steps.Ages")[0] == 0


def test_a_demo_is_fitted_from_its_name(tmp_path, monkeypatch, type_in):
    monkeypatch.chdir(tmp_path)
    design = demo_design("claims", 3)
    assert [arm.name for arm in design.treatments if arm.judged][-1] == "safe"
    assert "safe" in demo_design("digits", 0).arm_names()
    open_run("runs/c", design_record(design)).close()
    keep_request("runs/c", {"demo": "claims", "seed": 3})
    code, out, _ = type_in("fit runs/c -o model.skops")
    assert code == 0
    assert "kentucky" in out
    X = design.problem.target.X
    expected = fitted_safe(design).predict_proba(X)
    assert load_model("model.skops").predict_proba(X).tobytes() == expected.tobytes()
    keep_request("runs/c", {"demo": "clams", "seed": 3})
    refused(type_in("fit runs/c -o m.skops"), "no demo called 'clams'")
    keep_request("runs/c", {"demo": "flights", "seed": 3})
    refused(type_in("fit runs/c -o m.skops"), "the demo flights has changed")
