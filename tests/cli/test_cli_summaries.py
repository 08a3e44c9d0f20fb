"""The verbs `encoder` and `summarize` as a user types them."""

import json

import numpy as np
import pandas as pd
import pytest

from transfergap import Encoder, GramSummary, summarize
from transfergap.cli.files import batches
from transfergap.cli.summarize import next_encoder
from transfergap.data.encoding import fit_encoder
from transfergap.errors import ConfigurationError


def rows(n, seed):
    rng = np.random.default_rng(seed)
    age = rng.normal(50, 10, n).round(2)
    frame = pd.DataFrame(
        {"age": age, "chol": rng.normal(200, 30, n).round(1), "sex": rng.choice(["f", "m"], n),
         "ward": rng.choice([1, 2, 3], n), "smokes": rng.random(n) < 0.3,
         "y": np.where(age + rng.normal(0, 8, n) > 50, "ill", "well")}
    )  # fmt: skip
    frame.loc[rng.choice(n, n // 10, replace=False), "chol"] = np.nan
    return frame


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows(60, 0).to_csv("target.csv", index=False)
    rows(150, 1).to_csv("b.csv", index=False)
    rows(150, 1).to_parquet("b.parquet", index=False)
    return tmp_path


def refused(outcome, *patterns):
    code, out, err = outcome
    assert (code, out) == (2, ""), err
    lines = err.strip().splitlines()
    assert [line[:6] for line in lines] == ["error:", " hint:"], err
    for pattern in patterns:
        assert pattern in err
    return err


ENCODER = "encoder target.csv --label y --category ward -o enc.json"
SUMMARIZE = "summarize b.csv --label y --encoder enc.json -o b.tgsum"


def test_an_encoder_goes_out_and_a_summary_comes_back(here, type_in):
    code, out, err = type_in(ENCODER)
    assert (code, err) == (0, "")
    encoder = Encoder.load("enc.json")
    assert "5 columns as 9 numbers, labels ill, well" in out
    assert encoder.fingerprint in out
    assert "ward=1" in encoder.outputs
    code, out, err = type_in(SUMMARIZE)
    assert (code, err) == (0, "")
    assert "b.tgsum: 150 rows" in out
    assert encoder.fingerprint in out
    assert "exact means and covariances" in out
    found, frame = GramSummary.load("b.tgsum"), rows(150, 1)
    expected = summarize(frame.drop(columns="y"), frame["y"], encoder=encoder)
    assert np.allclose(found.grams, expected.grams, rtol=1e-12)
    assert np.allclose(found.moments, expected.moments, rtol=1e-12)


def test_csv_parquet_and_small_batches_give_the_same(here, type_in, monkeypatch):
    type_in(ENCODER)
    type_in(SUMMARIZE)
    monkeypatch.setattr(batches, "CSV_ROWS", 7)
    monkeypatch.setattr(batches, "PARQUET_ROWS", 11)
    assert type_in(SUMMARIZE.replace("b.tgsum", "small.tgsum"))[0] == 0
    assert type_in(SUMMARIZE.replace("b.csv", "b.parquet").replace("b.tgsum", "p.tgsum"))[0] == 0
    one = GramSummary.load("b.tgsum")
    for name in ("small.tgsum", "p.tgsum"):
        other = GramSummary.load(name)
        assert np.allclose(one.grams, other.grams, rtol=1e-12)
        assert (one.n_rows, one.encoder) == (other.n_rows, other.encoder)


def test_types_that_pandas_guesses_a_chunk_at_a_time_do_not_matter(here, type_in, monkeypatch):
    n = 40
    frame = pd.DataFrame({"k": ["01"] * 20 + ["x"] * 20, "v": range(n), "y": ["07", "8"] * 20})
    frame.to_csv("t.csv", index=False)
    assert type_in("encoder t.csv --label y --task classes -o e.json")[0] == 0
    monkeypatch.setattr(batches, "CSV_ROWS", 5)
    assert type_in("summarize t.csv --label y -e e.json -o t.tgsum")[0] == 0
    gram = GramSummary.load("t.tgsum").grams[0]
    # Every row has one of the two categories, at 1 and -1 where the other is at -1 and 1.
    assert np.isclose(gram[0, 1], -n)


def test_columns_written_unlike_the_target_are_noted(here, type_in):
    assert type_in("encoder target.csv --label y -o enc.json")[0] == 0
    b = pd.read_csv("b.csv")
    b.assign(age=b["age"] * 1000, sex=b["sex"].str.upper(), chol=np.nan).to_csv(
        "c.csv", index=False
    )
    code, _, err = type_in("summarize b.csv c.csv --label y --encoder enc.json -o c.tgsum")
    assert code == 0
    notes = err.strip().splitlines()
    assert len(notes) == 3
    assert notes[0].startswith("note  c.csv: 150 of 150 values of age, such as ")
    assert "chol is blank in all 150 rows." in err
    assert "values of sex" in err


def test_the_encoder_goes_to_stdout_without_a_file(here, type_in):
    code, out, _ = type_in("encoder target.csv --label y")
    assert code == 0
    assert json.loads(out)["schema"] == "transfergap/encoder/1"


def test_reading_options_are_those_of_the_other_verbs(here, type_in):
    frame = rows(60, 0)
    frame["chol"] = frame["chol"].map(lambda v: "?" if pd.isna(v) else str(v).replace(".", ","))
    frame["age"] = frame["age"].map(lambda v: str(v).replace(".", ","))
    frame["sex"] = frame["sex"].map({"f": "für", "m": "m"})
    frame.to_csv("odd.csv", index=False, sep=";", encoding="latin-1")
    reading = "--na ? --delimiter ';' --encoding latin-1 --decimal ,"
    assert type_in(f"encoder odd.csv --label y --drop ward {reading} -o odd.json")[0] == 0
    encoder = Encoder.load("odd.json")
    assert [c.name for c in encoder.columns] == ["age", "chol", "sex", "smokes"]
    assert encoder.columns[1].indicator
    assert type_in(f"summarize odd.csv --label y -e odd.json {reading} -o odd.tgsum")[0] == 0
    summary = GramSummary.load("odd.tgsum")
    assert np.allclose(summary.grams[0, :2, -1], 0, atol=1e-9)  # centred at its own means
    line = f"summarize odd.csv --label y -e odd.json {reading} -o odd.tgsum"
    refused(type_in(line.replace("--delimiter ';'", "--delimiter '|'")), "--delimiter ';'")
    refused(type_in(line.replace("--na ?", "")), "'chol' holds numbers", "--na CODE")
    refused(type_in(line.replace("latin-1", "utf-8")), "not encoded as utf-8")
    refused(type_in(line.replace("--encoding latin-1", "--encoding klingon")), "'klingon'")


def test_the_task_is_by_the_labels_or_as_said(here, type_in):
    frame = rows(60, 0).assign(y=np.arange(60) % 40)
    frame.to_csv("target.csv", index=False)
    assert "labels numbers" in type_in(ENCODER)[1]
    assert "labels 0, 1, 2, 3, 4, ..." in type_in(ENCODER + " --task classes")[1]
    rows(60, 0).to_csv("target.csv", index=False)
    refused(type_in(ENCODER + " --task regression"), "are text ('", "--task classes")
    refused(type_in(ENCODER + " --task ranking"), "no task called 'ranking'", "regression")


def test_rare_categories_and_few_rows_are_not_told(here, type_in):
    frame = rows(60, 0)
    frame.loc[:3, "sex"] = "x"
    frame.to_csv("target.csv", index=False)
    type_in(ENCODER)
    assert Encoder.load("enc.json").columns[2].categories == ("f", "m")
    type_in(ENCODER + " --min-count 4")
    assert Encoder.load("enc.json").columns[2].categories == ("f", "m", "x")
    frame.assign(patient=[f"p{i}" for i in range(60)]).to_csv("target.csv", index=False)
    refused(type_in(ENCODER), "'patient' is text, and 60 of its 60 values", "--drop patient")
    assert type_in(ENCODER + " --drop patient")[0] == 0
    frame[:19].to_csv("target.csv", index=False)
    refused(type_in(ENCODER), "19 rows, fewer than 20", "--min-rows")
    frame[["sex", "y"]].to_csv("target.csv", index=False)
    refused(type_in("encoder target.csv --label y --min-count 90 -o enc.json"), "No column of")


def test_few_rows_of_a_site_are_not_told(here, type_in):
    type_in(ENCODER)
    rows(19, 1).to_csv("b.csv", index=False)
    refused(type_in(SUMMARIZE), "19 rows in b.csv, fewer than 20", "--min-rows")
    assert not (here / "b.tgsum").exists()
    assert type_in(SUMMARIZE + " --min-rows 1")[0] == 0
    rows(1, 1).to_csv("b.csv", index=False)
    assert type_in(SUMMARIZE + " --min-rows 1")[0] == 0
    assert GramSummary.load("b.tgsum").n_rows == 1
    rows(1, 1)[:0].to_csv("b.csv", index=False)
    refused(type_in(SUMMARIZE), "0 rows in b.csv")


def test_foreign_and_missing_labels(here, type_in, monkeypatch):
    type_in(ENCODER)
    frame = rows(150, 1)
    frame.loc[:4, "y"] = "unsure"
    frame.to_csv("b.csv", index=False)
    refused(type_in(SUMMARIZE), "5 rows of b.csv", "unsure", "--skip-foreign-labels", "ill, well")
    code, out, _ = type_in(SUMMARIZE + " --skip-foreign-labels")
    assert code == 0
    assert "145 rows" in out
    assert "left out: 5 rows whose label the target lacks" in out
    assert GramSummary.load("b.tgsum").n_rows == 145
    frame.loc[7, "y"] = None
    frame.to_csv("b.csv", index=False)
    refused(type_in(SUMMARIZE), "1 of 150 labels of b.csv are missing", "row 7")
    monkeypatch.setattr(batches, "CSV_ROWS", 6)
    refused(type_in(SUMMARIZE + " --skip-foreign-labels"), "of rows 6 to 11 of b.csv", "in row 1")


def test_noise_is_said_and_recorded(here, type_in):
    pytest.importorskip("opendp", reason="the extra `privacy` is not installed")
    type_in(ENCODER)
    code, out, _ = type_in(SUMMARIZE + " --epsilon 2 --delta 1e-5 --max-norm 3")
    assert code == 0
    assert "noised: epsilon 2, delta 1e-05" in out
    summary = GramSummary.load("b.tgsum")
    assert (summary.noised, summary.delta) == (2.0, 1e-5)
    assert f"it says {summary.n_rows} rows" in out
    refused(type_in(SUMMARIZE + " --epsilon 0"), "epsilon is 0")


def test_columns_that_the_encoder_knows_must_be_there(here, type_in):
    type_in(ENCODER)
    frame = rows(150, 1).rename(columns={"chol": "chols"})
    for name, line in (("b.csv", SUMMARIZE), ("b.parquet", SUMMARIZE.replace(".csv", ".parquet"))):
        frame.to_csv(name, index=False) if name == "b.csv" else frame.to_parquet(name)
        refused(type_in(line), f"{name} has no column 'chol'", "did you mean 'chols'?")
        refused(type_in(line.replace("--label y", "--label yy")), "no column 'yy'", "mean 'y'?")
        refused(type_in(line.replace("--label y", "--label age")), "a column of the encoder")


def test_files_that_are_no_tables_or_no_encoders(here, type_in):
    refused(type_in(SUMMARIZE), "enc.json cannot be read", "transfergap encoder")
    type_in(ENCODER)
    refused(type_in(SUMMARIZE.replace("b.csv", "c.csv")), "no file c.csv", "did you mean b.csv?")
    (here / "b.csv").write_text("")
    refused(type_in(SUMMARIZE), "b.csv is empty")
    (here / "b.csv").write_text("age,age,y\n1,2,3\n")
    refused(type_in(SUMMARIZE), "'age' occurs 2 times in b.csv")
    (here / "b.parquet").write_bytes(b"PAR1 not really")
    refused(type_in(SUMMARIZE.replace("b.csv", "b.parquet")), "cannot be read as Parquet")
    rows(150, 1).to_csv("b.csv", index=False)
    (here / "enc.json").write_text("{}")
    refused(type_in(SUMMARIZE), "no encoder of transfergap")
    fit_encoder(np.ones((3, 5)), np.array([0, 1, 0]), task="binary").save(here / "enc.json")
    refused(type_in(SUMMARIZE), "made from an array", "transfergap encoder")


def test_what_is_not_said_is_asked_for_and_inputs_are_not_replaced(here, type_in):
    type_in(ENCODER)
    refused(type_in("encoder -o enc.json"), "from a target or from a model")
    refused(type_in(ENCODER + " --model m.skops"), "from a target or from a model")
    refused(type_in("encoder target.csv -o enc.json"), "add --label COLUMN")
    refused(type_in(ENCODER.replace("enc.json", "target.csv")), "is the file that is read")
    refused(type_in("summarize b.csv -e enc.json -o b.tgsum"), "add --label COLUMN")
    refused(type_in("summarize b.csv --label y -o b.tgsum"), "add --encoder FILE")
    refused(type_in("summarize b.csv --label y -e enc.json"), "add -o b.tgsum")
    for output in ("b.csv", "enc.json", "./b.csv"):
        refused(type_in(SUMMARIZE.replace("b.tgsum", output)), "is the file that is read")


class Fitted:
    """As much of a fitted model as the next round needs."""

    def __init__(self, encoder, expansion, *, given=True):
        self.encoder_, self.next_expansion_ = encoder, expansion
        self.encoder_was_given_ = given


def test_a_model_makes_the_encoder_of_the_next_round(here, type_in):
    type_in(ENCODER)
    first = Encoder.load("enc.json")
    point = np.linspace(-1, 1, len(first.outputs) + 1)[None]
    later = next_encoder(Fitted(first, point))
    assert later.fingerprint == first.fingerprint
    assert np.array_equal(later.point, point)
    later.save(here / "enc2.json")
    code, out, _ = type_in(SUMMARIZE.replace("enc.json", "enc2.json"))
    assert code == 0
    assert "of a later round" in out
    assert GramSummary.load("b.tgsum").encoder == later
    with pytest.raises(ConfigurationError, match="no next round"):
        next_encoder(Fitted(first, None))
    with pytest.raises(ConfigurationError, match="every category"):
        next_encoder(Fitted(first, point, given=False))


@pytest.mark.parametrize("verb", ["encoder", "summarize"])
def test_help_has_an_example(type_in, verb):
    code, out, _ = type_in(f"{verb} --help")
    assert code == 0
    assert f"Example: transfergap {verb}" in " ".join(out.split())


@pytest.mark.parametrize("verb", ["run", "plan"])
def test_a_verb_that_needs_rows_says_so_of_a_summary(here, type_in, verb):
    type_in(ENCODER)
    type_in(SUMMARIZE)
    line = f"{verb} target.csv --label y -s c=b.csv -s b=b.tgsum"
    refused(type_in(line), "b.tgsum is a summary", "needs the rows of 'b'", "transfergap fit")


def test_a_summary_is_screened_beside_rows_and_by_its_name_alone(here, type_in):
    type_in(ENCODER)
    type_in(SUMMARIZE)
    code, told, _ = type_in("screen target.csv --label y -s c=b.csv -s b=b.tgsum --format json")
    assert code == 0
    record = json.loads(told)
    assert {s["evidence"]["source"] for s in record["sources"]} == {"b", "c"}
    b, c = (
        next(s["evidence"]["one_in"]["estimate"] for s in record["sources"]
             if s["evidence"]["source"] == name)
        for name in "bc"
    )  # fmt: skip
    assert b == pytest.approx(c, abs=1e-9)  # the same rows
    code, told, _ = type_in("screen target.csv b.tgsum --label y --yes")
    assert code == 0 and "b is a summary" in " ".join(told.split())
