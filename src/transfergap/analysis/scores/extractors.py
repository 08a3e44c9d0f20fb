"""Features of texts and images by pretrained models of other libraries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import ConfigurationError, DataError, first_line, require

Kind = Literal["text", "image"]
Features = NDArray[np.float32]
BATCH = 32  # inputs a step: enough to use a processor, and few enough for any memory
_LONGEST = 256  # tokens a text where a model states no limit


class Extractor(Protocol):
    """A pretrained model that turns inputs into features.

    ``n_parameters`` is ``None`` where the model does not tell.
    """

    n_parameters: int | None

    def features(self, inputs: Sequence[Any]) -> Features:
        """Return shape (n_inputs, n_columns): texts, or paths of images."""
        ...


class SentenceTransformerModel:
    """A model of sentence-transformers, for texts and (CLIP) images.

    Parameters
    ----------
    name : str
        A folder, or a name of the hub.
    kind : {"text", "image"}

    Raises
    ------
    MissingExtraError
        Without sentence-transformers.
    """

    def __init__(self, name: str, kind: Kind = "text") -> None:
        library = require("sentence_transformers", extra="encoders")
        self._kind = kind
        self._model = _loaded(name, lambda: library.SentenceTransformer(name))
        self.n_parameters = _parameters(self._model)

    def features(self, inputs: Sequence[Any]) -> Features:
        """Return the model's own pooled embedding of each input."""
        rows = [_image(path) for path in inputs] if self._kind == "image" else list(inputs)
        encoded = self._model.encode(
            rows, batch_size=BATCH, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(encoded, np.float32)


class TransformersModel:
    """A model of transformers: the mean of its last layer.

    Parameters
    ----------
    name : str
        A folder, or a name of the hub.
    kind : {"text", "image"}

    Raises
    ------
    MissingExtraError
        Without transformers and PyTorch.
    """

    def __init__(self, name: str, kind: Kind = "text") -> None:
        library = require("transformers", extra="huggingface")
        self._torch = require("torch", extra="torch")
        self._kind = kind
        reader = library.AutoTokenizer if kind == "text" else library.AutoImageProcessor
        self._reader = _loaded(name, lambda: reader.from_pretrained(name))
        self._model = _loaded(name, lambda: library.AutoModel.from_pretrained(name)).eval()
        self.n_parameters = _parameters(self._model)

    def features(self, inputs: Sequence[Any]) -> Features:
        """Return the mean over the tokens that the attention mask retains."""
        parts = []
        with self._torch.no_grad():
            for start in range(0, len(inputs), BATCH):
                batch = self._read(inputs[start : start + BATCH])
                hidden = self._model(**batch).last_hidden_state
                mask = batch.get("attention_mask")
                states = hidden.flatten(2).mT if hidden.ndim == 4 else hidden  # maps of ConvNets
                parts.append(_pooled(np.asarray(states.float()), mask))
        return np.concatenate(parts)

    def _read(self, inputs: Sequence[Any]) -> Any:
        if self._kind == "image":
            return self._reader(images=[_image(path) for path in inputs], return_tensors="pt")
        longest = min(int(getattr(self._reader, "model_max_length", _LONGEST)), 2 * _LONGEST)
        return self._reader(
            list(inputs), padding=True, truncation=True, max_length=longest, return_tensors="pt"
        )


class OnnxModel:
    """An ONNX file: its first output, averaged over tokens.

    Parameters
    ----------
    path : str
        Of a model of images (one input, N x C x H x W), or of texts with ``tokenizer.json`` beside
        it.
    kind : {"text", "image"}

    Raises
    ------
    MissingExtraError
        Without onnxruntime, and for texts tokenizers.
    DataError
        If there is no such file.
    """

    n_parameters: int | None = None

    def __init__(self, path: str, kind: Kind = "text") -> None:
        runtime = require("onnxruntime", extra="onnx")
        self._kind = kind
        if not Path(path).is_file():
            raise DataError(f"There is no model {path}.", hint="give the path of an .onnx file")
        self._session = _loaded(path, lambda: runtime.InferenceSession(path))
        self._tokenizer = None
        if kind == "text":
            words = Path(path).with_name("tokenizer.json")
            if not words.is_file():
                raise DataError(
                    f"There is no {words.name} beside {path}.",
                    hint="copy the model's tokenizer.json into its folder",
                )
            tokenizers = require("tokenizers", extra="onnx")
            self._tokenizer = tokenizers.Tokenizer.from_file(str(words))
            self._tokenizer.enable_truncation(_LONGEST)
            self._tokenizer.enable_padding()

    def features(self, inputs: Sequence[Any]) -> Features:
        """Return the model's output a row."""
        parts = []
        for start in range(0, len(inputs), BATCH):
            feed, mask = self._read(inputs[start : start + BATCH])
            output = np.asarray(self._session.run(None, feed)[0], np.float32)
            if output.ndim == 4:  # maps of ConvNets
                output = output.reshape(*output.shape[:2], -1).swapaxes(1, 2)
            parts.append(_pooled(output, mask) if output.ndim == 3 else output)
        return np.concatenate(parts)

    def _read(self, inputs: Sequence[Any]) -> tuple[dict[str, Any], Any]:
        entries = self._session.get_inputs()
        if self._kind == "image":
            height, width = (n if isinstance(n, int) else 224 for n in entries[0].shape[-2:])
            pixels = [np.asarray(_image(path).resize((width, height))) for path in inputs]
            return {entries[0].name: np.stack(pixels).transpose(0, 3, 1, 2) / np.float32(255)}, None
        assert self._tokenizer is not None
        encodings = self._tokenizer.encode_batch(list(inputs))
        arrays = {
            "input_ids": np.array([e.ids for e in encodings], np.int64),
            "attention_mask": np.array([e.attention_mask for e in encodings], np.int64),
            "token_type_ids": np.array([e.type_ids for e in encodings], np.int64),
        }
        feed = {entry.name: arrays[entry.name] for entry in entries if entry.name in arrays}
        return feed, arrays["attention_mask"]


_LIBRARIES: dict[str, type[Any]] = {
    "sentence-transformers": SentenceTransformerModel,
    "transformers": TransformersModel,
    "onnx": OnnxModel,
}


def extractor(name: str, kind: Kind) -> Extractor:
    """Return the model of a name.

    Parameters
    ----------
    name : str
        ``LIBRARY:NAME`` with sentence-transformers, transformers or onnx; without a library a file
        that ends in .onnx is ONNX, texts are of sentence-transformers and images of transformers.
    kind : {"text", "image"}

    Raises
    ------
    MissingExtraError
        If the library is not installed; the error names the extra.
    DataError
        If the library cannot load the model.
    """
    library, colon, model = name.partition(":")
    if colon and library in _LIBRARIES:
        built: Extractor = _LIBRARIES[library](model, kind)
        return built
    if name.endswith(".onnx"):
        return OnnxModel(name, kind)
    return SentenceTransformerModel(name) if kind == "text" else TransformersModel(name, kind)


def pixel_features(paths: Sequence[Path], *, side: int = 16) -> NDArray[np.float64]:
    """Return pixels of images on a coarse grid: their raw inputs.

    Parameters
    ----------
    paths : sequence of Path
    side : int
        Pixels a side.
    """
    pixels = [np.asarray(_image(path).resize((side, side)), float).ravel() for path in paths]
    return np.stack(pixels) / 255.0


def _pooled(states: NDArray[Any], mask: Any) -> Features:
    """Return the mean over tokens of shape (n_inputs, n_tokens, n_columns)."""
    if mask is None:
        return np.asarray(states.mean(axis=1), np.float32)
    weights = np.asarray(mask, np.float32)[:, :, None]
    totals = (states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
    return np.asarray(totals, np.float32)


def _parameters(model: Any) -> int | None:
    count = getattr(model, "parameters", None)
    return None if count is None else sum(int(p.numel()) for p in count())


def _image(path: Any) -> Any:
    images = require("PIL.Image", extra="encoders")
    try:
        return images.open(path).convert("RGB")
    except OSError as error:
        raise DataError(
            f"{path} cannot be read as an image.", hint="leave the file out, or convert it to PNG"
        ) from error


def _loaded(name: str, load: Any) -> Any:
    try:
        return load()
    except Exception as error:  # libraries raise many kinds for names that they cannot find
        raise ConfigurationError(
            f"The model {name!r} cannot be loaded: {first_line(error)}.",
            hint="give a folder with the model, or download it first",
        ) from error
