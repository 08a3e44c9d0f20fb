"""Predictions keep the columns that name their rows, as these are written in the file."""

import io

import numpy as np
import pandas as pd
import pytest

from transfergap import SafeTransferClassifier
from transfergap.cli.predict import with_copies, without_formulas
from transfergap.datasets import make_shift
from transfergap.safe.model_file import load_model, save_model

IDS = ["007", "NA", "=1+1", "-5", "+cmd|x", "1e5"]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    shift = make_shift(n_target=60, n_source=60, task="binary", random_state=1)
    names = [f"x{k}" for k in range(shift.X.shape[1])]
    X, Z = pd.DataFrame(shift.X, columns=names), shift.sources["source"]
    sources = {"b": (pd.DataFrame(Z[0], columns=names), Z[1])}
    folder = tmp_path_factory.mktemp("model")
    save_model(SafeTransferClassifier().fit(X, shift.y, sources=sources), folder / "model.skops")
    return folder / "model.skops", X[: len(IDS)]


@pytest.fixture
def files(fitted, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model, X = fitted
    X.assign(id=IDS, ward=[3, 1, 2, 3, 1, 2]).to_csv("rows.csv", index=False)
    X.assign(id=IDS, ward=[3, 1, 2, 3, 1, 2]).to_parquet("rows.parquet")
    return model


def test_kept_columns_stand_in_front_as_they_are_written(files, type_in, tmp_path):
    plain = type_in(f"predict {files} rows.csv")[1]
    code, out, err = type_in(f"predict {files} rows.csv --keep id --keep ward")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "id,ward," + plain.splitlines()[0]
    assert [line.split(",")[0] for line in lines[1:]] == [
        "007", "NA", "'=1+1", "-5", "'+cmd|x", "1e5",
    ]  # fmt: skip
    assert [line.split(",", 2)[2] for line in lines[1:]] == plain.splitlines()[1:]


@pytest.mark.parametrize("rows", ["rows.csv", "rows.parquet"])
@pytest.mark.parametrize("output", ["o.csv", "o.parquet"])
def test_files_of_either_kind_keep_columns(files, type_in, rows, output):
    assert type_in(f"predict {files} {rows} --keep id -o {output}")[0] == 0
    read = pd.read_csv if output.endswith("csv") else pd.read_parquet
    options = {"dtype": str, "keep_default_na": False} if output.endswith("csv") else {}
    ids = read(output, **options)["id"].tolist()
    quoted = [f"'{i}" if i in ("=1+1", "+cmd|x") else i for i in IDS]
    assert ids == (quoted if output.endswith("csv") else IDS)


def test_a_column_that_is_not_there_suggests_the_nearest(files, type_in):
    code, _, err = type_in(f"predict {files} rows.csv --keep idd")
    assert code == 2 and "has no column 'idd' (--keep)" in err and "did you mean 'id'?" in err


def test_a_kept_column_of_the_model_is_copied_too(files, type_in):
    code, out, _ = type_in(f"predict {files} rows.csv --keep x0")
    assert code == 0 and out.startswith("x0,prediction,")


def test_a_column_called_as_a_prediction_is_an_error(files, type_in, fitted):
    fitted[1].assign(prediction=1).to_csv("rows.csv", index=False)
    code, _, err = type_in(f"predict {files} rows.csv --keep prediction")
    assert code == 2 and "is called as one of the predictions" in err


def test_names_of_kept_columns_are_no_formulas_either():
    table = with_copies(pd.DataFrame({"prediction": ["a"]}), pd.DataFrame({"=HYPERLINK(1)": ["b"]}))
    assert list(without_formulas(table).columns) == ["'=HYPERLINK(1)", "prediction"]


def test_a_model_of_an_array_takes_the_other_columns(type_in, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shift = make_shift(n_target=60, n_source=60, task="binary", random_state=1)
    model = SafeTransferClassifier().fit(shift.X, shift.y, sources=shift.sources)
    save_model(model, tmp_path / "model.skops")
    pd.DataFrame(shift.X[:3]).add_prefix("c").assign(id=["01", "02", "03"]).to_csv(
        "rows.csv", index=False
    )
    code, out, _ = type_in("predict model.skops rows.csv --keep id")
    assert code == 0 and [line[:3] for line in out.splitlines()] == ["id,", "01,", "02,", "03,"]


def regions(n, seed):
    rng = np.random.default_rng(seed)
    region = rng.choice(["NA", "EU", "AS"], n)
    y = (2.0 * (region == "NA") + rng.normal(size=n) > 0.7).astype(int)
    chol = np.where(np.arange(n) % 9 == 0, -9, rng.integers(150, 300, n))
    return pd.DataFrame({"chol": chol, "region": region, "y": y})


def test_rows_to_predict_lack_what_rows_of_the_fit_lacked(type_in, tmp_path, monkeypatch):
    """A region NA was missing there, and a code -9 a number: without a word, other classes."""
    monkeypatch.chdir(tmp_path)
    regions(90, 0).to_csv("own.csv", index=False)
    regions(200, 1).to_csv("b.csv", index=False)
    files = "own.csv --label y --source b=b.csv --na=-9 --keep-na NA"
    assert type_in(f"fit {files} -o model.skops")[0] == 0
    new = regions(40, 2).drop(columns="y")
    new.to_csv("new.csv", index=False)
    code, out, _ = type_in("predict model.skops new.csv")
    shares = pd.read_csv(io.StringIO(out))["p(1)"]
    expected = load_model("model.skops").predict_proba(
        new.assign(chol=new.chol.where(new.chol > 0))
    )
    assert code == 0 and np.allclose(shares, expected[:, 1])
    assert shares[new.region == "NA"].min() > 0.6


def test_a_level_of_a_model_made_in_python_is_no_missing_value(type_in, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = regions(90, 0)[["region", "y"]].replace({"region": {"EU": "None"}})
    model = SafeTransferClassifier().fit(rows[["region"]], rows.y)
    save_model(model, "model.skops")
    rows.to_csv("new.csv", index=False)
    shares = pd.read_csv(io.StringIO(type_in("predict model.skops new.csv")[1]))["p(1)"]
    assert np.allclose(shares, model.predict_proba(rows[["region"]])[:, 1])


def test_columns_written_otherwise_than_the_fitted_ones_are_noted(type_in, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"bmi": rng.normal(27, 4, 80), "ward": rng.choice(["a", "b"], 80)})
    X["age"] = rng.normal(60, 9, 80)
    y = (X["bmi"] > 27).astype(int)
    model = SafeTransferClassifier().fit(X[:40], y[:40], sources={"b": (X[40:], y[40:])})
    save_model(model, tmp_path / "model.skops")
    rows = X[:6].assign(ward=X["ward"].str.upper(), bmi=X["bmi"] * 1000, age=np.nan)
    rows.round(1).to_csv("other.csv", index=False)
    code, _, err = type_in("predict model.skops other.csv")
    assert code == 0
    assert f"such as {rows.bmi.round(1)[0]}, are far from the target's" in err
    assert "6 of 6 values of ward" in err
    assert "(a, b)" in err
    assert "age is blank in all 6 rows." in err
    # A rare level, a missing value and a patient out of the ordinary are no other notation.
    rare = X[:6].copy()
    rare.loc[0, "ward"], rare.loc[1, "bmi"], rare.loc[2, "age"] = "z", 200, np.nan
    rare.to_csv("rare.csv", index=False)
    assert type_in("predict model.skops rare.csv")[2] == ""
