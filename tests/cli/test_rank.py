"""The verb `rank` as a user types it."""

import json
import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def files(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    y = np.array(["yes", "no"])[np.arange(80) % 2]
    good = 4.0 * (y == "yes")[:, None] + rng.normal(size=(80, 3))
    np.save(tmp_path / "good.npy", good.astype(np.float32))
    np.save(tmp_path / "objects.npy", np.array([{}] * 80), allow_pickle=True)
    pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"]).to_parquet(tmp_path / "poor.parquet")
    pd.DataFrame({"y": y}).to_csv(tmp_path / "y.csv", index=False)
    words = np.where(y == "yes", "bright film", "dull film")
    texts = [f"{w} {i}" for i, w in enumerate(words)]
    table = pd.DataFrame({"review": texts, "who": np.arange(80) // 2, "y": y})
    table.to_csv(tmp_path / "table.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


TWO = "rank --features good=good.npy --features poor=poor.parquet --label y.csv"


def test_features_of_files_are_ranked(type_in, files):
    code, out, _ = type_in(TWO)
    assert code == 0
    assert "good beats poor" in out and "raw inputs were not given" in out


def test_a_static_baseline_and_raw_inputs_are_rows(type_in, files):
    code, out, _ = type_in(f"{TWO} --prior poor,good --raw poor.parquet")
    assert code == 0
    assert "static baseline: poor" in out and "raw inputs (scaled columns)" in out
    code, out, _ = type_in(f"{TWO} --prior good=1e6,poor=2e6")
    assert code == 0 and "The static baseline (most parameters) takes poor; good" in out


def test_a_ranking_is_written_and_printed_in_formats(type_in, files):
    code, out, _ = type_in(f"{TWO} --format json -o ranking.md")
    assert code == 0 and json.loads(out)["models"][0]["name"] == "good"
    assert (files / "ranking.md").read_text().startswith("### Which pretrained model?")
    assert type_in(f"{TWO} --format markdown")[1] == (files / "ranking.md").read_text()


def encoders(monkeypatch):
    class SentenceTransformer:
        def __init__(self, name):
            self.name = name

        def encode(self, rows, **options):
            bright = np.array([[float("bright" in t)] for t in rows])
            return bright if self.name == "sees" else np.zeros((len(rows), 1))

    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = SentenceTransformer
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)


def test_models_are_run_on_a_column_of_texts_beside_tf_idf(type_in, files, monkeypatch):
    encoders(monkeypatch)
    code, out, err = type_in(
        "rank table.csv --label y --text review --model eyes=sees --model blind --groups who"
    )
    assert code == 0 and "eyes: features of 80 rows" in err
    assert "TG128 worse than the raw inputs" in out and "features of blind" in out
    assert "raw inputs (TF-IDF of words)" in out


def test_images_in_one_folder_a_class_are_ranked_beside_their_pixels(type_in, files, monkeypatch):
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for name, level in (("cats", 60), ("dogs", 190)):
        (files / "pictures" / name).mkdir(parents=True)
        for i in range(12):
            noise = rng.integers(-40, 40, (20, 20, 3)) + level
            picture = image.fromarray(noise.astype(np.uint8))
            picture.save(files / "pictures" / name / f"{i}.png")

    class Session:
        def __init__(self, path): ...

        def get_inputs(self):
            return [type("entry", (), {"name": "x", "shape": [1, 3, 4, 4]})]

        def run(self, names, feed):
            return [feed["x"] * 0]

    module = ModuleType("onnxruntime")
    module.InferenceSession = Session
    monkeypatch.setitem(sys.modules, "onnxruntime", module)
    (files / "blind.onnx").touch()
    code, out, err = type_in("rank --image pictures --model blind.onnx")
    assert code == 0, err
    assert "features of blind.onnx" in out and "TG128" in out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("rank --features a=good.npy", "There are no labels"),
        ("rank --label y.csv", "There is no model to rank"),
        ("rank --label y.csv --features good.npy", "NAME=FILE"),
        ("rank --label y.csv --features a=good.npy --features a=good.npy", "each name once"),
        ("rank --label y.csv --features a=absent.npy", "no file absent.npy"),
        ("rank --label y.csv --features a=objects.npy", "no array of numbers"),
        ("rank --label table.csv --features a=good.npy", "3 columns"),
        ("rank --label y.csv --features a=good.npy --text review", "there is no table"),
        ("rank --label y.csv --features a=good.npy --model x", "--model has nothing to read"),
        ("rank table.csv --label z --features a=good.npy", "no column 'z' (--label)"),
        ("rank --label y.csv --features a=good.npy --prior a=x", "--prior is"),
        ("rank --label y.csv --features a=good.npy --metric f1", "'f1'"),
        ("rank --label y.csv --features a=good.npy --format github", "no format called 'github'"),
        ("rank --image . --model x.onnx", "two folders with images"),
    ],
)
def test_what_cannot_be_ranked_is_one_line_with_a_hint(type_in, files, line, words):
    code, out, err = type_in(line)
    assert (code, out) == (2, "")
    assert words in err and " hint: " in err
